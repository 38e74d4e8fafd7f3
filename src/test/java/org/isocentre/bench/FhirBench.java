package org.isocentre.bench;

import com.sun.net.httpserver.HttpServer;
import com.zaxxer.hikari.HikariDataSource;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.awaitility.Awaitility;
import org.flywaydb.core.Flyway;
import org.isocentre.app.PractitionersOfOrders;
import org.isocentre.index.ConsentIndex;
import org.isocentre.index.LinkIndex;
import org.isocentre.index.OrderIndex;
import org.isocentre.index.PatientIndex;
import org.isocentre.index.ReviewList;
import org.isocentre.index.StudyIndex;
import org.isocentre.model.AccessionKey;
import org.isocentre.model.Code;
import org.isocentre.model.Consent;
import org.isocentre.model.OrderRequest;
import org.isocentre.model.OrderStatus;
import org.isocentre.model.Patient;
import org.isocentre.model.PatientDemographics;
import org.isocentre.model.PatientIdentity;
import org.isocentre.model.PatientKey;
import org.isocentre.model.PersonName;
import org.isocentre.model.ProcedureContext;
import org.isocentre.model.ReceivedInstance;
import org.isocentre.model.ScheduledStep;
import org.isocentre.model.StudyLink;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The FHIR API with token, consent and audit, as a process of its own: 2,000 patients, 10,000
 * orders, 10,000 studies, linked; then as many more as asked for. Beside it, in the same run, a
 * bare HTTP server that sends the same bytes: what this machine and this client can do at all. See
 * {@code docs/reference/performance.md}.
 */
public final class FhirBench {
  private static final int PATIENTS = 2_000;
  private static final int STUDIES = 10_000;
  private static final int CONNECTIONS = Integer.getInteger("bench.connections", 16);
  private static final List<String> COPIED =
      List.of("patient", "imaging_order", "study", "series", "instance", "study_link");
  private static final Duration ROUND = Duration.ofSeconds(Integer.getInteger("bench.seconds", 10));
  private static final Instant NOON = Instant.parse("2026-11-01T12:00:00Z");
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final List<String> patients = new ArrayList<>();
  private final List<String> studies = new ArrayList<>();

  /** Of a clinician of RJ1: consent and relationship are asked at each call. */
  private String token;

  private FhirBench() {}

  /**
   * @param args the packaged hub, or {@code -} for the classes of this build; a directory, which
   *     must not exist; and optionally how many studies (a multiple of 10,000)
   */
  public static void main(String[] args) throws Exception {
    System.setProperty("sun.net.httpserver.nodelay", "true");
    new FhirBench()
        .run(args[0], Path.of(args[1]), args.length > 2 ? Integer.parseInt(args[2]) : STUDIES);
  }

  private void run(String jar, Path directory, int size) throws Exception {
    Files.createDirectory(directory);
    fill(directory, size);
    try (HubProcess hub = HubProcess.start(jar, directory)) {
      token =
          hub.token(Map.of("scope", "user/*.rs", "ods_code", "RJ1", "roles", List.of("clinician")));
      String base = hub.url() + "/fhir/";
      Awaitility.await()
          .atMost(Duration.ofMinutes(5))
          .pollInterval(Duration.ofMillis(200))
          .ignoreExceptions()
          .until(
              () ->
                  !hub.isAlive()
                      || get(base + "Patient/" + patients.get(0), token).statusCode() == 200);
      if (!hub.isAlive()) {
        throw new IllegalStateException("the hub did not start; see " + directory + "/hub.log");
      }
      measure(base, size);
    }
  }

  private void measure(String base, int size) throws Exception {
    Map<String, Supplier<String>> calls =
        Map.of(
            "1 read ImagingStudy",
            () -> "ImagingStudy/" + any(studies),
            "2 search by patient",
            () -> "ImagingStudy?patient=" + any(patients),
            "3 search by accession",
            () -> "ImagingStudy?identifier=A" + ThreadLocalRandom.current().nextInt(STUDIES),
            "4 orders with _revinclude",
            () -> "ServiceRequest?patient=" + any(patients) + "&_revinclude=ImagingStudy:basedon");
    System.out.printf(
        "%d studies, %d connections, %d s each after as long a warm-up; token, consent and audit on%n",
        size, CONNECTIONS, ROUND.toSeconds());
    System.out.println(
        "call                        req/s    p50 ms    p99 ms    bytes     floor req/s   floor/hub");
    for (int warm = 0; warm < 3; warm++) {
      for (Supplier<String> path : calls.values()) {
        round(() -> base + path.get(), token);
      }
    }
    for (String name : calls.keySet().stream().sorted().toList()) {
      Supplier<String> path = calls.get(name);
      round(() -> base + path.get(), token);
      Result hub = round(() -> base + path.get(), token);
      byte[] same = get(base + path.get(), token).body();
      HttpServer bare = bare(same);
      String address = "http://127.0.0.1:" + bare.getAddress().getPort() + "/";
      round(() -> address, token);
      Result floor = round(() -> address, token);
      bare.stop(0);
      System.out.printf(
          Locale.ROOT,
          "%-26s %6.0f %9.1f %9.1f %8d %15.0f %11.1f%n",
          name,
          hub.rate(),
          hub.percentile(0.5),
          hub.percentile(0.99),
          same.length,
          floor.rate(),
          floor.rate() / hub.rate());
    }
  }

