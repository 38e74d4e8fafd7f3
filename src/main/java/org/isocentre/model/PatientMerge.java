package org.isocentre.model;

import java.time.Instant;

/**
 * What one message says of two patient identifiers (HL7 v2 §3.3: A18, A24, A30, A34, A36, A37, A40,
 * A47).
 *
 * @param kind what is said
 * @param surviving PID: who is meant, under the identifier that is valid from now on
 * @param prior MRG, or the second PID of A24 and A37: the identifier that this is about; needs a
 *     key or an NHS number
 * @param custodian ODS code of the trust that sent it
 * @param messageKey object key of the raw message
 * @param at when the sender made the message (MSH-7), else when it was received; decides which of
 *     two statements is the newer
 */
public record PatientMerge(
    Kind kind,
    PatientDemographics surviving,
    PatientIdentity prior,
    String custodian,
    String messageKey,
    Instant at) {
  /** What a message may say of two identifiers. */
  public enum Kind {
    /** A18, A30, A34, A36, A40: the prior record is absorbed by the surviving one. */
    MERGE,
    /** A24: two records are one person; both stay. */
    LINK,
    /** A37: two records are not one person. */
    UNLINK,
    /** A47: the prior identifier becomes the surviving one. */
    CHANGE_ID
  }

  @Override
  public String toString() {
    return "PatientMerge[" + kind + ", " + custodian + "]";
  }
}
