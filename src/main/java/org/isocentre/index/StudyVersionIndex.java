package org.isocentre.index;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.isocentre.model.Study;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What complete studies were: where the resource of each moment is kept. */
public final class StudyVersionIndex {
  private final JdbcClient jdbc;

  public StudyVersionIndex(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * What a study was.
   *
   * @param objectKey of its resource in the store
   */
  public record Version(UUID studyId, Instant lastUpdated, String objectKey) {}

  /** Whether what a study is now is kept already, or need not be: more objects may come. */
  public boolean isKept(UUID studyId) {
    return jdbc.sql(
                """
                select count(*) from study s where s.id = ? and s.completed_at is not null and not exists
                  (select 1 from study_version v where v.study_id = s.id and v.last_updated = s.last_updated)""")
            .param(studyId)
            .query(Integer.class)
            .single()
        == 0;
  }

  /**
   * Notes where a study's resource is kept, unless the study has changed since it was read. It is
   * of the patient whom the resource names: while records are merged, of the one that stays.
   *
   * @param read as the resource was made of it
   */
  public void add(Study read, String objectKey) {
    jdbc.sql(
            """
            insert into study_version (study_id, last_updated, patient_id, object_key)
              select id, last_updated, cast(? as uuid), cast(? as varchar(160)) from study where id = ? and last_updated = ?
              on conflict do nothing""")
        .params(read.patientId(), objectKey, read.id(), Rows.utc(read.lastUpdated()))
        .update();
  }

  /**
   * What a study was before it became what it is, the newest first; only what was of the patient
   * whose it is now, and not what has been taken back since.
   *
   * @param patient whose it is now, as the caller sees it
   * @param most how many at most
   */
  public List<Version> before(Study now, UUID patient, Visibility visible, int most) {
    return jdbc
        .sql(
            """
            select v.study_id, v.last_updated, v.object_key, %s from study_version v join patient p on p.id = v.patient_id
              where v.study_id = ? and v.last_updated < ? and v.withdrawn = false
              order by v.last_updated desc fetch first %d rows only"""
                .formatted(Rows.currentPatient(visible), most))
        .params(now.id(), Rows.utc(now.lastUpdated()))
        .query(
            (row, n) ->
                patient.equals(Rows.uuid(row, "current_patient_id"))
                    ? new Version(
                        now.id(), Rows.instant(row, "last_updated"), row.getString("object_key"))
                    : null)
        .list()
        .stream()
        .filter(java.util.Objects::nonNull)
        .toList();
  }

  /** What was said of objects that are taken back is no more to be seen. */
  static void withdraw(JdbcClient jdbc, UUID studyId) {
    jdbc.sql("update study_version set withdrawn = true where study_id = ?")
        .param(studyId)
        .update();
  }
}
