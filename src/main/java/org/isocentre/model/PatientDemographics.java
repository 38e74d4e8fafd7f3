package org.isocentre.model;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * What one message or object says of a patient.
 *
 * @param identity key, NHS number, birth date
 * @param name or null
 * @param sex FHIR code or null
 * @param addressLine or null
 * @param postalCode or null
 * @param source how far the statement is to be trusted
 * @param nhsNumberStatus NHS number status indicator, {@code 01} to {@code 08} (NHS Data
 *     Dictionary), or null
 * @param deleted what the statement says to be no longer known ({@code ""} of HL7 v2 §2.5.3)
 * @param otherKeys further numbers, as good as the first: the source may speak of them
 * @param claimedKeys further numbers that only somebody else may speak of, or that are of another
 *     kind; nobody is matched by them
 */
public record PatientDemographics(
    PatientIdentity identity,
    PersonName name,
    String sex,
    String addressLine,
    String postalCode,
    Patient.Source source,
    String nhsNumberStatus,
    Set<Field> deleted,
    List<PatientKey> otherKeys,
    List<PatientKey> claimedKeys) {
  /** What a statement may delete. */
  public enum Field {
    BIRTH_DATE,
    NAME,
    SEX,
    ADDRESS_LINE,
    POSTAL_CODE
  }

  public PatientDemographics {
    deleted = Set.copyOf(deleted);
    otherKeys = List.copyOf(otherKeys);
    claimedKeys = List.copyOf(claimedKeys);
  }

  /** Without further numbers. */
  public PatientDemographics(
      PatientIdentity identity,
      PersonName name,
      String sex,
      String addressLine,
      String postalCode,
      Patient.Source source,
      String nhsNumberStatus,
      Set<Field> deleted) {
    this(
        identity,
        name,
        sex,
        addressLine,
        postalCode,
        source,
        nhsNumberStatus,
        deleted,
        List.of(),
        List.of());
  }

  /** Without a status of the NHS number; deletes nothing. */
  public PatientDemographics(
      PatientIdentity identity,
      PersonName name,
      String sex,
      String addressLine,
      String postalCode,
      Patient.Source source) {
    this(identity, name, sex, addressLine, postalCode, source, null, Set.of());
  }

  /**
   * The same without these numbers; a further one takes the place of the first. If it has no other,
   * it keeps the first.
   */
  public PatientDemographics withoutKeys(Collection<PatientKey> gone) {
    List<PatientKey> own = new ArrayList<>(otherKeys);
    if (identity.key() != null) {
      own.add(0, identity.key());
    }
    own.removeAll(gone);
    List<PatientKey> claimed = claimedKeys.stream().filter(k -> !gone.contains(k)).toList();
    PatientKey first = own.isEmpty() ? identity.key() : own.remove(0);
    return new PatientDemographics(
        new PatientIdentity(first, identity.nhsNumber(), identity.birthDate()),
        name,
        sex,
        addressLine,
        postalCode,
        source,
        nhsNumberStatus,
        deleted,
        own,
        claimed);
  }

  @Override
  public String toString() {
    return "PatientDemographics[" + source + "]";
  }
}
