package org.isocentre.fhir.provider;

import ca.uhn.fhir.rest.annotation.History;
import ca.uhn.fhir.rest.annotation.IdParam;
import ca.uhn.fhir.rest.annotation.Read;
import ca.uhn.fhir.rest.annotation.Search;
import ca.uhn.fhir.rest.api.server.RequestDetails;
import ca.uhn.fhir.rest.server.IResourceProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.DiagnosticReport;
import org.hl7.fhir.r4.model.IdType;
import org.isocentre.fhir.map.DiagnosticReportMapper;
import org.isocentre.index.PageRequest;
import org.isocentre.index.ReportQuery;
import org.isocentre.index.TimeRange;
import org.isocentre.model.Report;

/** {@code /fhir/DiagnosticReport}. */
public final class DiagnosticReportProvider implements IResourceProvider {
  private final Door door;
  private final Resources resources;
  private final Searches searches;
  private final Function<String, byte[]> documents;
  private final ReadReports read;

  /**
   * @param documents bytes of an embedded document by its key
   */
  public DiagnosticReportProvider(
      Door door,
      Resources resources,
      Searches searches,
      Function<String, byte[]> documents,
      ReadReports read) {
    this.read = read;
    this.door = door;
    this.resources = resources;
    this.searches = searches;
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
    DiagnosticReport report =
        door.found(
            "DiagnosticReport",
            id.getIdPart(),
            found.stream().map(this::withDocument).toList(),
            found.isEmpty() ? null : found.get(0).patientId());
    read.by(door.caller(), found.get(0).id());
    return report;
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

  @Search(allowUnknownParams = true)
  public Bundle search(RequestDetails call) {
    return searches.search("DiagnosticReport", call);
  }
}
