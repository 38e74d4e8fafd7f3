package org.isocentre.index;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.isocentre.index.MergeFacts.Filed;
import org.isocentre.index.MergeGraph.Node;
import org.isocentre.index.MergeGraph.Place;
import org.isocentre.model.Patient;
import org.isocentre.model.PatientIdentity;
import org.isocentre.model.PatientKey;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/**
 * Brings patient records in line with everything that was said of their identifiers. Runs in the
 * transaction of whoever filed a statement, a decision, or a record that statements speak of, and
 * holds the one lock of all merges to its end. Locks are taken in one order: buckets of the
 * numbers, this one, rows of patients.
 */
final class MergeSettlement {
  private static final int LOCK = -1;

  /**
   * Records that may hang together. More are a mistake of a sender, whom the refusal stops; the
   * message waits on its dead-letter queue.
   */
  private static final int MOST_RECORDS = 500;

  private static final int MOST_STATEMENTS = 5000;
  private static final List<String> TABLES = List.of("imaging_order", "study", "report", "consent");

  private final JdbcClient jdbc;
  private final PatientIndex patients;
  private final MergeFacts facts;
  private final MergeVerdicts verdicts;
  private final MergeNotices notices;
  private final ReportIndex reports;

  MergeSettlement(JdbcClient jdbc, PatientIndex patients, ReviewList reviews) {
    this.jdbc = jdbc;
    this.patients = patients;
    this.facts = new MergeFacts(jdbc);
    this.notices = new MergeNotices(jdbc);
    this.reports = new ReportIndex(jdbc, TransactionOperations.withoutTransaction(), patients);
    this.verdicts = new MergeVerdicts(facts, reviews, new AuditIndex(jdbc), notices);
  }

  /** All that hangs together: statements, and the records that they speak of. */
  private record Component(Map<UUID, Filed> filed, Map<UUID, Patient> records) {}

  /** A record is new, or says something else than before. Cheap while nothing was said of it. */
  void recordChanged(UUID patient) {
    Set<PatientKey> keys = keys(patients.find(patient).orElseThrow());
    if (isNamed(keys)) {
      settle(keys, null, "isocentre");
    }
  }

  /**
   * @param cause the statement that was filed, confirmed or undone; null if a record changed
   * @param actor for the audit trail
   */
  void settle(Collection<PatientKey> keys, UUID cause, String actor) {
    lock();
    Component component = load(keys);
    MergeGraph graph =
        new MergeGraph(
            component.records().values().stream().map(MergeSettlement::node).toList(),
            component.filed().values().stream().map(Filed::fact).toList());
    place(component, graph.places(), cause);
    verdicts.write(component.filed().values(), graph.verdicts(), cause, actor);
    notices.resumeTransfers();
  }

  /** Waits until no other merge is being settled. */
  void lock() {
    jdbc.sql("select bucket from identity_lock where bucket = ? for update")
        .param(LOCK)
        .query(Integer.class)
        .single();
  }

  /**
   * Takes the lock before a record is written, if it will be needed after: whoever holds it writes
   * records.
   *
   * @return whether a merge names one of the numbers
   */
  boolean lockIfNamed(Collection<PatientIdentity> said, Collection<Patient> records) {
    Set<PatientKey> keys = new LinkedHashSet<>();
    for (PatientIdentity identity : said) {
      if (identity.key() != null) {
        keys.add(identity.key());
      }
      if (identity.nhsNumber() != null) {
        keys.add(new PatientKey(PatientKey.NHS, identity.nhsNumber()));
      }
    }
    records.forEach(p -> keys.addAll(keys(p)));
    boolean named = isNamed(keys);
    if (named) {
      lock();
    }
    return named;
  }

  private boolean isNamed(Collection<PatientKey> keys) {
    return keys.stream().anyMatch(key -> !facts.naming(key).isEmpty());
  }

  private static Node node(Patient p) {
    return new Node(
        p.id(), keys(p), p.identity().nhsNumber(), p.identity().birthDate(), p.inReview());
  }

  private static Set<PatientKey> keys(Patient p) {
    Set<PatientKey> keys = new LinkedHashSet<>(p.keys());
    if (p.identity().nhsNumber() != null) {
      keys.add(new PatientKey(PatientKey.NHS, p.identity().nhsNumber()));
    }
    return keys;
  }