  private static String any(List<String> ids) {
    return ids.get(ThreadLocalRandom.current().nextInt(ids.size()));
  }

  /** Times of the calls of a round, in nanoseconds. */
  private record Result(long[] sorted, double seconds) {
    double rate() {
      return sorted.length / seconds;
    }

    double percentile(double part) {
      return sorted[(int) Math.min(sorted.length - 1, sorted.length * part)] / 1e6;
    }
  }

  private Result round(Supplier<String> address, String token) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(CONNECTIONS);
    long start = System.nanoTime();
    long end = start + ROUND.toNanos();
    List<Future<List<Long>>> all = new ArrayList<>();
    for (int i = 0; i < CONNECTIONS; i++) {
      all.add(
          threads.submit(
              () -> {
                List<Long> times = new ArrayList<>();
                while (System.nanoTime() < end) {
                  long before = System.nanoTime();
                  HttpResponse<byte[]> answer = get(address.get(), token);
                  times.add(System.nanoTime() - before);
                  if (answer.statusCode() != 200) {
                    throw new IllegalStateException(
                        answer.statusCode() + " " + new String(answer.body()));
                  }
                }
                return times;
              }));
    }
    List<Long> times = new ArrayList<>();
    for (Future<List<Long>> one : all) {
      times.addAll(one.get());
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    threads.shutdown();
    long[] sorted = times.stream().mapToLong(Long::longValue).toArray();
    Arrays.sort(sorted);
    return new Result(sorted, seconds);
  }

  private HttpResponse<byte[]> get(String address, String token) throws Exception {
    return http.send(
        HttpRequest.newBuilder(URI.create(address))
            .header("Authorization", "Bearer " + token)
            .header("Accept", "application/fhir+json")
            .build(),
        HttpResponse.BodyHandlers.ofByteArray());
  }

  private static HttpServer bare(byte[] body) throws Exception {
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.setExecutor(Executors.newFixedThreadPool(CONNECTIONS));
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    return server;
  }

  private void fill(Path directory, int size) {
    try (HikariDataSource database = new HikariDataSource()) {
      database.setJdbcUrl(
          "jdbc:h2:file:"
              + directory.toAbsolutePath().resolve("index")
              + ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH;CACHE_SIZE="
              // Of the index while it is filled: its pages are written at random.
              + Runtime.getRuntime().maxMemory() / 2048);
      database.setUsername("sa");
      database.setPassword("");
      Flyway.configure()
          .dataSource(database)
          .locations("classpath:db/migration", "classpath:db/h2")
          .javaMigrations(new PractitionersOfOrders())
          .load()
          .migrate();
      fill(database);
      JdbcClient jdbc = JdbcClient.create(database);
      // Nothing is left to do for the hub but to answer.
      jdbc.sql("update study set completed_at = last_received_at").update();
      jdbc.sql("delete from index_change").update();
      COPIED.forEach(
          table ->
              jdbc.sql("create table first_%1$s as select * from %1$s".formatted(table)).update());
      for (int copy = 1; copy < size / STUDIES; copy++) {
        copy(jdbc, copy);
        if (copy % 10 == 0) {
          System.out.printf("%d studies are there%n", (copy + 1) * STUDIES);
        }
      }
      COPIED.forEach(table -> jdbc.sql("drop table first_" + table).update());
      patients.addAll(
          jdbc.sql(
                  "select cast(id as varchar) from patient where id not in (select patient_id from consent) fetch first 2000 rows only")
              .query(String.class)
              .list());
      studies.addAll(
          jdbc.sql(
                  "select cast(id as varchar) from study where patient_id not in (select patient_id from consent) fetch first 10000 rows only")
              .query(String.class)
              .list());
      jdbc.sql("analyze").update();
      jdbc.sql("checkpoint sync").update();
    }
  }

