package org.isocentre.model;

import java.time.Instant;

/**
 * What one ADT says of two patient records (HL7 v2 §3.3): that they are one person's, that they
 * belong together or no longer do, or that a number was changed.
 *
 * @param surviving who stays, or for LINK and UNLINK the first of the two (PID)
 * @param prior who is no longer to be used (MRG), or for LINK and UNLINK the second of the two
 * @param custodian ODS code of the trust that says so
 * @param messageKey object key of the raw message
 * @param at when the event happened (EVN-2), else when the message was made or received
 */
public record PatientMerge(
    Kind kind,
    PatientDemographics surviving,
    PatientIdentity prior,
    String custodian,
    String messageKey,
    Instant at) {
  /** What is to be done with the two. */
  public enum Kind {
    /** A18, A30, A34, A36, A40. */
    MERGE,
    /** A24. */
    LINK,
    /** A37. */
    UNLINK,
    /** A47. */
    CHANGE_ID
  }

  @Override
  public String toString() {
    return "PatientMerge[" + kind + ", " + custodian + "]";
  }
}
