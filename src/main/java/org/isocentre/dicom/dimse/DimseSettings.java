package org.isocentre.dicom.dimse;

import java.time.Duration;

/**
 * Limits of the messages on one association, in both directions.
 *
 * @param maxCommandBytes of one command set
 * @param maxQueuedBytes received and not yet taken by the sink; beyond it the peer is not read from
 * @param maxDataSetBytes of a data set that is held in memory: identifiers, attribute lists, event
 *     information; never that of a C-STORE
 * @param maxQueuedResponses that the asking side has not yet looked at; beyond it the peer is not
 *     read from
 * @param maxOperationsInvoked at once towards a peer that set no limit
 * @param responseTimeout in which the peer must answer a request, and send each further response to
 *     it
 */
public record DimseSettings(
    int maxCommandBytes,
    int maxQueuedBytes,
    int maxDataSetBytes,
    int maxQueuedResponses,
    int maxOperationsInvoked,
    Duration responseTimeout) {
  public static final DimseSettings DEFAULT =
      new DimseSettings(64 * 1024, 2 * 1024 * 1024, 1 << 20, 64, 16, Duration.ofSeconds(60));

  public DimseSettings {
    if (maxCommandBytes < 1024
        || maxQueuedBytes < 1024
        || maxDataSetBytes < 1024
        || maxQueuedResponses < 1
        || maxOperationsInvoked < 1
        || responseTimeout.isNegative()
        || responseTimeout.isZero()) {
      throw new IllegalArgumentException(
          "ISO-DICOM-510: byte limits must be 1024 or more, numbers 1 or more, the response timeout positive");
    }
  }

  public DimseSettings withResponseTimeout(Duration timeout) {
    return new DimseSettings(
        maxCommandBytes,
        maxQueuedBytes,
        maxDataSetBytes,
        maxQueuedResponses,
        maxOperationsInvoked,
        timeout);
  }
}
