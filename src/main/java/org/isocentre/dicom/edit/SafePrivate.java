package org.isocentre.dicom.edit;

import java.util.Set;

/**
 * A private element that is known to identify nobody (PS3.15 §E.3.10, Table E.3.10-1).
 *
 * @param group odd
 * @param element the last two hex digits of the tag
 */
public record SafePrivate(int group, String creator, int element) {
  /**
   * Those that the standard lists (PS3.15 Table E.3.10-1). It says of them that they are thought to
   * be safe, and that vendors do not guarantee it; some are bulk data that nobody can look into.
   */
  public static Set<SafePrivate> standard() {
    return SafePrivateTable.elements();
  }
}
