package org.isocentre.index;

import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.isocentre.model.AccessionKey;
import org.isocentre.model.Code;
import org.isocentre.model.IndexChanged;
import org.isocentre.model.Instance;
import org.isocentre.model.PatientIdentity.Comparison;
import org.isocentre.model.ProcedureContext;
import org.isocentre.model.ReceivedInstance;
import org.isocentre.model.ReviewItem;
import org.isocentre.model.Series;
import org.isocentre.model.Study;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/** Studies, series and instances. */
public final class StudyIndex {
  /**
   * Modalities are read with the study; the newest of them is never older than the study row. Each
   * name is a code of at most 16 characters, so a comma cannot be part of it.
   */
  private static final String SELECT = select(Visibility.ALL);

  private static String select(Visibility visible) {
    return "select s.*, "
        + Rows.currentPatient(visible)
        + """
        , (select string_agg(distinct r.modality, ',') from series r where r.study_id = s.id and r.number_of_instances > 0) as modalities
        from study s join patient p on p.id = s.patient_id""";
  }

  private final JdbcClient jdbc;
  private final JdbcOperations batches;
  private final TransactionOperations transactions;
  private final PatientIndex patients;
  private final ReviewList reviews;
  private final IndexChanges changes;

  public StudyIndex(
      JdbcClient jdbc,
      JdbcOperations batches,
      TransactionOperations transactions,
      PatientIndex patients,
      ReviewList reviews) {
    this.jdbc = jdbc;
    this.batches = batches;
    this.transactions = transactions;
    this.patients = patients;
    this.reviews = reviews;
    this.changes = new IndexChanges(jdbc);
  }

  /** What became of an object. */
  public enum Outcome {
    /** The first object of its study. */
    NEW_STUDY,
    /** Another object of a study. */
    ADDED,
    /** The same content was there before: nothing changed. */
    DUPLICATE,
    /**
     * The same UID with other content, or another patient's object in a study: kept in the store,
     * shown to a person, not indexed.
     */
    CONFLICT
  }

  /**
   * @param studyId of the object's study, also when nothing changed
   * @param outcome what was done
   */
  public record Recorded(UUID studyId, Outcome outcome) {}

  /**
   * Files one object. Idempotent: identity of a study, series and instance follows from custodian
   * and UID.
   */
  public Recorded record(ReceivedInstance object) {
    return record(List.of(object)).get(0);
  }

  /**
   * Files some objects in one transaction, as if they came one after the other. What they share is
   * read and written once.
   *
   * @return one for each, in their order
   */
  public List<Recorded> record(List<ReceivedInstance> objects) {
    return transactions.execute(status -> recordInTransaction(objects));
  }

  /** What one transaction does to a study. */
  private static final class Filing {
    final Study study;
    final boolean newStudy;

    /** Whether there are notes that reject objects of the study. */
    final boolean rejections;

    final Map<String, UUID> series = new HashMap<>();
    final Map<UUID, Integer> added = new LinkedHashMap<>();
    int newSeries;
    Instant lastReceived;

    Filing(Study study, boolean newStudy, boolean rejections) {
      this.study = study;
      this.newStudy = newStudy;
      this.rejections = rejections;
    }
  }

  /**
   * An object that is new as far as this transaction knows.
   *
   * @param place among those that are recorded
   */
  private record Addition(int place, ReceivedInstance object, Filing filing, UUID seriesId) {}

  private List<Recorded> recordInTransaction(List<ReceivedInstance> objects) {
    Map<UUID, String> known = digests(objects);
    Map<UUID, Filing> filings = new LinkedHashMap<>();
    List<Addition> additions = new ArrayList<>();
    List<Recorded> recorded = new ArrayList<>();
    for (ReceivedInstance object : objects) {
      recorded.add(record(object, recorded.size(), known, filings, additions));
    }
    int[] inserted = insertInstances(additions);
    for (int i = 0; i < inserted.length; i++) {
      if (inserted[i] == 0) {
        recorded.set(additions.get(i).place(), filedMeanwhile(additions.get(i)));
      }
    }
    filings.values().forEach(this::count);
    return recorded;
  }

  /** Another transaction filed this UID in the meantime: what is it against that? */
  private Recorded filedMeanwhile(Addition addition) {
    ReceivedInstance o = addition.object();
    addition.filing().added.computeIfPresent(addition.seriesId(), (id, n) -> n == 1 ? null : n - 1);
    return again(addition.filing().study.id(), o, digests(List.of(o)).get(instanceId(o)));
  }

