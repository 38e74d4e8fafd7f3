package org.isocentre.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.isocentre.index.MergeWorld.NOON;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import javax.sql.DataSource;
import org.isocentre.index.MergeWorld.Person;
import org.isocentre.index.OrderNotWrittenException.Why;
import org.isocentre.model.AccessionKey;
import org.isocentre.model.Code;
import org.isocentre.model.Order;
import org.isocentre.model.OrderRequest;
import org.isocentre.model.OrderRequest.Field;
import org.isocentre.model.OrderStatus;
import org.isocentre.model.Patient;
import org.isocentre.model.PatientDemographics;
import org.isocentre.model.ProcedureStep;
import org.isocentre.model.ScheduledStep;
import org.isocentre.model.TimeUuid;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Orders that are written by their id, and what orders were; whatever database holds the index. */
abstract class OrderHistoryContract {
  private static final Person ONE = new Person("L1");
  private static final Person OTHER = new Person("L2");
  private static final LocalDateTime START = LocalDateTime.of(2026, 11, 5, 9, 30);
  private MergeWorld world;

  abstract DataSource database() throws Exception;

  @BeforeEach
  void migrate() throws Exception {
    world = new MergeWorld(database());
  }

  private static OrderRequest order(
      String placer, PatientDemographics who, OrderStatus status, Instant at, String reason) {
    return order(placer, who, status, at, reason, Set.of());
  }

  private static OrderRequest order(
      String placer,
      PatientDemographics who,
      OrderStatus status,
      Instant at,
      String reason,
      Set<Field> deleted) {
    boolean emptied = !deleted.isEmpty();
    return new OrderRequest(
        "RTH",
        placer,
        "RTH",
        null,
        "RTH",
        emptied ? null : new AccessionKey("RTH", "A" + placer),
        emptied ? null : "1.2.3",
        who,
        emptied ? null : new Code("CTHEAD", "LOCAL", "CT head"),
        emptied ? null : "CT",
        emptied ? null : "routine",
        reason,
        emptied ? null : "C1234567",
        null,
        emptied ? null : "RJ1",
        status,
        at,
        "fhir/" + placer,
        at,
        new ScheduledStep(emptied ? null : START, null, null, null, null, null, null, null, null),
        emptied ? null : "123456789012",
        deleted);
  }

  private static OrderRequest order(String placer, OrderStatus status, String reason) {
    return order(placer, ONE.says(Patient.Source.ORDER), status, NOON, reason);
  }

  private Order find(UUID id) {
    return world.orders.find(id).orElseThrow();
  }

  private List<Order> history(UUID id) {
    return world.orders.history(find(id), Visibility.ALL, 100);
  }

  private UUID added(String placer) {
    UUID id = TimeUuid.next();
    world.orders.add(id, null, order(placer, OrderStatus.ACTIVE, "cough"));
    return id;
  }

  @Test
  void aNewOrderHasNoHistoryAndIsToBeLinkedAndTold() {
    UUID id = added("P1");
    assertThat(history(id)).isEmpty();
    assertThat(find(id).patientId()).isEqualTo(world.adt(ONE));
    assertThat(find(id).request().step().start()).isEqualTo(START);
    assertThat(world.notices.next(10))
        .extracting(MergeNotices.Notice::kind, MergeNotices.Notice::subject)
        .containsExactly(org.assertj.core.groups.Tuple.tuple(MergeNotices.Kind.ORDER, id));
    assertThat(new IndexChanges(world.jdbc).oldest(10))
        .anyMatch(c -> c.subjectId().equals(id) && c.origin() == null);
  }

  @Test
  void anOrderOfAKnownPatientIsTheirsWhateverItSays() {
    UUID patient = world.adt(OTHER);
    UUID id = TimeUuid.next();
    assertThat(world.orders.add(id, patient, order("P1", OrderStatus.ACTIVE, null)))
        .isEqualTo(patient);
    assertThat(find(id).patientId()).isEqualTo(patient);
  }

  @Test
  void eachChangeLeavesWhatWas() {
    UUID id = added("P1");
    Order first = find(id);
    world.orders.replace(id, first.lastUpdated(), order("P1", OrderStatus.ON_HOLD, "cough, worse"));
    Order second = find(id);
    // A later message of its sender changes it, too.
    world.orders.record(
        order(
            "P1",
            ONE.says(Patient.Source.ORDER),
            OrderStatus.REVOKED,
            NOON.plus(Duration.ofHours(1)),
            "no more"));
    assertThat(find(id).request().status()).isEqualTo(OrderStatus.REVOKED);
    List<Order> history = history(id);
    assertThat(history)
        .extracting(Order::lastUpdated)
        .containsExactly(second.lastUpdated(), first.lastUpdated());
    assertThat(history)
        .extracting(o -> o.request().status())
        .containsExactly(OrderStatus.ON_HOLD, OrderStatus.ACTIVE);
    assertThat(history)
        .extracting(o -> o.request().reason())
        .containsExactly("cough, worse", "cough");
  }

