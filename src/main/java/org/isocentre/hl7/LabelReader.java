package org.isocentre.hl7;

import ca.uhn.hl7v2.HL7Exception;
import ca.uhn.hl7v2.model.Segment;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.isocentre.model.MessageLabels;
import org.isocentre.model.MessageLabels.Kind;
import org.isocentre.model.MessageLabels.Number;
import org.isocentre.model.NhsNumber;
import org.isocentre.model.PatientKey;

/**
 * What a message is found by. Reads more generously than the mappers, wherever senders put numbers:
 * a message that could not be mapped must be found, too.
 */
public final class LabelReader {
  private static final int[] PATIENT_FIELDS = {2, 3, 4};
  private static final int SSN = 19;
  private final Function<String, Optional<String>> issuers;

  /**
   * @param issuers ODS code of an assigning authority
   */
  public LabelReader(Function<String, Optional<String>> issuers) {
    this.issuers = issuers;
  }

  /**
   * @param raw anything; what cannot be read gives no labels
   * @param custodian ODS code of the sender's trust: the issuer of numbers that name none
   */
  public MessageLabels read(byte[] raw, String custodian) {
    Optional<Hl7Message.Header> header = Hl7Message.header(raw);
    if (header.isEmpty()) {
      return MessageLabels.NONE;
    }
    try {
      return read(Hl7Message.parse(raw), custodian);
    } catch (HL7Exception | RuntimeException e) {
      return labels(header.get(), Set.of());
    }
  }

  public MessageLabels read(Hl7Message message, String custodian) {
    Set<Number> numbers = new LinkedHashSet<>();
    for (Segment s : message.segments()) {
      switch (s.getName()) {
        case "PID" -> patient(s, custodian, numbers);
        case "MRG" -> {
          identifiers(s, 1, Kind.PRIOR, custodian, numbers);
          identifiers(s, 4, Kind.PRIOR, custodian, numbers);
        }
        case "ORC" -> orders(s, custodian, numbers, 2, 3, 4);
        case "OBR" -> {
          orders(s, custodian, numbers, 2, 3);
          accessions(s, custodian, numbers, 18, 19, 20);
        }
        case "IPC" -> accessions(s, custodian, numbers, 1);
        case "TXA" -> orders(s, custodian, numbers, 14, 15);
        case "SCH" -> orders(s, custodian, numbers, 26, 27);
        default -> {
          // Names no patient and no order.
        }
      }
    }
    return labels(message.header(), numbers);
  }

  private static MessageLabels labels(Hl7Message.Header header, Set<Number> numbers) {
    return new MessageLabels(
        blankToNull(header.sendingApplication()),
        blankToNull(header.sendingFacility()),
        Hl7Time.instant(header.at()),
        numbers);
  }

  private static String blankToNull(String text) {
    return text.isBlank() ? null : text;
  }

  private void patient(Segment pid, String custodian, Set<Number> numbers) {
    for (int field : PATIENT_FIELDS) {
      identifiers(pid, field, Kind.PATIENT, custodian, numbers);
    }
    // The older UK habits: SSN number, or external id.
    for (int field : new int[] {SSN, 2}) {
      nhs(Hl7Message.get(pid, field, 1), Kind.PATIENT, numbers);
    }
  }

  /** CX: value, authority in component 4, type in 5. */
  private void identifiers(
      Segment segment, int field, Kind kind, String custodian, Set<Number> numbers) {
    for (int i = 0; i < Hl7Message.repetitions(segment, field); i++) {
      String value = Hl7Message.get(segment, field, i, 1);
      if (value == null) {
        continue;
      }
      String authority = Hl7Message.get(segment, field, i, 4);
      String type = Hl7Message.get(segment, field, i, 5);
      if (isNhs(authority) || isNhs(type)) {
        nhs(value, kind, numbers);
      } else {
        add(kind, issuer(authority, authority, custodian), value, numbers);
      }
    }
  }

  private static boolean isNhs(String text) {
    return text != null
        && (text.startsWith("NHS")
            || text.equals("NH")
            || text.equals("2.16.840.1.113883.2.1.4.1"));
  }

  private static void nhs(String value, Kind kind, Set<Number> numbers) {
    NhsNumber.parse(value).ifPresent(number -> add(kind, PatientKey.NHS, number, numbers));
  }

  /** EI: value, namespace. A filler order number is what many UK systems print as accession. */
  private void orders(Segment segment, String custodian, Set<Number> numbers, int... fields) {
    for (int field : fields) {
      String value = Hl7Message.get(segment, field, 1);
      String issuer = issuer(Hl7Message.get(segment, field, 2), custodian, custodian);
      add(Kind.ORDER, issuer, value, numbers);
      if (field == 3) {
        add(Kind.ACCESSION, issuer, value, numbers);
      }
    }
  }

  private void accessions(Segment segment, String custodian, Set<Number> numbers, int... fields) {
    String issuer = issuer(Hl7Message.get(segment, 3, 2), custodian, custodian);
    for (int field : fields) {
      add(Kind.ACCESSION, issuer, Hl7Message.get(segment, field, 1), numbers);
    }
  }

  private String issuer(String named, String otherwise, String custodian) {
    return named == null ? custodian : issuers.apply(named).orElse(otherwise);
  }

  private static void add(Kind kind, String issuer, String value, Set<Number> numbers) {
    if (value != null
        && value.length() <= Number.MAX_LENGTH
        && issuer.length() <= Number.MAX_LENGTH) {
      numbers.add(new Number(kind, issuer, value));
    }
  }
}
