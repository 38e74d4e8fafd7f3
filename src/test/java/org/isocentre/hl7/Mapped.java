package org.isocentre.hl7;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.hl7.fhir.r4.model.DiagnosticReport;
import org.hl7.fhir.r4.model.Patient;
import org.hl7.fhir.r4.model.ServiceRequest;
import org.isocentre.fhir.map.DiagnosticReportMapper;
import org.isocentre.fhir.map.PatientMapper;
import org.isocentre.fhir.map.ServiceRequestMapper;
import org.isocentre.model.Order;
import org.isocentre.model.OrderRequest;
import org.isocentre.model.OrderStatus;
import org.isocentre.model.PatientDemographics;
import org.isocentre.model.Report;

/** What was mapped, as FHIR shows it once the index has it; nothing was known before. */
final class Mapped {
  private static final UUID ID = new UUID(1, 2);
  private static final Instant NOON = Instant.parse("2026-11-01T12:00:00Z");

  private Mapped() {}

  static Patient patient(PatientDemographics p) {
    return PatientMapper.map(
        new org.isocentre.model.Patient(
            ID,
            p.identity(),
            Stream.concat(Stream.ofNullable(p.identity().key()), p.otherKeys().stream()).toList(),
            p.name(),
            p.sex(),
            p.addressLine(),
            p.postalCode(),
            p.source(),
            false,
            NOON,
            p.nhsNumberStatus(),
            p.claimedKeys()),
        List.of());
  }

  static ServiceRequest order(OrderRequest o) {
    OrderRequest filed =
        new OrderRequest(
            o.custodian(),
            o.placerNumber(),
            o.placerIssuer(),
            o.fillerNumber(),
            o.fillerIssuer(),
            o.accession(),
            o.studyInstanceUid(),
            o.patient(),
            o.procedure(),
            o.modality(),
            o.priority(),
            o.reason(),
            o.referrerCode(),
            o.referrerName(),
            o.referringOrganisation(),
            o.status() == null ? OrderStatus.ACTIVE : o.status(),
            o.authoredOn(),
            o.messageKey(),
            o.messageAt(),
            o.step(),
            o.ubrn(),
            o.deleted(),
            o.steps());
    return ServiceRequestMapper.map(new Order(ID, ID, filed, NOON));
  }

  static DiagnosticReport report(MappedReport r) {
    return DiagnosticReportMapper.map(
        new Report(ID, ID, null, List.of(), r.storedAt("doc/1"), NOON, new UUID(3, 4)),
        r.document());
  }
}
