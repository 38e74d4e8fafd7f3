package org.isocentre.hl7;

import static org.assertj.core.api.Assertions.assertThat;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.h2.jdbcx.JdbcConnectionPool;
import org.isocentre.index.AppointmentIndex;
import org.isocentre.index.OrderIndex;
import org.isocentre.index.PatientIndex;
import org.isocentre.index.ReportIndex;
import org.isocentre.index.ReviewList;
import org.isocentre.model.Appointment;
import org.isocentre.model.OrderRequest;
import org.isocentre.model.PatientDemographics;
import org.isocentre.model.PatientMerge;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * No message, however odd, is acknowledged AA and then cannot be filed: the messages of the table,
 * with bytes changed, cut and inserted, segments moved, doubled and left out.
 */
class AcknowledgedIsFiledTest {
  private static final int TRIES = Integer.getInteger("isocentre.odd.messages", 1000);
  private static final long SEED = Long.getLong("isocentre.odd.seed", 20261101);
  private final MessageReceiver receiver = MessageTable.receiver();

  @Test
  void h2FilesWhatWasAcknowledged() throws Exception {
    assertFiled(
        JdbcConnectionPool.create(
            "jdbc:h2:mem:"
                + UUID.randomUUID()
                + ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH;DB_CLOSE_DELAY=-1",
            "sa",
            ""),
        SEED);
  }

  @Test
  void postgresFilesWhatWasAcknowledged() throws Exception {
    try (EmbeddedPostgres server = EmbeddedPostgres.builder().start()) {
      assertFiled(server.getPostgresDatabase(), SEED);
    }
  }

  private void assertFiled(DataSource database, long seed) throws Exception {
    Filing filing = new Filing(database);
    for (MessageTable.Case c : MessageTable.cases()) {
      file(filing, c.raw(), c.name());
    }
    Random random = new Random(seed);
    int accepted = 0;
    for (int i = 0; i < TRIES; i++) {
      byte[] raw = OddMessages.next(random);
      accepted += file(filing, raw, "seed " + seed + ", message " + i) ? 1 : 0;
    }
    // The test would prove nothing if all of them were refused.
    assertThat(accepted).isGreaterThan(TRIES / 10);
  }

  private boolean file(Filing filing, byte[] raw, String name) {
    if (!receiver.receive(raw, MessageTable.SOURCE).isAccepted()) {
      return false;
    }
    try {
      List<?> mapped = MessageTable.map(Hl7Message.parse(raw));
      assertThat(mapped).as(name).isNotEmpty();
      mapped.forEach(filing::file);
      return true;
    } catch (Exception e) {
      throw new AssertionError(name + " was acknowledged and cannot be filed", e);
    }
  }

  /** Files each kind of record where the hub does. */
  private static final class Filing {
    private final PatientIndex patients;
    private final OrderIndex orders;
    private final ReportIndex reports;
    private final AppointmentIndex appointments;

    Filing(DataSource database) {
      Flyway.configure().dataSource(database).locations("classpath:db/migration").load().migrate();
      JdbcClient jdbc = JdbcClient.create(database);
      TransactionTemplate transactions =
          new TransactionTemplate(new DataSourceTransactionManager(database));
      ReviewList reviews = new ReviewList(jdbc);
      patients = new PatientIndex(jdbc, transactions, reviews);
      orders = new OrderIndex(jdbc, transactions, patients);
      reports = new ReportIndex(jdbc, transactions, patients);
      appointments = new AppointmentIndex(jdbc, transactions, patients, reviews);
    }

    void file(Object mapped) {
      if (mapped instanceof PatientDemographics patient) {
        assertThat(patients.resolve(patient)).isNotNull();
      } else if (mapped instanceof PatientMerge merge) {
        assertThat(merge.prior().key() != null || merge.prior().nhsNumber() != null).isTrue();
        patients.resolve(merge.surviving());
      } else if (mapped instanceof OrderRequest order) {
        assertThat(orders.find(orders.record(order))).isPresent();
      } else if (mapped instanceof Appointment appointment) {
        assertThat(appointments.record(appointment)).isNotNull();
      } else {
        assertThat(reports.find(reports.record(((MappedReport) mapped).result()))).isPresent();
      }
    }
  }
}