  /**
   * Follows numbers to statements and statements to records until nothing new turns up. Two records
   * that only share a number which no statement names do not hang together by that.
   */
  private Component load(Collection<PatientKey> seeds) {
    Component found = new Component(new LinkedHashMap<>(), new LinkedHashMap<>());
    Deque<PatientKey> ahead = new ArrayDeque<>(seeds);
    Set<PatientKey> seen = new HashSet<>(seeds);
    while (!ahead.isEmpty()) {
      PatientKey key = ahead.poll();
      List<Filed> naming = facts.naming(key);
      if (naming.isEmpty() && !seeds.contains(key)) {
        continue;
      }
      for (Filed filed : naming) {
        found.filed().put(filed.fact().id(), filed);
        follow(filed.fact().prior().key(), ahead, seen);
        follow(filed.fact().surviving().key(), ahead, seen);
      }
      for (Patient p : patients.findByKey(key)) {
        found.records().put(p.id(), p);
        keys(p).forEach(k -> follow(k, ahead, seen));
      }
      bound(found);
    }
    return found;
  }

  private static void follow(PatientKey key, Deque<PatientKey> ahead, Set<PatientKey> seen) {
    if (seen.add(key)) {
      ahead.add(key);
    }
  }

  private static void bound(Component found) {
    if (found.records().size() > MOST_RECORDS || found.filed().size() > MOST_STATEMENTS) {
      throw new IllegalStateException(
          "ISO-INDEX-021: merges connect %d patient records by %d statements, at most %d and %d may hang together; undo those that are wrong"
              .formatted(
                  found.records().size(), found.filed().size(), MOST_RECORDS, MOST_STATEMENTS));
    }
  }

  private void place(Component component, Map<UUID, Place> places, UUID cause) {
    Map<UUID, Place> before = placesNow(places.keySet());
    places.forEach(
        (id, place) -> {
          Place was = before.get(id);
          if (!place.equals(was)) {
            write(id, place);
            if (!Objects.equals(was.mergedInto(), place.mergedInto())) {
              repoint(id, orElse(was, id), orElse(place, id), cause(component, id, cause));
            }
            if (!Objects.equals(was.person(), place.person())) {
              notices.studiesOf(id);
            }
            if (place.mergedInto() != null && !place.confirmed()) {
              suspendTransfers(id);
            }
          }
        });
    reports.personChanged(
        places.keySet().stream()
            .filter(id -> !Objects.equals(before.get(id).person(), places.get(id).person()))
            .toList());
  }

  private static UUID orElse(Place place, UUID self) {
    return place.mergedInto() == null ? self : place.mergedInto();
  }

  /** Where a record changed and no statement did, the statement that was about that record. */
  private static UUID cause(Component component, UUID record, UUID cause) {
    return cause != null
        ? cause
        : component.filed().values().stream()
            .filter(f -> f.fact().absorbs() && record.equals(f.verdict().prior()))
            .map(f -> f.fact().id())
            .findFirst()
            .orElse(null);
  }

  private Map<UUID, Place> placesNow(Collection<UUID> ids) {
    Map<UUID, Place> now = new LinkedHashMap<>();
    if (!ids.isEmpty()) {
      jdbc.sql("select * from patient where id in (:ids)")
          .param("ids", ids)
          .query(
              row -> {
                now.put(
                    Rows.uuid(row, "id"),
                    new Place(
                        Rows.uuid(row, "merged_into"),
                        row.getBoolean("merge_confirmed"),
                        Rows.uuid(row, "person_id"),
                        Rows.uuid(row, "suspected_person_id")));
              });
    }
    return now;
  }

  private void write(UUID id, Place place) {
    jdbc.sql(
            """
            update patient set merged_into = ?, merge_confirmed = ?, person_id = ?, suspected_person_id = ?,
              last_updated = ? where id = ?""")
        .params(
            place.mergedInto(),
            place.confirmed(),
            place.person(),
            place.suspected(),
            Rows.utc(Instant.now()),
            id)
        .update();
  }

  private void repoint(UUID record, UUID from, UUID to, UUID cause) {
    var now = Rows.utc(Instant.now());
    new OrderVersions(jdbc).keepOf(record);
    for (String table : TABLES) {
      jdbc.sql(
              """
              insert into patient_repointed (merge_id, table_name, row_id, from_patient, to_patient, changed_at)
              select cast(:merge as uuid), '%s', id, cast(:from as uuid), cast(:to as uuid),
                cast(:now as timestamp(6) with time zone) from %s where patient_id = :record"""
                  .formatted(table, table))
          .param("merge", cause)
          .param("from", from)
          .param("to", to)
          .param("now", now)
          .param("record", record)
          .update();
      jdbc.sql("update " + table + " set last_updated = ? where patient_id = ?")
          .params(now, record)
          .update();
    }
  }

  private void suspendTransfers(UUID record) {
    jdbc.sql(
            """
            update transfer set state = 'SUSPENDED', last_error = ?, last_updated = ?
            where state in ('REQUESTED', 'IN_PROGRESS') and study_id in (select id from study where patient_id = ?)""")
        .params(TransferIndex.WHY_SUSPENDED, Rows.utc(Instant.now()), record)
        .update();
  }
}
