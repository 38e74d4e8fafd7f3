package org.isocentre.fhir.provider;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.hl7.fhir.r4.model.Appointment;
import org.hl7.fhir.r4.model.Consent;
import org.hl7.fhir.r4.model.DiagnosticReport;
import org.hl7.fhir.r4.model.DocumentReference;
import org.hl7.fhir.r4.model.ImagingStudy;
import org.hl7.fhir.r4.model.PractitionerRole;
import org.hl7.fhir.r4.model.Provenance;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.Resource;
import org.hl7.fhir.r4.model.ServiceRequest;
import org.hl7.fhir.r4.model.Task;
import org.isocentre.fhir.search.SearchRequest.Inclusion;
import org.isocentre.index.Criterion;
import org.isocentre.index.ResourceSearch;
import org.isocentre.index.ResourceSearch.Query;
import org.isocentre.index.SearchTables;
import org.isocentre.index.Visibility;

/**
 * Resources that are sent along with a page (R4 §3.1.1.5.4): only of types that the caller may
 * read, and only those that the caller may see.
 */
final class Inclusions {
  /** From a resource to where it leads, by type and field of the index. */
  private static final Map<String, Function<Resource, Stream<Reference>>> LEADS =
      Map.ofEntries(
          Map.entry("ServiceRequest:patient", r -> Stream.of(((ServiceRequest) r).getSubject())),
          Map.entry(
              "ServiceRequest:requester", r -> Stream.of(((ServiceRequest) r).getRequester())),
          Map.entry(
              "PractitionerRole:practitioner",
              r -> Stream.of(((PractitionerRole) r).getPractitioner())),
          Map.entry(
              "PractitionerRole:organization",
              r -> Stream.of(((PractitionerRole) r).getOrganization())),
          Map.entry("Provenance:target", r -> ((Provenance) r).getTarget().stream()),
          Map.entry(
              "Provenance:patient",
              r ->
                  ((Provenance) r)
                      .getTarget().stream()
                          .filter(
                              t -> "Patient".equals(t.getReferenceElement().getResourceType()))),
          Map.entry(
              "Provenance:agent", r -> Stream.of(((Provenance) r).getAgentFirstRep().getWho())),
          Map.entry("ImagingStudy:patient", r -> Stream.of(((ImagingStudy) r).getSubject())),
          Map.entry("ImagingStudy:basedon", r -> ((ImagingStudy) r).getBasedOn().stream()),
          Map.entry(
              "DiagnosticReport:patient", r -> Stream.of(((DiagnosticReport) r).getSubject())),
          Map.entry("DiagnosticReport:based-on", r -> ((DiagnosticReport) r).getBasedOn().stream()),
          Map.entry(
              "DiagnosticReport:imaging-study",
              r -> ((DiagnosticReport) r).getImagingStudy().stream()),
          Map.entry(
              "DocumentReference:patient", r -> Stream.of(((DocumentReference) r).getSubject())),
          Map.entry(
              "DocumentReference:related",
              r -> ((DocumentReference) r).getContext().getRelated().stream()),
          Map.entry(
              "DocumentReference:custodian",
              r -> Stream.of(((DocumentReference) r).getCustodian())),
          Map.entry(
              "Appointment:patient",
              r -> Stream.of(((Appointment) r).getParticipantFirstRep().getActor())),
          Map.entry("Appointment:based-on", r -> ((Appointment) r).getBasedOn().stream()),
          Map.entry("Task:patient", r -> Stream.of(((Task) r).getFor())),
          Map.entry("Task:focus", r -> Stream.of(((Task) r).getFocus())),
          Map.entry("Task:owner", r -> Stream.of(((Task) r).getOwner())),
          Map.entry("Consent:patient", r -> Stream.of(((Consent) r).getPatient())),
          Map.entry(
              "Consent:actor",
              r -> ((Consent) r).getProvision().getActor().stream().map(a -> a.getReference())));

  private static final int ROUNDS = 4;