  @Test
  void whatIsLeftOutOfAnOrderThatIsReplacedIsGone() {
    UUID id = added("P1");
    OrderRequest full = find(id).request();
    assertThat(full.ubrn()).isEqualTo("123456789012");
    world.orders.replace(
        id,
        null,
        order(
            "P1",
            ONE.says(Patient.Source.ORDER),
            OrderStatus.ACTIVE,
            NOON,
            null,
            Set.of(Field.values())));
    OrderRequest now = find(id).request();
    assertThat(now.accession()).isNull();
    assertThat(now.studyInstanceUid()).isNull();
    assertThat(now.procedure()).isNull();
    assertThat(now.modality()).isNull();
    assertThat(now.priority()).isNull();
    assertThat(now.reason()).isNull();
    assertThat(now.referrerCode()).isNull();
    assertThat(now.referringOrganisation()).isNull();
    assertThat(now.ubrn()).isNull();
    assertThat(now.step().start()).isNull();
    assertThat(now.placerNumber()).isEqualTo("P1");
    assertThat(history(id)).hasSize(1);
    assertThat(history(id).get(0).request().accession()).isEqualTo(full.accession());
  }

  @Test
  void whoeverSawAnOlderOneChangesNothing() {
    UUID id = added("P1");
    Instant seen = find(id).lastUpdated();
    world.orders.replace(id, seen, order("P1", OrderStatus.ON_HOLD, "x"));
    Order now = find(id);
    assertThatThrownBy(() -> world.orders.replace(id, seen, order("P1", OrderStatus.REVOKED, "y")))
        .isInstanceOfSatisfying(
            OrderNotWrittenException.class, e -> assertThat(e.why()).isEqualTo(Why.CHANGED));
    assertThat(find(id)).isEqualTo(now);
  }

  @Test
  void aNumberIsOfOneOrder() {
    UUID one = added("P1");
    UUID two = added("P2");
    int notices = world.notices.next(10).size();
    assertThatThrownBy(() -> added("P1"))
        .isInstanceOfSatisfying(
            OrderNotWrittenException.class, e -> assertThat(e.why()).isEqualTo(Why.NUMBER_TAKEN));
    assertThatThrownBy(() -> world.orders.replace(two, null, order("P1", OrderStatus.REVOKED, "y")))
        .isInstanceOfSatisfying(
            OrderNotWrittenException.class, e -> assertThat(e.why()).isEqualTo(Why.NUMBER_TAKEN));
    assertThat(find(two).request().status()).isEqualTo(OrderStatus.ACTIVE);
    assertThat(find(one).request().placerNumber()).isEqualTo("P1");
    assertThat(world.notices.next(10)).hasSize(notices);
  }

  @Test
  void whatWasFiledUnderSomebodyElseIsNotShownAsTheirs() {
    UUID id = world.orders.record(order("P1", OrderStatus.ACTIVE, "of the first"));
    world.orders.record(
        order(
            "P1",
            OTHER.says(Patient.Source.ORDER),
            OrderStatus.ACTIVE,
            NOON.plusSeconds(1),
            "of the other"));
    assertThat(find(id).patientId()).isEqualTo(world.adt(OTHER));
    assertThat(history(id)).isEmpty();
    world.orders.record(
        order(
            "P1",
            OTHER.says(Patient.Source.ORDER),
            OrderStatus.REVOKED,
            NOON.plusSeconds(2),
            "of the other"));
    assertThat(history(id)).extracting(o -> o.request().reason()).containsExactly("of the other");
  }

  @Test
  void theStepsThatItHadAreThereToo() {
    ProcedureStep ct = step("S1", "CT");
    ProcedureStep mr = step("S2", "MR");
    OrderRequest said = order("P1", OrderStatus.ACTIVE, "cough");
    UUID id = world.orders.record(said.withSteps(List.of(ct, mr)));
    world.orders.record(
        order(
                "P1",
                ONE.says(Patient.Source.ORDER),
                OrderStatus.ACTIVE,
                NOON.plusSeconds(1),
                "cough")
            .withSteps(List.of(ct, mr, step("S3", "US"))));
    assertThat(find(id).request().steps()).hasSize(3);
    assertThat(history(id).get(0).request().steps())
        .extracting(ProcedureStep::modality)
        .containsExactly("CT", "MR");
  }

  private static ProcedureStep step(String id, String modality) {
    return new ProcedureStep(id, "RP1", null, null, modality, null, null, null);
  }

  @Test
  void aResultCompletesItAndLeavesWhatWas() {
    UUID id = added("P1");
    world.orders.answered(id, "RTH");
    assertThat(find(id).request().status()).isEqualTo(OrderStatus.COMPLETED);
    assertThat(history(id))
        .extracting(o -> o.request().status())
        .containsExactly(OrderStatus.ACTIVE);
    // Once more changes nothing.
    world.orders.answered(id, "RTH");
    assertThat(history(id)).hasSize(1);
  }

  /** A version is the row as it was, so the tables have the same columns in the same order. */
  @ParameterizedTest
  @CsvSource({"imaging_order,imaging_order_version", "order_step,order_step_version"})
  void versionsHaveAllColumns(String table, String versions) {
    List<String> own = columns(table);
    assertThat(columns(versions).subList(0, own.size())).isEqualTo(own);
  }

  private List<String> columns(String table) {
    return world
        .jdbc
        .sql(
            """
            select column_name || ' ' || data_type from information_schema.columns
              where table_name = ? and table_schema in ('public', 'PUBLIC') order by ordinal_position""")
        .param(table)
        .query(String.class)
        .list();
  }
}