  private Recorded again(UUID studyId, ReceivedInstance o, String digest) {
    return o.sha256().equals(digest)
        ? new Recorded(studyId, Outcome.DUPLICATE)
        : conflict(
            studyId,
            o,
            "SOP_INSTANCE_UID_REUSED",
            "the same SOP Instance UID came with different content");
  }

  private Recorded record(
      ReceivedInstance o,
      int place,
      Map<UUID, String> known,
      Map<UUID, Filing> filings,
      List<Addition> additions) {
    UUID studyId = studyId(o.custodian(), o.studyInstanceUid());
    String digest = known.get(instanceId(o));
    if (digest != null) {
      return again(studyId, o, digest);
    }
    Filing filing = filings.get(studyId);
    if (filing == null) {
      boolean newStudy = insertStudy(studyId, o);
      int rejections = lock(studyId);
      filing = new Filing(find(studyId).orElseThrow(), newStudy, rejections > 0);
      filings.put(studyId, filing);
    }
    if (patients.compare(filing.study.identity(), o.patient().identity()) == Comparison.DISAGREES) {
      return conflict(
          studyId,
          o,
          "STUDY_PATIENT_DIFFERS",
          "an object names another patient than the other objects of its study");
    }
    UUID seriesId = series(filing, studyId, o);
    additions.add(new Addition(place, o, filing, seriesId));
    known.put(instanceId(o), o.sha256());
    boolean first = filing.added.isEmpty();
    filing.added.merge(seriesId, 1, Integer::sum);
    filing.lastReceived = o.receivedAt();
    return new Recorded(studyId, filing.newStudy && first ? Outcome.NEW_STUDY : Outcome.ADDED);
  }

  private UUID series(Filing filing, UUID studyId, ReceivedInstance o) {
    return filing.series.computeIfAbsent(
        o.seriesInstanceUid(),
        uid -> {
          UUID seriesId = id("series", studyId.toString(), uid);
          if (insertSeries(seriesId, studyId, o)) {
            filing.newSeries++;
          }
          return seriesId;
        });
  }

  private static UUID instanceId(ReceivedInstance o) {
    return instanceId(o.custodian(), o.sopInstanceUid());
  }

  static UUID instanceId(String custodian, String sopInstanceUid) {
    return id("instance", custodian, sopInstanceUid);
  }

  static UUID studyId(String custodian, String studyInstanceUid) {
    return id("study", custodian, studyInstanceUid);
  }

  /** Digests of those that are filed, by instance. */
  private Map<UUID, String> digests(List<ReceivedInstance> objects) {
    Map<UUID, String> digests = new HashMap<>();
    jdbc.sql("select id, sha256 from instance where id in (:ids)")
        .param("ids", objects.stream().map(StudyIndex::instanceId).distinct().toList())
        .query(
            row -> {
              digests.put(Rows.uuid(row, "id"), row.getString("sha256"));
            });
    return digests;
  }

  private Recorded conflict(UUID studyId, ReceivedInstance o, String reason, String detail) {
    reviews.raise(
        ReviewItem.Kind.UID_CONFLICT,
        reason + "|" + o.custodian() + "|" + o.sopInstanceUid() + "|" + o.sha256(),
        null,
        studyId,
        o.custodian(),
        o.sopInstanceUid(),
        o.objectKey(),
        reason,
        detail + "; it is kept as " + o.objectKey() + " and not shown");
    return new Recorded(studyId, Outcome.CONFLICT);
  }

  private static UUID id(String kind, String scope, String uid) {
    return UUID.nameUUIDFromBytes(
        (kind + "|" + scope + "|" + uid).getBytes(StandardCharsets.UTF_8));
  }

