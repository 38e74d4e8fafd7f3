package org.isocentre.fhir.map;

import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.Identifier;
import org.hl7.fhir.r4.model.Reference;
import org.isocentre.model.AccessionKey;

/** URIs of identifier systems, and the identifiers that several resources carry. */
public final class Systems {
  public static final String NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number";
  public static final String NHS_NUMBER_STATUS =
      "https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatusEngland";
  public static final String NHS_NUMBER_STATUS_EXTENSION =
      "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus";
  public static final String ODS = "https://fhir.nhs.uk/Id/ods-organization-code";
  public static final String DICOM_UID = "urn:dicom:uid";
  public static final String OID = "urn:oid:";
  public static final String RFC_3986 = "urn:ietf:rfc:3986";
  public static final String DCM = "http://dicom.nema.org/resources/ontology/DCM";
  public static final String SNOMED = "http://snomed.info/sct";
  public static final String PARTICIPATION =
      "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";
  public static final String IDENTIFIER_TYPE = "http://terminology.hl7.org/CodeSystem/v2-0203";

  /** Numbers of documents (TXA-12), followed by the custodian's ODS code. */
  public static final String DOCUMENT = "urn:isocentre:document:";

  /** Tags of the state of a study's report. */
  public static final String REPORT = "urn:isocentre:report";

  /** Booking references of the NHS e-Referral Service. */
  public static final String UBRN = "https://fhir.nhs.uk/Id/UBRN";

  public static final String SDS_USER = "https://fhir.nhs.uk/Id/sds-user-id";
  public static final String GMC = "https://fhir.hl7.org.uk/Id/gmc-number";

  /** Control IDs of HL7 v2 messages (MSH-10), followed by the custodian's ODS code. */
  public static final String MESSAGE = "urn:isocentre:message:";

  /** A trust's own codes of clinicians, followed by its ODS code. */
  public static final String CLINICIAN = "urn:isocentre:clinician:";

  /** Followed by the issuer's ODS code. */
  public static final String LOCAL_PATIENT = "urn:isocentre:patient:";

  public static final String ACCESSION = "urn:isocentre:accession:";
  public static final String PLACER = "urn:isocentre:placer:";
  public static final String FILLER = "urn:isocentre:filler:";

  /** Filler appointment IDs (SCH-2), followed by the custodian's ODS code. */
  public static final String APPOINTMENT = "urn:isocentre:appointment:";

  /** Placer appointment IDs (SCH-1), followed by the custodian's ODS code. */
  public static final String APPOINTMENT_REQUEST = "urn:isocentre:appointment-request:";

  private Systems() {}

  static Identifier accession(AccessionKey key) {
    return typed("ACSN", ACCESSION + key.issuer(), key.value(), key.issuer());
  }

  /**
   * @param type code of HL7 table 0203
   */
  static Identifier typed(String type, String system, String value, String assigner) {
    Identifier identifier =
        new Identifier().setSystem(system).setValue(value).setAssigner(organisation(assigner));
    identifier.setType(new CodeableConcept());
    identifier.getType().addCoding().setSystem(IDENTIFIER_TYPE).setCode(type);
    return identifier;
  }

  /** A logical reference with the ODS code, and a literal one to the directory's Organization. */
  static Reference organisation(String ods) {
    return new Reference("Organization/" + ods)
        .setType("Organization")
        .setIdentifier(new Identifier().setSystem(ODS).setValue(ods));
  }
}
