package org.isocentre.fhir.provider;

import ca.uhn.fhir.rest.param.DateParam;
import ca.uhn.fhir.rest.param.DateRangeParam;
import ca.uhn.fhir.rest.param.ParamPrefixEnum;
import ca.uhn.fhir.rest.param.ReferenceOrListParam;
import ca.uhn.fhir.rest.param.ReferenceParam;
import ca.uhn.fhir.rest.param.TokenOrListParam;
import ca.uhn.fhir.rest.param.TokenParam;
import ca.uhn.fhir.rest.server.exceptions.InvalidRequestException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.Period;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.isocentre.fhir.map.Systems;
import org.isocentre.index.OrderQuery;
import org.isocentre.index.TimeRange;
import org.isocentre.model.AccessionKey;
import org.isocentre.model.PatientKey;

/** Search parameters of FHIR as parts of a query. An absent parameter is null: no condition. */
final class Parameters {
  /** An id that nothing has: for values that cannot match. */
  private static final UUID NONE = new UUID(0, 0);

  private static final Pattern MOMENT =
      Pattern.compile("([0-9-]{10}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(?:\\.[0-9]+)?)?)(Z|[+-][0-9:]{5})?");

  private Parameters() {}

  static UUID id(String text) {
    try {
      return UUID.fromString(text);
    } catch (IllegalArgumentException e) {
      return NONE;
    }
  }

  static Set<UUID> ids(TokenOrListParam param) {
    if (param == null) {
      return null;
    }
    Set<UUID> ids = new HashSet<>();
    values(param).forEach(t -> ids.add(id(t.getValue())));
    return ids;
  }

  /** Ids of references without a chain. */
  static Set<UUID> ids(ReferenceOrListParam param) {
    if (param == null) {
      return null;
    }
    Set<UUID> ids = new HashSet<>();
    param.getValuesAsQueryTokens().stream()
        .filter(r -> !isIdentifier(r))
        .forEach(r -> ids.add(id(r.getIdPart())));
    return ids;
  }

  /** Patient numbers of references with the chain {@code identifier}. */
  static List<PatientKey> chainedKeys(ReferenceOrListParam param) {
    if (param == null) {
      return null;
    }
    return param.getValuesAsQueryTokens().stream()
        .filter(Parameters::isIdentifier)
        .map(Parameters::chainedKey)
        .toList();
  }

  /** Both {@code patient.identifier=} and {@code patient:identifier=}. */
  private static boolean isIdentifier(ReferenceParam reference) {
    String chain = reference.getChain();
    if (chain != null && !chain.isEmpty() && !chain.equals("identifier")) {
      throw new InvalidRequestException(
          "ISO-FHIR-020: only the chain .identifier is supported, found ." + chain);
    }
    return "identifier".equals(chain)
        || "identifier".equals(reference.getResourceType())
        || ":identifier".equals(reference.getQueryParameterQualifier());
  }

  private static PatientKey chainedKey(ReferenceParam reference) {
    String value = reference.getValue();
    String said = value.startsWith("identifier/") ? value.substring("identifier/".length()) : value;
    String[] parts = said.split("\\|", 2);
    return parts.length == 2 ? key(parts[0], parts[1]) : key("", parts[0]);
  }

  static List<PatientKey> keys(TokenOrListParam param) {
    return param == null
        ? null
        : values(param).stream().map(t -> key(t.getSystem(), t.getValue())).toList();
  }

  /**
   * A number without a system is taken for an NHS number: a local number means nothing without its
   * issuer.
   */
  private static PatientKey key(String system, String value) {
    String v = value == null || value.isBlank() ? "-" : value;
    if (system == null || system.isEmpty() || system.equals(Systems.NHS_NUMBER)) {
      return new PatientKey(PatientKey.NHS, v.replace(" ", ""));
    }
    return new PatientKey(
        system.startsWith(Systems.LOCAL_PATIENT) && system.length() > Systems.LOCAL_PATIENT.length()
            ? system.substring(Systems.LOCAL_PATIENT.length())
            : system,
        v);
  }

  static List<TokenParam> values(TokenOrListParam param) {
    return param == null ? List.of() : param.getValuesAsQueryTokens();
  }

  static Set<String> codes(TokenOrListParam param) {
    return param == null
        ? null
        : new HashSet<>(values(param).stream().map(TokenParam::getValue).toList());
  }

  /**
   * R4 §3.1.1.5.6: a value stands for all its time from its first moment to its last; a prefix
   * compares with that. A date without a time zone is one of England's.
   */
  static TimeRange range(DateRangeParam param) {
    return range(param, ZoneId.of("Europe/London"));
  }

