package org.isocentre.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.flywaydb.core.Flyway;
import org.h2.jdbcx.JdbcConnectionPool;
import org.isocentre.hl7.LabelReader;
import org.isocentre.hl7.MappingRules;
import org.isocentre.index.AppointmentIndex;
import org.isocentre.index.AuditIndex;
import org.isocentre.index.ControlIdIndex;
import org.isocentre.index.IndexChanges;
import org.isocentre.index.LinkIndex;
import org.isocentre.index.MessageIndex;
import org.isocentre.index.MessageJournal;
import org.isocentre.index.OrderIndex;
import org.isocentre.index.PatientIndex;
import org.isocentre.index.PatientMerges;
import org.isocentre.index.ReportIndex;
import org.isocentre.index.ReviewList;
import org.isocentre.index.StudyIndex;
import org.isocentre.link.ReportLinker;
import org.isocentre.link.StudyOrderLinker;
import org.isocentre.model.MessageStep;
import org.isocentre.model.MessageStep.Kind;
import org.isocentre.model.MessageStored;
import org.isocentre.model.Order;
import org.isocentre.store.SegmentObjectStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/** What is filed together, and what a message that cannot be filed does to its neighbours. */
class MessageBatchesTest {
  private static final Instant NOW = Instant.parse("2026-11-01T09:00:00Z");

  /** No column takes it. */
  private static final String TOO_LONG = "X".repeat(70);

  @TempDir Path directory;
  private final AtomicBoolean away = new AtomicBoolean();
  private final AtomicInteger commits = new AtomicInteger();
  private JdbcConnectionPool database;
  private SegmentObjectStore store;
  private MessageIndex messages;
  private MessageJournal journal;
  private OrderIndex orders;
  private MessageBatches batches;

  @BeforeEach
  void open() throws Exception {
    database =
        JdbcConnectionPool.create(
            "jdbc:h2:mem:"
                + UUID.randomUUID()
                + ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH;OPTIMIZE_REUSE_RESULTS=0;DB_CLOSE_DELAY=-1",
            "sa",
            "");
    Flyway.configure()
        .dataSource(database)
        .locations("classpath:db/migration", "classpath:db/h2")
        .load()
        .migrate();
    store = new SegmentObjectStore(directory, 0, false, 4 * 1024 * 1024, false);
    JdbcClient jdbc = JdbcClient.create(database);
    TransactionTemplate transactions =
        new TransactionTemplate(
            new DataSourceTransactionManager(database) {
              private static final long serialVersionUID = 1L;

              @Override
              protected void doBegin(Object transaction, TransactionDefinition definition) {
                if (away.get()) {
                  throw new CannotCreateTransactionException("away");
                }
                super.doBegin(transaction, definition);
              }

              @Override
              protected void doCommit(
                  org.springframework.transaction.support.DefaultTransactionStatus status) {
                commits.incrementAndGet();
                super.doCommit(status);
              }
            });
    ReviewList reviews = new ReviewList(jdbc);
    PatientIndex patients = new PatientIndex(jdbc, transactions, reviews);
    messages = new MessageIndex(jdbc);
    journal = new MessageJournal(jdbc, transactions, messages);
    orders = new OrderIndex(jdbc, transactions, patients);
    ReportIndex reports = new ReportIndex(jdbc, transactions, patients);
    StudyIndex studies =
        new StudyIndex(jdbc, new JdbcTemplate(database), transactions, patients, reviews);
    LinkIndex links = new LinkIndex(jdbc);
    MappingRules rules = new MappingRules(Optional::of);
    MessageFiling filing =
        new MessageFiling(
            store,
            journal,
            new LabelReader(Optional::of),
            new ControlIdIndex(jdbc, reviews, Duration.ofDays(1)),
            new MessageFiling.Indexes(
                patients,
                orders,
                reports,
                new AppointmentIndex(jdbc, transactions, patients, reviews)),
            new MessageFiling.Mappers(rules),
            new PatientMerges(jdbc, transactions, patients, new AuditIndex(jdbc))::apply,
            new IndexChanges(jdbc),
            Clock.systemUTC());
    batches =
        new MessageBatches(
            filing,
            new MessageLinking(
                orders,
                links,
                new ReportLinker(reports, orders, studies, links, reviews, patients::compare),
                new StudyOrderLinker(studies, orders, links, reviews, patients::compare)),
            transactions,
            new FilingPace(() -> false, 25, Duration.ofSeconds(30), Clock.systemUTC()));
  }

  @AfterEach
  void close() {
    store.close();
    database.dispose();
  }

  private MessageStored event(String type, String controlId, String custodian, String... segments)
      throws Exception {
    String text =
        "MSH|^~\\&|RIS|RTH|HUB|HUB|20261101090000||%s|%s|P|2.4\r".formatted(type, controlId)
            + String.join("\r", segments)
            + "\r";
    return new MessageStored(
        UUID.randomUUID().toString(),
        custodian,
        type,
        controlId,
        RouteConfiguration.keep(store, "hl7", text.getBytes(StandardCharsets.UTF_8)),
        "UTF-8",
        NOW,
        new MessageStored.Arrival("RIS|RTH", null, null));
  }

  private MessageStored order(String number, String custodian) throws Exception {
    return event(
        "ORM^O01",
        "C" + number,
        custodian,
        "PID|1||H" + number + "^^^RTH^MR||BENCH^CASE||19740213|F",
        "ORC|NW|P" + number + "^RTH|||SC||^^^20261101100000",
        "OBR|1|P" + number + "^RTH||CTHEAD^CT head^LOCAL");
  }

