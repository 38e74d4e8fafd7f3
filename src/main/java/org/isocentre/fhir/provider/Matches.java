package org.isocentre.fhir.provider;

import ca.uhn.fhir.rest.api.server.RequestDetails;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.Bundle.BundleType;
import org.hl7.fhir.r4.model.Bundle.SearchEntryMode;
import org.hl7.fhir.r4.model.CodeType;
import org.hl7.fhir.r4.model.OperationOutcome;
import org.hl7.fhir.r4.model.OperationOutcome.IssueSeverity;
import org.hl7.fhir.r4.model.OperationOutcome.IssueType;
import org.hl7.fhir.r4.model.Patient;
import org.hl7.fhir.r4.model.Patient.LinkType;
import org.isocentre.fhir.provider.PatientMatch.Grade;
import org.isocentre.index.Criterion;
import org.isocentre.index.PageRequest;
import org.isocentre.index.PatientQuery;
import org.isocentre.index.ResourceSearch;
import org.isocentre.index.ResourceSearch.Hit;
import org.isocentre.index.ResourceSearch.Query;
import org.isocentre.index.TimeRange;
import org.isocentre.index.Visibility;

/** Answers Patient/$match among the patients that the caller may see. */
public final class Matches {
  private static final String GRADE = "http://hl7.org/fhir/StructureDefinition/match-grade";

  /** More records with one number are a matter for people. */
  private static final int MOST = 50;

  private final Door door;
  private final Resources resources;
  private final ResourceSearch search;

  public Matches(Door door, Resources resources, ResourceSearch search) {
    this.door = door;
    this.resources = resources;
    this.search = search;
  }

  /**
   * @param count matches at most, or null
   */
  Bundle of(Patient asked, boolean onlyCertain, Integer count, RequestDetails call) {
    Visibility visible = door.searching("Patient");
    PatientMatch match = PatientMatch.of(asked);
    Bundle bundle = new Bundle().setType(BundleType.SEARCHSET);
    Map<String, Grade> grades = match.isEnough() ? grades(visible, match) : Map.of();
    List<Patient> found = new ArrayList<>();
    for (var resource : resources.all("Patient", visible, List.copyOf(grades.keySet()))) {
      found.add((Patient) resource);
    }
    found.removeIf(p -> isReplacedBy(p, grades.keySet()));
    // Two records that nobody has called one may be two people.
    boolean several = found.size() > 1;
    List<Patient> shown =
        found.stream()
            .filter(p -> !onlyCertain || !several && grade(grades, p, false) == Grade.CERTAIN)
            .sorted(Comparator.comparing(p -> grade(grades, p, several)))
            .limit(count == null ? MOST : Math.max(0, count))
            .toList();
    shown.forEach(p -> add(bundle, call, p, grade(grades, p, several)));
    bundle.setTotal(shown.size());
    if (!match.isEnough()) {
      told(bundle);
    }
    door.searched("Patient", shown.size(), shown);
    return bundle;
  }

  private Map<String, Grade> grades(Visibility visible, PatientMatch match) {
    List<Hit> hits =
        search.page(
            new Query(
                "Patient",
                visible,
                Set.of(),
                List.of(new Criterion.Numbered("identifier", match.numbers(), false)),
                List.of()),
            null,
            MOST);
    Map<String, Grade> grades = new LinkedHashMap<>();
    if (!hits.isEmpty()) {
      Set<UUID> ids = hits.stream().map(Hit::id).collect(Collectors.toSet());
      resources
          .patients
          .search(
              new PatientQuery(
                  visible, ids, null, null, null, null, TimeRange.ANY, new PageRequest(0, MOST)))
          .forEach(
              known -> {
                Optional<Grade> grade = match.grade(known);
                grade.ifPresent(g -> grades.put(known.id().toString(), g));
              });
    }
    return grades;
  }

  private static boolean isReplacedBy(Patient p, Set<String> others) {
    return p.getLink().stream()
        .filter(l -> l.getType() == LinkType.REPLACEDBY)
        .anyMatch(l -> others.contains(l.getOther().getReferenceElement().getIdPart()));
  }

  private static Grade grade(Map<String, Grade> grades, Patient p, boolean several) {
    return several ? Grade.POSSIBLE : grades.get(p.getIdElement().getIdPart());
  }

  private static void add(Bundle bundle, RequestDetails call, Patient patient, Grade grade) {
    Searches.entry(bundle, call, patient, SearchEntryMode.MATCH);
    var entry = bundle.getEntry().get(bundle.getEntry().size() - 1).getSearch();
    entry.setScore(new java.math.BigDecimal(grade.score));
    entry.addExtension(GRADE, new CodeType(grade.code));
  }

  private static void told(Bundle bundle) {
    OperationOutcome outcome = new OperationOutcome();
    outcome
        .addIssue()
        .setSeverity(IssueSeverity.INFORMATION)
        .setCode(IssueType.REQUIRED)
        .setDiagnostics(
            "ISO-FHIR-046: nobody is matched without an NHS number or a trust's number with its system, and a birth date");
    bundle.addEntry().setResource(outcome).getSearch().setMode(SearchEntryMode.OUTCOME);
  }
}
