package org.isocentre.index;

import static org.assertj.core.api.Assertions.assertThat;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.time.Clock;
import java.time.LocalDate;
import java.time.LocalTime;
import java.util.Set;
import java.util.UUID;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.isocentre.model.Practitioner;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Rows of the first version keep their meaning in the newest, and get what it adds. */
class MigrationTest {
  private static final UUID ID = UUID.fromString("00000000-0000-0001-0000-000000000002");

  @Test
  void rowsOfTheFirstVersionAreFilledInH2() {
    rowsAreFilled(new H2IndexTest().database());
  }

  @Test
  void rowsOfTheFirstVersionAreFilledInPostgres() throws Exception {
    try (EmbeddedPostgres server = EmbeddedPostgres.builder().start()) {
      rowsAreFilled(server.getPostgresDatabase());
    }
  }

  private static void rowsAreFilled(DataSource database) {
    var flyway = Flyway.configure().dataSource(database).locations("classpath:db/migration");
    flyway.target("1").load().migrate();
    JdbcClient jdbc = JdbcClient.create(database);
    jdbc.sql(
            "insert into patient (id, source, in_review, last_updated) values (?, 'DICOM', false, current_timestamp)")
        .param(ID)
        .update();
    jdbc.sql(
            """
            insert into study (id, custodian, study_instance_uid, patient_id, said_nhs_number, started, patient_name,
              number_of_series, number_of_instances, last_received_at, last_updated)
            values (?, 'RTH', '1.1', ?, '9990000018', timestamp '2026-01-10 10:15:00', 'Müller^Anna^', 1, 1,
              current_timestamp, current_timestamp)""")
        .params(ID, ID)
        .update();
    jdbc.sql(
            """
            insert into series (id, study_id, series_instance_uid, performing_physician, number_of_instances, last_updated)
            values (?, ?, '1.1.1', 'Röntgen', 1, current_timestamp)""")
        .params(ID, ID)
        .update();
    jdbc.sql(
            """
            insert into imaging_order (id, custodian, patient_id, status, message_key, message_at, last_updated,
              referrer_code, referrer_family, referring_organisation)
            values (?, 'RTH', ?, 'ACTIVE', 'hl7/1', current_timestamp, current_timestamp, 'C1234567', 'WHITE', 'RJ1')""")
        .params(ID, ID)
        .update();
    jdbc.sql(
            """
            insert into hl7_message (id, custodian, control_id, message_type, object_key, state, received_at, last_updated)
            values (?, 'RTH', 'M1', 'ORM^O01', 'hl7/1', 'FILED', current_timestamp, current_timestamp)""")
        .param(ID)
        .update();
    flyway.target("latest").load().migrate();

    var study = jdbc.sql("select * from study").query(MigrationTest::study).single();
    assertThat(study)
        .isEqualTo(
            new Filled(
                "9990000018",
                "NHS",
                LocalDate.of(2026, 1, 10),
                LocalTime.of(10, 15),
                "MULLER^ANNA"));
    assertThat(one(jdbc, "select performing_physician_folded from series")).isEqualTo("RONTGEN");
    assertThat(one(jdbc, "select worklist_study_uid from imaging_order"))
        .isEqualTo(OrderIndex.worklistStudyUid(ID))
        .isEqualTo("2.25.18446744073709551618");
    assertThat(one(jdbc, "select step_status from imaging_order")).isEqualTo("SCHEDULED");
    PractitionerIndex practitioners = new PractitionerIndex(jdbc, Clock.systemUTC());
    assertThat(practitioners.fill()).isEqualTo(1);
    assertThat(practitioners.fill()).isZero();
    Practitioner.Key clinician = Practitioner.Key.of("1234567", "RTH");
    assertThat(
            practitioners
                .roles(Visibility.ALL, Set.of(clinician.roleId("RJ1")))
                .get(0)
                .practitioner())
        .satisfies(p -> assertThat(p.key()).isEqualTo(clinician))
        .satisfies(p -> assertThat(p.name().family()).isEqualTo("WHITE"));
    assertThat(one(jdbc, "select cast(referrer_id as varchar(36)) from imaging_order"))
        .isEqualTo(clinician.id().toString());
    TrackedMessage message = new MessageIndex(jdbc).find(ID).orElseThrow();
    assertThat(message.direction()).isEqualTo(TrackedMessage.Direction.IN);
    assertThat(message.sentAt()).isEqualTo(message.receivedAt());
  }

  private record Filled(
      String patientId, String issuer, LocalDate date, LocalTime time, String name) {}

  private static Filled study(java.sql.ResultSet row, int number) throws java.sql.SQLException {
    return new Filled(
        row.getString("dicom_patient_id"),
        row.getString("dicom_patient_id_issuer"),
        row.getObject("study_date", LocalDate.class),
        row.getObject("study_time", LocalTime.class),
        row.getString("patient_name_folded"));
  }

  private static String one(JdbcClient jdbc, String sql) {
    return jdbc.sql(sql).query(String.class).single();
  }
}
