package org.isocentre.hl7;

import ca.uhn.hl7v2.model.Segment;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.isocentre.model.NhsNumber;
import org.isocentre.model.Patient;
import org.isocentre.model.PatientDemographics;
import org.isocentre.model.PatientDemographics.Field;
import org.isocentre.model.PatientIdentity;
import org.isocentre.model.PatientKey;
import org.isocentre.model.PersonName;

/** Reads PID and MRG (HL7 v2 §3.4.2, §3.4.9) with the habits of the UK. */
final class PatientFields {
  private static final Set<String> NHS_AUTHORITIES =
      Set.of("NHS", "NHSNBR", "NHSNMBR", "NHSNUMBER", "2.16.840.1.113883.2.1.4.1");
  private static final Set<String> NHS_TYPES = Set.of("NH", "NHS", "NHSNBR", "NHSNMBR");
  private static final Set<String> LOCAL_TYPES = Set.of("MR", "PI", "PT", "HOSP", "LR");

  /** Types of a repetition of PID-3 that holds the tracing status instead of a number. */
  private static final Set<String> STATUS_TYPES = Set.of("NSTS", "NHSNS", "NHSSTATUS");

  /**
   * NHS number status indicators (NHS Data Dictionary) that say the number is not this person's, or
   * none: no match, in conflict, not present.
   */
  private static final Set<String> NOT_THEIRS = Set.of("04", "05", "07");

