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
 * @param acceptTimeout from A-ASSOCIATE-RQ to its answer, the peer's or that of a policy here
 * @param idleTimeout in which the peer must complete a PDU while this end waits for it; zero for
 *     none
 * @param sendTimeout in which the peer must take bytes
 * @param releaseTimeout from A-RELEASE-RQ to its answer
 * @param maxOperationsInvoked operations that this end has outstanding at the peer at most, 1 to
 *     65535; more than 1 takes a peer that agrees (PS3.7 §D.3.3.3)
 * @param maxOperationsPerformed operations of the peer's that may be outstanding here, 1 to 65535
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
    Duration releaseTimeout,
    int maxOperationsInvoked,
    int maxOperationsPerformed) {
  private static final int DEFAULT_INVOKED = 1;
  private static final int DEFAULT_PERFORMED = 8;
  private static final int MAX_OPERATIONS = 0xffff;

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
    if (Math.min(maxOperationsInvoked, maxOperationsPerformed) < 1
        || Math.max(maxOperationsInvoked, maxOperationsPerformed) > MAX_OPERATIONS) {
      throw new IllegalArgumentException(
          "ISO-DICOM-409: maxOperationsInvoked %d and maxOperationsPerformed %d must be 1 to 65535"
              .formatted(maxOperationsInvoked, maxOperationsPerformed));
    }
  }

  /** One operation at a time as requestor; 8 are taken as acceptor. */
  public AssociationSettings(
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
    this(
        maxPduLength,
        maxAssociatePduLength,
        maxAssociations,
        maxAssociationsPerAeTitle,
        artimTimeout,
        connectTimeout,
        acceptTimeout,
        idleTimeout,
        sendTimeout,
        releaseTimeout,
        DEFAULT_INVOKED,
        DEFAULT_PERFORMED);
  }

  /** The same with another asynchronous operations window. */
  public AssociationSettings withOperations(int invoked, int performed) {
    return new AssociationSettings(
        maxPduLength,
        maxAssociatePduLength,
        maxAssociations,
        maxAssociationsPerAeTitle,
        artimTimeout,
        connectTimeout,
        acceptTimeout,
        idleTimeout,
        sendTimeout,
        releaseTimeout,
        invoked,
        performed);
  }
}
