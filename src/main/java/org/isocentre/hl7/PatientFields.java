package org.isocentre.hl7;

import ca.uhn.hl7v2.model.Segment;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.isocentre.model.NhsNumber;
import org.isocentre.model.Patient;
import org.isocentre.model.PatientDemographics;
import org.isocentre.model.PatientIdentity;
import org.isocentre.model.PatientKey;
import org.isocentre.model.PersonName;

/** Reads PID (HL7 v2 §3.4.2). */
final class PatientFields {
  private static final Set<String> NHS_AUTHORITIES =
      Set.of("NHS", "NHSNBR", "NHSNMBR", "NHSNUMBER", "2.16.840.1.113883.2.1.4.1");
  private static final Set<String> NHS_TYPES = Set.of("NH", "NHS", "NHSNBR", "NHSNMBR");
  private static final Set<String> LOCAL_TYPES = Set.of("MR", "PI", "PT", "HOSP", "LR");
  private static final int MAX_ID = 64;

  private PatientFields() {}

  /**
   * @param issuers ODS code of an assigning authority
   */
  static PatientDemographics read(
      Segment pid,
      String custodian,
      Function<String, Optional<String>> issuers,
      Patient.Source source) {
    PatientIdentity identity =
        new PatientIdentity(
            localKey(pid, custodian, issuers),
            nhsNumber(pid),
            Hl7Time.date(Hl7Message.get(pid, 7, 1)));
    return new PatientDemographics(
        identity,
        name(pid, 5),
        sex(Hl7Message.get(pid, 8, 1)),
        Hl7Message.get(pid, 11, 1),
        Hl7Message.get(pid, 11, 5),
        source);
  }

  private static boolean isNhs(Segment pid, int repetition) {
    String type = Hl7Message.get(pid, 3, repetition, 5);
    String authority = Hl7Message.get(pid, 3, repetition, 4);
    return type != null && NHS_TYPES.contains(type)
        || authority != null && NHS_AUTHORITIES.contains(authority);
  }

  private static String nhsNumber(Segment pid) {
    for (int i = 0; i < Hl7Message.repetitions(pid, 3); i++) {
      Optional<String> number =
          isNhs(pid, i) ? NhsNumber.parse(Hl7Message.get(pid, 3, i, 1)) : Optional.empty();
      if (number.isPresent()) {
        return number.get();
      }
    }
    // The older UK habit: PID-19 (SSN number), or PID-2 (external id).
    return NhsNumber.parse(Hl7Message.get(pid, 19, 1))
        .or(() -> NhsNumber.parse(Hl7Message.get(pid, 2, 1)))
        .orElse(null);
  }

  private static PatientKey localKey(
      Segment pid, String custodian, Function<String, Optional<String>> issuers) {
    PatientKey other = null;
    for (int i = 0; i < Hl7Message.repetitions(pid, 3); i++) {
      String value = Hl7Message.get(pid, 3, i, 1);
      if (value == null || value.length() > MAX_ID || isNhs(pid, i)) {
        continue;
      }
      String authority = Hl7Message.get(pid, 3, i, 4);
      String issuer =
          authority == null
              ? custodian
              : issuers
                  .apply(authority)
                  .orElse(authority.length() > MAX_ID ? custodian : authority);
      PatientKey key = new PatientKey(issuer, value);
      String type = Hl7Message.get(pid, 3, i, 5);
      if (type != null && LOCAL_TYPES.contains(type)) {
        return key;
      }
      other = other == null ? key : other;
    }
    return other;
  }

  static boolean hasAnyId(Segment pid) {
    return nhsNumber(pid) != null || localKey(pid, "-", text -> Optional.empty()) != null;
  }

  /** XPN: family, given, prefix. */
  private static PersonName name(Segment segment, int field) {
    String family = Hl7Message.get(segment, field, 1);
    String given = Hl7Message.get(segment, field, 2);
    return family == null && given == null
        ? null
        : new PersonName(family, given, Hl7Message.get(segment, field, 5));
  }

  /** XCN: id, family, given, prefix. */
  static PersonName clinician(Segment segment, int field) {
    String family = Hl7Message.get(segment, field, 2);
    String given = Hl7Message.get(segment, field, 3);
    return family == null && given == null
        ? null
        : new PersonName(family, given, Hl7Message.get(segment, field, 6));
  }

  private static String sex(String code) {
    return code == null
        ? null
        : switch (code) {
          case "M", "1" -> "male";
          case "F", "2" -> "female";
          case "O", "A", "9" -> "other";
          default -> "unknown";
        };
  }
}