  private static final int EXTERNAL_ID = 2;
  private static final int IDENTIFIERS = 3;
  private static final int ALTERNATE_ID = 4;
  private static final int SSN = 19;
  private static final int RELIABILITY = 32;
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
    List<LocalNumber> numbers = localNumbers(pid, custodian, issuers);
    PatientIdentity identity =
        new PatientIdentity(
            numbers.isEmpty() ? null : numbers.get(0).key(),
            nhsNumber(pid),
            Hl7Time.date(Hl7Message.get(pid, 7, 1)));
    List<LocalNumber> further = numbers.stream().skip(1).filter(LocalNumber::isOfAPatient).toList();
    return new PatientDemographics(
        identity,
        name(pid, 5),
        sex(Hl7Message.get(pid, 8, 1)),
        Hl7Message.get(pid, 11, 1),
        Hl7Message.get(pid, 11, 5),
        source,
        nhsStatus(pid),
        deleted(pid),
        further.stream().filter(n -> n.isLike(numbers)).map(LocalNumber::key).toList(),
        further.stream().filter(n -> !n.isLike(numbers)).map(LocalNumber::key).toList());
  }

  /**
   * A local number.
   *
   * @param type CX.5, or null
   * @param foreign whether another trust of the directory issued it than the sender
   */
  private record LocalNumber(PatientKey key, String type, boolean foreign) {
    /** Not of a visit, an account or a document, whose numbers may be those of other patients. */
    boolean isOfAPatient() {
      return type == null || LOCAL_TYPES.contains(type);
    }

    /**
     * Whether the sender may speak of it, and it is of the kind of the issuer's first number: one
     * issuer may give the same number to two people where it is of two kinds.
     */
    boolean isLike(List<LocalNumber> numbers) {
      return !foreign
          && numbers.stream()
              .filter(n -> n.key.issuer().equals(key.issuer()))
              .findFirst()
              .filter(first -> Objects.equals(first.type, type))
              .isPresent();
    }
  }

  private static Set<Field> deleted(Segment pid) {
    Set<Field> deleted = EnumSet.noneOf(Field.class);
    if (Hl7Message.isDeleted(pid, 5)) {
      deleted.add(Field.NAME);
    }
    if (Hl7Message.isDeleted(pid, 7)) {
      deleted.add(Field.BIRTH_DATE);
    }
    if (Hl7Message.isDeleted(pid, 8)) {
      deleted.add(Field.SEX);
    }
    if (Hl7Message.isDeleted(pid, 11)) {
      deleted.add(Field.ADDRESS_LINE);
    }
    // "" alone deletes the field, "" as a component that component.
    if (Hl7Message.isDeleted(pid, 11, 5)
        || Hl7Message.isDeleted(pid, 11) && Hl7Message.get(pid, 11, 5) == null) {
      deleted.add(Field.POSTAL_CODE);
    }
    return deleted;
  }

  private static boolean isNhs(Segment segment, int field, int repetition) {
    return isNhs(
        Hl7Message.get(segment, field, repetition, 5),
        Hl7Message.get(segment, field, repetition, 4));
  }

  private static boolean isNhs(String type, String authority) {
    return type != null && NHS_TYPES.contains(type)
        || authority != null && NHS_AUTHORITIES.contains(authority);
  }

  /**
   * Whether a CX is an NHS number, or its status, and no local number.
   *
   * @param type CX.5
   * @param authority CX.4
   */
  static boolean isOfAnotherKind(String type, String authority) {
    return isNhs(type, authority) || STATUS_TYPES.contains(type);
  }

  private static boolean isStatus(Segment segment, int field, int repetition) {
    String type = Hl7Message.get(segment, field, repetition, 5);
    return type != null && STATUS_TYPES.contains(type);
  }

  /**
   * Where it is said to be one (PID-3, PID-4, PID-2); by the older UK habit alone in PID-19 or
   * PID-2.
   */
  private static String nhsNumber(Segment pid) {
    String status = nhsStatus(pid);
    if (status != null && NOT_THEIRS.contains(status)) {
      return null;
    }
    return saidNhsNumber(pid, IDENTIFIERS)
        .or(() -> saidNhsNumber(pid, ALTERNATE_ID))
        .or(() -> saidNhsNumber(pid, EXTERNAL_ID))
        .or(() -> NhsNumber.parse(Hl7Message.get(pid, SSN, 1)))
        .or(() -> bareNhsNumber(pid))
        .orElse(null);
  }

  private static Optional<String> bareNhsNumber(Segment pid) {
    return Hl7Message.get(pid, EXTERNAL_ID, 4) != null
            || Hl7Message.get(pid, EXTERNAL_ID, 5) != null
        ? Optional.empty()
        : NhsNumber.parse(Hl7Message.get(pid, EXTERNAL_ID, 1));
  }

  private static Optional<String> saidNhsNumber(Segment segment, int field) {
    for (int i = 0; i < Hl7Message.repetitions(segment, field); i++) {
      Optional<String> number =
          isNhs(segment, field, i)
              ? NhsNumber.parse(Hl7Message.get(segment, field, i, 1))
              : Optional.empty();
      if (number.isPresent()) {
        return number;
      }
    }
    return Optional.empty();
  }

  /**
   * The tracing status of the NHS number: PID-32, where ITK puts it, bare or after NSTS, else a
   * repetition of PID-3 with a type of its own. {@code 1} is read as {@code 01}.
   */
  private static String nhsStatus(Segment pid) {
    for (int i = 0; i < Hl7Message.repetitions(pid, RELIABILITY); i++) {
      String status = Hl7Message.get(pid, RELIABILITY, i, 1);
      if (status != null && status.matches("(NSTS)?0?[1-8]")) {
        return "0" + status.charAt(status.length() - 1);
      }
    }
    for (int i = 0; i < Hl7Message.repetitions(pid, IDENTIFIERS); i++) {
      String status = isStatus(pid, IDENTIFIERS, i) ? Hl7Message.get(pid, IDENTIFIERS, i, 1) : null;
      if (status != null && status.matches("0?[1-8]")) {
        return "0" + status.charAt(status.length() - 1);
      }
    }
    return null;
  }

  /** Of PID-3, else PID-4, else PID-2 if it is no NHS number. */
  private static List<LocalNumber> localNumbers(
      Segment pid, String custodian, Function<String, Optional<String>> issuers) {
    for (int field : List.of(IDENTIFIERS, ALTERNATE_ID)) {
      List<LocalNumber> found = localNumbers(pid, field, custodian, issuers);
      if (!found.isEmpty()) {
        return found;
      }
    }
    return bareNhsNumber(pid).isPresent()
        ? List.of()
        : localNumbers(pid, EXTERNAL_ID, custodian, issuers);
  }

  /** Those of a hospital's own types first; each once. */
  private static List<LocalNumber> localNumbers(
      Segment segment, int field, String custodian, Function<String, Optional<String>> issuers) {
    List<LocalNumber> own = new ArrayList<>();
    List<LocalNumber> others = new ArrayList<>();
    for (int i = 0; i < Hl7Message.repetitions(segment, field); i++) {
      String value = Hl7Message.get(segment, field, i, 1);
      if (value == null
          || value.length() > MAX_ID
          || isNhs(segment, field, i)
          || isStatus(segment, field, i)) {
        continue;
      }
      String authority = Hl7Message.get(segment, field, i, 4);
      Optional<String> trust =
          authority == null ? Optional.of(custodian) : issuers.apply(authority);
      String issuer = trust.orElseGet(() -> authority.length() > MAX_ID ? custodian : authority);
      String type = Hl7Message.get(segment, field, i, 5);
      (type != null && LOCAL_TYPES.contains(type) ? own : others)
          .add(
              new LocalNumber(
                  new PatientKey(issuer, value),
                  type,
                  trust.isPresent() && !issuer.equals(custodian)));
    }
    own.addAll(others);
    Set<PatientKey> seen = new HashSet<>();
    return own.stream().filter(n -> seen.add(n.key())).toList();
  }

  static boolean hasAnyId(Segment pid) {
    return nhsNumber(pid) != null || !localNumbers(pid, "-", text -> Optional.empty()).isEmpty();
  }

  /**
   * Who MRG says is no longer to be used: MRG-1, else MRG-2 (alternate) or MRG-4 (external ID of
   * older versions); one for each local number. No birth date: MRG has none.
   */
  static List<PatientIdentity> prior(
      Segment mrg, String custodian, Function<String, Optional<String>> issuers) {
    for (int field : List.of(1, 2, 4)) {
      String nhs = saidNhsNumber(mrg, field).orElse(null);
      List<PatientKey> keys =
          localNumbers(mrg, field, custodian, issuers).stream().map(LocalNumber::key).toList();
      if (!keys.isEmpty()) {
        return keys.stream().map(key -> new PatientIdentity(key, nhs, null)).toList();
      }
      if (nhs != null) {
        return List.of(new PatientIdentity(null, nhs, null));
      }
    }
    return List.of();
  }

  /** XPN: family, given, prefix; the legal name (type L), else the first. */
  private static PersonName name(Segment segment, int field) {
    int chosen = 0;
    for (int i = Hl7Message.repetitions(segment, field) - 1; i >= 0; i--) {
      chosen = "L".equals(Hl7Message.get(segment, field, i, 7)) ? i : chosen;
    }
    String family = Hl7Message.get(segment, field, chosen, 1);
    String given = Hl7Message.get(segment, field, chosen, 2);
    return family == null && given == null
        ? null
        : new PersonName(family, given, Hl7Message.get(segment, field, chosen, 5));
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
