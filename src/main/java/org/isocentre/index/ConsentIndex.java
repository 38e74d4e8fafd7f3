package org.isocentre.index;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.isocentre.model.Consent;
import org.isocentre.model.IndexChanged;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** What patients decided. */
public final class ConsentIndex {
  private static final int MAX_BOUND = ConsentRows.MAX_BOUND;

  private final JdbcClient jdbc;
  private final ConsentRows rows;
  private final Consumer<Runnable> transactions;

  /** Within the caller's transactions. */
  public ConsentIndex(JdbcClient jdbc) {
    this(jdbc, Runnable::run);
  }

  public ConsentIndex(JdbcClient jdbc, TransactionTemplate transactions) {
    this(jdbc, work -> transactions.executeWithoutResult(status -> work.run()));
  }

  private ConsentIndex(JdbcClient jdbc, Consumer<Runnable> transactions) {
    this.transactions = transactions;
    this.jdbc = jdbc;
    this.rows = new ConsentRows(jdbc);
  }

  /** What to search for. A null or empty part matches all. */
  public record Query(
      Visibility visible,
      Set<UUID> ids,
      Set<UUID> patientIds,
      Set<String> statuses,
      TimeRange lastUpdated,
      PageRequest page) {}

  /** One version of a Consent. @param deleted it was taken back in this version */
  public record Version(
      UUID id, int version, String status, boolean deleted, String resource, Instant at) {}

  public void add(Consent c) {
    transactions.accept(() -> insert(c));
  }

  private void insert(Consent c) {
    jdbc.sql(
            """
            insert into consent (id, patient_id, status, recorded_at, recorded_by, last_updated, version, resource)
              values (?, ?, ?, ?, ?, ?, ?, ?)""")
        .params(
            c.id(),
            c.patientId(),
            c.status(),
            Rows.utc(c.recordedAt()),
            Rows.cut(c.recordedBy(), 200),
            Rows.utc(c.lastUpdated()),
            c.version(),
            c.resource())
        .update();
    rows.insertRules(c);
    rows.keepVersion(c, false);
    // After the statement, so that whoever hears of it sees it.
    new IndexChanges(jdbc).note(IndexChanged.Kind.PERMISSION, c.patientId(), null);
  }

  /**
   * Takes the place of the version before. The patient stays the one that it was made for.
   *
   * @param deleted it is taken back: it does not count any more, and its history stays
   * @return whether the version before was there; if not, nothing has changed
   */
  public boolean replace(Consent c, boolean deleted) {
    AtomicBoolean replaced = new AtomicBoolean();
    transactions.accept(() -> replaced.set(change(c, deleted)));
    return replaced.get();
  }

  private boolean change(Consent c, boolean deleted) {
    int changed =
        jdbc.sql(
                """
                update consent set status = ?, recorded_at = ?, recorded_by = ?, last_updated = ?, version = ?,
                  resource = ?, deleted = ? where id = ? and version = ? and deleted = false""")
            .params(
                c.status(),
                Rows.utc(c.recordedAt()),
                Rows.cut(c.recordedBy(), 200),
                Rows.utc(c.lastUpdated()),
                c.version(),
                c.resource(),
                deleted,
                c.id(),
                c.version() - 1)
            .update();
    if (changed == 0) {
      return false;
    }
    rows.deleteRules(c.id());
    rows.insertRules(c);
    rows.keepVersion(c, deleted);
    new IndexChanges(jdbc).note(IndexChanged.Kind.PERMISSION, c.patientId(), null);
    return true;
  }

  /** Every version of one, the newest first. The caller must have found that it may be seen. */
  public List<Version> history(UUID id) {
    return jdbc.sql("select * from consent_version where consent_id = ? order by version desc")
        .param(id)
        .query(
            (row, number) ->
                new Version(
                    id,
                    row.getInt("version"),
                    row.getString("status"),
                    row.getBoolean("deleted"),
                    row.getString("resource"),
                    Rows.instant(row, "at")))
        .list();
  }

  public Optional<Consent> find(UUID id) {
    return jdbc.sql(
            "select c.*, "
                + Rows.currentPatient(Visibility.ALL)
                + " from consent c join patient p on p.id = c.patient_id where c.id = ? and c.deleted = false")
        .param(id)
        .query(ConsentRows::map)
        .optional()
        .map(c -> rows.withRules(List.of(c)).get(0));
  }

  /**
   * Active decisions, newest first, for this patient under each of their records: the same NHS
   * number, and what people confirmed to be one person, is the same person when it comes to what
   * they refused. Each is with the record that it was made for.
   */
  public List<Consent> activeOf(UUID patientId) {
    return active(samePeople(Set.of(patientId))).stream()
        .sorted(Comparator.comparing(Consent::recordedAt).reversed().thenComparing(Consent::id))
        .toList();
  }

  /**
   * Patients who have a valid denial that may be about this organisation, or about all. The narrow
   * question that is asked first: most patients have none.
   */
  public Set<UUID> patientsWithDenials(String organisation, Instant at) {
    return patientsWithRules(organisation, false, at);
  }

