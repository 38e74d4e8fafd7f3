package org.isocentre.index;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.isocentre.model.Consent;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What patients decided. */
public final class ConsentIndex {
  private final JdbcClient jdbc;

  public ConsentIndex(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** What to search for. A null or empty part matches all. */
  public record Query(
      Visibility visible,
      Set<UUID> ids,
      Set<UUID> patientIds,
      Set<String> statuses,
      TimeRange lastUpdated,
      PageRequest page) {}

  public void add(Consent c) {
    jdbc.sql(
            """
            insert into consent (id, patient_id, permit, organisation, status, valid_from, valid_until, recorded_at,
              recorded_by, last_updated) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""")
        .params(
            c.id(),
            c.patientId(),
            c.permit(),
            c.organisation(),
            c.status(),
            Rows.utc(c.validFrom()),
            Rows.utc(c.validUntil()),
            Rows.utc(c.recordedAt()),
            Rows.cut(c.recordedBy(), 200),
            Rows.utc(c.lastUpdated()))
        .update();
  }

  public Optional<Consent> find(UUID id) {
    return jdbc.sql("select * from consent where id = ?")
        .param(id)
        .query(ConsentIndex::map)
        .optional();
  }

  /**
   * Active decisions, newest first, for this patient under each of their records: the same NHS
   * number is the same person when it comes to what they refused.
   */
  public List<Consent> activeOf(UUID patientId) {
    return jdbc.sql(
            """
            select c.* from consent c where c.status = 'active' and (c.patient_id = :id or c.patient_id in
              (select o.id from patient o join patient p on p.nhs_number = o.nhs_number where p.id = :id))
            order by c.recorded_at desc, c.id""")
        .param("id", patientId)
        .query(ConsentIndex::map)
        .list();
  }

  /** Every active denial that is about this organisation or about all. */
  public List<Consent> activeAbout(String organisation) {
    return jdbc.sql(
            "select * from consent where status = 'active' and (organisation is null or organisation = ?) order by recorded_at desc, id")
        .param(organisation)
        .query(ConsentIndex::map)
        .list();
  }

  /** The ids of every record with the same NHS number as one of these. */
  public Set<UUID> samePeople(Collection<UUID> patientIds) {
    return patientIds.isEmpty()
        ? Set.of()
        : Set.copyOf(
            jdbc.sql(
                    """
                    select distinct o.id from patient o, patient p
                    where p.id in (:ids) and (o.id = p.id or o.nhs_number = p.nhs_number)""")
                .param("ids", patientIds)
                .query(UUID.class)
                .list());
  }

  public List<Consent> search(Query query) {
    return where(query)
        .list(
            jdbc,
            "select c.* from consent c join patient p on p.id = c.patient_id",
            "c.last_updated desc, c.id",
            query.page(),
            ConsentIndex::map);
  }

  public int count(Query query) {
    return where(query).count(jdbc, "consent c join patient p on p.id = c.patient_id");
  }

  private static SearchSql where(Query q) {
    return new SearchSql()
        .visible(q.visible(), "c.patient_id", null)
        .in("c.id", q.ids())
        .in("c.patient_id", q.patientIds())
        .in("c.status", q.statuses())
        .between("c.last_updated", q.lastUpdated());
  }

  private static Consent map(ResultSet row, int number) throws SQLException {
    return new Consent(
        Rows.uuid(row, "id"),
        Rows.uuid(row, "patient_id"),
        row.getBoolean("permit"),
        row.getString("organisation"),
        row.getString("status"),
        Rows.instant(row, "valid_from"),
        Rows.instant(row, "valid_until"),
        Rows.instant(row, "recorded_at"),
        row.getString("recorded_by"),
        Rows.instant(row, "last_updated"));
  }
}
