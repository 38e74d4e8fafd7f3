package org.isocentre.ingest;

import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.model.AccessionKey;
import org.isocentre.model.Code;
import org.isocentre.model.InstanceStored;
import org.isocentre.model.NhsNumber;
import org.isocentre.model.Patient;
import org.isocentre.model.PatientDemographics;
import org.isocentre.model.PatientIdentity;
import org.isocentre.model.PatientKey;
import org.isocentre.model.PersonName;
import org.isocentre.model.ProcedureContext;
import org.isocentre.model.ReceivedInstance;

/**
 * Takes from a data set what the index knows of an object. The issuer of Patient ID and Accession
 * Number is what the object says if the directory knows it, else the custodian.
 */
public final class InstanceMapper {
  /** How issuers of NHS numbers are written in DICOM. */
  private static final Set<String> NHS_ISSUERS =
      Set.of(
          "NHS",
          "NHSNUMBER",
          "NHS NUMBER",
          "NHSNMBR",
          "2.16.840.1.113883.2.1.4.1",
          "https://fhir.nhs.uk/Id/nhs-number");

  private static final int MAX_ID = 64;
  private final Function<String, Optional<String>> issuers;
  private final Predicate<String> patientIdIsNhsNumber;

  /**
   * @param issuers ODS code of an issuer's name
   * @param patientIdIsNhsNumber whether Patient ID without an issuer is an NHS number at this
   *     custodian
   */
  public InstanceMapper(
      Function<String, Optional<String>> issuers, Predicate<String> patientIdIsNhsNumber) {
    this.issuers = issuers;
    this.patientIdIsNhsNumber = patientIdIsNhsNumber;
  }

  public ReceivedInstance map(InstanceStored event, DataSet set) {
    return new ReceivedInstance(
        event.custodian(),
        event.callingAeTitle(),
        patient(event.custodian(), set),
        set.string(Tag.PatientName),
        set.string(Tag.PatientSex),
        event.studyInstanceUid(),
        set.string(Tag.StudyID),
        accession(event.custodian(), set),
        at(set.date(Tag.StudyDate), set.time(Tag.StudyTime)),
        set.string(Tag.StudyDescription),
        set.string(Tag.ReferringPhysicianName),
        set.string(Tag.SeriesInstanceUID),
        set.string(Tag.Modality),
        set.integer(Tag.SeriesNumber),
        set.string(Tag.SeriesDescription),
        set.string(Tag.BodyPartExamined),
        set.string(Tag.Laterality),
        set.string(Tag.PerformingPhysicianName),
        at(set.date(Tag.SeriesDate), set.time(Tag.SeriesTime)),
        event.sopInstanceUid(),
        event.sopClassUid(),
        event.transferSyntaxUid(),
        set.integer(Tag.InstanceNumber),
        set.integer(Tag.NumberOfFrames),
        set.integer(Tag.Rows),
        set.integer(Tag.Columns),
        event.objectKey(),
        event.sha256(),
        event.size(),
        event.receivedAt(),
        procedure(set));
  }

  private static ProcedureContext procedure(DataSet set) {
    Optional<DataSet> request = set.item(Tag.RequestAttributesSequence);
    return new ProcedureContext(
        set.date(Tag.StudyDate),
        set.time(Tag.StudyTime),
        set.item(Tag.ProcedureCodeSequence)
            .map(
                code ->
                    new Code(
                        code.string(Tag.CodeValue),
                        code.string(Tag.CodingSchemeDesignator),
                        code.string(Tag.CodeMeaning)))
            .orElse(null),
        set.date(Tag.PerformedProcedureStepStartDate),
        set.time(Tag.PerformedProcedureStepStartTime),
        request.map(item -> item.string(Tag.RequestedProcedureID)).orElse(null),
        request.map(item -> item.string(Tag.ScheduledProcedureStepID)).orElse(null),
        offset(set.string(Tag.TimezoneOffsetFromUTC)),
        set.string(Tag.NameOfPhysiciansReadingStudy),
        request
            .map(item -> item.string(Tag.ReasonForTheRequestedProcedure))
            .orElse(set.string(Tag.ReasonForTheRequestedProcedure)),
        title(set));
  }

