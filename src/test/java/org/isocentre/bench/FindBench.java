package org.isocentre.bench;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.function.IntFunction;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.isocentre.audit.AuditTrail;
import org.isocentre.consent.TestAccess;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.dimse.Matches;
import org.isocentre.dicom.dimse.Peer;
import org.isocentre.dicom.dimse.Query;
import org.isocentre.exchange.TrustDirectory;
import org.isocentre.index.AuditIndex;
import org.isocentre.index.Folding;
import org.isocentre.index.QueryIndex;
import org.isocentre.model.AuditOrigin;
import org.isocentre.model.Organisation;
import org.isocentre.model.Organisation.ApplicationEntity;
import org.isocentre.query.CallingTrust;
import org.isocentre.query.StudyQueryHandler;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * How long a C-FIND takes from identifier to last answer, without the network, on an index of
 * 10,000, 100,000 and 1,000,000 studies. The note in the audit trail is part of it.
 *
 * <pre>
 * mvn -q test-compile
 * mvn -q exec:java -Dexec.classpathScope=test -Dexec.mainClass=org.isocentre.bench.FindBench \
 *     -Dexec.args="h2"        # or: postgres; then optionally the sizes, such as 10000 100000
 * </pre>
 */
public final class FindBench {
  private static final int BATCH = 5000;
  private static final int WARM_UP = 300;
  private static final int RUNS = 1000;
  private static final LocalDate FIRST_DAY = LocalDate.of(2000, 1, 1);
  private static final String[] FAMILIES = {
    "SMITH",
    "JONES",
    "TAYLOR",
    "BROWN",
    "WILLIAMS",
    "WILSON",
    "JOHNSON",
    "DAVIES",
    "MÜLLER",
    "O'NEILL"
  };
  private final DataSource database;
  private final StudyQueryHandler handler;
  private final Random random = new Random(1);

  private FindBench(DataSource database) {
    this.database = database;
    JdbcClient jdbc = JdbcClient.create(database);
    TrustDirectory directory =
        new TrustDirectory(
            List.of(
                new Organisation(
                    "RTH",
                    "Trust",
                    List.of(new ApplicationEntity("RTHPACS", null, 0, List.of())),
                    List.of(),
                    false,
                    List.of())),
            null);
    Clock clock = Clock.systemUTC();
    handler =
        new StudyQueryHandler(
            new QueryIndex(database, 2, java.time.Duration.ofMinutes(5)),
            new CallingTrust(
                directory,
                TestAccess.access(jdbc, clock),
                new AuditTrail(
                    new AuditIndex(jdbc),
                    new TransactionTemplate(new DataSourceTransactionManager(database)),
                    () -> AuditOrigin.HUB,
                    clock)),
            "ISOCENTRE",
            10_000,
            ZoneId.of("Europe/London"));
  }

  public static void main(String[] arguments) throws Exception {
    String kind = arguments.length == 0 ? "h2" : arguments[0];
    int[] sizes =
        arguments.length > 1
            ? Arrays.stream(arguments).skip(1).mapToInt(Integer::parseInt).toArray()
            : new int[] {10_000, 100_000, 1_000_000};
    if (kind.equals("postgres")) {
      try (EmbeddedPostgres server = EmbeddedPostgres.builder().start()) {
        run(pool(server.getJdbcUrl("postgres", "postgres"), "postgres"), sizes);
      }
    } else {
      Path directory = Files.createTempDirectory("find-bench");
      run(
          pool(
              "jdbc:h2:file:"
                  + directory.resolve("index")
                  + ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH"
                  + ";OPTIMIZE_REUSE_RESULTS=0;CACHE_SIZE=16384",
              "sa"),
          sizes);
    }
  }

