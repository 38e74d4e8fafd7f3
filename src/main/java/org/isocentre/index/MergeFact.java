package org.isocentre.index;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.isocentre.model.NhsNumber;
import org.isocentre.model.PatientIdentity;
import org.isocentre.model.PatientKey;
import org.isocentre.model.PatientMerge;

/**
 * A statement on two identifiers, with what people decided on it.
 *
 * @param surviving its key is never null: the local number, else the NHS number
 * @param prior likewise
 * @param confirmedSurviving record that the surviving key meant when a person confirmed, or null
 * @param confirmedPrior record that the prior key meant when a person confirmed, or null
 */
record MergeFact(
    UUID id,
    PatientMerge.Kind kind,
    PatientIdentity surviving,
    PatientIdentity prior,
    String custodian,
    String messageKey,
    Instant at,
    UUID confirmedSurviving,
    UUID confirmedPrior,
    boolean undone) {
  /** Oldest first; two of one moment in an order that does not depend on their arrival. */
  static final Comparator<MergeFact> BY_TIME =
      Comparator.comparing(MergeFact::at).thenComparing(f -> f.id().toString());

  /**
   * What a message said, as it is kept. An NHS number with a wrong check digit counts as not given.
   *
   * @throws IllegalArgumentException if one side has no identifier, or a part is too long
   */
  static MergeFact of(PatientMerge said) {
    PatientIdentity surviving = checked(said.surviving().identity());
    PatientIdentity prior = checked(said.prior());
    if (surviving.key() == null && surviving.nhsNumber() == null
        || prior.key() == null && prior.nhsNumber() == null) {
      throw new IllegalArgumentException(
          "ISO-INDEX-020: a "
              + said.kind()
              + " of trust "
              + said.custodian()
              + " needs a patient number or a valid NHS number for both the surviving and the prior patient (PID-3, MRG-1)");
    }
    boolean byNhs = onlyNhsNumbersSaySomething(surviving, prior);
    surviving = keyed(surviving, byNhs);
    prior = keyed(prior, byNhs);
    Instant at = said.at().truncatedTo(ChronoUnit.MICROS);
    return new MergeFact(
        id(said, surviving.key(), prior.key(), at),
        said.kind(),
        surviving,
        prior,
        said.custodian(),
        said.messageKey(),
        at,
        null,
        null,
        false);
  }

  /**
   * Both name the same local number; or the prior side names no more than the NHS number that the
   * surviving side has, too, which says nothing.
   */
  private static boolean onlyNhsNumbersSaySomething(
      PatientIdentity surviving, PatientIdentity prior) {
    if (surviving.nhsNumber() == null || prior.nhsNumber() == null) {
      return false;
    }
    return prior.key() == null
        ? prior.nhsNumber().equals(surviving.nhsNumber())
        : prior.key().equals(surviving.key());
  }

  static PatientIdentity checked(PatientIdentity said) {
    boolean nhsAsKey = said.key() != null && said.key().issuer().equals(PatientKey.NHS);
    return new PatientIdentity(
        nhsAsKey ? null : said.key(), validNhsNumber(said), said.birthDate());
  }

  /** The NHS number, wherever it was put, if its check digit is right (modulus 11), or null. */
  static String validNhsNumber(PatientIdentity said) {
    if (NhsNumber.isValid(said.nhsNumber())) {
      return said.nhsNumber();
    }
    boolean nhsAsKey = said.key() != null && said.key().issuer().equals(PatientKey.NHS);
    return nhsAsKey ? NhsNumber.parse(said.key().value()).orElse(null) : null;
  }

  private static PatientIdentity keyed(PatientIdentity said, boolean byNhs) {
    return said.key() != null && !byNhs
        ? said
        : new PatientIdentity(
            new PatientKey(PatientKey.NHS, said.nhsNumber()), said.nhsNumber(), said.birthDate());
  }

  private static UUID id(PatientMerge said, PatientKey surviving, PatientKey prior, Instant at) {
    // Lengths keep parts apart: a value may hold any character.
    StringBuilder text = new StringBuilder("merge|" + said.kind() + "|" + at);
    for (String part :
        List.of(
            said.custodian(),
            surviving.issuer(),
            surviving.value(),
            prior.issuer(),
            prior.value())) {
      text.append('|').append(part.length()).append('|').append(part);
    }
    return UUID.nameUUIDFromBytes(text.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** Whether the prior record is absorbed, in contrast to a link between two that both stay. */
  boolean absorbs() {
    return kind == PatientMerge.Kind.MERGE || kind == PatientMerge.Kind.CHANGE_ID;
  }

  /** The two numbers, whichever is the prior one. */
  Set<PatientKey> pair() {
    return Set.copyOf(List.of(prior.key(), surviving.key()));
  }

  /** A trust may speak of its own numbers and of NHS numbers, never of another trust's numbers. */
  boolean isAuthorised() {
    return isTheSenders(prior.key()) && isTheSenders(surviving.key());
  }

  private boolean isTheSenders(PatientKey key) {
    return key.issuer().equals(PatientKey.NHS) || key.issuer().equals(custodian);
  }

  boolean confirmed() {
    return confirmedPrior != null;
  }

  /** A person's word is about the records that they saw. */
  boolean isConfirmedFor(UUID priorRecord, UUID survivingRecord) {
    return Objects.equals(confirmedPrior, priorRecord)
        && Objects.equals(confirmedSurviving, survivingRecord);
  }
}
