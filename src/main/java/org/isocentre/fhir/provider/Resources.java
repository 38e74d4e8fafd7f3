package org.isocentre.fhir.provider;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.hl7.fhir.r4.model.DiagnosticReport;
import org.hl7.fhir.r4.model.ImagingStudy;
import org.hl7.fhir.r4.model.Patient;
import org.hl7.fhir.r4.model.Resource;
import org.hl7.fhir.r4.model.ServiceRequest;
import org.hl7.fhir.r4.model.Task;
import org.isocentre.fhir.map.AppointmentMapper;
import org.isocentre.fhir.map.AuditEventMapper;
import org.isocentre.fhir.map.ConsentMapper;
import org.isocentre.fhir.map.DiagnosticReportMapper;
import org.isocentre.fhir.map.DocumentReferenceMapper;
import org.isocentre.fhir.map.ImagingStudyMapper;
import org.isocentre.fhir.map.PatientMapper;
import org.isocentre.fhir.map.PractitionerMapper;
import org.isocentre.fhir.map.ProvenanceMapper;
import org.isocentre.fhir.map.ServiceRequestMapper;
import org.isocentre.fhir.map.TaskMapper;
import org.isocentre.fhir.map.WhereaboutsMapper;
import org.isocentre.index.AppointmentSearch;
import org.isocentre.index.AuditIndex;
import org.isocentre.index.AvailabilityIndex;
import org.isocentre.index.AvailabilityIndex.Whereabouts;
import org.isocentre.index.AwaitedReports;
import org.isocentre.index.ConsentIndex;
import org.isocentre.index.LinkIndex;
import org.isocentre.index.OrderIndex;
import org.isocentre.index.OrderQuery;
import org.isocentre.index.PageRequest;
import org.isocentre.index.PatientIndex;
import org.isocentre.index.PatientQuery;
import org.isocentre.index.PractitionerIndex;
import org.isocentre.index.ProvenanceIndex;
import org.isocentre.index.ReportIndex;
import org.isocentre.index.ReportQuery;
import org.isocentre.index.StudyIndex;
import org.isocentre.index.StudyQuery;
import org.isocentre.index.TimeRange;
import org.isocentre.index.TransferIndex;
import org.isocentre.index.TransferQuery;
import org.isocentre.index.Visibility;
import org.isocentre.model.Order;
import org.isocentre.model.PatientLink;
import org.isocentre.model.Study;
import org.isocentre.model.StudyLink;
import org.isocentre.model.Transfer;

/** Reads resources from the index by query or by id, always within what a caller may see. */
public final class Resources {
  private static final PageRequest MOST = new PageRequest(0, PageRequest.MAX_LIMIT);
  final PatientIndex patients;
  final OrderIndex orders;
  final StudyIndex studies;
  final ReportIndex reports;
  final LinkIndex links;
  final TransferIndex transfers;
  static final String ORGANIZATION = "Organization";
  private final ConsentIndex consents;
  private final AuditIndex audit;
  private final AuditEventMapper auditEvents;
  private final Directory directory;
  private final AvailabilityIndex availability;
  private final AwaitedReports awaited;
  private final AppointmentSearch appointments;
  private final PractitionerIndex practitioners;
  private final ProvenanceIndex provenance;

  public Resources(
      PatientIndex patients,
      OrderIndex orders,
      StudyIndex studies,
      ReportIndex reports,
      LinkIndex links,
      TransferIndex transfers,
      ConsentIndex consents,
      AuditIndex audit,
      AuditEventMapper auditEvents,
      Directory directory,
      AvailabilityIndex availability,
      AwaitedReports awaited,
      AppointmentSearch appointments,
      PractitionerIndex practitioners,
      ProvenanceIndex provenance) {
    this.provenance = provenance;
    this.practitioners = practitioners;
    this.appointments = appointments;
    this.consents = consents;
    this.audit = audit;
    this.auditEvents = auditEvents;
    this.directory = directory;
    this.patients = patients;
    this.orders = orders;
    this.studies = studies;
    this.reports = reports;
    this.links = links;
    this.transfers = transfers;
    this.availability = availability;
    this.awaited = awaited;
  }

  /**
   * Resources of one type that the caller may see, in this order; at most {@value
   * PageRequest#MAX_LIMIT}.
   */
  public List<? extends Resource> of(String type, Visibility visible, List<String> ids) {
    if (ids.isEmpty()) {
      return List.of();
    }
    Set<UUID> keys = ids.stream().map(Parameters::id).collect(Collectors.toSet());
    return switch (type) {
      case "Patient" -> patients(visible, keys);
      case "ServiceRequest" -> orders(visible, keys);
      case "ImagingStudy" -> studies(visible, keys, false);
      case "DiagnosticReport" -> reports(visible, keys);
      case "DocumentReference" ->
          reports.documents(visible, keys).stream().map(DocumentReferenceMapper::map).toList();
      case "Appointment" ->
          appointments.search(visible, keys).stream().map(AppointmentMapper::map).toList();
      case "Task" -> transfers(transfers(visible, keys));
      case "Practitioner" ->
          practitioners.search(visible, keys).stream()
              .map(PractitionerMapper::practitioner)
              .toList();
      case "PractitionerRole" ->
          practitioners.roles(visible, keys).stream().map(PractitionerMapper::role).toList();
      case "Provenance" ->
          provenance.search(visible, keys).stream().map(ProvenanceMapper::map).toList();
      case "Consent" -> consents(visible, keys).stream().map(ConsentMapper::map).toList();
      case "AuditEvent" ->
          audit
              .search(new AuditIndex.Query(visible, keys, null, null, TimeRange.ANY, MOST))
              .stream()
              .map(entry -> visible.nhsNumber() == null ? entry : entry.asPatientsRead())
              .map(auditEvents::map)
              .toList();
      case ORGANIZATION ->
          directory.organizations().stream().filter(o -> ids.contains(o.getIdPart())).toList();
      default -> throw new IllegalArgumentException(type);
    };
  }

