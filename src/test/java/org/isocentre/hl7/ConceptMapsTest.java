package org.isocentre.hl7;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.hl7.fhir.r4.model.ConceptMap;
import org.hl7.fhir.r4.model.ConceptMap.SourceElementComponent;
import org.hl7.fhir.r4.model.ConceptMap.TargetElementComponent;
import org.hl7.fhir.r4.model.Enumerations.ConceptMapEquivalence;
import org.hl7.fhir.r4.model.Enumerations.PublicationStatus;
import org.hl7.fhir.r4.model.Identifier;
import org.isocentre.fhir.map.Systems;
import org.isocentre.model.Appointment;
import org.isocentre.model.OrderRequest;
import org.isocentre.model.OrderStatus;
import org.isocentre.model.PatientDemographics;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The maps of codes say what the mappers do: each code that a map has, under each condition that it
 * knows, every other code that the mappers name, and every other of one or two characters is sent
 * through the mapper.
 */
class ConceptMapsTest {
  private static final String BASE = "https://isocentre.org/fhir/ConceptMap/";
  private static final Set<ConceptMapEquivalence> EXPLAINED =
      Set.of(
          ConceptMapEquivalence.NARROWER,
          ConceptMapEquivalence.INEXACT,
          ConceptMapEquivalence.UNMATCHED);

  private static final List<String> ORDER_STATUS =
      List.of("A", "CA", "CM", "DC", "ER", "HD", "IP", "RP", "SC", "ZZ");

  private static final Pattern LITERAL = Pattern.compile("\"([A-Za-z0-9.]{1,30})\"");

  /** What a mapper makes of a code. */
  private interface Mapper {
    /**
     * @param known other fields, by place
     * @return a code, or null if it makes none of it
     */
    String map(String code, Map<String, String> known) throws Exception;
  }

  /**
   * A map and the mapper that it describes.
   *
   * @param known conditions under which each code of the map is tried, beside those that its
   *     targets name
   * @param same whether a code of the map is the code that is sent
   */
  private record Subject(
      String id, Mapper mapper, List<Map<String, String>> known, BiPredicate<String, String> same) {
    Subject(String id, Mapper mapper) {
      this(id, mapper, List.of(), String::equals);
    }
  }

  private static final List<Subject> SUBJECTS =
      List.of(
          new Subject(
              "hl7v2-order-control-to-request-status",
              (c, known) -> status(order().with("ORC-1", c).with(known)),
              ORDER_STATUS.stream().map(s -> Map.of("ORC-5", s)).toList(),
              String::equals),
          new Subject(
              "hl7v2-order-status-to-request-status",
              (c, known) -> status(order().with("ORC-1", "ZZ").with("ORC-5", c))),
          new Subject(
              "hl7v2-result-status-to-diagnostic-report-status",
              (c, known) -> report(result().with("OBR-25", c))),
          new Subject(
              "hl7v2-observation-status-to-diagnostic-report-status",
              (c, known) -> report(result().with("OBX-11", c).with(known)),
              List.of(Map.of("OBR-25", "F"), Map.of("OBR-25", "Z")),
              String::equals),
          new Subject(
              "hl7v2-document-completion-to-diagnostic-report-status",
              (c, known) -> document(new DraftMessage("MDM^T02", "PID", "TXA"), "TXA-17", c, known),
              List.of(Map.of("MSH-9.2", "T04")),
              String::equals),
          new Subject(
              "hl7v2-document-availability-to-diagnostic-report-status",
              ConceptMapsTest::availability),
          new Subject(
              "hl7v2-priority-to-request-priority",
              (c, known) -> one(order().with("TQ1-9", c), OrderRequest.class).priority(),
              List.of(),
              ConceptMapsTest::samePriority),
          new Subject(
              "hl7v2-sex-to-administrative-gender",
              (c, known) -> patient(patient().with("PID-8", c)).sex()),
          new Subject(
              "hl7v2-identifier-type-to-identifier-system",
              (c, known) -> identifierSystem("9990000018^^^RTH^" + c)),
          new Subject(
              "hl7v2-assigning-authority-to-identifier-system",
              (c, known) -> identifierSystem("9990000018^^^" + c)),
          new Subject(
              "hl7v2-nhs-number-status-to-uk-core",
              (c, known) -> patient(patient().with("PID-32", c)).nhsNumberStatus()),
          new Subject(
              "hl7v2-diagnostic-service-to-modality",
              (c, known) -> one(order().with("OBR-24", c), OrderRequest.class).modality()),
          new Subject(
              "hl7v2-filler-status-to-appointment-status",
              (c, known) ->
                  one(
                          new DraftMessage("SIU^S12", "SCH", "PID").with("SCH-25", c).with(known),
                          Appointment.class)
                      .status()
                      .name()
                      .toLowerCase(java.util.Locale.ROOT),
              List.of(Map.of("MSH-9.2", "S13")),
              String::equalsIgnoreCase));

  private static DraftMessage order() {
    return new DraftMessage("ORM^O01", "PID", "ORC", "TQ1", "OBR");
  }

