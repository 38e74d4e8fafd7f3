package org.isocentre.index;

import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Objects that patients brought, which nobody sees but those who decide on them, until a person has
 * accepted their study. Then they are filed, and are objects like any other.
 */
public final class UploadIndex {
  private static final String SELECT =
      """
      select id, group_id, nhs_number, received_at, sop_class_uid, sop_instance_uid, study_instance_uid, series_instance_uid,
        modality, transfer_syntax_uid, says, object_key, sha256, object_size, custodian, decided_at, attempts from upload""";

  private static final String STUDIES =
      """
      select g.*, (select min(cast(p.id as varchar(36))) from patient p where p.nhs_number = g.nhs_number
          and p.merged_into is null and not p.in_review) as patient_id
        from (select u.group_id, u.nhs_number, u.state, min(u.study_instance_uid) as study_instance_uid,
          min(u.received_at) as first_at, count(*) as objects, sum(u.object_size) as bytes, min(u.modality) as modality,
          sum(case when u.says = 'OTHER' then 1 else 0 end) as others,
          sum(case when u.says = 'UNSAID' then 1 else 0 end) as unsaid
          from upload u where u.state = ? %s group by u.group_id, u.nhs_number, u.state) g
        order by first_at, group_id offset ? rows fetch next ? rows only""";

  private final JdbcClient jdbc;

