package org.isocentre.index;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.isocentre.model.Consent;
import org.isocentre.model.ConsentRule;
import org.isocentre.model.ConsentRule.Criterion;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The rows that one Consent is made of. */
final class ConsentRows {
  /** PostgreSQL binds at most 65,535 values. */
  static final int MAX_BOUND = 20_000;

  private record RuleKey(UUID consent, int number) {}

  private final JdbcClient jdbc;

  ConsentRows(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  void insertRules(Consent c) {
    for (ConsentRule rule : c.rules()) {
      jdbc.sql(
              """
              insert into consent_rule (consent_id, number, parent, permit, valid_from, valid_until, data_from,
                data_until) values (?, ?, ?, ?, ?, ?, ?, ?)""")
          .params(
              c.id(),
              rule.number(),
              rule.parent(),
              rule.permit(),
              Rows.utc(rule.validFrom()),
              Rows.utc(rule.validUntil()),
              Rows.utc(rule.dataFrom()),
              Rows.utc(rule.dataUntil()))
          .update();
      rule.terms()
          .forEach(
              (criterion, terms) ->
                  terms.forEach(
                      term ->
                          jdbc.sql(
                                  "insert into consent_term (consent_id, number, criterion, term) values (?, ?, ?, ?)")
                              .params(c.id(), rule.number(), criterion.name(), term)
                              .update()));
    }
  }

  void deleteRules(UUID id) {
    jdbc.sql("delete from consent_term where consent_id = ?").param(id).update();
    jdbc.sql("delete from consent_rule where consent_id = ?").param(id).update();
  }

  void keepVersion(Consent c, boolean deleted) {
    jdbc.sql(
            """
            insert into consent_version (consent_id, version, status, deleted, resource, at, by_whom)
              values (?, ?, ?, ?, ?, ?, ?)""")
        .params(
            c.id(),
            c.version(),
            c.status(),
            deleted,
            c.resource(),
            Rows.utc(c.lastUpdated()),
            Rows.cut(c.recordedBy(), 200))
        .update();
  }

  /** Adds the provisions to rows that {@link #map} made, in two statements for all of them. */
  List<Consent> withRules(List<Consent> bare) {
    if (bare.isEmpty()) {
      return bare;
    }
    List<UUID> ids = bare.stream().map(Consent::id).distinct().toList();
    Map<RuleKey, Map<Criterion, Set<String>>> terms = new HashMap<>();
    Map<UUID, List<ConsentRule>> rules = new HashMap<>();
    for (int from = 0; from < ids.size(); from += MAX_BOUND) {
      List<UUID> some = ids.subList(from, Math.min(ids.size(), from + MAX_BOUND));
      readTerms(some, terms);
      readRules(some, terms, rules);
    }
    return bare.stream()
        .map(
            c ->
                new Consent(
                    c.id(),
                    c.patientId(),
                    c.status(),
                    c.recordedAt(),
                    c.recordedBy(),
                    c.lastUpdated(),
                    c.version(),
                    rules.getOrDefault(c.id(), List.of()),
                    c.resource()))
        .toList();
  }

  private void readTerms(Collection<UUID> ids, Map<RuleKey, Map<Criterion, Set<String>>> into) {
    jdbc.sql("select * from consent_term where consent_id in (:ids)")
        .param("ids", Rows.padded(ids))
        .query(
            row -> {
              into.computeIfAbsent(
                      new RuleKey(Rows.uuid(row, "consent_id"), row.getInt("number")),
                      key -> new EnumMap<>(Criterion.class))
                  .computeIfAbsent(
                      Criterion.valueOf(row.getString("criterion")), c -> new HashSet<>())
                  .add(row.getString("term"));
            });
  }

  private void readRules(
      Collection<UUID> ids,
      Map<RuleKey, Map<Criterion, Set<String>>> terms,
      Map<UUID, List<ConsentRule>> into) {
    jdbc.sql("select * from consent_rule where consent_id in (:ids) order by consent_id, number")
        .param("ids", Rows.padded(ids))
        .query(
            row -> {
              UUID consent = Rows.uuid(row, "consent_id");
              int number = row.getInt("number");
              into.computeIfAbsent(consent, key -> new ArrayList<>())
                  .add(
                      rule(
                          row, number, terms.getOrDefault(new RuleKey(consent, number), Map.of())));
            });
  }

  private static ConsentRule rule(ResultSet row, int number, Map<Criterion, Set<String>> terms)
      throws SQLException {
    return new ConsentRule(
        number,
        row.getInt("parent"),
        row.getBoolean("permit"),
        terms,
        Rows.instant(row, "valid_from"),
        Rows.instant(row, "valid_until"),
        Rows.instant(row, "data_from"),
        Rows.instant(row, "data_until"));
  }

  /** A row of {@code consent} with {@code current_patient_id}, without its provisions. */
  static Consent map(ResultSet row, int number) throws SQLException {
    return new Consent(
        Rows.uuid(row, "id"),
        Rows.uuid(row, "current_patient_id"),
        row.getString("status"),
        Rows.instant(row, "recorded_at"),
        row.getString("recorded_by"),
        Rows.instant(row, "last_updated"),
        row.getInt("version"),
        List.of(),
        row.getString("resource"));
  }
}