  private boolean insertStudy(UUID id, ReceivedInstance o) {
    if (find(id).isPresent()) {
      return false;
    }
    var said = o.patient().identity();
    UUID patient = patients.resolve(o.patient());
    ProcedureContext context = o.procedure();
    Code code = context.procedure() == null ? new Code(null, null, null) : context.procedure();
    return jdbc.sql(
                """
                insert into study (id, custodian, study_instance_uid, patient_id, said_key_issuer, said_key_value,
                  said_nhs_number, said_birth_date, accession_issuer, accession_value, dicom_study_id, started,
                  description, referring_physician, patient_name, patient_sex, number_of_series, number_of_instances,
                  last_received_at, last_updated, dicom_patient_id, dicom_patient_id_issuer, study_date, study_time,
                  patient_name_folded, referring_physician_folded, procedure_code, procedure_system, procedure_display,
                  timezone_offset, reading_physician, reason)
                values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                on conflict do nothing""")
            .params(
                id,
                o.custodian(),
                o.studyInstanceUid(),
                patient,
                said.key() == null ? null : said.key().issuer(),
                said.key() == null ? null : said.key().value(),
                said.nhsNumber(),
                said.birthDate(),
                o.accession() == null ? null : o.accession().issuer(),
                o.accession() == null ? null : o.accession().value(),
                Rows.cut(o.studyId(), 64),
                o.studyStarted(),
                Rows.cut(o.studyDescription(), 400),
                Rows.cut(o.referringPhysician(), 400),
                Rows.cut(o.patientName(), 400),
                Rows.cut(o.patientSex(), 16),
                Rows.utc(o.receivedAt()),
                Rows.utc(Instant.now()),
                said.key() != null ? said.key().value() : said.nhsNumber(),
                said.key() != null ? said.key().issuer() : said.nhsNumber() != null ? "NHS" : null,
                context.studyDate(),
                context.studyTime(),
                folded(o.patientName()),
                folded(o.referringPhysician()),
                Rows.cut(code.value(), 64),
                Rows.cut(code.system(), 64),
                Rows.cut(code.display(), 200),
                context.timezoneOffset(),
                Rows.cut(context.readingPhysician(), 400),
                Rows.cut(context.reason(), 400))
            .update()
        == 1;
  }

  private static String folded(String name) {
    return Rows.cut(Folding.name(Rows.cut(name, 400)), 400);
  }

  /**
   * @return how many notes reject objects of the study
   */
  private int lock(UUID id) {
    return jdbc.sql("select rejections from study where id = ? for update")
        .param(id)
        .query(Integer.class)
        .single();
  }

  private boolean insertSeries(UUID id, UUID studyId, ReceivedInstance o) {
    return jdbc.sql(
                """
                insert into series (id, study_id, series_instance_uid, modality, series_number, description,
                  body_part_examined, laterality, performing_physician, started, number_of_instances, last_updated,
                  performing_physician_folded, performed_start_date, performed_start_time, requested_procedure_id,
                  scheduled_step_id)
                values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?) on conflict do nothing""")
            .params(
                id,
                studyId,
                o.seriesInstanceUid(),
                Rows.cut(o.modality(), 16),
                o.seriesNumber(),
                Rows.cut(o.seriesDescription(), 400),
                Rows.cut(o.bodyPartExamined(), 64),
                Rows.cut(o.laterality(), 16),
                Rows.cut(o.performingPhysician(), 400),
                o.seriesStarted(),
                Rows.utc(Instant.now()),
                folded(o.performingPhysician()),
                o.procedure().performedStartDate(),
                o.procedure().performedStartTime(),
                Rows.cut(o.procedure().requestedProcedureId(), 64),
                Rows.cut(o.procedure().scheduledStepId(), 64))
            .update()
        == 1;
  }

  /**
   * @return for each, whether it was inserted: 1 or 0
   */
  private int[] insertInstances(List<Addition> additions) {
    return additions.isEmpty()
        ? new int[0]
        : batches.batchUpdate(
            """
            insert into instance (id, series_id, study_id, custodian, sop_instance_uid, sop_class_uid,
              transfer_syntax_uid, instance_number, number_of_frames, image_rows, image_columns, object_key, sha256,
              size_bytes, calling_ae_title, received_at, title)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing""",
            additions.stream().map(StudyIndex::row).toList());
  }

  private static Object[] row(Addition addition) {
    ReceivedInstance o = addition.object();
    return new Object[] {
      instanceId(o),
      addition.seriesId(),
      addition.filing().study.id(),
      o.custodian(),
      o.sopInstanceUid(),
      o.sopClassUid(),
      o.transferSyntaxUid(),
      o.instanceNumber(),
      o.numberOfFrames(),
      o.rows(),
      o.columns(),
      o.objectKey(),
      o.sha256(),
      o.size(),
      o.callingAeTitle(),
      Rows.utc(o.receivedAt()),
      Rows.cut(o.procedure().title(), 200)
    };
  }