  private final Resources resources;
  private final ResourceSearch search;
  private final Visibility visible;
  private final Set<String> readable;
  private final int most;
  private final Map<String, Resource> included = new LinkedHashMap<>();
  private final Set<String> matches = new LinkedHashSet<>();
  private boolean cut;

  /**
   * @param most resources to include
   */
  Inclusions(
      Resources resources,
      ResourceSearch search,
      Visibility visible,
      Set<String> readable,
      int most) {
    this.resources = resources;
    this.search = search;
    this.visible = visible;
    this.readable = readable;
    this.most = most;
  }

  /** Whether there was more than may be included. */
  boolean isCut() {
    return cut;
  }

  Collection<Resource> of(List<Resource> page, List<Inclusion> inclusions) {
    page.forEach(r -> matches.add(key(r)));
    List<Resource> from = page;
    for (int round = 0; round < ROUNDS && !from.isEmpty(); round++) {
      List<Resource> next = new java.util.ArrayList<>();
      for (Inclusion inclusion : inclusions) {
        if (round == 0 || inclusion.iterate()) {
          next.addAll(follow(inclusion, from));
        }
      }
      from = next;
    }
    return included.values();
  }

  private static String key(Resource r) {
    return r.fhirType() + "/" + r.getIdElement().getIdPart();
  }

  private List<Resource> follow(Inclusion inclusion, List<Resource> from) {
    Map<String, Set<String>> wanted = new LinkedHashMap<>();
    if (inclusion.reverse()) {
      wanted.put(inclusion.type(), leadingTo(inclusion, from));
    } else {
      from.stream()
          .filter(r -> r.fhirType().equals(inclusion.type()))
          .flatMap(LEADS.getOrDefault(inclusion.type() + ":" + inclusion.field(), r -> Stream.of()))
          .filter(Reference::hasReference)
          .map(Reference::getReferenceElement)
          .filter(r -> inclusion.target() == null || inclusion.target().equals(r.getResourceType()))
          .forEach(
              r ->
                  wanted
                      .computeIfAbsent(r.getResourceType(), k -> new LinkedHashSet<>())
                      .add(r.getIdPart()));
    }
    List<Resource> added = new java.util.ArrayList<>();
    wanted.forEach((type, ids) -> added.addAll(add(type, ids)));
    return added;
  }

  private Set<String> leadingTo(Inclusion inclusion, List<Resource> from) {
    Set<String> targets = SearchTables.targets(inclusion.type(), inclusion.field());
    Set<String> to =
        from.stream()
            .filter(r -> targets.contains(r.fhirType()))
            .filter(r -> inclusion.target() == null || inclusion.target().equals(r.fhirType()))
            .map(r -> r.getIdElement().getIdPart())
            .collect(Collectors.toSet());
    Set<String> ids = new LinkedHashSet<>();
    if (!to.isEmpty() && readable.contains(inclusion.type())) {
      // Narrowed before it is cut: what is hidden takes no room and tells of nothing.
      Criterion leads = new Criterion.LeadsTo(inclusion.field(), to);
      search
          .page(
              new Query(inclusion.type(), visible, readable, List.of(leads), List.of()),
              null,
              most + 1)
          .forEach(hit -> ids.add(hit.id().toString()));
    }
    return ids;
  }

  private List<Resource> add(String type, Set<String> ids) {
    List<String> wanted =
        ids.stream()
            .map(id -> type + "/" + id)
            .filter(this::isNew)
            .map(k -> k.substring(type.length() + 1))
            .toList();
    if (!readable.contains(type) || wanted.isEmpty()) {
      return List.of();
    }
    int room = most - included.size();
    cut |= wanted.size() > room;
    List<Resource> found =
        resources.all(type, visible, wanted.subList(0, Math.min(room, wanted.size())));
    found.forEach(r -> included.put(key(r), r));
    return found;
  }

  private boolean isNew(String key) {
    return !matches.contains(key) && !included.containsKey(key);
  }
}
