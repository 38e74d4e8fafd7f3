package org.isocentre.fhir.provider;

import ca.uhn.fhir.rest.api.server.RequestDetails;
import ca.uhn.fhir.rest.server.exceptions.InvalidRequestException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.Bundle.BundleType;
import org.hl7.fhir.r4.model.Bundle.SearchEntryMode;
import org.hl7.fhir.r4.model.IdType;
import org.hl7.fhir.r4.model.Resource;
import org.isocentre.fhir.search.CriterionParser;
import org.isocentre.fhir.search.PageSeal;
import org.isocentre.fhir.search.SearchLimits;
import org.isocentre.index.Criterion;
import org.isocentre.index.ResourceSearch;
import org.isocentre.index.ResourceSearch.Hit;
import org.isocentre.index.ResourceSearch.Query;
import org.isocentre.index.Visibility;

/**
 * All that there is of a patient and that the token may see (R4 Patient/$everything): type after
 * type, a page at a time. Parameters {@code start}, {@code end} (of care), {@code _since}, {@code
 * _type}, {@code _count}.
 */
public final class Everything {
  private static final String OPERATION = "Patient/$everything";
  private static final String PATIENT = "Patient";

  /** Types in the order in which they are sent, and when what they tell of was. */
  private static final Map<String, String> TIMES = new LinkedHashMap<>();

  static {
    TIMES.put(PATIENT, "");
    TIMES.put("ServiceRequest", "authored");
    TIMES.put("ImagingStudy", "started");
    TIMES.put("DiagnosticReport", "issued");
    TIMES.put("DocumentReference", "date");
    TIMES.put("Appointment", "date");
    TIMES.put("Task", "authored-on");
    TIMES.put("Consent", "date");
  }

  private final Door door;
  private final Resources resources;
  private final ResourceSearch search;
  private final CriterionParser criteria;
  private final PageSeal seal;
  private final SearchLimits limits;

  public Everything(
      Door door,
      Resources resources,
      ResourceSearch search,
      CriterionParser criteria,
      PageSeal seal,
      SearchLimits limits) {
    this.door = door;
    this.resources = resources;
    this.search = search;
    this.criteria = criteria;
    this.seal = seal;
    this.limits = limits;
  }

  Bundle of(IdType id, RequestDetails call) {
    Visibility visible = door.reading(PATIENT);
    Map<String, String[]> parameters = new TreeMap<>(call.getParameters());
    Hit after = null;
    if (parameters.containsKey(Searches.PAGE)) {
      PageSeal.Page page = seal.open(String.join("", parameters.get(Searches.PAGE)), door.owner());
      if (!page.type().equals(OPERATION + id.getIdPart())) {
        throw new InvalidRequestException(
            "ISO-FHIR-041: not a page of this patient; use the link next as it came");
      }
      parameters = new LinkedHashMap<>(page.parameters());
      after = page.after();
    }
    door.found(
        PATIENT,
        id.getIdPart(),
        resources.of(PATIENT, visible, List.of(id.getIdPart())),
        Parameters.id(id.getIdPart()));
    return new Answer(id, call, visible, parameters).page(after);
  }

  /** One page. */
  private final class Answer {
    private final IdType patient;
    private final RequestDetails call;
    private final Visibility visible;
    private final Map<String, String[]> parameters;
    private final Set<String> readable = door.readable();
    private final int count;

    Answer(
        IdType patient, RequestDetails call, Visibility visible, Map<String, String[]> parameters) {
      this.patient = patient;
      this.call = call;
      this.visible = visible;
      this.parameters = parameters;
      this.count = count(parameters.get("_count"));
    }

    private int count(String[] said) {
      if (said == null) {
        return limits.page();
      }
      if (said.length != 1 || !said[0].matches("[1-9][0-9]{0,8}")) {
        throw new InvalidRequestException("ISO-FHIR-034: _count is a number from 1, found another");
      }
      return Math.min(Integer.parseInt(said[0]), limits.maxPage());
    }

    /** The last of the page before names its type, too. */
    Bundle page(Hit after) {
      Bundle bundle = new Bundle().setType(BundleType.SEARCHSET);
      List<String> types = types();
      int from = after == null ? 0 : Math.max(0, types.indexOf(after.keys().get(0)));
      Hit last = null;
      boolean more = false;
      for (int i = from; i < types.size() && !more; i++) {
        String type = types.get(i);
        int room = count - bundle.getEntry().size();
        Hit begin = i == from && after != null ? new Hit(after.id(), List.of()) : null;
        List<Hit> hits = search.page(query(type), begin, room + 1);
        more = hits.size() > room;
        List<Hit> shown = hits.subList(0, Math.min(room, hits.size()));
        add(bundle, type, shown);
        if (!shown.isEmpty()) {
          last = new Hit(shown.get(shown.size() - 1).id(), List.of(type));
        }
      }
      door.searched(
          PATIENT,
          bundle.getEntry().size(),
          bundle.getEntry().stream().map(e -> e.getResource()).toList());
      if (more) {
        String page =
            seal.seal(
                new PageSeal.Page(door.owner(), OPERATION + patient.getIdPart(), parameters, last));
        bundle
            .addLink()
            .setRelation("next")
            .setUrl(
                call.getFhirServerBase()
                    + "/Patient/"
                    + patient.getIdPart()
                    + "/$everything?"
                    + Searches.PAGE
                    + "="
                    + page);
      }
      return bundle;
    }

    private void add(Bundle bundle, String type, List<Hit> hits) {
      List<Resource> found =
          resources.all(type, visible, hits.stream().map(h -> h.id().toString()).toList());
      found.forEach(r -> Searches.entry(bundle, call, r, SearchEntryMode.MATCH));
    }

    private List<String> types() {
      String[] asked = parameters.get("_type");
      List<String> wanted =
          asked == null
              ? List.copyOf(TIMES.keySet())
              : Arrays.stream(asked).flatMap(a -> Arrays.stream(a.split(","))).toList();
      return TIMES.keySet().stream().filter(wanted::contains).filter(readable::contains).toList();
    }

    private Query query(String type) {
      List<Criterion> all = new ArrayList<>();
      all.add(
          type.equals(PATIENT)
              ? new Criterion.OneOf("_id", Set.of(patient.getIdPart()), false)
              : new Criterion.LeadsTo("patient", Set.of(patient.getIdPart())));
      time(all, type, "_lastUpdated", "ge", "_since");
      if (!TIMES.get(type).isEmpty()) {
        time(all, type, TIMES.get(type), "ge", "start");
        time(all, type, TIMES.get(type), "le", "end");
      }
      return new Query(type, visible, readable, all, List.of());
    }

    private void time(
        List<Criterion> all, String type, String field, String prefix, String parameter) {
      for (String value : parameters.getOrDefault(parameter, new String[0])) {
        all.add(criteria.parse(type, field, prefix + value, ""));
      }
    }
  }
}