  private static HikariDataSource pool(String url, String user) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url);
    config.setUsername(user);
    config.setPassword("");
    config.setMaximumPoolSize(4);
    return new HikariDataSource(config);
  }

  private static void run(HikariDataSource database, int[] sizes) throws Exception {
    try (database) {
      Flyway.configure().dataSource(database).locations("classpath:db/migration").load().migrate();
      FindBench bench = new FindBench(database);
      System.out.println("studies\tkey\tanswers\tp50 ms\tp99 ms");
      int filled = 0;
      for (int size : sizes) {
        bench.fill(filled, size);
        filled = size;
        bench.measure(size);
      }
    }
  }

  private void fill(int from, int until) throws SQLException {
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(false);
      for (int first = from; first < until; first += BATCH) {
        batch(connection, first, Math.min(until, first + BATCH));
        connection.commit();
      }
      try (Statement statement = connection.createStatement()) {
        statement.execute("analyze");
      }
      connection.commit();
    }
  }

  private static void batch(Connection connection, int from, int until) throws SQLException {
    try (PreparedStatement patient =
            connection.prepareStatement(
                "insert into patient (id, source, in_review, last_updated) values (?, 'DICOM', false, ?)");
        PreparedStatement study =
            connection.prepareStatement(
                """
                insert into study (id, custodian, study_instance_uid, patient_id, said_key_issuer, said_key_value,
                  dicom_patient_id, dicom_patient_id_issuer, accession_issuer, accession_value, study_date, study_time,
                  started, patient_name, patient_name_folded, number_of_series, number_of_instances, last_received_at,
                  last_updated)
                values (?, 'RTH', ?, ?, 'RTH', ?, ?, 'RTH', 'RTH', ?, ?, ?, ?, ?, ?, 1, 1, ?, ?)""");
        PreparedStatement series =
            connection.prepareStatement(
                """
                insert into series (id, study_id, series_instance_uid, modality, number_of_instances, last_updated)
                values (?, ?, ?, ?, 1, ?)""")) {
      OffsetDateTime now = OffsetDateTime.now();
      for (int i = from; i < until; i++) {
        UUID id = new UUID(i, i);
        bind(patient, id, now);
        LocalDate date = FIRST_DAY.plusDays(i % 9000);
        LocalTime time = LocalTime.ofSecondOfDay(i % 86_400);
        String name = name(i);
        bind(
            study,
            id,
            "1.2.3." + i,
            id,
            patientId(i),
            patientId(i),
            "A" + i,
            date,
            time,
            date.atTime(time),
            name,
            Folding.name(name),
            now,
            now);
        bind(series, id, id, "1.2.3." + i + ".1", i % 3 == 0 ? "CT" : "MR", now);
      }
      patient.executeBatch();
      study.executeBatch();
      series.executeBatch();
    }
  }

  private static void bind(PreparedStatement statement, Object... values) throws SQLException {
    for (int i = 0; i < values.length; i++) {
      statement.setObject(i + 1, values[i]);
    }
    statement.addBatch();
  }

  /** Two studies a patient. */
  private static String patientId(int study) {
    return "P" + study / 2;
  }

  /** Few family names and many given ones, as in life. */
  private static String name(int study) {
    return FAMILIES[study / 2 % FAMILIES.length] + "^TEST" + study / 2;
  }

  private void measure(int size) {
    measure(size, "PatientID", i -> keys().set(Tag.PatientID, patientId(i)));
    measure(size, "AccessionNumber", i -> keys().set(Tag.AccessionNumber, "A" + i));
    measure(size, "StudyInstanceUID", i -> keys().set(Tag.StudyInstanceUID, "1.2.3." + i));
    measure(
        size,
        "PatientName wild card",
        i ->
            keys().set(Tag.SpecificCharacterSet, "ISO_IR 192").set(Tag.PatientName, name(i) + "*"));
    measure(
        size,
        "StudyDate range and PatientID",
        i -> keys().set(Tag.PatientID, patientId(i)).set(Tag.StudyDate, "20000101-20301231"));
    measure(
        size,
        "StudyDate of one day",
        i ->
            keys()
                .set(
                    Tag.StudyDate,
                    FIRST_DAY.plusDays(i % 9000).format(DateTimeFormatter.BASIC_ISO_DATE)));
  }

  private static DataSet keys() {
    return new DataSet()
        .set(Tag.QueryRetrieveLevel, "STUDY")
        .set(Tag.StudyInstanceUID, "")
        .set(Tag.PatientID, "")
        .set(Tag.PatientName, "")
        .set(Tag.StudyDate, "")
        .set(Tag.StudyTime, "")
        .set(Tag.AccessionNumber, "")
        .set(Tag.ModalitiesInStudy, "")
        .set(Tag.NumberOfStudyRelatedInstances, "");
  }

  private void measure(int size, String name, IntFunction<DataSet> keys) {
    long[] nanos = new long[RUNS];
    long answers = 0;
    for (int run = -WARM_UP; run < RUNS; run++) {
      DataSet identifier = keys.apply(random.nextInt(size));
      long start = System.nanoTime();
      int found = find(identifier);
      if (run >= 0) {
        nanos[run] = System.nanoTime() - start;
        answers += found;
      }
    }
    Arrays.sort(nanos);
    System.out.printf(
        Locale.ROOT,
        "%d\t%s\t%.1f\t%.2f\t%.2f%n",
        size,
        name,
        answers / (double) RUNS,
        nanos[RUNS / 2] / 1e6,
        nanos[RUNS * 99 / 100] / 1e6);
  }

  private int find(DataSet identifier) {
    Query query =
        new Query(
            "1.2.840.10008.5.1.4.1.2.2.1",
            identifier,
            Set.of(),
            new Peer(1, "RTHPACS", "ISOCENTRE", "127.0.0.1"));
    int found = 0;
    try (Matches matches = handler.find(query)) {
      while (matches.hasNext()) {
        matches.next();
        found++;
      }
    }
    if (found == 0) {
      throw new IllegalStateException("a query found nothing: the figures would be of nothing");
    }
    return found;
  }
}