  private static DraftMessage result() {
    return new DraftMessage("ORU^R01", "PID", "OBR", "OBX");
  }

  private static DraftMessage patient() {
    return new DraftMessage("ADT^A28", "PID");
  }

  private static <T> T one(DraftMessage message, Class<T> type) throws Exception {
    return type.cast(MessageTable.map(message.parse()).get(0));
  }

  private static PatientDemographics patient(DraftMessage message) throws Exception {
    return one(message, PatientDemographics.class);
  }

  /** Null: what it was, or no order at all. */
  private static String status(DraftMessage message) throws Exception {
    List<?> orders = MessageTable.map(message.parse());
    OrderStatus status = orders.isEmpty() ? null : ((OrderRequest) orders.get(0)).status();
    return status == null ? null : status.code();
  }

  private static String report(DraftMessage message) throws Exception {
    return one(message, MappedReport.class).result().status();
  }

  private static String document(
      DraftMessage message, String place, String code, Map<String, String> known) throws Exception {
    return report(message.with(place, code).with(known));
  }

  /** Null where TXA-17 alone decides. */
  private static String availability(String code, Map<String, String> known) throws Exception {
    Set<String> found = new TreeSet<>();
    for (String completion : List.of("AU", "IP")) {
      DraftMessage message = new DraftMessage("MDM^T02", "PID", "TXA").with("TXA-17", completion);
      String without = report(message);
      String with = document(message, "TXA-19", code, known);
      found.add(with.equals(without) ? "-" : with);
    }
    assertThat(found).hasSize(1);
    return found.contains("-") ? null : found.iterator().next();
  }

  /** Of the first identifier, without the issuer; null if there is none. */
  private static String identifierSystem(String pid3) throws Exception {
    List<Identifier> found = Mapped.patient(patient(patient().with("PID-3", pid3))).getIdentifier();
    String system = found.isEmpty() ? null : found.get(0).getSystem();
    return system != null && system.startsWith(Systems.LOCAL_PATIENT)
        ? Systems.LOCAL_PATIENT
        : system;
  }

  /** {@code TS<integer>} stands for TS30; of what is not in the map the first letter counts. */
  private static boolean samePriority(String inMap, String sent) {
    if (inMap.endsWith("<integer>")) {
      return sent.matches(inMap.replace("<integer>", "\\d+"));
    }
    return inMap.equals(sent)
        || inMap.length() == 1 && !sent.equals("PRN") && sent.startsWith(inMap);
  }

  @TestFactory
  Stream<DynamicTest> eachCode() {
    return SUBJECTS.stream()
        .map(s -> DynamicTest.dynamicTest(s.id(), () -> assertMapSaysWhatIsDone(s)));
  }

