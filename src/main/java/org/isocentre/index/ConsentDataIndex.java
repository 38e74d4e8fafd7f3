package org.isocentre.index;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.isocentre.model.ConsentData;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The studies, reports and orders of patients as far as a consent decision needs to know them. */
public final class ConsentDataIndex {
  private static final String WHOSE = " where %s.patient_id in (:ids)";
  private final JdbcClient jdbc;

  public ConsentDataIndex(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  private record Bare(UUID id, UUID patientId, String type, Instant date) {}

  /** All that is filed under these records, in six statements. */
  public List<ConsentData> of(Collection<UUID> patientIds) {
    if (patientIds.isEmpty()) {
      return List.of();
    }
    List<UUID> ids = Rows.padded(patientIds);
    List<Bare> found = new ArrayList<>();
    read(found, "ImagingStudy", "select s.id, s.patient_id, s.started from study s", "s", ids);
    read(found, "ServiceRequest", "select o.id, o.patient_id from imaging_order o", "o", ids);
    read(found, "DiagnosticReport", "select r.id, r.patient_id from report r", "r", ids);
    Map<UUID, Instant> dates = dates(ids);
    Map<UUID, Set<UUID>> related = related(ids);
    Map<UUID, Set<String>> labels = labels(ids);
    return found.stream()
        .map(
            bare ->
                new ConsentData(
                    bare.id(),
                    bare.patientId(),
                    bare.type(),
                    bare.date() == null ? dates.get(bare.id()) : bare.date(),
                    related.getOrDefault(bare.id(), Set.of()),
                    labels.getOrDefault(bare.id(), Set.of())))
        .toList();
  }

  private void read(List<Bare> into, String type, String select, String table, List<UUID> ids) {
    boolean study = type.equals("ImagingStudy");
    jdbc.sql(select + WHOSE.formatted(table))
        .param("ids", ids)
        .query(
            row -> {
              LocalDateTime started = study ? Rows.dateTime(row, "started") : null;
              into.add(
                  new Bare(
                      Rows.uuid(row, "id"),
                      Rows.uuid(row, "patient_id"),
                      type,
                      started == null ? null : started.toInstant(ZoneOffset.UTC)));
            });
  }

  private Map<UUID, Instant> dates(List<UUID> ids) {
    Map<UUID, Instant> dates = new HashMap<>();
    jdbc.sql(
            Unions.kept(
                """
            select o.id, o.authored_on as said from imaging_order o where o.patient_id in (:ids)
            union all select r.id, r.issued as said from report r where r.patient_id in (:ids)"""))
        .param("ids", ids)
        .query(
            row -> {
              dates.put(Rows.uuid(row, "id"), Rows.instant(row, "said"));
            });
    return dates;
  }

  private Map<UUID, Set<UUID>> related(List<UUID> ids) {
    Map<UUID, Set<UUID>> related = new HashMap<>();
    jdbc.sql(
            Unions.kept(
                """
            select l.order_id as one, l.study_id as other from study_link l join study s on s.id = l.study_id
              where s.patient_id in (:ids)
            union all select rs.report_id, rs.study_id from report_study rs join study s on s.id = rs.study_id
              where s.patient_id in (:ids)
            union all select r.id, r.order_id from report r where r.order_id is not null and r.patient_id in (:ids)"""))
        .param("ids", ids)
        .query(
            row -> {
              UUID one = Rows.uuid(row, "one");
              UUID other = Rows.uuid(row, "other");
              related.computeIfAbsent(one, key -> new HashSet<>()).add(other);
              related.computeIfAbsent(other, key -> new HashSet<>()).add(one);
            });
    return related;
  }

  private Map<UUID, Set<String>> labels(List<UUID> ids) {
    Map<UUID, Set<String>> labels = new HashMap<>();
    jdbc.sql("select subject_id, label from data_label where patient_id in (:ids)")
        .param("ids", ids)
        .query(
            row -> {
              labels
                  .computeIfAbsent(Rows.uuid(row, "subject_id"), key -> new HashSet<>())
                  .add(row.getString("label"));
            });
    return labels;
  }

  /** ODS code of the custodian of a study, report or order. */
  public java.util.Optional<String> custodianOf(UUID id) {
    return jdbc.sql(
            Unions.kept(
                """
            select custodian from study where id = :id union all select custodian from imaging_order where id = :id
            union all select custodian from report where id = :id"""))
        .param("id", id)
        .query(String.class)
        .optional();
  }

  /** Whose a study, report or order is. */
  public java.util.Optional<UUID> patientOf(UUID id) {
    return jdbc.sql(
            Unions.kept(
                """
            select patient_id from study where id = :id union all select patient_id from imaging_order where id = :id
            union all select patient_id from report where id = :id"""))
        .param("id", id)
        .query(UUID.class)
        .optional();
  }
}
