package org.isocentre.fhir.search;

import ca.uhn.fhir.rest.server.exceptions.InvalidRequestException;
import java.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.isocentre.fhir.map.Profiles;
import org.isocentre.fhir.search.SearchParameter.Kind;
import org.isocentre.index.Criterion;
import org.isocentre.index.Criterion.Match;
import org.isocentre.index.SearchTables;

/**
 * Reads one condition of a search: a parameter with its modifier or chain, and its values (R4
 * §3.1.1.4). {@code patient.identifier}, {@code patient:identifier}, {@code
 * subject:Patient.family}, {@code _has:DiagnosticReport:based-on:status}.
 */
public final class CriterionParser {
  private static final String HAS = "_has";
  private static final String TEXT = "text";
  private static final String IDENTIFIER = "identifier";

  private final SearchLimits limits;
  private final Clock clock;

  public CriterionParser(SearchLimits limits, Clock clock) {
    this.limits = limits;
    this.clock = clock;
  }

  /** Whether a parameter of this name, without its modifier and chain, is one of the type. */
  boolean isKnown(String type, String name) {
    String plain = name.split("[:.]", 2)[0];
    return plain.equals(HAS) || SearchParameters.find(type, plain).isPresent();
  }

  /**
   * @param base where this server is, as the caller calls it, or empty; an absolute reference to
   *     another place leads to nothing that is here (R4 §3.1.1.4.12)
   * @throws InvalidRequestException with a code {@code ISO-FHIR-…}
   */
  public Criterion parse(String type, String name, String value, String base) {
    return parse(type, name, value, new Place(base, 0));
  }

  /**
   * @param depth references that lead to this condition
   */
  private record Place(String base, int depth) {
    Place deeper() {
      return new Place(base, depth + 1);
    }
  }

  private Criterion parse(String type, String name, String value, Place at) {
    if (at.depth > limits.maxChain()) {
      throw new InvalidRequestException(
          "ISO-FHIR-035: a condition leads through at most " + limits.maxChain() + " references");
    }
    if (name.startsWith(HAS + ":")) {
      return has(type, name.substring(HAS.length() + 1), value, at);
    }
    int chain = name.indexOf('.');
    String head = chain < 0 ? name : name.substring(0, chain);
    String[] parts = head.split(":", 2);
    SearchParameter parameter =
        SearchParameters.find(type, parts[0]).orElseThrow(() -> unknown(type, parts[0]));
    String modifier = parts.length > 1 ? parts[1] : "";
    if (chain >= 0) {
      return chain(type, parameter, modifier, name.substring(chain + 1), value, at);
    }
    return modifier.equals("missing")
        ? missing(parameter, value)
        : condition(type, parameter, modifier, value, at);
  }

  private static InvalidRequestException unknown(String type, String name) {
    return new InvalidRequestException(
        "ISO-FHIR-031: %s has no search parameter %s"
            .formatted(SearchParser.named(type), SearchParser.named(name)));
  }

  /** {@code Type:reference:parameter}, which may be a {@code _has} again. */
  private Criterion has(String type, String text, String value, Place at) {
    String[] parts = text.split(":", 3);
    SearchParameter reference =
        parts.length < 3 ? null : SearchParameters.find(parts[0], parts[1]).orElse(null);
    if (reference == null
        || reference.kind() != Kind.REFERENCE
        || !SearchTables.targets(parts[0], reference.field()).contains(type)) {
      throw new InvalidRequestException(
          "ISO-FHIR-036: write _has:[type]:[its reference to %s]:[its parameter]".formatted(type));
    }
    return new Criterion.LedToBy(
        parts[0], reference.field(), List.of(parse(parts[0], parts[2], value, at.deeper())));
  }

  private Criterion chain(
      String type, SearchParameter p, String target, String rest, String value, Place at) {
    Set<String> targets =
        p.kind() == Kind.REFERENCE ? SearchTables.targets(type, p.field()) : Set.of();
    if (targets.isEmpty() || !target.isEmpty() && !targets.contains(target)) {
      throw new InvalidRequestException(
          "ISO-FHIR-020: %s of %s leads to %s; a chain must go there"
              .formatted(p.name(), type, targets.isEmpty() ? "nothing that is searched" : targets));
    }
    if (target.isEmpty() && targets.size() > 1) {
      throw new InvalidRequestException(
          "ISO-FHIR-020: %s of %s leads to several types; write %s:[one of %s].[its parameter]"
              .formatted(p.name(), type, p.name(), new TreeSet<>(targets)));
    }
    String to = target.isEmpty() ? targets.iterator().next() : target;
    return new Criterion.Through(p.field(), to, List.of(parse(to, rest, value, at.deeper())));
  }

  private static Criterion missing(SearchParameter p, String value) {
    if (p.kind() == Kind.PROFILE) {
      throw modifier(p, "none");
    }
    if (!value.equals("true") && !value.equals("false")) {
      throw p.refused("ISO-FHIR-037", "with :missing is true or false");
    }
    return new Criterion.Missing(p.field(), value.equals("true"));
  }