  private void count(Filing filing) {
    if (filing.added.isEmpty()) {
      return;
    }
    var now = Rows.utc(Instant.now());
    filing.added.forEach(
        (series, count) ->
            jdbc.sql(
                    "update series set number_of_instances = number_of_instances + ?, last_updated = ? where id = ?")
                .params(count, now, series)
                .update());
    jdbc.sql(
            """
            update study set number_of_instances = number_of_instances + ?, number_of_series = number_of_series + ?,
              last_received_at = ?, completed_at = null, last_updated = ? where id = ?""")
        .params(
            filing.added.values().stream().mapToInt(Integer::intValue).sum(),
            filing.newSeries,
            Rows.utc(filing.lastReceived),
            now,
            filing.study.id())
        .update();
    if (filing.rejections) {
      RejectionIndex.settle(jdbc, filing.study.id());
    }
  }

  /**
   * Studies that have had no new object for a while and are not marked as complete yet, oldest
   * first.
   *
   * @param quietSince studies whose newest object came before this
   * @param limit at most so many
   */
  public List<UUID> quiet(Instant quietSince, int limit) {
    return jdbc.sql(
            """
            select id from study where completed_at is null and last_received_at < ?
            order by last_received_at fetch first %d rows only"""
                .formatted(limit))
        .param(Rows.utc(quietSince))
        .query(UUID.class)
        .list();
  }

  /** Marks a study as complete until another object of it comes. */
  public void markComplete(UUID id) {
    transactions.executeWithoutResult(
        status -> {
          int marked =
              jdbc.sql("update study set completed_at = ? where id = ? and completed_at is null")
                  .params(Rows.utc(Instant.now()), id)
                  .update();
          if (marked > 0) {
            changes.note(IndexChanged.Kind.STUDY, id, null);
          }
        });
  }

  /** Whether a study is marked as complete. */
  public boolean isComplete(UUID id) {
    return jdbc.sql("select count(*) from study where id = ? and completed_at is not null")
            .param(id)
            .query(Integer.class)
            .single()
        == 1;
  }

  public Optional<Study> find(UUID id) {
    return findAll(List.of(id)).stream().findFirst();
  }

  public List<Study> findAll(Collection<UUID> ids) {
    return ids.isEmpty()
        ? List.of()
        : jdbc.sql(SELECT + " where s.id in (:ids)")
            .param("ids", ids)
            .query(StudyIndex::mapStudy)
            .list();
  }

  public List<Study> findByStudyInstanceUid(String uid) {
    return jdbc.sql(SELECT + " where s.study_instance_uid = ?")
        .param(uid)
        .query(StudyIndex::mapStudy)
        .list();
  }

  public List<Study> findByAccession(AccessionKey key) {
    return jdbc.sql(SELECT + " where s.accession_issuer = ? and s.accession_value = ?")
        .params(key.issuer(), key.value())
        .query(StudyIndex::mapStudy)
        .list();
  }

  public List<Study> search(StudyQuery query) {
    return where(query)
        .list(
            jdbc,
            select(query.visible()),
            "s.last_updated desc, s.id",
            query.page(),
            StudyIndex::mapStudy);
  }

  /** As {@link #search}, but not those of which all objects were rejected. */
  public List<Study> held(StudyQuery query) {
    return where(query)
        .and("s.number_of_instances > 0")
        .list(
            jdbc,
            select(query.visible()),
            "s.last_updated desc, s.id",
            query.page(),
            StudyIndex::mapStudy);
  }

  public int count(StudyQuery query) {
    return where(query).count(jdbc, "study s join patient p on p.id = s.patient_id");
  }

  private static SearchSql where(StudyQuery q) {
    return new SearchSql()
        .visible(q.visible(), "ImagingStudy", "s")
        .in("s.id", q.ids())
        .ofPatients("s.patient_id", q.patientIds())
        .anyOf(q.patientKeys(), PatientIndex::hasKey)
        .anyOf(
            q.patientIdValues(),
            id -> new SearchSql.Pair("(s.said_key_value = ?1 or s.said_nhs_number = ?2)", id, id))
        .in("s.study_instance_uid", q.studyInstanceUids())
        .anyOf(
            q.accessions(),
            a ->
                new SearchSql.Pair(
                    "(s.accession_issuer = ?1 and s.accession_value = ?2)", a.issuer(), a.value()))
        .in("s.accession_value", q.accessionValues())
        .anyOf(
            q.orderIds(),
            id ->
                new SearchSql.Pair(
                    "exists (select 1 from study_link l where l.study_id = s.id and l.order_id in (?1, ?2))",
                    id,
                    id))
        .anyOf(
            q.modalities(),
            m ->
                new SearchSql.Pair(
                    "exists (select 1 from series r where r.study_id = s.id and r.number_of_instances > 0 and r.modality in (?1, ?2))",
                    m,
                    m))
        .between("s.started", q.startedFrom(), q.startedUntil())
        .between("s.last_updated", q.lastUpdated());
  }