  private static void assertMapSaysWhatIsDone(Subject subject) throws Exception {
    ConceptMap map = ConceptMaps.map(subject.id());
    List<String> wrong = new ArrayList<>();
    Set<String> sent = new LinkedHashSet<>();
    for (SourceElementComponent element : ConceptMaps.elements(map)) {
      String code = element.getCode().replace("<integer>", "30");
      sent.add(code);
      Set<Map<String, String>> known = new LinkedHashSet<>(subject.known());
      element.getTarget().forEach(t -> known.add(ConceptMaps.conditions(t)));
      for (Map<String, String> k : known) {
        compare(subject, map, code, k, wrong);
      }
    }
    Set<String> others = new TreeSet<>(everyShortCode());
    others.addAll(everyNamedCode());
    for (String code : others) {
      if (!sent.contains(code)) {
        compare(subject, map, code, Map.of(), wrong);
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(sent).isNotEmpty();
  }

  private static void compare(
      Subject subject, ConceptMap map, String code, Map<String, String> known, List<String> wrong)
      throws Exception {
    String said = ConceptMaps.translate(map, code, known, subject.same());
    String done = subject.mapper().map(code, known);
    if (!java.util.Objects.equals(said, done)) {
      wrong.add(code + " with " + known + ": the map says " + said + ", the mapper " + done);
    }
  }

  private static List<String> everyShortCode() {
    String characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    List<String> codes = new ArrayList<>();
    for (char first : characters.toCharArray()) {
      codes.add(String.valueOf(first));
      for (char second : characters.toCharArray()) {
        codes.add("" + first + second);
      }
    }
    return codes;
  }

  /** Whatever the mappers' source names in quotes, and what they read by its form. */
  private static Set<String> everyNamedCode() throws IOException {
    Set<String> codes = new TreeSet<>();
    try (Stream<Path> sources = Files.list(Path.of("src/main/java/org/isocentre/hl7"))) {
      for (Path source : sources.toList()) {
        LITERAL.matcher(Files.readString(source)).results().forEach(m -> codes.add(m.group(1)));
      }
    }
    IntStream.range(0, 10).forEach(i -> codes.addAll(List.of("NSTS" + i, "NSTS0" + i)));
    assertThat(codes).contains("MAMMO", "NHSNBR", "Noshow");
    return codes;
  }

  @Test
  void theTableOfOrderControlsAndItsMapHaveTheSameCodes() throws Exception {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                OrderControl.class.getResourceAsStream("order-control.tsv"),
                StandardCharsets.UTF_8))) {
      List<String[]> rows =
          lines.lines().filter(l -> !l.startsWith("#")).map(l -> l.split("\t")).toList();
      Set<String> controls = rows.stream().skip(1).map(r -> r[0]).collect(Collectors.toSet());
      controls.remove("other");
      // No order, so no status.
      controls.add("PR");
      assertThat(codes("hl7v2-order-control-to-request-status")).isEqualTo(controls);
      Set<String> statuses = new TreeSet<>(List.of(rows.get(0)));
      statuses.removeAll(List.of("control", "none"));
      assertThat(codes("hl7v2-order-status-to-request-status")).isEqualTo(statuses);
    }
  }

  /** A result status counts as the order status that it stands for, whatever the order control. */
  @Test
  void aResultStatusStandsForAnOrderStatus() throws Exception {
    ConceptMap map = ConceptMaps.map("hl7v2-result-status-to-order-status");
    Set<String> controls = new TreeSet<>(codes("hl7v2-order-control-to-request-status"));
    controls.add("ZZ");
    for (String control : controls) {
      for (String code : everyShortCode()) {
        if (code.length() > 1 && !control.equals("ZZ")) {
          continue;
        }
        String stands = ConceptMaps.translate(map, code, Map.of(), String::equals);
        DraftMessage same = order().with("ORC-1", control);
        assertThat(status(order().with("ORC-1", control).with("OBR-25", code)))
            .as("%s with %s", control, code)
            .isEqualTo(status(stands == null ? same : same.with("ORC-5", stands)));
      }
    }
  }

  private static Set<String> codes(String id) {
    return ConceptMaps.elements(ConceptMaps.map(id)).stream()
        .map(SourceElementComponent::getCode)
        .collect(Collectors.toSet());
  }

  @TestFactory
  Stream<DynamicTest> eachMapIsWellFormed() {
    return ConceptMaps.all().entrySet().stream()
        .map(e -> DynamicTest.dynamicTest(e.getKey(), () -> assertWellFormed(e)));
  }

  private static void assertWellFormed(Map.Entry<String, ConceptMap> file) throws Exception {
    ConceptMap map = file.getValue();
    assertThat(file.getKey()).isEqualTo("ConceptMap-" + map.getIdElement().getIdPart() + ".json");
    assertThat(map.getUrl()).isEqualTo(BASE + map.getIdElement().getIdPart());
    assertThat(map.getVersion()).isEqualTo(projectVersion());
    assertThat(map.getStatus()).isEqualTo(PublicationStatus.ACTIVE);
    assertThat(map.getExperimental()).isFalse();
    assertThat(map.getDescription()).isNotBlank();
    // Invariant cmp-0 of R4.
    assertThat(map.getName()).matches("[A-Z]([A-Za-z0-9_]){0,254}");
    List<String> codes =
        ConceptMaps.elements(map).stream().map(SourceElementComponent::getCode).toList();
    assertThat(codes).isNotEmpty().doesNotHaveDuplicates().allMatch(c -> !c.isBlank());
    for (SourceElementComponent element : ConceptMaps.elements(map)) {
      assertThat(element.getTarget()).isNotEmpty();
      element.getTarget().forEach(ConceptMapsTest::assertWellFormed);
    }
  }

  private static void assertWellFormed(TargetElementComponent target) {
    assertThat(target.hasCode())
        .isEqualTo(target.getEquivalence() != ConceptMapEquivalence.UNMATCHED);
    // Invariant cmd-1 of R4, and beyond it: what has no counterpart is explained, too.
    if (EXPLAINED.contains(target.getEquivalence())) {
      assertThat(target.getComment()).isNotBlank();
    }
    target
        .getProduct()
        .forEach(
            p -> {
              assertThat(p.getProperty()).isIn("vocabulary-map", "segment-map");
              assertThat(p.getValue()).startsWith(BASE);
              assertThat(ConceptMaps.map(p.getValue().substring(BASE.length()))).isNotNull();
            });
  }

  private static String projectVersion() throws Exception {
    Matcher version =
        Pattern.compile("<artifactId>isocentre</artifactId>\\s*<version>([^<-]+)")
            .matcher(Files.readString(Path.of("pom.xml")));
    assertThat(version.find()).isTrue();
    return version.group(1);
  }

  @Test
  void eachMapIsTested() {
    Set<String> tested = SUBJECTS.stream().map(Subject::id).collect(Collectors.toSet());
    tested.add("hl7v2-result-status-to-order-status");
    // MergeMapsTest.
    tested.add("hl7v2-merge-event-to-link-type");
    tested.addAll(OutboundMapsTest.tested());
    Set<String> ofCodes =
        ConceptMaps.all().values().stream()
            .map(m -> m.getIdElement().getIdPart())
            .filter(id -> !id.startsWith("hl7v2-segment-") && !id.startsWith("hl7v2-message-"))
            .collect(Collectors.toSet());
    assertThat(ofCodes).isEqualTo(tested);
  }
}