  /** As FHIR R4 maps {@code ImagingStudy.series.instance.title}. */
  private static String title(DataSet set) {
    return Stream.of(
            set.string(Tag.ContentLabel),
            set.item(Tag.ConceptNameCodeSequence)
                .map(code -> code.string(Tag.CodeMeaning))
                .orElse(null),
            set.string(Tag.DocumentTitle),
            String.join("\\", set.strings(Tag.ImageType)))
        .filter(text -> text != null && !text.isBlank())
        .findFirst()
        .orElse(null);
  }

  /** PS3.3 §C.12.1.1.8: from -1200 to +1400; anything else says nothing. */
  static String offset(String said) {
    if (said == null || !said.matches("[+-](0\\d|1[0-4])[0-5]\\d")) {
      return null;
    }
    int minutes = Integer.parseInt(said.substring(1, 3)) * 60 + Integer.parseInt(said.substring(3));
    boolean west = said.charAt(0) == '-';
    return minutes > (west ? 12 : 14) * 60 || west && minutes == 0 ? null : said;
  }

  private PatientDemographics patient(String custodian, DataSet set) {
    String id = set.string(Tag.PatientID);
    String issuer = set.string(Tag.IssuerOfPatientID);
    String nhs = nhsNumber(custodian, id, issuer, set);
    PatientKey key =
        id == null || id.length() > MAX_ID || isNhs(issuer)
            ? null
            : new PatientKey(issuerOf(issuer, custodian), id);
    if (key != null && nhs != null && key.value().equals(nhs)) {
      key = null;
    }
    PatientIdentity identity = new PatientIdentity(key, nhs, set.date(Tag.PatientBirthDate));
    return new PatientDemographics(
        identity,
        name(set.string(Tag.PatientName)),
        sex(set.string(Tag.PatientSex)),
        null,
        null,
        Patient.Source.DICOM);
  }

  private String nhsNumber(String custodian, String id, String issuer, DataSet set) {
    if (isNhs(issuer) || issuer == null && patientIdIsNhsNumber.test(custodian)) {
      Optional<String> number = NhsNumber.parse(id);
      if (number.isPresent()) {
        return number.get();
      }
    }
    return set.items(Tag.OtherPatientIDsSequence).stream()
        .filter(item -> isNhs(item.string(Tag.IssuerOfPatientID)))
        .flatMap(item -> NhsNumber.parse(item.string(Tag.PatientID)).stream())
        .findFirst()
        .orElse(null);
  }

  private static boolean isNhs(String issuer) {
    return issuer != null && NHS_ISSUERS.contains(issuer.toUpperCase(java.util.Locale.ROOT));
  }

  private String issuerOf(String issuer, String custodian) {
    return issuer == null
        ? custodian
        : issuers.apply(issuer).orElse(issuer.length() > MAX_ID ? custodian : issuer);
  }

  private AccessionKey accession(String custodian, DataSet set) {
    String value = set.string(Tag.AccessionNumber);
    if (value == null || value.length() > MAX_ID) {
      return null;
    }
    String issuer =
        set.item(Tag.IssuerOfAccessionNumberSequence)
            .map(
                item ->
                    Optional.ofNullable(item.string(Tag.LocalNamespaceEntityID))
                        .orElse(item.string(Tag.UniversalEntityID)))
            .orElse(null);
    return new AccessionKey(issuerOf(issuer, custodian), value);
  }

  /** Alphabetic group, family, given, prefix (PS3.5 §6.2.1). */
  static PersonName name(String pn) {
    if (pn == null) {
      return null;
    }
    String[] parts = pn.split("=", 2)[0].split("\\^", 5);
    String given = parts.length > 1 && !parts[1].isBlank() ? parts[1] : null;
    String prefix = parts.length > 3 && !parts[3].isBlank() ? parts[3] : null;
    return parts[0].isBlank() && given == null ? null : new PersonName(parts[0], given, prefix);
  }

  private static String sex(String code) {
    return code == null
        ? null
        : switch (code) {
          case "M" -> "male";
          case "F" -> "female";
          case "O" -> "other";
          default -> "unknown";
        };
  }

  private static LocalDateTime at(LocalDate date, LocalTime time) {
    return date == null ? null : date.atTime(time == null ? LocalTime.MIDNIGHT : time);
  }
}