  /** Series of these studies that have instances, in order of Series Number. */
  public Map<UUID, List<Series>> series(Collection<UUID> studyIds) {
    Map<UUID, List<Series>> result = new LinkedHashMap<>();
    if (!studyIds.isEmpty()) {
      jdbc.sql(
              "select * from series where study_id in (:ids) and number_of_instances > 0 order by study_id, series_number, series_instance_uid")
          .param("ids", studyIds)
          .query(StudyIndex::mapSeries)
          .list()
          .forEach(
              s -> result.computeIfAbsent(s.studyId(), k -> new java.util.ArrayList<>()).add(s));
    }
    return result;
  }

  /** Instances of a study that are not rejected, in order of series and Instance Number. */
  public List<Instance> instances(UUID studyId) {
    return jdbc.sql(
            """
            select i.* from instance i join series r on r.id = i.series_id where i.study_id = ? and i.rejected_by is null
            order by r.series_number, r.series_instance_uid, i.instance_number, i.sop_instance_uid""")
        .param(studyId)
        .query(StudyIndex::mapInstance)
        .list();
  }

  /** Instances of this custodian with these SOP Instance UIDs, rejected ones, too. */
  public List<Instance> instances(String custodian, Collection<String> sopInstanceUids) {
    return sopInstanceUids.isEmpty()
        ? List.of()
        : jdbc.sql(
                "select * from instance where custodian = :custodian and sop_instance_uid in (:uids)")
            .param("custodian", custodian)
            .param("uids", sopInstanceUids)
            .query(StudyIndex::mapInstance)
            .list();
  }

  /** Which of these object keys an instance or an open question points to. */
  public List<String> referencedKeys(Collection<String> objectKeys) {
    return objectKeys.isEmpty()
        ? List.of()
        : jdbc.sql(
                """
                select object_key from instance where object_key in (:keys)
                union select object_key from review_item where object_key in (:keys)""")
            .param("keys", objectKeys)
            .query(String.class)
            .list();
  }

  private static Study mapStudy(ResultSet row, int number) throws SQLException {
    String modalities = row.getString("modalities");
    return new Study(
        Rows.uuid(row, "id"),
        row.getString("custodian"),
        row.getString("study_instance_uid"),
        Rows.uuid(row, "current_patient_id"),
        Rows.said(row),
        Rows.accession(row),
        row.getString("dicom_study_id"),
        Rows.dateTime(row, "started"),
        row.getString("timezone_offset"),
        Rows.procedure(row),
        row.getString("description"),
        row.getString("referring_physician"),
        row.getString("reading_physician"),
        row.getString("reason"),
        row.getString("patient_name"),
        row.getString("patient_sex"),
        modalities == null
            ? List.of()
            : java.util.Arrays.stream(modalities.split(",")).sorted().toList(),
        row.getInt("number_of_series"),
        row.getInt("number_of_instances"),
        Rows.instant(row, "last_received_at"),
        Rows.instant(row, "last_updated"));
  }

  private static Series mapSeries(ResultSet row, int number) throws SQLException {
    return new Series(
        Rows.uuid(row, "id"),
        Rows.uuid(row, "study_id"),
        row.getString("series_instance_uid"),
        row.getString("modality"),
        Rows.integer(row, "series_number"),
        row.getString("description"),
        row.getString("body_part_examined"),
        row.getString("laterality"),
        row.getString("performing_physician"),
        Rows.dateTime(row, "started"),
        row.getInt("number_of_instances"),
        Rows.instant(row, "last_updated"));
  }

  static Instance mapInstance(ResultSet row, int number) throws SQLException {
    return new Instance(
        Rows.uuid(row, "id"),
        Rows.uuid(row, "series_id"),
        Rows.uuid(row, "study_id"),
        row.getString("custodian"),
        row.getString("sop_instance_uid"),
        row.getString("sop_class_uid"),
        row.getString("transfer_syntax_uid"),
        Rows.integer(row, "instance_number"),
        Rows.integer(row, "number_of_frames"),
        Rows.integer(row, "image_rows"),
        Rows.integer(row, "image_columns"),
        row.getString("title"),
        row.getString("object_key"),
        row.getString("sha256"),
        row.getLong("size_bytes"),
        Rows.instant(row, "received_at"));
  }
}
