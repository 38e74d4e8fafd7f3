package org.isocentre.index;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.isocentre.model.Consent;
import org.isocentre.model.IndexChanged;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What patients decided. */
public final class ConsentIndex {
  /** PostgreSQL binds at most 65,535 values. */
  private static final int MAX_BOUND = 20_000;

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
    // After the statement, so that whoever hears of it sees it.
    new IndexChanges(jdbc).note(IndexChanged.Kind.PERMISSION, c.patientId(), null);
  }

  public Optional<Consent> find(UUID id) {
    return jdbc.sql(
            "select c.*, "
                + Rows.currentPatient(Visibility.ALL)
                + " from consent c join patient p on p.id = c.patient_id where c.id = ?")
        .param(id)
        .query(ConsentIndex::map)
        .optional();
  }

  /**
   * Active decisions, newest first, for this patient under each of their records: the same NHS
   * number, and what people confirmed to be one person, is the same person when it comes to what
   * they refused. Each is with the record that it was made for.
   */
  public List<Consent> activeOf(UUID patientId) {
    return jdbc.sql(
            """
            select c.*, c.patient_id as current_patient_id from consent c
            where c.status = 'active' and c.patient_id in (:ids) order by c.recorded_at desc, c.id""")
        .param("ids", samePeople(Set.of(patientId)))
        .query(ConsentIndex::map)
        .list();
  }

  /** Every active denial that is about this organisation or about all. */
  public List<Consent> activeAbout(String organisation) {
    return jdbc.sql(
            "select c.*, c.patient_id as current_patient_id from consent c where status = 'active' and (organisation is null or organisation = ?) order by recorded_at desc, id")
        .param(organisation)
        .query(ConsentIndex::map)
        .list();
  }

  /**
   * The ids of every record of one of these people: the same NHS number, or confirmed to be one
   * person, or both in turn.
   */
  public Set<UUID> samePeople(Collection<UUID> patientIds) {
    return closure(
        patientIds,
        """
        select o.id from patient p join patient o on o.nhs_number = p.nhs_number where p.id in (:ids)
        union select o.id from patient p join patient o on o.person_id = p.person_id where p.id in (:ids)""");
  }

  /** Beside those also the records that a message, which nobody has confirmed, calls the same. */
  public Set<UUID> perhapsSamePeople(Collection<UUID> patientIds) {
    return closure(
        patientIds,
        """
        select o.id from patient p join patient o on o.nhs_number = p.nhs_number where p.id in (:ids)
        union select o.id from patient p join patient o on o.suspected_person_id = p.suspected_person_id
          where p.id in (:ids)""");
  }

  private Set<UUID> closure(Collection<UUID> start, String step) {
    Set<UUID> all = new HashSet<>(start);
    List<UUID> ahead = List.copyOf(all);
    while (!ahead.isEmpty()) {
      List<UUID> next = new ArrayList<>();
      for (int from = 0; from < ahead.size(); from += MAX_BOUND) {
        jdbc.sql(step)
            .param("ids", ahead.subList(from, Math.min(ahead.size(), from + MAX_BOUND)))
            .query(UUID.class)
            .list()
            .forEach(
                id -> {
                  if (all.add(id)) {
                    next.add(id);
                  }
                });
      }
      ahead = next;
    }
    return all;
  }

  public List<Consent> search(Query query) {
    return where(query)
        .list(
            jdbc,
            "select c.*, "
                + Rows.currentPatient(query.visible())
                + " from consent c join patient p on p.id = c.patient_id",
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
        .ofPatients("c.patient_id", q.patientIds())
        .in("c.status", q.statuses())
        .between("c.last_updated", q.lastUpdated());
  }

  private static Consent map(ResultSet row, int number) throws SQLException {
    return new Consent(
        Rows.uuid(row, "id"),
        Rows.uuid(row, "current_patient_id"),
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
