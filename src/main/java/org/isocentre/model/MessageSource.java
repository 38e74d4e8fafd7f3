package org.isocentre.model;

import java.util.List;

/**
 * Where an HL7 v2 message came from.
 *
 * @param address IP address of the peer, or {@link #FILE}
 * @param certificateNames names in the certificate that the peer has shown; empty without one
 * @param connection by which a later acknowledgement can be sent, or null
 */
public record MessageSource(String address, List<String> certificateNames, String connection) {
  /** The address of what was dropped as a file. */
  public static final String FILE = "file";

  public MessageSource {
    certificateNames = List.copyOf(certificateNames);
  }
}
