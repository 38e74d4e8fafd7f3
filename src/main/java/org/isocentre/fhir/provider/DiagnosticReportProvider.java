package org.isocentre.fhir.provider;

import ca.uhn.fhir.model.api.Include;
import ca.uhn.fhir.rest.annotation.History;
import ca.uhn.fhir.rest.annotation.IdParam;
import ca.uhn.fhir.rest.annotation.IncludeParam;
import ca.uhn.fhir.rest.annotation.OptionalParam;
import ca.uhn.fhir.rest.annotation.Read;
import ca.uhn.fhir.rest.annotation.Search;
import ca.uhn.fhir.rest.api.server.IBundleProvider;
import ca.uhn.fhir.rest.param.DateRangeParam;
import ca.uhn.fhir.rest.param.ReferenceOrListParam;
import ca.uhn.fhir.rest.param.TokenOrListParam;
import ca.uhn.fhir.rest.server.IResourceProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.hl7.fhir.r4.model.DiagnosticReport;
import org.hl7.fhir.r4.model.IdType;
import org.hl7.fhir.r4.model.Resource;
import org.isocentre.fhir.map.DiagnosticReportMapper;
import org.isocentre.index.PageRequest;
import org.isocentre.index.ReportQuery;
import org.isocentre.index.TimeRange;
import org.isocentre.index.Visibility;
import org.isocentre.model.Report;

/** {@code /fhir/DiagnosticReport}. */
public final class DiagnosticReportProvider implements IResourceProvider {
  private final Door door;
  private final Resources resources;
  private final Function<String, byte[]> documents;

  /**
   * @param documents bytes of an embedded document by its key
   */
  public DiagnosticReportProvider(
      Door door, Resources resources, Function<String, byte[]> documents) {
    this.door = door;
    this.resources = resources;
    this.documents = documents;
  }

  @Override
  public Class<DiagnosticReport> getResourceType() {
    return DiagnosticReport.class;
  }

  /** With {@code _history/<version>}: as it was after that message. */
  @Read(version = true)
  public DiagnosticReport read(@IdParam IdType id) {
    List<Report> found = find(id);
    if (id.hasVersionIdPart() && !found.isEmpty()) {
      found =
          resources.reports.history(found.get(0)).stream()
              .filter(r -> r.versionId().toString().equals(id.getVersionIdPart()))
              .toList();
    }
    return door.found(
        "DiagnosticReport",
        id.getIdPart(),
        found.stream().map(this::withDocument).toList(),
        found.isEmpty() ? null : found.get(0).patientId());
  }

  /** Its versions, newest first, without their documents: a version read alone has its own. */
  @History
  public List<DiagnosticReport> history(@IdParam IdType id) {
    List<Report> found = find(id);
    List<DiagnosticReport> versions = new ArrayList<>();
    if (!found.isEmpty()) {
      resources
          .reports
          .history(found.get(0))
          .forEach(r -> versions.add(0, DiagnosticReportMapper.map(r, null)));
    }
    door.found(
        "DiagnosticReport",
        id.getIdPart(),
        versions,
        found.isEmpty() ? null : found.get(0).patientId());
    return versions;
  }

  private List<Report> find(IdType id) {
    return resources.reports.search(
        new ReportQuery(
            door.reading("DiagnosticReport"),
            Set.of(Parameters.id(id.getIdPart())),
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
            new PageRequest(0, 1)));
  }

  private DiagnosticReport withDocument(Report r) {
    String key = r.result().documentKey();
    return DiagnosticReportMapper.map(r, key == null ? null : documents.apply(key));
  }

  @Search
  public IBundleProvider search(
      @OptionalParam(name = "_id") TokenOrListParam id,
      @OptionalParam(
              name = "patient",
              chainWhitelist = {"", "identifier"})
          ReferenceOrListParam patient,
      @OptionalParam(
              name = "subject",
              chainWhitelist = {"", "identifier"})
          ReferenceOrListParam subject,
      @OptionalParam(name = "identifier") TokenOrListParam identifier,
      @OptionalParam(name = "based-on") ReferenceOrListParam basedOn,
      @OptionalParam(name = "status") TokenOrListParam status,
      @OptionalParam(name = "issued") DateRangeParam issued,
      @OptionalParam(name = "_lastUpdated") DateRangeParam lastUpdated,
      @IncludeParam(allow = {"DiagnosticReport:based-on", "DiagnosticReport:patient"})
          Set<Include> includes) {
    Visibility visible = door.reading("DiagnosticReport");
    ReferenceOrListParam who = patient == null ? subject : patient;
    var by = Parameters.identifiers(identifier);
    Function<PageRequest, ReportQuery> query =
        page ->
            new ReportQuery(
                visible,
                Parameters.ids(id),
                Parameters.ids(who),
                Parameters.chainedKeys(who),
                Parameters.ids(basedOn),
                null,
                by.map(Parameters.Identifiers::numbers).orElse(null),
                by.map(Parameters.Identifiers::accessions).orElse(null),
                by.map(i -> i.uids() != null ? Parameters.NOTHING : i.accessionValues())
                    .orElse(null),
                Parameters.codes(status),
                Parameters.range(issued),
                Parameters.range(lastUpdated),
                page);
    int total = resources.reports.count(query.apply(new PageRequest(0, 0)));
    door.searched("DiagnosticReport", total);
    return new SearchResult(
        door,
        total,
        page -> resources.reports(query.apply(page)),
        page -> included(visible, page, includes));
  }

  private List<Resource> included(
      Visibility visible, List<? extends Resource> page, Set<Include> includes) {
    List<Resource> extra = new ArrayList<>();
    if (includes == null) {
      return extra;
    }
    List<DiagnosticReport> reports = page.stream().map(DiagnosticReport.class::cast).toList();
    if (includes.stream().anyMatch(i -> i.getValue().endsWith(":based-on"))) {
      Set<UUID> ids =
          reports.stream()
              .flatMap(r -> r.getBasedOn().stream())
              .map(r -> Parameters.id(r.getReferenceElement().getIdPart()))
              .collect(Collectors.toSet());
      extra.addAll(resources.orders(visible, ids));
    }
    if (includes.stream().anyMatch(i -> i.getValue().endsWith(":patient"))) {
      Set<UUID> ids =
          reports.stream()
              .map(r -> Parameters.id(r.getSubject().getReferenceElement().getIdPart()))
              .collect(Collectors.toSet());
      extra.addAll(resources.patients(visible, ids));
    }
    return extra;
  }
}
