package org.isocentre.fhir.provider;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.hl7.fhir.r4.model.DiagnosticReport;
import org.hl7.fhir.r4.model.ImagingStudy;
import org.hl7.fhir.r4.model.Patient;
import org.hl7.fhir.r4.model.ServiceRequest;
import org.hl7.fhir.r4.model.Task;
import org.isocentre.fhir.map.DiagnosticReportMapper;
import org.isocentre.fhir.map.ImagingStudyMapper;
import org.isocentre.fhir.map.PatientMapper;
import org.isocentre.fhir.map.ServiceRequestMapper;
import org.isocentre.fhir.map.TaskMapper;
import org.isocentre.fhir.map.WhereaboutsMapper;
import org.isocentre.index.AvailabilityIndex;
import org.isocentre.index.AvailabilityIndex.Whereabouts;
import org.isocentre.index.AwaitedReports;
import org.isocentre.index.LinkIndex;
import org.isocentre.index.OrderIndex;
import org.isocentre.index.OrderQuery;
import org.isocentre.index.PageRequest;
import org.isocentre.index.PatientIndex;
import org.isocentre.index.PatientQuery;
import org.isocentre.index.ReportIndex;
import org.isocentre.index.ReportQuery;
import org.isocentre.index.StudyIndex;
import org.isocentre.index.StudyQuery;
import org.isocentre.index.TimeRange;
import org.isocentre.index.TransferIndex;
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
  private final AvailabilityIndex availability;
  private final Set<String> listening;
  private final AwaitedReports awaited;

  /**
   * @param listening AE titles that have an Endpoint
   */
  public Resources(
      PatientIndex patients,
      OrderIndex orders,
      StudyIndex studies,
      ReportIndex reports,
      LinkIndex links,
      TransferIndex transfers,
      AvailabilityIndex availability,
      Set<String> listening,
      AwaitedReports awaited) {
    this.patients = patients;
    this.orders = orders;
    this.studies = studies;
    this.reports = reports;
    this.links = links;
    this.transfers = transfers;
    this.availability = availability;
    this.listening = Set.copyOf(listening);
    this.awaited = awaited;
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

  List<ImagingStudy> studies(StudyQuery query) {
    return map(studies.search(query), false);
  }

  /** With instances, each. */
  List<ImagingStudy> studies(Visibility visible, Collection<UUID> ids, boolean instances) {
    return ids.isEmpty()
        ? List.of()
        : map(studies.search(byIds(visible, Set.copyOf(ids), null)), instances);
  }

  List<ImagingStudy> studiesOf(Visibility visible, Collection<UUID> orderIds) {
    return orderIds.isEmpty()
        ? List.of()
        : map(studies.search(byIds(visible, null, Set.copyOf(orderIds))), false);
  }

  private static StudyQuery byIds(Visibility visible, Set<UUID> ids, Set<UUID> orderIds) {
    return new StudyQuery(
        visible,
        ids,
        null,
        null,
        null,
        null,
        null,
        null,
        orderIds,
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

  List<DiagnosticReport> reports(ReportQuery query) {
    return reports.search(query).stream().map(r -> DiagnosticReportMapper.map(r, null)).toList();
  }

  List<DiagnosticReport> reportsOf(Visibility visible, Set<UUID> orderIds, Set<UUID> studyIds) {
    return reports(
        new ReportQuery(
            visible,
            null,
            null,
            null,
            orderIds,
            studyIds,
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