  private Criterion condition(
      String type, SearchParameter p, String modifier, String value, Place at) {
    List<String> values = Values.split(value, ',', Integer.MAX_VALUE);
    if (values.size() > limits.maxValues()) {
      throw p.refused("ISO-FHIR-038", "has at most " + limits.maxValues() + " values");
    }
    return switch (p.kind()) {
      case TOKEN ->
          modifier.equals(TEXT) ? words(type, p, values) : tokens(p, values, not(p, modifier));
      case IDENTIFIER ->
          new Criterion.Numbered(
              p.field(),
              values.stream().flatMap(v -> Identifiers.parse(type, Values.Token.parse(v))).toList(),
              not(p, modifier));
      case PROFILE -> profile(type, p, modifier, values);
      case DATE -> dates(p, values, modifier);
      case STRING ->
          new Criterion.Says(
              p.field(), values.stream().map(Values::plain).toList(), match(p, modifier));
      case REFERENCE -> references(type, p, modifier, value, values, at);
      case ORGANIZATION -> organizations(p, modifier, values, at);
    };
  }

  private static InvalidRequestException modifier(SearchParameter p, String known) {
    return p.refused("ISO-FHIR-039", "knows the modifiers " + known + " and :missing alone");
  }

  private static boolean not(SearchParameter p, String modifier) {
    if (!modifier.isEmpty() && !modifier.equals("not")) {
      throw modifier(p, ":not");
    }
    return modifier.equals("not");
  }

  private static Match match(SearchParameter p, String modifier) {
    return switch (modifier) {
      case "" -> Match.STARTS_WITH;
      case "contains" -> Match.CONTAINS;
      case "exact" -> Match.EXACT;
      default -> throw modifier(p, ":contains, :exact");
    };
  }

  /** All of a type claim the same one, with or without its version. */
  private static Criterion profile(
      String type, SearchParameter p, String modifier, List<String> values) {
    if (!modifier.isEmpty()) {
      throw modifier(p, "none");
    }
    boolean claimed =
        Profiles.types().contains(type)
            && values.stream()
                .map(v -> Values.plain(v).split("\\|", 2)[0])
                .anyMatch(Profiles.of(type)::equals);
    return claimed
        ? new Criterion.Missing("_id", false)
        : new Criterion.OneOf("_id", Set.of(), false);
  }

  /** What the code means in words (R4 §3.1.1.5.1). */
  private static Criterion words(String type, SearchParameter p, List<String> values) {
    if (!SearchTables.hasText(type, p.field())) {
      throw modifier(p, ":not");
    }
    return new Criterion.Says(
        p.field(), values.stream().map(Values::plain).toList(), Match.CONTAINS);
  }

  private static Criterion tokens(SearchParameter p, List<String> values, boolean not) {
    Set<String> codes = new HashSet<>();
    for (String value : values) {
      Values.Token token = Values.Token.parse(value);
      if (token.code().isEmpty()) {
        throw p.refused("ISO-FHIR-040", "needs a code; to ask for any, use :missing=false");
      }
      codes.addAll(p.codes().of(token.system(), token.code()));
    }
    return new Criterion.OneOf(p.field(), codes, not);
  }

  private Criterion dates(SearchParameter p, List<String> values, String modifier) {
    if (!modifier.isEmpty()) {
      throw modifier(p, "none");
    }
    return new Criterion.During(
        p.field(),
        values.stream().map(v -> Dates.parse(Values.plain(v), p.zone(), clock.instant())).toList());
  }

  /** {@code 1}, {@code Patient/1}, {@code http://…/Patient/1}; with :identifier a token of it. */
  private Criterion references(
      String type,
      SearchParameter p,
      String modifier,
      String value,
      List<String> values,
      Place at) {
    if (modifier.equals(IDENTIFIER)) {
      return chain(type, p, "", IDENTIFIER, value, at);
    }
    Set<String> targets = SearchTables.targets(type, p.field());
    if (!modifier.isEmpty() && !targets.contains(modifier)) {
      throw modifier(p, ":identifier and types it leads to, " + targets + ",");
    }
    return new Criterion.LeadsTo(p.field(), ids(values, targets, at));
  }

  private static Criterion organizations(
      SearchParameter p, String modifier, List<String> values, Place at) {
    Set<String> codes = new HashSet<>();
    if (modifier.equals(IDENTIFIER)) {
      for (String value : values) {
        Values.Token token = Values.Token.parse(value);
        codes.addAll(p.codes().of(token.system(), token.code()));
      }
    } else if (modifier.isEmpty() || modifier.equals("Organization")) {
      codes.addAll(ids(values, Set.of("Organization"), at));
    } else {
      throw modifier(p, ":identifier, :Organization");
    }
    return new Criterion.OneOf(p.field(), codes, false);
  }

  /** Ids of references to one of these types, here; others match nothing. */
  private static Set<String> ids(List<String> values, Set<String> targets, Place at) {
    Set<String> ids = new HashSet<>();
    for (String value : values) {
      String reference = Values.plain(value);
      if (!at.base.isEmpty() && reference.startsWith(at.base + "/")) {
        reference = reference.substring(at.base.length() + 1);
      }
      String[] path = reference.split("/");
      if (path.length == 1 || path.length == 2 && targets.contains(path[0])) {
        ids.add(path[path.length - 1]);
      }
    }
    return ids;
  }
}