  List<Resource> all(String type, Visibility visible, List<String> ids) {
    Map<String, Resource> byId = new HashMap<>();
    of(type, visible, ids).forEach(r -> byId.put(r.getIdElement().getIdPart(), r));
    return ids.stream().map(byId::get).filter(Objects::nonNull).toList();
  }

  List<Transfer> transfers(Visibility visible, Set<UUID> ids) {
    return transfers.search(
        new TransferQuery(visible, ids, null, null, null, null, TimeRange.ANY, MOST));
  }

  List<org.isocentre.model.Consent> consents(Visibility visible, Set<UUID> ids) {
    return consents.search(new ConsentIndex.Query(visible, ids, null, null, TimeRange.ANY, MOST));
  }

  List<Patient> patients(PatientQuery query) {
    var found = patients.search(query);
    var links = links(query.visible(), found);
    return found.stream()
        .map(p -> PatientMapper.map(p, links.getOrDefault(p.id(), List.of())))
        .toList();
  }

  /** Leads to records alone that the caller may see: else a link would tell of a person. */
  private Map<UUID, List<PatientLink>> links(
      Visibility visible, List<org.isocentre.model.Patient> found) {
    var all = patients.links(found.stream().map(org.isocentre.model.Patient::id).toList());
    Set<UUID> others =
        all.values().stream()
            .flatMap(List::stream)
            .map(PatientLink::other)
            .collect(Collectors.toSet());
    if (others.isEmpty()) {
      return all;
    }
    Set<UUID> seen =
        patients
            .search(new PatientQuery(visible, others, null, null, null, null, TimeRange.ANY, MOST))
            .stream()
            .map(org.isocentre.model.Patient::id)
            .collect(Collectors.toSet());
    all.replaceAll((id, links) -> links.stream().filter(l -> seen.contains(l.other())).toList());
    return all;
  }

  List<Patient> patients(Visibility visible, Collection<UUID> ids) {
    return ids.isEmpty()
        ? List.of()
        : patients(
            new PatientQuery(
                visible, Set.copyOf(ids), null, null, null, null, TimeRange.ANY, MOST));
  }

  List<ServiceRequest> orders(OrderQuery query) {
    List<Order> found = orders.search(query);
    var said = byOwner(availability.ofOrders(found.stream().map(Order::id).toList()));
    List<ServiceRequest> result = new ArrayList<>();
    for (Order o : found) {
      ServiceRequest resource = ServiceRequestMapper.map(o);
      WhereaboutsMapper.add(resource, said.getOrDefault(o.id(), List.of()));
      result.add(resource);
    }
    return result;
  }

  private static Map<UUID, List<Whereabouts>> byOwner(List<Whereabouts> said) {
    return said.stream().collect(Collectors.groupingBy(Whereabouts::of));
  }

  List<ServiceRequest> orders(Visibility visible, Collection<UUID> ids) {
    return ids.isEmpty()
        ? List.of()
        : orders(
            new OrderQuery(
                visible,
                Set.copyOf(ids),
                null,
                null,
                null,
                null,
                null,
                null,
                TimeRange.ANY,
                TimeRange.ANY,
                MOST));
  }

  /** With instances, each. */
  List<ImagingStudy> studies(Visibility visible, Collection<UUID> ids, boolean instances) {
    return ids.isEmpty()
        ? List.of()
        : map(studies.search(byIds(visible, Set.copyOf(ids))), instances);
  }

  private static StudyQuery byIds(Visibility visible, Set<UUID> ids) {
    return new StudyQuery(
        visible,
        ids,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        TimeRange.ANY,
        MOST);
  }

  private List<ImagingStudy> map(List<Study> found, boolean instances) {
    List<UUID> ids = found.stream().map(Study::id).toList();
    var series = studies.series(ids);
    Map<UUID, List<UUID>> linked =
        links.ofStudies(ids).stream()
            .collect(
                Collectors.groupingBy(
                    StudyLink::studyId,
                    Collectors.mapping(StudyLink::orderId, Collectors.toList())));
    var said = byOwner(availability.ofStudies(ids));
    Set<UUID> awaiting = awaited.among(ids);
    List<ImagingStudy> result = new ArrayList<>();
    Set<String> listening = said.isEmpty() ? Set.of() : directory.listening();
    for (Study s : found) {
      ImagingStudy resource =
          ImagingStudyMapper.map(
              s,
              linked.getOrDefault(s.id(), List.of()),
              series.getOrDefault(s.id(), List.of()),
              instances ? studies.instances(s.id()) : List.of(),
              awaiting.contains(s.id()));
      WhereaboutsMapper.add(resource, said.getOrDefault(s.id(), List.of()), listening);
      result.add(resource);
    }
    return result;
  }

  private List<DiagnosticReport> reports(ReportQuery query) {
    return reports.search(query).stream().map(DiagnosticReportMapper::map).toList();
  }

  private List<DiagnosticReport> reports(Visibility visible, Set<UUID> ids) {
    return reports(
        new ReportQuery(
            visible,
            ids,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            TimeRange.ANY,
            TimeRange.ANY,
            MOST));
  }

  List<Task> transfers(List<Transfer> found) {
    Map<UUID, Study> byId =
        studies.findAll(found.stream().map(Transfer::studyId).collect(Collectors.toSet())).stream()
            .collect(Collectors.toMap(Study::id, s -> s));
    return found.stream().map(t -> TaskMapper.map(t, byId.get(t.studyId()))).toList();
  }
}
