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
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.hl7.fhir.r4.model.IdType;
import org.hl7.fhir.r4.model.Resource;
import org.hl7.fhir.r4.model.ServiceRequest;
import org.isocentre.index.OrderQuery;
import org.isocentre.index.PageRequest;
import org.isocentre.index.Visibility;
import org.isocentre.model.OrderStatus;

/** {@code /fhir/ServiceRequest}. */
public final class ServiceRequestProvider implements IResourceProvider {
  private final Door door;
  private final Resources resources;

  public ServiceRequestProvider(Door door, Resources resources) {
    this.door = door;
    this.resources = resources;
  }

  @Override
  public Class<ServiceRequest> getResourceType() {
    return ServiceRequest.class;
  }

  @Read
  public ServiceRequest read(@IdParam IdType id) {
    List<ServiceRequest> found =
        resources.orders(door.reading("ServiceRequest"), Set.of(Parameters.id(id.getIdPart())));
    return door.found(
        "ServiceRequest",
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
      @OptionalParam(name = "status") TokenOrListParam status,
      @OptionalParam(name = "authored") DateRangeParam authored,
      @OptionalParam(name = "_lastUpdated") DateRangeParam lastUpdated,
      @IncludeParam(allow = {"ServiceRequest:patient", "ServiceRequest:subject"})
          Set<Include> includes,
      @IncludeParam(
              reverse = true,
              allow = {"ImagingStudy:basedon", "DiagnosticReport:based-on"})
          Set<Include> reverse) {
    Visibility visible = door.reading("ServiceRequest");
    ReferenceOrListParam who = patient == null ? subject : patient;
    var by = Parameters.identifiers(identifier);
    Function<PageRequest, OrderQuery> query =
        page ->
            new OrderQuery(
                visible,
                Parameters.ids(id),
                Parameters.ids(who),
                Parameters.chainedKeys(who),
                by.map(Parameters.Identifiers::numbers).orElse(null),
                by.map(Parameters.Identifiers::accessions).orElse(null),
                by.map(i -> i.uids() != null ? Parameters.NOTHING : i.accessionValues())
                    .orElse(null),
                statuses(status),
                Parameters.range(authored),
                Parameters.range(lastUpdated),
                page);
    int total = resources.orders.count(query.apply(new PageRequest(0, 0)));
    door.searched("ServiceRequest", total);
    return new SearchResult(
        door,
        total,
        page -> resources.orders(query.apply(page)),
        page -> included(visible, page, includes, reverse));
  }

  private static Set<OrderStatus> statuses(TokenOrListParam status) {
    return status == null
        ? null
        : Parameters.codes(status).stream()
            .map(
                code ->
                    java.util.Arrays.stream(OrderStatus.values())
                        .filter(s -> s.code().equals(code))
                        .findFirst()
                        .orElse(OrderStatus.UNKNOWN))
            .collect(Collectors.toSet());
  }

  private List<Resource> included(
      Visibility visible,
      List<? extends Resource> page,
      Set<Include> includes,
      Set<Include> reverse) {
    List<Resource> extra = new ArrayList<>();
    Set<UUID> ids =
        page.stream()
            .map(r -> Parameters.id(r.getIdElement().getIdPart()))
            .collect(Collectors.toSet());
    if (includes != null && !includes.isEmpty()) {
      extra.addAll(
          resources.patients(
              visible,
              page.stream()
                  .map(
                      r ->
                          Parameters.id(
                              ((ServiceRequest) r).getSubject().getReferenceElement().getIdPart()))
                  .collect(Collectors.toSet())));
    }
    if (reverse != null && !ids.isEmpty()) {
      if (reverse.stream().anyMatch(i -> i.getValue().startsWith("ImagingStudy"))) {
        extra.addAll(resources.studiesOf(visible, ids));
      }
      if (reverse.stream().anyMatch(i -> i.getValue().startsWith("DiagnosticReport"))) {
        extra.addAll(resources.reportsOf(visible, ids, null));
      }
    }
    return extra;
  }
}
