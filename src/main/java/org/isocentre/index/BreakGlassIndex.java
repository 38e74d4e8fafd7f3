package org.isocentre.index;

import java.time.Instant;
import java.util.Set;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Who looks at whose data though the patient refuses, why, and until when. */
public final class BreakGlassIndex {
  private final JdbcClient jdbc;

  public BreakGlassIndex(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** One clinician, for one patient, for a time. */
  public record BrokenGlass(
      UUID id,
      String subject,
      String organisation,
      UUID patientId,
      String reason,
      Instant at,
      Instant until) {}

  public void add(BrokenGlass b) {
    jdbc.sql(
            """
            insert into break_glass (id, subject, organisation, patient_id, reason, at, until_at)
              values (?, ?, ?, ?, ?, ?, ?)""")
        .params(
            b.id(),
            b.subject(),
            b.organisation(),
            b.patientId(),
            Rows.cut(b.reason(), 1000),
            Rows.utc(b.at()),
            Rows.utc(b.until()))
        .update();
  }

  /** Records with this NHS number. */
  public Set<UUID> recordsOf(String nhsNumber) {
    return Set.copyOf(
        jdbc.sql("select id from patient where nhs_number = ?")
            .param(nhsNumber)
            .query(UUID.class)
            .list());
  }

  /** Patient records that this person may see now in spite of a refusal. */
  public Set<UUID> patients(String subject, String organisation, Instant at) {
    return Set.copyOf(
        jdbc.sql(
                "select distinct patient_id from break_glass where subject = ? and organisation = ? and until_at > ?")
            .params(subject, organisation, Rows.utc(at))
            .query(UUID.class)
            .list());
  }
}
