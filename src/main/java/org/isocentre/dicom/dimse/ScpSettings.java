package org.isocentre.dicom.dimse;

/**
 * Limits of one association as service class provider.
 *
 * @param maxCommandBytes of one command set
 * @param maxQueuedBytes received and not yet taken by the sink; beyond it the peer is not read from
 */
public record ScpSettings(int maxCommandBytes, int maxQueuedBytes) {
  public static final ScpSettings DEFAULT = new ScpSettings(64 * 1024, 2 * 1024 * 1024);
}