  /** Patients who permit something to this organisation, or to all. */
  public Set<UUID> patientsWithPermissions(String organisation, Instant at) {
    return patientsWithRules(organisation, true, at);
  }

  private Set<UUID> patientsWithRules(String organisation, boolean permit, Instant at) {
    return Set.copyOf(
        jdbc.sql(
                """
                select distinct c.patient_id from consent c join consent_rule r on r.consent_id = c.id
                left join consent_term t on t.consent_id = r.consent_id and t.number = r.number and t.criterion = 'ACTOR'
                where c.status = 'active' and c.deleted = false and r.permit = :permit
                and (r.valid_from is null or r.valid_from <= :at) and (r.valid_until is null or r.valid_until > :at)
                and (t.term is null or t.term = :organisation)""")
            .param("permit", permit)
            .param("at", Rows.utc(at))
            .param("organisation", organisation)
            .query(UUID.class)
            .list());
  }

  /** Records of the person with this NHS number, who is not in review. */
  public Set<UUID> recordsOf(String nhsNumber) {
    return Set.copyOf(
        jdbc.sql("select p.id from patient p where p.id in " + PatientFlags.OWN)
            .param("nhs", nhsNumber)
            .query(UUID.class)
            .list());
  }

  /**
   * Patients who permit something to this actor by name.
   *
   * @param actor ODS code, or {@link org.isocentre.model.ConsentRule#person}
   */
  public Set<UUID> patientsWhoName(String actor, Instant at) {
    return Set.copyOf(
        jdbc.sql(
                """
                select distinct c.patient_id from consent_term t
                join consent_rule r on r.consent_id = t.consent_id and r.number = t.number
                join consent c on c.id = t.consent_id
                where t.criterion = 'ACTOR' and t.term = :actor and c.status = 'active' and c.deleted = false and r.permit
                and (r.valid_from is null or r.valid_from <= :at) and (r.valid_until is null or r.valid_until > :at)""")
            .param("actor", actor)
            .param("at", Rows.utc(at))
            .query(UUID.class)
            .list());
  }

  /** Active decisions that were made for these records, in any order. */
  public List<Consent> active(Collection<UUID> patientIds) {
    List<Consent> found = new ArrayList<>();
    List<UUID> ids = List.copyOf(patientIds);
    for (int from = 0; from < ids.size(); from += MAX_BOUND) {
      found.addAll(
          jdbc.sql(
                  """
                  select c.*, c.patient_id as current_patient_id from consent c
                  where c.status = 'active' and c.deleted = false and c.patient_id in (:ids)""")
              .param("ids", Rows.padded(ids.subList(from, Math.min(ids.size(), from + MAX_BOUND))))
              .query(ConsentRows::map)
              .list());
    }
    return rows.withRules(found);
  }

  /**
   * One record and what makes it one person with others.
   *
   * @param person that people confirmed, or null
   * @param suspected that messages say, or null
   */
  public record PersonRecord(UUID id, String nhsNumber, UUID person, UUID suspected) {}

  public List<PersonRecord> records(Collection<UUID> patientIds) {
    List<PersonRecord> found = new ArrayList<>();
    List<UUID> ids = List.copyOf(patientIds);
    for (int from = 0; from < ids.size(); from += MAX_BOUND) {
      jdbc.sql(
              "select id, nhs_number, person_id, suspected_person_id from patient where id in (:ids)")
          .param("ids", Rows.padded(ids.subList(from, Math.min(ids.size(), from + MAX_BOUND))))
          .query(
              row -> {
                found.add(
                    new PersonRecord(
                        Rows.uuid(row, "id"),
                        row.getString("nhs_number"),
                        Rows.uuid(row, "person_id"),
                        Rows.uuid(row, "suspected_person_id")));
              });
    }
    return found;
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
        jdbc.sql(Unions.kept(step))
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

  /** One that the caller may see, also when it was taken back. */
  public Optional<Consent> withDeleted(Visibility visible, UUID id) {
    List<Consent> found =
        new SearchSql()
            .ofPatient(visible, "c.patient_id", null)
            .part(visible, "Consent", "c")
            .in("c.id", List.of(id))
            .list(
                jdbc,
                "select c.*, "
                    + Rows.currentPatient(visible)
                    + " from consent c join patient p on p.id = c.patient_id",
                "c.id",
                new PageRequest(0, 1),
                ConsentRows::map);
    return rows.withRules(found).stream().findFirst();
  }

  public List<Consent> search(Query query) {
    return rows.withRules(
        where(query)
            .list(
                jdbc,
                "select c.*, "
                    + Rows.currentPatient(query.visible())
                    + " from consent c join patient p on p.id = c.patient_id",
                "c.last_updated desc, c.id",
                query.page(),
                ConsentRows::map));
  }

  public int count(Query query) {
    return where(query).count(jdbc, "consent c join patient p on p.id = c.patient_id");
  }

  private static SearchSql where(Query q) {
    return new SearchSql()
        .visible(q.visible(), "Consent", "c")
        .in("c.id", q.ids())
        .ofPatients("c.patient_id", q.patientIds())
        .in("c.status", q.statuses())
        .between("c.last_updated", q.lastUpdated());
  }
}
