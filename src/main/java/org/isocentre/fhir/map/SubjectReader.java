package org.isocentre.fhir.map;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.hl7.fhir.r4.model.Address;
import org.hl7.fhir.r4.model.Coding;
import org.hl7.fhir.r4.model.DateType;
import org.hl7.fhir.r4.model.Extension;
import org.hl7.fhir.r4.model.HumanName;
import org.hl7.fhir.r4.model.Identifier;
import org.hl7.fhir.r4.model.Patient;
import org.hl7.fhir.r4.model.StringType;
import org.isocentre.model.NhsNumber;
import org.isocentre.model.PatientDemographics;
import org.isocentre.model.PatientIdentity;
import org.isocentre.model.PatientKey;
import org.isocentre.model.PersonName;

/**
 * Whom a resource is about, where its writer does not know our Patient: a contained one, or an
 * identifier alone. As PID of an order says it: an NHS number, the writer's own number, or both.
 */
public final class SubjectReader {
  private static final int MAX_ID = 64;

  /** NHS number status indicators that say the number is not this person's. */
  private static final Set<String> NOT_THEIRS = Set.of("04", "05", "07");

  /** Says nothing of the patient: whose it is stays. */
  public static final PatientDemographics NOBODY =
      new PatientDemographics(
          new PatientIdentity(null, null, null),
          null,
          null,
          null,
          null,
          org.isocentre.model.Patient.Source.ORDER);

  private SubjectReader() {}

  /**
   * @param custodian ODS code of who writes
   * @throws UnacceptableException if there is no number by which the patient is known
   */
  public static PatientDemographics of(Patient patient, String custodian) {
    HumanName name =
        patient.getName().stream()
            .filter(n -> n.getUse() == HumanName.NameUse.OFFICIAL)
            .findFirst()
            .orElse(patient.getNameFirstRep());
    Address address = patient.getAddressFirstRep();
    Numbers numbers = numbers(patient.getIdentifier(), custodian);
    return new PatientDemographics(
        new PatientIdentity(numbers.own(), numbers.nhs(), birthDate(patient.getBirthDateElement())),
        name(name),
        patient.hasGender() ? patient.getGender().toCode() : null,
        address.getLine().stream().map(StringType::getValue).findFirst().orElse(null),
        address.getPostalCode(),
        org.isocentre.model.Patient.Source.ORDER,
        numbers.status(),
        Set.of(),
        List.of(),
        numbers.others());
  }

  /**
   * @throws UnacceptableException if it is none by which a patient is known
   */
  public static PatientDemographics of(Identifier identifier, String custodian) {
    Patient patient = new Patient();
    patient.addIdentifier(identifier);
    return of(patient, custodian);
  }

  /**
   * A patient that the index has, as the order is to name them.
   *
   * @param custodian whose number goes before others
   */
  public static PatientDemographics of(org.isocentre.model.Patient patient, String custodian) {
    PatientKey key =
        patient.keys().stream()
            .filter(k -> k.issuer().equals(custodian))
            .findFirst()
            .orElse(patient.identity().key());
    return new PatientDemographics(
        new PatientIdentity(key, patient.identity().nhsNumber(), patient.identity().birthDate()),
        patient.name(),
        patient.sex(),
        null,
        null,
        org.isocentre.model.Patient.Source.ORDER);
  }

  /**
   * @param others that somebody else issued: nobody is matched by them
   */
  private record Numbers(String nhs, String status, PatientKey own, List<PatientKey> others) {}

  private static Numbers numbers(List<Identifier> identifiers, String custodian) {
    String nhs = null;
    String status = null;
    PatientKey own = null;
    List<PatientKey> others = new ArrayList<>();
    for (Identifier identifier : identifiers) {
      String system = identifier.getSystem() == null ? "" : identifier.getSystem();
      if (system.equals(Systems.NHS_NUMBER)) {
        nhs =
            NhsNumber.parse(identifier.getValue())
                .orElseThrow(
                    () -> new UnacceptableException("subject: the NHS number is not a valid one"));
        status = status(identifier);
      } else if (system.startsWith(Systems.LOCAL_PATIENT)) {
        PatientKey key =
            new PatientKey(
                system.substring(Systems.LOCAL_PATIENT.length()), value(identifier.getValue()));
        if (key.issuer().equals(custodian) && own == null) {
          own = key;
        } else {
          others.add(key);
        }
      } else {
        throw new UnacceptableException(
            "subject: an identifier's system is neither "
                + Systems.NHS_NUMBER
                + " nor "
                + Systems.LOCAL_PATIENT
                + custodian);
      }
    }
    if (status != null && NOT_THEIRS.contains(status)) {
      nhs = null;
    }
    if (nhs == null && own == null) {
      throw new UnacceptableException(
          "subject: neither a Patient of this server, nor an NHS number, nor a number of "
              + custodian
              + " ("
              + Systems.LOCAL_PATIENT
              + custodian
              + ")");
    }
    return new Numbers(nhs, status, own, others);
  }

  private static String value(String text) {
    if (text == null || text.isBlank() || text.length() > MAX_ID) {
      throw new UnacceptableException(
          "subject: an identifier has no value, or one of more than " + MAX_ID + " characters");
    }
    return text.strip();
  }

  private static String status(Identifier number) {
    Extension extension = number.getExtensionByUrl(Systems.NHS_NUMBER_STATUS_EXTENSION);
    if (extension == null
        || !(extension.getValue() instanceof org.hl7.fhir.r4.model.CodeableConcept concept)) {
      return null;
    }
    return concept.getCoding().stream()
        .map(Coding::getCode)
        .filter(code -> code != null && code.matches("0[1-8]"))
        .findFirst()
        .orElse(null);
  }

  private static LocalDate birthDate(DateType date) {
    String text = date == null ? null : date.getValueAsString();
    return text == null || text.length() < "YYYY-MM-DD".length() ? null : LocalDate.parse(text);
  }

  static PersonName name(HumanName name) {
    String given = name.getGiven().isEmpty() ? null : name.getGiven().get(0).getValue();
    String prefix = name.getPrefix().isEmpty() ? null : name.getPrefix().get(0).getValue();
    String family = name.hasFamily() ? name.getFamily() : name.getText();
    return family == null && given == null ? null : new PersonName(family, given, prefix);
  }
}
