package org.isocentre.fhir.provider;

import ca.uhn.fhir.rest.api.server.RequestDetails;
import ca.uhn.fhir.rest.server.exceptions.InvalidRequestException;
import ca.uhn.fhir.rest.server.exceptions.PreconditionFailedException;
import ca.uhn.fhir.rest.server.exceptions.ResourceNotFoundException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.Bundle.BundleType;
import org.hl7.fhir.r4.model.Bundle.SearchEntryMode;
import org.hl7.fhir.r4.model.IdType;
import org.hl7.fhir.r4.model.OperationOutcome;
import org.hl7.fhir.r4.model.OperationOutcome.IssueSeverity;
import org.hl7.fhir.r4.model.OperationOutcome.IssueType;
import org.hl7.fhir.r4.model.Resource;
import org.isocentre.fhir.search.PageSeal;
import org.isocentre.fhir.search.SearchLimits;
import org.isocentre.fhir.search.SearchParser;
import org.isocentre.fhir.search.SearchRequest;
import org.isocentre.index.ResourceSearch;
import org.isocentre.index.ResourceSearch.Hit;
import org.isocentre.index.ResourceSearch.Query;
import org.isocentre.index.Visibility;

/**
 * Answers searches of every resource type that the index searches, a page at a time. The link to
 * the next page says where to go on; the server remembers nothing.
 */
public final class Searches {
  static final String PAGE = "_page";

  private final Door door;
  private final Resources resources;
  private final ResourceSearch search;
  private final SearchParser parser;
  private final PageSeal seal;
  private final SearchLimits limits;

  public Searches(
      Door door,
      Resources resources,
      ResourceSearch search,
      SearchParser parser,
      PageSeal seal,
      SearchLimits limits) {
    this.door = door;
    this.resources = resources;
    this.search = search;
    this.parser = parser;
    this.seal = seal;
    this.limits = limits;
  }

  Bundle search(String type, RequestDetails call) {
    Visibility visible = door.searching(type);
    Map<String, String[]> parameters = new TreeMap<>(call.getParameters());
    Hit after = null;
    if (parameters.containsKey(PAGE)) {
      PageSeal.Page page = seal.open(one(parameters.get(PAGE)), door.owner());
      if (!page.type().equals(type)) {
        throw new InvalidRequestException(
            "ISO-FHIR-041: not a page of this search; use the link next as it came");
      }
      parameters = new LinkedHashMap<>(page.parameters());
      after = page.after();
    }
    SearchRequest asked = parser.parse(type, parameters, call.getFhirServerBase(), isLenient(call));
    return new Answer(type, call, visible, parameters, asked).page(after);
  }

  /**
   * What a condition of a write means (R4 §3.1.0.8): the one resource that the caller may see and
   * that meets it.
   *
   * @param url {@code Type?parameter=value}
   * @throws PreconditionFailedException if there are several, or the condition says nothing
   */
  Optional<String> matching(String type, String url, RequestDetails call) {
    Visibility visible = door.searching(type);
    SearchRequest asked = parser.parse(type, condition(url), call.getFhirServerBase(), false);
    if (asked.criteria().isEmpty()) {
      throw new PreconditionFailedException(
          "ISO-FHIR-075: a condition names a search parameter; found none");
    }
    List<Hit> hits =
        search.page(
            new Query(type, visible, door.readable(), asked.criteria(), List.of()), null, 2);
    if (hits.size() > 1) {
      throw several();
    }
    return hits.stream().findFirst().map(hit -> hit.id().toString());
  }

  static PreconditionFailedException several() {
    return new PreconditionFailedException(
        "ISO-FHIR-075: several resources meet the condition; write one of them by its id");
  }

  /**
   * Parameters of a condition, with their values.
   *
   * @param url {@code Type?parameter=value}
   */
  static Map<String, String[]> condition(String url) {
    Map<String, String[]> parameters = new LinkedHashMap<>();
    String query = url.substring(url.indexOf('?') + 1);
    for (String part : query.split("&")) {
      String[] pair = part.split("=", 2);
      String value = pair.length < 2 ? "" : URLDecoder.decode(pair[1], StandardCharsets.UTF_8);
      parameters.merge(
          URLDecoder.decode(pair[0], StandardCharsets.UTF_8),
          new String[] {value},
          (one, other) ->
              Stream.concat(Arrays.stream(one), Arrays.stream(other)).toArray(String[]::new));
    }
    return parameters;
  }

  private static String one(String[] values) {
    return values.length == 1 ? values[0] : "";
  }