  static TimeRange range(DateRangeParam param, ZoneId zone) {
    if (param == null) {
      return TimeRange.ANY;
    }
    Instant from = null;
    Instant until = null;
    if (param.getLowerBound() != null) {
      TimeRange lower = interval(param.getLowerBound().getValueAsString(), zone);
      from =
          switch (prefix(param.getLowerBound())) {
            case GREATERTHAN, STARTS_AFTER -> lower.until();
            default -> lower.from();
          };
    }
    if (param.getUpperBound() != null) {
      TimeRange upper = interval(param.getUpperBound().getValueAsString(), zone);
      until =
          switch (prefix(param.getUpperBound())) {
            case LESSTHAN, ENDS_BEFORE -> upper.from();
            default -> upper.until();
          };
    }
    return new TimeRange(from, until);
  }

  private static ParamPrefixEnum prefix(DateParam param) {
    ParamPrefixEnum prefix = param.getPrefix() == null ? ParamPrefixEnum.EQUAL : param.getPrefix();
    if (prefix == ParamPrefixEnum.NOT_EQUAL || prefix == ParamPrefixEnum.APPROXIMATE) {
      throw new InvalidRequestException(
          "ISO-FHIR-023: the date prefix "
              + prefix.getValue()
              + " is not supported; use eq, lt, le, gt, ge, sa or eb");
    }
    return prefix;
  }

  /** From its first moment to the one after its last. */
  private static TimeRange interval(String text, ZoneId zone) {
    try {
      return switch (text.length()) {
        case 4 -> days(LocalDate.parse(text + "-01-01"), Period.ofYears(1), zone);
        case 7 -> days(LocalDate.parse(text + "-01"), Period.ofMonths(1), zone);
        case 10 -> days(LocalDate.parse(text), Period.ofDays(1), zone);
        default -> moment(text, zone);
      };
    } catch (DateTimeException e) {
      throw new InvalidRequestException(
          "ISO-FHIR-024: not a date of FHIR; write YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ");
    }
  }

  private static TimeRange days(LocalDate first, Period length, ZoneId zone) {
    return new TimeRange(
        first.atStartOfDay(zone).toInstant(), first.plus(length).atStartOfDay(zone).toInstant());
  }

  private static TimeRange moment(String text, ZoneId zone) {
    Matcher parts = MOMENT.matcher(text);
    if (!parts.matches()) {
      throw new DateTimeException("no moment");
    }
    String offset = parts.group(3);
    Instant first =
        LocalDateTime.parse(parts.group(1))
            .atZone(offset == null ? zone : ZoneOffset.of(offset))
            .toInstant();
    ChronoUnit unit =
        parts.group(2) == null
            ? ChronoUnit.MINUTES
            : parts.group(2).contains(".") ? ChronoUnit.MILLIS : ChronoUnit.SECONDS;
    return new TimeRange(first, first.plus(1, unit));
  }

  /** Longer than any number that is kept, so it matches none. */
  static final List<String> NOTHING = List.of("-".repeat(65));

  /** Identifiers of imaging resources, sorted by what they are. */
  record Identifiers(
      List<String> uids,
      List<AccessionKey> accessions,
      List<String> accessionValues,
      List<OrderQuery.Number> numbers) {}

  static Optional<Identifiers> identifiers(TokenOrListParam param) {
    if (param == null) {
      return Optional.empty();
    }
    if (values(param).size() != 1) {
      throw new InvalidRequestException(
          "ISO-FHIR-021: give one identifier, found " + values(param).size());
    }
    TokenParam token = values(param).get(0);
    String system = token.getSystem() == null ? "" : token.getSystem();
    String value = token.getValue() == null || token.getValue().isBlank() ? "-" : token.getValue();
    if (value.indexOf('\u0000') >= 0) {
      throw new InvalidRequestException("ISO-FHIR-022: an identifier holds no NUL character");
    }
    String uid = value.startsWith(Systems.OID) ? value.substring(Systems.OID.length()) : value;
    if (system.equals(Systems.DICOM_UID) || value.startsWith(Systems.OID)) {
      return Optional.of(new Identifiers(List.of(uid), null, null, null));
    }
    if (system.startsWith(Systems.ACCESSION) && system.length() > Systems.ACCESSION.length()) {
      return Optional.of(
          new Identifiers(
              null,
              List.of(new AccessionKey(system.substring(Systems.ACCESSION.length()), value)),
              null,
              null));
    }
    if (system.startsWith(Systems.PLACER) || system.startsWith(Systems.FILLER)) {
      String issuer = system.substring(system.lastIndexOf(':') + 1);
      return Optional.of(
          new Identifiers(null, null, null, List.of(new OrderQuery.Number(issuer, value))));
    }
    if (system.isEmpty() && uid.matches("[0-2](\\.[0-9]+){3,}")) {
      return Optional.of(new Identifiers(List.of(uid), null, null, null));
    }
    return Optional.of(
        new Identifiers(null, null, system.isEmpty() ? List.of(value) : NOTHING, null));
  }

  static Instant instant(Date date) {
    return date == null ? null : date.toInstant();
  }
}