  public UploadIndex(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** Whether an object says to be of the patient who brought it. */
  public enum Says {
    /** All that it says fits, and it says something. */
    SAME,
    /** It says another NHS number or birth date. */
    OTHER,
    UNSAID
  }

  /** What became of objects. */
  public enum State {
    WAITING,
    /** To be filed. */
    ACCEPTED,
    FILED,
    REFUSED,
    /** Accepted, and could not be filed. */
    FAILED
  }

  /**
   * One object.
   *
   * @param study id of {@link UploadedStudy}
   * @param nhsNumber of the patient who brought it
   * @param custodian ODS code of the trust that it is filed under; null before it is accepted
   */
  public record Upload(
      UUID id,
      UUID study,
      String nhsNumber,
      Instant receivedAt,
      String sopClassUid,
      String sopInstanceUid,
      String studyInstanceUid,
      String seriesInstanceUid,
      String modality,
      String transferSyntaxUid,
      Says says,
      String objectKey,
      String sha256,
      long size,
      String custodian,
      Instant decidedAt,
      int attempts) {
    /** Without who the patient is. */
    @Override
    public String toString() {
      return "Upload[" + id + "]";
    }
  }

  /**
   * What a person decides on: one study of one patient.
   *
   * @param patientId of the patient who brought it; null while the index does not know them
   * @param others how many objects say to be of another patient
   * @param unsaid how many do not say of whom they are
   */
  public record UploadedStudy(
      UUID id,
      UUID patientId,
      String studyInstanceUid,
      String modality,
      long objects,
      long bytes,
      long others,
      long unsaid,
      State state,
      Instant receivedAt) {}

  /** The id of a patient's study, the same however often it is asked for. */
  public static UUID study(String nhsNumber, String studyInstanceUid) {
    return UUID.nameUUIDFromBytes(
        ("upload|" + nhsNumber + "|" + studyInstanceUid).getBytes(StandardCharsets.US_ASCII));
  }

  /** Notes an object that is in the store. The same one again changes nothing. */
  public void record(Upload u) {
    boolean known =
        jdbc.sql(
                    "select count(*) from upload where nhs_number = ? and sop_instance_uid = ? and object_key = ?")
                .params(u.nhsNumber(), u.sopInstanceUid(), u.objectKey())
                .query(Long.class)
                .single()
            > 0;
    if (known) {
      return;
    }
    try {
      jdbc.sql(
              """
              insert into upload (id, group_id, nhs_number, received_at, sop_class_uid, sop_instance_uid, study_instance_uid,
                series_instance_uid, modality, transfer_syntax_uid, says, object_key, sha256, object_size, state)
              values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'WAITING')""")
          .params(
              u.id(),
              u.study(),
              u.nhsNumber(),
              Rows.utc(u.receivedAt()),
              u.sopClassUid(),
              u.sopInstanceUid(),
              u.studyInstanceUid(),
              u.seriesInstanceUid(),
              Rows.cut(u.modality(), 16),
              u.transferSyntaxUid(),
              u.says().name(),
              u.objectKey(),
              u.sha256(),
              u.size())
          .update();
    } catch (DuplicateKeyException e) {
      // It came twice at the same time.
      return;
    }
  }

  /**
   * How much of a patient's waits.
   *
   * @param bytes of all objects
   */
  public record Waiting(long objects, long bytes) {}

  public Waiting waiting(String nhsNumber) {
    return jdbc.sql(
            "select count(*) as objects, coalesce(sum(object_size), 0) as bytes from upload where nhs_number = ? and state = 'WAITING'")
        .param(nhsNumber)
        .query((row, i) -> new Waiting(row.getLong("objects"), row.getLong("bytes")))
        .single();
  }

  /** Studies of which objects are in a state, the first that came first. */
  public List<UploadedStudy> studies(State state, PageRequest page) {
    return jdbc.sql(STUDIES.formatted(""))
        .params(state.name(), page.offset(), page.limit())
        .query(UploadIndex::study)
        .list();
  }

  /** What waits of a study. */
  public Optional<UploadedStudy> waitingStudy(UUID id) {
    return jdbc.sql(STUDIES.formatted("and u.group_id = ?"))
        .params(State.WAITING.name(), id, 0, 1)
        .query(UploadIndex::study)
        .optional();
  }

  /** Objects of a study, whatever their state, by number. */
  public List<Upload> objects(UUID study, PageRequest page) {
    return jdbc.sql(
            SELECT
                + " where group_id = ? order by series_instance_uid, received_at, id offset ? rows fetch next ? rows only")
        .params(study, page.offset(), page.limit())
        .query(UploadIndex::map)
        .list();
  }

  public Optional<Upload> find(UUID id) {
    return jdbc.sql(SELECT + " where id = ?").param(id).query(UploadIndex::map).optional();
  }

  /**
   * Decides on what waits of a study.
   *
   * @param custodian ODS code of the trust that it is filed under; null to refuse it
   * @return how many objects
   */
  public int decide(UUID study, String custodian, String by, Instant at) {
    return jdbc.sql(
            "update upload set state = ?, custodian = ?, decided_by = ?, decided_at = ? where group_id = ? and state = 'WAITING'")
        .params(
            (custodian == null ? State.REFUSED : State.ACCEPTED).name(),
            custodian,
            Rows.cut(by, 200),
            Rows.utc(at),
            study)
        .update();
  }

  /** Accepted objects that are not filed yet. */
  public List<Upload> toFile(int most) {
    return jdbc.sql(
            SELECT + " where state = 'ACCEPTED' order by received_at, id fetch next ? rows only")
        .param(most)
        .query(UploadIndex::map)
        .list();
  }

  public void filed(UUID id) {
    jdbc.sql("update upload set state = 'FILED' where id = ?").param(id).update();
  }

  /**
   * An attempt to file an object failed.
   *
   * @param last whether there will be no other
   */
  public void failed(UUID id, boolean last) {
    jdbc.sql("update upload set attempts = attempts + 1, state = ? where id = ?")
        .params((last ? State.FAILED : State.ACCEPTED).name(), id)
        .update();
  }

  private static Upload map(ResultSet row, int number) throws SQLException {
    return new Upload(
        row.getObject("id", UUID.class),
        row.getObject("group_id", UUID.class),
        row.getString("nhs_number"),
        Rows.instant(row, "received_at"),
        row.getString("sop_class_uid"),
        row.getString("sop_instance_uid"),
        row.getString("study_instance_uid"),
        row.getString("series_instance_uid"),
        row.getString("modality"),
        row.getString("transfer_syntax_uid"),
        Says.valueOf(row.getString("says")),
        row.getString("object_key"),
        row.getString("sha256"),
        row.getLong("object_size"),
        row.getString("custodian"),
        Rows.instant(row, "decided_at"),
        row.getInt("attempts"));
  }

  private static UploadedStudy study(ResultSet row, int number) throws SQLException {
    String patient = row.getString("patient_id");
    return new UploadedStudy(
        row.getObject("group_id", UUID.class),
        patient == null ? null : UUID.fromString(patient),
        row.getString("study_instance_uid"),
        row.getString("modality"),
        row.getLong("objects"),
        row.getLong("bytes"),
        row.getLong("others"),
        row.getLong("unsaid"),
        State.valueOf(row.getString("state")),
        Rows.instant(row, "first_at"));
  }
}
