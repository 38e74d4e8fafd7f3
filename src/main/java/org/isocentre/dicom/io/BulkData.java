package org.isocentre.dicom.io;

import java.io.IOException;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.Vr;

/** What becomes of a value that JSON or XML gives by URI. */
@FunctionalInterface
public interface BulkData {
  /** Keeps the URI in the data set. */
  BulkData KEEP = Element.Remote::new;

  /**
   * The element for the data set, such as one with the value fetched.
   *
   * @throws IOException if it cannot be had
   */
  Element of(int tag, Vr vr, String uri) throws IOException;
}