  private MessageStored appointment(String number) throws Exception {
    String[] sch = new String[27];
    Arrays.fill(sch, "");
    sch[0] = "SCH";
    sch[2] = "APT" + number;
    sch[11] = "^^^20261105140000";
    sch[26] = "P" + number + "^RTH";
    return event(
        "SIU^S12",
        "S" + number,
        "RTH",
        String.join("|", sch),
        "PID|1||H" + number + "^^^RTH^MR||BENCH^CASE||19740213|F");
  }

  private List<Kind> journey(MessageStored event) {
    return journal.steps(UUID.fromString(event.eventId())).stream().map(MessageStep::step).toList();
  }

  private Optional<MessageIndex.State> state(MessageStored event) {
    return messages.find(UUID.fromString(event.eventId())).map(m -> m.state());
  }

  private Order order(String number) {
    return orders.findByNumbers("RTH", "RTH", "P" + number, null, null).orElseThrow();
  }

  @Test
  void whatCameTogetherIsFiledWithOneCommit() throws Exception {
    List<MessageStored> events = List.of(order("1", "RTH"), order("2", "RTH"), order("3", "RTH"));
    commits.set(0);

    MessageBatches.Done done = batches.file(events, 1);

    assertThat(commits).hasValue(1);
    assertThat(done.filed()).isEqualTo(events);
    assertThat(done.again()).isEmpty();
    assertThat(order("2").request().step().start()).isNotNull();
    for (MessageStored event : events) {
      assertThat(state(event)).contains(MessageIndex.State.FILED);
      assertThat(journey(event))
          .containsExactly(Kind.RECEIVED, Kind.ACKNOWLEDGED, Kind.MAPPED, Kind.FILED);
      assertThat(journal.resources(UUID.fromString(event.eventId())))
          .extracting(MessageJournal.Resource::type)
          .containsExactly("Patient", "ServiceRequest");
    }
  }

  @Test
  void theSameAgainChangesNothing() throws Exception {
    List<MessageStored> events = List.of(order("1", "RTH"), order("2", "RTH"));
    batches.file(events, 1);
    Order before = order("1");

    assertThat(batches.file(events, 2).filed()).isEqualTo(events);
    assertThat(order("1").id()).isEqualTo(before.id());
    assertThat(order("1").patientId()).isEqualTo(before.patientId());
    assertThat(journal.resources(UUID.fromString(events.get(0).eventId()))).hasSize(2);
  }

  @Test
  void oneThatCannotBeFiledComesAgainAndItsNeighboursAreFiled() throws Exception {
    MessageStored bad = order(TOO_LONG, "RTH");
    MessageStored lost =
        new MessageStored(
            UUID.randomUUID().toString(),
            "RTH",
            "ORM^O01",
            "C9",
            "hl7/" + "0".repeat(64),
            "UTF-8",
            NOW);
    MessageStored first = order("1", "RTH");
    MessageStored last = order("3", "RTH");

    MessageBatches.Done done = batches.file(List.of(first, bad, lost, last), 1);

    assertThat(done.filed()).containsExactly(first, last);
    assertThat(done.again()).containsExactly(bad, lost);
    assertThat(state(first)).contains(MessageIndex.State.FILED);
    assertThat(state(last)).contains(MessageIndex.State.FILED);
    assertThat(state(bad)).isEmpty();
    assertThat(journey(first))
        .containsExactly(Kind.RECEIVED, Kind.ACKNOWLEDGED, Kind.MAPPED, Kind.FILED);
  }

  @Test
  void aLoneOneThatCannotBeFiledIsThrownAndShownAsReceived() throws Exception {
    MessageStored unfit = order(TOO_LONG, "RTH");

    assertThatThrownBy(() -> batches.file(List.of(unfit), 1)).isInstanceOf(Exception.class);
    assertThat(state(unfit)).contains(MessageIndex.State.RECEIVED);
    assertThat(journey(unfit)).containsExactly(Kind.RECEIVED, Kind.ACKNOWLEDGED);
  }

  @Test
  void whileTheIndexIsAwayAllComeAgainTogether() throws Exception {
    List<MessageStored> events = List.of(order("1", "RTH"), order("2", "RTH"));
    away.set(true);
    assertThatThrownBy(() -> batches.file(events, 1))
        .isInstanceOf(CannotCreateTransactionException.class);

    away.set(false);
    assertThat(batches.file(events, 2).filed()).isEqualTo(events);
  }

  @Test
  void whatFailedTogetherTooOftenComesAgainOneByOne() throws Exception {
    List<MessageStored> events = List.of(order("1", "RTH"), order("2", "RTH"));
    assertThat(batches.file(events, 4))
        .isEqualTo(new MessageBatches.Done(List.of(), events, List.of()));
  }

  @Test
  void anAppointmentAmongOrdersSchedulesThem() throws Exception {
    assertThat(
            batches
                .file(
                    List.of(
                        order("1", "RTH"), appointment("1"), appointment("2"), order("2", "RTH")),
                    1)
                .again())
        .isEmpty();
    for (String number : List.of("1", "2")) {
      assertThat(order(number).request().step().start())
          .isEqualTo(java.time.LocalDateTime.parse("2026-11-05T14:00:00"));
    }
  }
}
