package org.isocentre.fhir.map;

import java.util.Date;
import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.DiagnosticReport;
import org.hl7.fhir.r4.model.DiagnosticReport.DiagnosticReportStatus;
import org.hl7.fhir.r4.model.Reference;
import org.isocentre.model.Report;
import org.isocentre.model.ReportResult;

/** Report to FHIR R4 DiagnosticReport. */
public final class DiagnosticReportMapper {
  private DiagnosticReportMapper() {}

  /** With the place of its document, if it has one, and without its bytes. */
  public static DiagnosticReport map(Report report) {
    DiagnosticReport resource = map(report, null);
    if (report.result().documentKey() != null) {
      resource.addPresentedForm(DocumentReferenceMapper.attachment(report));
    }
    return resource;
  }

  /**
   * @param document bytes of the embedded document, or null
   */
  public static DiagnosticReport map(Report report, byte[] document) {
    ReportResult r = report.result();
    DiagnosticReport resource = new DiagnosticReport();
    resource.setId(report.id().toString());
    resource
        .getMeta()
        .setLastUpdated(Date.from(report.lastUpdated()))
        .setVersionId(report.versionId().toString());
    if (r.fillerNumber() != null) {
      resource.addIdentifier(
          Systems.typed(
              "FILL", Systems.FILLER + r.fillerIssuer(), r.fillerNumber(), r.fillerIssuer()));
    }
    if (r.documentNumber() != null) {
      resource
          .addIdentifier()
          .setSystem(Systems.DOCUMENT + r.custodian())
          .setValue(r.documentNumber());
    }
    if (r.accession() != null) {
      resource.addIdentifier(Systems.accession(r.accession()));
    }
    resource.setStatus(DiagnosticReportStatus.fromCode(r.status()));
    resource
        .addCategory()
        .addCoding()
        .setSystem("http://terminology.hl7.org/CodeSystem/v2-0074")
        .setCode("RAD");
    resource.setCode(
        r.procedure() == null
            ? new CodeableConcept().setText("Imaging report")
            : ServiceRequestMapper.concept(r.procedure()));
    resource.setSubject(new Reference("Patient/" + report.patientId()));
    if (report.orderId() != null) {
      resource.addBasedOn(new Reference("ServiceRequest/" + report.orderId()));
    }
    report.studyIds().forEach(id -> resource.addImagingStudy(new Reference("ImagingStudy/" + id)));
    if (r.issued() != null) {
      resource.setIssued(Date.from(r.issued()));
    }
    resource.addPerformer(Systems.organisation(r.custodian()));
    if (r.reporterName() != null) {
      resource.addResultsInterpreter(
          new Reference().setDisplay(PatientMapper.name(r.reporterName()).getNameAsSingleString()));
    }
    if (r.text() != null) {
      resource.setConclusion(r.text());
    }
    if (document != null) {
      resource.addPresentedForm().setContentType(r.documentType()).setData(document);
    }
    return resource;
  }
}