  /** Five orders and studies a patient; one in twenty refuses the caller's trust. */
  private static void fill(DataSource database) {
    JdbcClient jdbc = JdbcClient.create(database);
    TransactionTemplate transactions =
        new TransactionTemplate(new DataSourceTransactionManager(database));
    PatientIndex patients = new PatientIndex(jdbc, transactions, new ReviewList(jdbc));
    StudyIndex studies =
        new StudyIndex(
            jdbc, new JdbcTemplate(database), transactions, patients, new ReviewList(jdbc));
    OrderIndex orders = new OrderIndex(jdbc, transactions, patients);
    LinkIndex links = new LinkIndex(jdbc);
    for (int i = 0; i < STUDIES; i++) {
      PatientDemographics patient = patient(i % PATIENTS);
      UUID order = orders.file(order(i, patient)).id();
      studies.record(object(i, patient));
      UUID study =
          jdbc.sql("select id from study where study_instance_uid = ?")
              .param("2.25." + (1_000_000 + i))
              .query(UUID.class)
              .single();
      links.link(order, study, StudyLink.Rule.ACCESSION);
    }
    ConsentIndex consents = new ConsentIndex(jdbc);
    List<UUID> some =
        jdbc.sql("select id from patient order by id fetch first 100 rows only")
            .query(UUID.class)
            .list();
    some.forEach(
        patient ->
            consents.add(
                new Consent(
                    UUID.randomUUID(),
                    patient,
                    false,
                    "RJ1",
                    "active",
                    null,
                    NOON,
                    NOON,
                    "bench",
                    NOON)));
  }

  private static PatientDemographics patient(int number) {
    return new PatientDemographics(
        new PatientIdentity(
            new PatientKey("RTH", "L" + number), null, LocalDate.of(1950, 1, 1).plusDays(number)),
        new PersonName("FAMILY" + number, "CASE", null),
        "female",
        "1 Test Street",
        "ZZ99 9ZZ",
        Patient.Source.ORDER);
  }

  private static OrderRequest order(int i, PatientDemographics patient) {
    return new OrderRequest(
        "RTH",
        "P" + i,
        "RTH",
        "F" + i,
        "RTH",
        new AccessionKey("RTH", "A" + i),
        null,
        patient,
        new Code("CTHEAD", "LOCAL", "CT head"),
        "CT",
        "routine",
        "headache",
        "C1234567",
        new PersonName("REFERRER", null, "Dr"),
        "RJ1",
        OrderStatus.COMPLETED,
        NOON,
        "hl7/" + i,
        NOON,
        ScheduledStep.NONE);
  }

  private static ReceivedInstance object(int i, PatientDemographics patient) {
    String study = "2.25." + (1_000_000 + i);
    return new ReceivedInstance(
        "RTH",
        "RTHPACS",
        patient,
        "FAMILY^CASE",
        "F",
        study,
        null,
        new AccessionKey("RTH", "A" + i),
        LocalDateTime.of(2026, 11, 1, 10, 15).minusDays(i % 900),
        "CT head",
        null,
        study + ".1",
        "CT",
        1,
        null,
        "HEAD",
        null,
        null,
        null,
        study + ".1.1",
        "1.2.840.10008.5.1.4.1.1.2",
        "1.2.840.10008.1.2.1",
        1,
        null,
        512,
        512,
        "dcm/" + i,
        "sha" + i,
        1000,
        NOON,
        new ProcedureContext(null, null, null, null, null, null, null));
  }

  /** All rows once more, with ids, numbers and UIDs of their own. */
  private static void copy(JdbcClient jdbc, int copy) {
    String prefix = String.format("%08d", copy);
    for (String table : COPIED) {
      List<String> columns =
          jdbc.sql(
                  "select column_name from information_schema.columns where table_name = ? and table_schema = 'public' order by ordinal_position")
              .param(table)
              .query(String.class)
              .list();
      List<String> values = new ArrayList<>();
      for (String column : columns) {
        values.add(
            column.equals("id")
                    || column.endsWith("_id")
                        && !column.matches(
                            "dicom_patient_id|study_id_text|step_id|requested_procedure_id")
                ? "cast('%s' || substr(cast(%s as varchar), 9) as uuid)".formatted(prefix, column)
                : column.matches(
                        "placer_number|filler_number|accession_value|study_instance_uid|series_instance_uid|sop_instance_uid|object_key|worklist_study_uid")
                    // Before, not after: rows of a copy are next to each other in each index.
                    ? "'%d.' || %s".formatted(copy, column)
                    : column);
      }
      jdbc.sql(
              "insert into %s (%s) select %s from first_%s"
                  .formatted(table, String.join(", ", columns), String.join(", ", values), table))
          .update();
    }
  }
}
