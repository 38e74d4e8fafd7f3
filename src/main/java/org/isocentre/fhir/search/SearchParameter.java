package org.isocentre.fhir.search;

import ca.uhn.fhir.rest.server.exceptions.InvalidRequestException;
import java.time.ZoneId;
import java.util.Set;

/**
 * A search parameter of a resource type (R4 §3.1.1.4).
 *
 * @param field of the index behind it
 * @param codes for tokens, and references to what the index names by a code: what a value stands
 *     for
 * @param zone of dates that name none
 */
public record SearchParameter(
    String name, Kind kind, String field, Codes codes, ZoneId zone, String description) {
  private static final ZoneId ENGLAND = ZoneId.of("Europe/London");

  /** How values are written. */
  public enum Kind {
    TOKEN,
    /** A token whose system names what a number counts, and who issued it. */
    IDENTIFIER,
    DATE,
    STRING,
    /** The profile that all resources of a type claim. */
    PROFILE,
    REFERENCE,
    /** A reference to an Organization of the directory. */
    ORGANIZATION;

    /** The code of R4 SearchParamType. */
    public String code() {
      return switch (this) {
        case TOKEN, IDENTIFIER -> "token";
        case DATE -> "date";
        case STRING -> "string";
        case PROFILE -> "uri";
        case REFERENCE, ORGANIZATION -> "reference";
      };
    }
  }

  /** Values of the index that a token stands for. */
  @FunctionalInterface
  public interface Codes {
    /**
     * @param system null if the token names none, empty for a token that begins with {@code |}
     * @return none if nothing has that code
     */
    Set<String> of(String system, String code);
  }

  /** Codes of one system, as the index has them. */
  static SearchParameter token(String name, String system, String description) {
    return token(name, plain(system), description);
  }

  static SearchParameter token(String name, Codes codes, String description) {
    return new SearchParameter(name, Kind.TOKEN, name, codes, ENGLAND, description);
  }

  static Codes plain(String system) {
    return (asked, code) -> asked == null || asked.equals(system) ? Set.of(code) : Set.of();
  }

  static SearchParameter of(String name, Kind kind, String description) {
    return new SearchParameter(name, kind, name, null, ENGLAND, description);
  }

  /** The same by another name. */
  SearchParameter as(String other) {
    return new SearchParameter(other, kind, field, codes, zone, description);
  }

  SearchParameter in(ZoneId other) {
    return new SearchParameter(name, kind, field, codes, other, description);
  }

  InvalidRequestException refused(String code, String what) {
    return new InvalidRequestException(code + ": the parameter " + name + " " + what);
  }
}