  /**
   * The resource that a call is about: by its id, or the one that meets a condition.
   *
   * @param condition null for the id
   * @throws ResourceNotFoundException if none meets it
   */
  IdType one(IdType id, String type, String condition, RequestDetails call) {
    return condition == null
        ? id
        : matching(type, condition, call)
            .map(found -> new IdType(type, found))
            .orElseThrow(() -> none(type));
  }

  static ResourceNotFoundException none(String type) {
    return new ResourceNotFoundException(
        "ISO-FHIR-003: no " + type + " that this token may read meets the condition");
  }

  /** R4 §3.1.1.4.3. */
  static boolean isLenient(RequestDetails call) {
    return call.getHeaders("Prefer").stream()
        .flatMap(h -> List.of(h.split("[,;]")).stream())
        .anyMatch(p -> p.trim().equals("handling=lenient"));
  }

  static void entry(Bundle bundle, RequestDetails call, Resource resource, SearchEntryMode mode) {
    bundle
        .addEntry()
        .setFullUrl(
            call.getFhirServerBase()
                + "/"
                + resource.fhirType()
                + "/"
                + resource.getIdElement().getIdPart())
        .setResource(resource)
        .getSearch()
        .setMode(mode);
  }

  /** One page of an answer. */
  private final class Answer {
    private final String type;
    private final RequestDetails call;
    private final Visibility visible;
    private final Map<String, String[]> parameters;
    private final SearchRequest asked;
    private final Set<String> readable;
    private final Bundle bundle = new Bundle();

    Answer(
        String type,
        RequestDetails call,
        Visibility visible,
        Map<String, String[]> parameters,
        SearchRequest asked) {
      this.type = type;
      this.call = call;
      this.visible = visible;
      this.parameters = parameters;
      this.asked = asked;
      this.readable = door.readable();
    }

    Bundle page(Hit after) {
      Query query = new Query(type, visible, readable, asked.criteria(), asked.order());
      bundle.setType(BundleType.SEARCHSET);
      bundle.getMeta().setLastUpdated(new Date());
      Integer total = asked.total() || asked.count() == 0 ? search.count(query) : null;
      if (total != null) {
        bundle.setTotal(total);
      }
      bundle.addLink().setRelation("self").setUrl(self());
      List<Hit> hits =
          asked.count() == 0 ? List.of() : search.page(query, after, asked.count() + 1);
      boolean more = hits.size() > asked.count();
      List<Hit> shown = more ? hits.subList(0, asked.count()) : hits;
      fill(shown);
      door.searched(
          type,
          total == null ? shown.size() : total,
          bundle.getEntry().stream().map(e -> e.getResource()).toList());
      if (more) {
        Hit last = shown.get(shown.size() - 1);
        String next = seal.seal(new PageSeal.Page(door.owner(), type, parameters, last));
        bundle.addLink().setRelation("next").setUrl(base() + "?" + PAGE + "=" + next);
      }
      return bundle;
    }

    private String base() {
      return call.getFhirServerBase() + "/" + type;
    }

    /** What was understood, which may be less than what was asked. */
    private String self() {
      return asked.used().isEmpty() ? base() : base() + "?" + String.join("&", asked.used());
    }

    private void fill(List<Hit> hits) {
      List<Resource> page =
          resources.all(type, visible, hits.stream().map(h -> h.id().toString()).toList());
      page.forEach(r -> entry(bundle, call, r, SearchEntryMode.MATCH));
      Inclusions inclusions =
          new Inclusions(resources, search, visible, readable, limits.maxIncluded());
      inclusions
          .of(page, asked.inclusions())
          .forEach(r -> entry(bundle, call, r, SearchEntryMode.INCLUDE));
      if (inclusions.isCut()) {
        told(
            IssueType.INCOMPLETE,
            "ISO-FHIR-044: more than %d resources are to be included with this page; ask for fewer matches by _count"
                .formatted(limits.maxIncluded()));
      }
      if (!asked.ignored().isEmpty()) {
        told(
            IssueType.NOTSUPPORTED,
            "ISO-FHIR-031: not known and left out: " + String.join(", ", asked.ignored()));
      }
    }

    private void told(IssueType kind, String text) {
      OperationOutcome outcome = new OperationOutcome();
      outcome.addIssue().setSeverity(IssueSeverity.WARNING).setCode(kind).setDiagnostics(text);
      bundle.addEntry().setResource(outcome).getSearch().setMode(SearchEntryMode.OUTCOME);
    }
  }
}
