package org.isocentre.fhir.provider;

import ca.uhn.fhir.model.api.Include;
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
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.hl7.fhir.r4.model.IdType;
import org.hl7.fhir.r4.model.ImagingStudy;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.Resource;
import org.isocentre.index.PageRequest;
import org.isocentre.index.StudyQuery;
import org.isocentre.index.TimeRange;
import org.isocentre.index.Visibility;

/** {@code /fhir/ImagingStudy}. */
public final class ImagingStudyProvider implements IResourceProvider {
  private static final ZoneId LOCAL = ZoneId.of("Europe/London");
  private final Door door;
  private final Resources resources;

  public ImagingStudyProvider(Door door, Resources resources) {
    this.door = door;
    this.resources = resources;
  }

  @Override
  public Class<ImagingStudy> getResourceType() {
    return ImagingStudy.class;
  }

  @Read
  public ImagingStudy read(@IdParam IdType id) {
    List<ImagingStudy> found =
        resources.studies(
            door.reading("ImagingStudy"), Set.of(Parameters.id(id.getIdPart())), true);
    return door.found(
        "ImagingStudy",
        id.getIdPart(),
        found,
        found.isEmpty()
            ? null
            : Parameters.id(found.get(0).getSubject().getReferenceElement().getIdPart()));
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
      @OptionalParam(name = "basedon") ReferenceOrListParam basedOn,
      @OptionalParam(name = "status") TokenOrListParam status,
      @OptionalParam(name = "modality") TokenOrListParam modality,
      @OptionalParam(name = "started") DateRangeParam started,
      @OptionalParam(name = "_lastUpdated") DateRangeParam lastUpdated,
      @IncludeParam(
              allow = {"ImagingStudy:basedon", "ImagingStudy:patient", "ImagingStudy:subject"})
          Set<Include> includes,
      @IncludeParam(
              reverse = true,
              allow = {"DiagnosticReport:imaging-study", "Task:focus"})
          Set<Include> reverse) {
    Visibility visible = door.reading("ImagingStudy");
    ReferenceOrListParam who = patient == null ? subject : patient;
    var by = Parameters.identifiers(identifier);
    TimeRange at = Parameters.range(started, ZoneOffset.UTC);
    boolean none = status != null && !Parameters.codes(status).contains("available");
    Function<PageRequest, StudyQuery> query =
        page ->
            new StudyQuery(
                visible,
                none ? Set.of(Parameters.id("")) : Parameters.ids(id),
                Parameters.ids(who),
                Parameters.chainedKeys(who),
                null,
                by.map(Parameters.Identifiers::uids).orElse(null),
                by.map(Parameters.Identifiers::accessions).orElse(null),
                by.map(i -> i.numbers() != null ? Parameters.NOTHING : i.accessionValues())
                    .orElse(null),
                Parameters.ids(basedOn),
                modality == null ? null : List.copyOf(Parameters.codes(modality)),
                local(at.from()),
                local(at.until()),
                Parameters.range(lastUpdated),
                page);
    int total = resources.studies.count(query.apply(new PageRequest(0, 0)));
    door.searched("ImagingStudy", total);
    return new SearchResult(
        door,
        total,
        page -> resources.studies(query.apply(page)),
        page -> included(visible, page, includes, reverse));
  }

  private static LocalDateTime local(Instant instant) {
    return instant == null ? null : LocalDateTime.ofInstant(instant, LOCAL);
  }

  private List<Resource> included(
      Visibility visible,
      List<? extends Resource> page,
      Set<Include> includes,
      Set<Include> reverse) {
    List<Resource> extra = new ArrayList<>();
    List<ImagingStudy> studies = page.stream().map(ImagingStudy.class::cast).toList();
    if (wants(includes, "ImagingStudy:basedon")) {
      extra.addAll(
          resources.orders(
              visible,
              references(studies.stream().flatMap(s -> s.getBasedOn().stream()).toList())));
    }
    if (wants(includes, "ImagingStudy:patient") || wants(includes, "ImagingStudy:subject")) {
      extra.addAll(
          resources.patients(
              visible, references(studies.stream().map(ImagingStudy::getSubject).toList())));
    }
    Set<UUID> ids =
        studies.stream()
            .map(s -> Parameters.id(s.getIdElement().getIdPart()))
            .collect(Collectors.toSet());
    if (wants(reverse, "DiagnosticReport:imaging-study") && !ids.isEmpty()) {
      extra.addAll(resources.reportsOf(visible, null, ids));
    }
    if (wants(reverse, "Task:focus")) {
      extra.addAll(resources.transfers(resources.transfers.ofStudies(ids)));
    }
    return extra;
  }

  private static boolean wants(Set<Include> includes, String value) {
    return includes != null && includes.stream().anyMatch(i -> i.getValue().equals(value));
  }

  private static Set<UUID> references(List<Reference> references) {
    return references.stream()
        .filter(Reference::hasReference)
        .map(r -> Parameters.id(r.getReferenceElement().getIdPart()))
        .collect(Collectors.toSet());
  }
}
