package org.isocentre.fhir.map;

import java.util.Date;
import org.hl7.fhir.r4.model.Attachment;
import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.DocumentReference;
import org.hl7.fhir.r4.model.DocumentReference.ReferredDocumentStatus;
import org.hl7.fhir.r4.model.Enumerations.DocumentReferenceStatus;
import org.hl7.fhir.r4.model.Identifier;
import org.hl7.fhir.r4.model.Reference;
import org.isocentre.model.Report;
import org.isocentre.model.ReportResult;

/**
 * The document of a report (a PDF of an ORU or MDM) to FHIR R4 DocumentReference. It has the
 * report's id.
 */
public final class DocumentReferenceMapper {
  private DocumentReferenceMapper() {}

  /**
   * @param report with a document
   */
  public static DocumentReference map(Report report) {
    ReportResult r = report.result();
    DocumentReference resource = new DocumentReference();
    resource.setId(report.id().toString());
    resource
        .getMeta()
        .setLastUpdated(Date.from(report.lastUpdated()))
        .setVersionId(report.versionId().toString());
    if (r.documentNumber() != null) {
      resource.setMasterIdentifier(
          new Identifier()
              .setSystem(Systems.DOCUMENT + r.custodian())
              .setValue(r.documentNumber()));
    }
    if (r.accession() != null) {
      resource.addIdentifier(Systems.accession(r.accession()));
    }
    boolean wrong = r.status().equals("entered-in-error");
    resource.setStatus(
        wrong ? DocumentReferenceStatus.ENTEREDINERROR : DocumentReferenceStatus.CURRENT);
    resource.setDocStatus(docStatus(r.status()));
    resource.setType(
        new CodeableConcept()
            .addCoding(
                new org.hl7.fhir.r4.model.Coding(
                    "http://loinc.org", "18748-4", "Diagnostic imaging study")));
    resource.setSubject(new Reference("Patient/" + report.patientId()));
    if (r.issued() != null) {
      resource.setDate(Date.from(r.issued()));
    }
    if (r.reporterName() != null) {
      resource.addAuthor(
          new Reference().setDisplay(PatientMapper.name(r.reporterName()).getNameAsSingleString()));
    }
    resource.setCustodian(Systems.organisation(r.custodian()));
    resource.addContent().setAttachment(attachment(report));
    report
        .studyIds()
        .forEach(id -> resource.getContext().addRelated(new Reference("ImagingStudy/" + id)));
    if (report.orderId() != null) {
      resource.getContext().addRelated(new Reference("ServiceRequest/" + report.orderId()));
    }
    return resource;
  }

  /** Where the document is; without its bytes. */
  static Attachment attachment(Report report) {
    ReportResult r = report.result();
    return new Attachment()
        .setContentType(r.documentType())
        .setUrl("Binary/" + report.id())
        .setTitle(r.procedure() == null ? null : r.procedure().display());
  }

  private static ReferredDocumentStatus docStatus(String status) {
    return switch (status) {
      case "final" -> ReferredDocumentStatus.FINAL;
      case "amended", "corrected", "appended" -> ReferredDocumentStatus.AMENDED;
      case "entered-in-error" -> ReferredDocumentStatus.ENTEREDINERROR;
      case "registered", "partial", "preliminary" -> ReferredDocumentStatus.PRELIMINARY;
      default -> null;
    };
  }
}
