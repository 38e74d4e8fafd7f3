package org.isocentre.fhir.search;

import ca.uhn.fhir.rest.server.exceptions.InvalidRequestException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.isocentre.fhir.search.SearchRequest.Inclusion;
import org.isocentre.index.Criterion;
import org.isocentre.index.ResourceSearch;
import org.isocentre.index.ResourceSearch.Order;
import org.isocentre.index.SearchTables;

/** Reads what a search asks for (R4 §3.1.1), and says what cannot be understood. */
public final class SearchParser {
  /** What shapes the answer and not what is found; the server takes care of some of them. */
  private static final Set<String> ANSWER =
      Set.of("_format", "_pretty", "_elements", "_summary", "_count", "_total", "_sort", "_page");

  private static final Set<String> INCLUDES = Set.of("_include", "_revinclude");

  private final SearchLimits limits;
  private final CriterionParser criteria;

  public SearchParser(SearchLimits limits, CriterionParser criteria) {
    this.limits = limits;
    this.criteria = criteria;
  }

  /**
   * @param base where this server is, as the caller calls it, or empty
   * @param lenient whether parameters that are not known are left out instead of refused (R4
   *     §3.1.1.4.3, {@code Prefer: handling=lenient})
   * @throws InvalidRequestException with a code {@code ISO-FHIR-…}
   */
  public SearchRequest parse(
      String type, Map<String, String[]> parameters, String base, boolean lenient) {
    Reading reading = new Reading(type, base, lenient);
    parameters.forEach(
        (name, values) -> {
          for (String value : values) {
            reading.add(name, value);
          }
        });
    return reading.done();
  }

  /** What was read so far. */
  private final class Reading {
    private final String type;
    private final String base;
    private final boolean lenient;
    private final List<Criterion> all = new ArrayList<>();
    private final List<Order> order = new ArrayList<>();
    private final List<Inclusion> inclusions = new ArrayList<>();
    private final List<String> used = new ArrayList<>();
    private final Set<String> ignored = new LinkedHashSet<>();
    private int count = limits.page();
    private boolean total = true;

    Reading(String type, String base, boolean lenient) {
      this.type = type;
      this.base = base;
      this.lenient = lenient;
    }

    void add(String name, String value) {
      String plain = name.split(":", 2)[0];
      if (value == null || value.isEmpty()) {
        // R4: a parameter without a value says nothing; strictly, it is a mistake.
        unknown(name, "has no value");
        return;
      }
      if (ANSWER.contains(name)) {
        answer(name, value);
      } else if (INCLUDES.contains(plain)) {
        include(plain.equals("_revinclude"), name, value);
      } else if (criteria.isKnown(type, name)) {
        all.add(criteria.parse(type, name, value, base));
        if (all.size() > limits.maxParameters()) {
          throw new InvalidRequestException(
              "ISO-FHIR-030: a search has at most " + limits.maxParameters() + " conditions");
        }
      } else {
        unknown(name, "is not one of " + type);
        return;
      }
      used.add(encoded(name) + "=" + encoded(value));
    }

    private void unknown(String name, String what) {
      if (!lenient) {
        throw new InvalidRequestException(
            "ISO-FHIR-031: the search parameter %s %s; see /fhir/metadata for those that are, or send Prefer: handling=lenient"
                .formatted(named(name), what));
      }
      ignored.add(named(name));
    }

    private void answer(String name, String value) {
      switch (name) {
        case "_count" -> count = Math.min(number(value), limits.maxPage());
        case "_summary" -> count = value.equals("count") ? 0 : count;
        case "_total" -> total = !value.equals("none");
        case "_sort" -> sort(value);
        default -> {
          // Of no weight for what is found.
        }
      }
    }

    private void sort(String value) {
      for (String part : Values.split(value, ',', limits.maxParameters())) {
        boolean descending = part.startsWith("-");
        String name = descending ? part.substring(1) : part;
        String field = SearchParameters.find(type, name).map(SearchParameter::field).orElse(null);
        if (field == null || !ResourceSearch.isOrderable(type, field)) {
          throw new InvalidRequestException(
              "ISO-FHIR-032: %s cannot be sorted by %s".formatted(type, named(name)));
        }
        order.add(new Order(field, descending));
      }
    }

    private void include(boolean reverse, String name, String value) {
      String modifier = name.contains(":") ? name.substring(name.indexOf(':') + 1) : "";
      if (!modifier.isEmpty() && !modifier.equals("iterate")) {
        throw new InvalidRequestException(
            "ISO-FHIR-033: an include knows the modifier :iterate, found another");
      }
      List<Inclusion> found = inclusions(reverse, value, modifier.equals("iterate"));
      if (found.isEmpty()) {
        unknown(value, "is nothing to include with " + type);
      }
      inclusions.addAll(found);
    }

    SearchRequest done() {
      return new SearchRequest(
          type, all, order, inclusions, count, total, used, List.copyOf(ignored));
    }
  }

  private static List<Inclusion> inclusions(boolean reverse, String value, boolean iterate) {
    String[] parts = value.split(":");
    List<Inclusion> found = new ArrayList<>();
    for (String type : SearchTables.types()) {
      boolean asked = value.equals("*") || parts[0].equals(type);
      for (SearchParameter p : asked ? SearchParameters.of(type) : List.<SearchParameter>of()) {
        boolean reference =
            p.kind() == SearchParameter.Kind.REFERENCE
                || p.kind() == SearchParameter.Kind.ORGANIZATION && !reverse;
        boolean named =
            value.equals("*")
                || parts.length > 1 && (parts[1].equals("*") || parts[1].equals(p.name()));
        String target = parts.length > 2 ? parts[2] : null;
        if (reference && named && parts.length <= 3 && leads(p, type, target)) {
          found.add(new Inclusion(reverse, type, p.field(), target, iterate));
        }
      }
    }
    return found.stream().distinct().toList();
  }

  private static boolean leads(SearchParameter p, String type, String target) {
    return target == null
        || (p.kind() == SearchParameter.Kind.ORGANIZATION
            ? target.equals("Organization")
            : SearchTables.targets(type, p.field()).contains(target));
  }

  private static int number(String value) {
    if (!value.matches("[0-9]{1,9}")) {
      throw new InvalidRequestException("ISO-FHIR-034: _count is a number from 0, found another");
    }
    return Integer.parseInt(value);
  }

  /** A name as it may be repeated: what else stands there may be of a patient. */
  static String named(String name) {
    return name.matches("[A-Za-z_*.:-]{1,100}") ? name : "(of other letters than names have)";
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
