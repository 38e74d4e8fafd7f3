package org.isocentre.index;

import java.util.List;

/**
 * One query for patients, studies, series or instances.
 *
 * @param level what one row is
 * @param visible who asks: with an organisation set, only its own studies and those of which
 *     objects were transferred to it
 * @param matches conditions; on a field below the level: something below meets all of these
 * @param returned fields that rows have, none below the level
 * @param limit rows at most
 * @param onePatient whether a Patient ID that several issuers gave stands for the person of the
 *     caller's own issuer, else of its own studies, alone
 */
public record StudyFind(
    QueryLevel level,
    Visibility visible,
    List<Match> matches,
    List<StudyField> returned,
    int limit,
    boolean onePatient) {
  public StudyFind {
    matches = List.copyOf(matches);
    returned = List.copyOf(returned);
    for (StudyField field : returned) {
      if (field.level().compareTo(level) > 0) {
        throw new IllegalArgumentException(
            "ISO-INDEX-010: %s cannot be returned for %s".formatted(field, level));
      }
    }
  }

  /** Of all people that a Patient ID may be of. */
  public StudyFind(
      QueryLevel level,
      Visibility visible,
      List<Match> matches,
      List<StudyField> returned,
      int limit) {
    this(level, visible, matches, returned, limit, false);
  }
}
