package org.isocentre.dicom.association;

import java.time.Duration;

/**
 * Limits and timers of associations, the same for both roles.
 *
 * @param maxPduLength largest P-DATA-TF variable field that is taken, bytes, and announced to the
 *     peer
 * @param maxAssociatePduLength largest A-ASSOCIATE PDU that is taken, bytes
 * @param maxAssociations at once; more are rejected as transient
 * @param maxAssociationsPerAeTitle at once from one calling AE title; more are rejected as
 *     transient
 * @param artimTimeout from the transport connection to the whole A-ASSOCIATE-RQ, and from the last
 *     PDU to the transport's end
 * @param connectTimeout until the transport is connected
 * @param acceptTimeout from A-ASSOCIATE-RQ to its answer
 * @param idleTimeout in which the peer must complete a PDU while this end waits for it; zero for
 *     none
 * @param sendTimeout in which the peer must take bytes
 * @param releaseTimeout from A-RELEASE-RQ to its answer
 */
public record AssociationSettings(
    int maxPduLength,
    int maxAssociatePduLength,
    int maxAssociations,
    int maxAssociationsPerAeTitle,
    Duration artimTimeout,
    Duration connectTimeout,
    Duration acceptTimeout,
    Duration idleTimeout,
    Duration sendTimeout,
    Duration releaseTimeout) {
  /** What is used unless something else is set. */
  public static final AssociationSettings DEFAULT =
      new AssociationSettings(
          256 * 1024,
          512 * 1024,
          128,
          64,
          Duration.ofSeconds(30),
          Duration.ofSeconds(10),
          Duration.ofSeconds(30),
          Duration.ofSeconds(60),
          Duration.ofSeconds(60),
          Duration.ofSeconds(10));

  public AssociationSettings {
    if (maxPduLength < 4096
        || maxAssociatePduLength < 4096
        || maxAssociations < 1
        || maxAssociationsPerAeTitle < 1) {
      throw new IllegalArgumentException(
          "ISO-DICOM-402: maxPduLength and maxAssociatePduLength must be 4096 or more, association limits 1 or more");
    }
  }
}
