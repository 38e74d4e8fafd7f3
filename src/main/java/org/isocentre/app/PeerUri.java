package org.isocentre.app;

import org.isocentre.model.Organisation.ApplicationEntity;

/** What follows {@code dicom:} to reach a node of the directory. */
final class PeerUri {
  private PeerUri() {}

  /**
   * @param node one that listens
   * @param operation of the {@code dicom:} component
   */
  static String of(ApplicationEntity node, String operation, String callingAeTitle) {
    return "%s@%s:%d?operation=%s&callingAet=%s%s"
        .formatted(
            node.aeTitle(),
            node.host(),
            node.port(),
            operation,
            callingAeTitle,
            node.tls() ? "&sslContextParameters=#dicomTls" : "");
  }
}
