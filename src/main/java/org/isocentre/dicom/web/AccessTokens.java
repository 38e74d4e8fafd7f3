package org.isocentre.dicom.web;

import java.io.IOException;

/** Where bearer tokens for a DICOMweb server come from (RFC 6750). */
public interface AccessTokens {
  /** For a server that asks for none. */
  AccessTokens NONE =
      new AccessTokens() {
        @Override
        public String token() {
          return null;
        }

        @Override
        public void refused(String token) {
          // There is none.
        }
      };

  /**
   * One that holds for the next call; waits for it if need be.
   *
   * @return null for none
   * @throws DicomWebException if it cannot be had
   */
  String token() throws IOException;

  /** The server did not take this one: it is not given again. */
  void refused(String token);
}
