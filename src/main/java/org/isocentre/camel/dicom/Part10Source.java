package org.isocentre.camel.dicom;

import java.io.IOException;
import java.io.InputStream;

/**
 * A Part 10 file that can be read more than once: as a body, store transcodes it without a copy.
 */
@FunctionalInterface
public interface Part10Source {
  /** The file from its first byte (PS3.10 §7); closed by the caller. */
  InputStream openPart10() throws IOException;
}
