package org.isocentre.index;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.isocentre.model.AuditEntry;
import org.isocentre.model.AuditOrigin;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The audit trail's rows. There is no way to change or remove one. */
public final class AuditIndex {
  private static final int MOST_ROWS = 64;
  private final JdbcClient jdbc;

  public AuditIndex(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** What to search for. A null or empty part matches all. */
  public record Query(
      Visibility visible,
      Set<UUID> ids,
      Set<UUID> patientIds,
      Set<String> types,
      TimeRange at,
      PageRequest page) {}

  public void append(AuditEntry entry) {
    append(List.of(entry));
  }

  /**
   * In order. What it throws ends what was to be noted; some rows of it may be there then.
   *
   * <p>A database keeps a few statements ready; so there are few, of 1, 2, 4 up to 64 rows.
   */
  public void append(List<AuditEntry> entries) {
    for (int from = 0; from < entries.size(); ) {
      int rows = Math.min(MOST_ROWS, Integer.highestOneBit(entries.size() - from));
      insert(entries.subList(from, from + rows));
      from += rows;
    }
  }

  private void insert(List<AuditEntry> entries) {
    jdbc.sql(
            "insert into audit_entry (id, at, actor, actor_organisation, action, audit_type, entity_type, entity_id, patient_id, permitted, detail, client, address, request, query) values "
                + String.join(
                    ", ",
                    Collections.nCopies(
                        entries.size(), "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")))
        .params(entries.stream().flatMap(AuditIndex::values).toList())
        .update();
  }

  private static Stream<Object> values(AuditEntry e) {
    return Arrays.<Object>asList(
        e.id(),
        Rows.utc(e.at()),
        Rows.cut(e.actor(), 200),
        e.actorOrganisation(),
        e.action(),
        e.type(),
        e.entityType(),
        Rows.cut(e.entityId(), 200),
        e.patientId(),
        e.permitted(),
        Rows.cut(e.detail(), 1000),
        Rows.cut(e.origin().client(), 200),
        Rows.cut(e.origin().address(), 64),
        Rows.cut(e.origin().request(), 100),
        Rows.cut(e.origin().query(), 1000))
        .stream();
  }

  /** Newest first. */
  public List<AuditEntry> search(Query query) {
    return where(query)
        .list(jdbc, "select * from audit_entry", "at desc, id", query.page(), AuditIndex::map);
  }

  public int count(Query query) {
    return where(query).count(jdbc, "audit_entry");
  }

  /**
   * A patient sees what concerns them, but for what is held back from them; an organisation what
   * its own people and systems did; the hub all of it.
   *
   * @param alias of the row with its point, or empty
   */
  static void narrow(SearchSql sql, Visibility visible, String alias) {
    if (visible.nhsNumber() == null) {
      sql.when(visible.organisation(), alias + "actor_organisation = ?");
      return;
    }
    sql.ofPatient(visible, alias + "patient_id", null);
    if (!visible.withheld().data().isEmpty()) {
      Set<String> ids =
          visible.withheld().data().stream().map(UUID::toString).collect(Collectors.toSet());
      sql.noneOf(alias + "entity_id", ids);
    }
  }

  private static SearchSql where(Query q) {
    return new SearchSql()
        .visible(q.visible(), "AuditEvent", "audit_entry")
        .in("id", q.ids())
        .in("patient_id", q.patientIds())
        .in("audit_type", q.types())
        .between("at", q.at());
  }

  static AuditEntry map(ResultSet row, int number) throws SQLException {
    return new AuditEntry(
        Rows.uuid(row, "id"),
        Rows.instant(row, "at"),
        row.getString("actor"),
        row.getString("actor_organisation"),
        row.getString("action"),
        row.getString("audit_type"),
        row.getString("entity_type"),
        row.getString("entity_id"),
        Rows.uuid(row, "patient_id"),
        row.getBoolean("permitted"),
        row.getString("detail"),
        origin(row));
  }

  private static AuditOrigin origin(ResultSet row) throws SQLException {
    return new AuditOrigin(
        row.getString("client"),
        row.getString("address"),
        row.getString("request"),
        row.getString("query"));
  }
}
