package org.isocentre.fhir.provider;

import ca.uhn.fhir.rest.param.DateRangeParam;
import ca.uhn.fhir.rest.param.ReferenceOrListParam;
import ca.uhn.fhir.rest.param.ReferenceParam;
import ca.uhn.fhir.rest.param.TokenOrListParam;
import ca.uhn.fhir.rest.param.TokenParam;
import ca.uhn.fhir.rest.server.exceptions.InvalidRequestException;
import java.time.Instant;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.isocentre.fhir.map.Systems;
import org.isocentre.index.OrderQuery;
import org.isocentre.index.TimeRange;
import org.isocentre.model.AccessionKey;
import org.isocentre.model.PatientKey;

/** Search parameters of FHIR as parts of a query. An absent parameter is null: no condition. */
final class Parameters {
  /** An id that nothing has: for values that cannot match. */
  private static final UUID NONE = new UUID(0, 0);

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
        .filter(r -> r.getChain() == null)
        .forEach(r -> ids.add(id(r.getIdPart())));
    return ids;
  }

  /** Patient numbers of references with the chain {@code identifier}. */
  static List<PatientKey> chainedKeys(ReferenceOrListParam param) {
    if (param == null) {
      return null;
    }
    return param.getValuesAsQueryTokens().stream()
        .filter(r -> r.getChain() != null)
        .map(Parameters::chainedKey)
        .toList();
  }

  private static PatientKey chainedKey(ReferenceParam reference) {
    if (!reference.getChain().equals("identifier")) {
      throw new InvalidRequestException(
          "ISO-FHIR-020: only the chain .identifier is supported, found ." + reference.getChain());
    }
    String[] parts = reference.getValue().split("\\|", 2);
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

  static TimeRange range(DateRangeParam param) {
    if (param == null) {
      return TimeRange.ANY;
    }
    Date from = param.getLowerBoundAsInstant();
    Date until = param.getUpperBoundAsInstant();
    // The bounds of FHIR are inclusive at the precision given; ours is exclusive above.
    return new TimeRange(
        from == null ? null : from.toInstant(),
        until == null ? null : until.toInstant().plusMillis(1));
  }

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
        new Identifiers(null, null, system.isEmpty() ? List.of(value) : List.of("\u0000"), null));
  }

  static Instant instant(Date date) {
    return date == null ? null : date.toInstant();
  }
}
