package org.isocentre.model;

import java.time.Instant;
import java.util.Set;

/**
 * What an HL7 message is found by.
 *
 * @param senderApplication MSH-3, or null
 * @param senderFacility MSH-4, or null
 * @param sentAt MSH-7, or null
 * @param numbers every number of a patient or an order that it names
 */
public record MessageLabels(
    String senderApplication, String senderFacility, Instant sentAt, Set<Number> numbers) {
  public static final MessageLabels NONE = new MessageLabels(null, null, null, Set.of());

  public MessageLabels {
    numbers = Set.copyOf(numbers);
  }

  /** What a number is of. */
  public enum Kind {
    PATIENT,
    /** A patient's number that a merge ended (MRG-1, MRG-4). */
    PRIOR,
    ACCESSION,
    /** Placer or filler order number. */
    ORDER
  }

  /**
   * @param issuer ODS code, {@link PatientKey#NHS} or the assigning authority
   */
  public record Number(Kind kind, String issuer, String value) {
    /** Longest issuer and longest value that a label may have; no longer one is looked for. */
    public static final int MAX_LENGTH = 64;

    @Override
    public String toString() {
      return "Number[" + kind + "]";
    }
  }

  /** Never shows a patient's number. */
  @Override
  public String toString() {
    return "MessageLabels[" + senderFacility + ", " + numbers.size() + " numbers]";
  }
}
