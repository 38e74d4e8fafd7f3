package org.isocentre.hl7;

import static org.assertj.core.api.Assertions.assertThat;

import ca.uhn.fhir.context.BaseRuntimeChildDefinition;
import ca.uhn.fhir.context.BaseRuntimeElementDefinition;
import ca.uhn.fhir.context.FhirContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.hl7.fhir.instance.model.api.IBase;
import org.hl7.fhir.r4.model.Base;
import org.hl7.fhir.r4.model.ConceptMap;
import org.hl7.fhir.r4.model.ConceptMap.SourceElementComponent;
import org.hl7.fhir.r4.model.ConceptMap.TargetElementComponent;
import org.hl7.fhir.r4.model.Identifier;
import org.hl7.fhir.r4.model.ImagingStudy;
import org.hl7.fhir.r4.model.Resource;
import org.isocentre.fhir.map.ImagingStudyMapper;
import org.isocentre.model.AccessionKey;
import org.isocentre.model.OrderRequest;
import org.isocentre.model.PatientDemographics;
import org.isocentre.model.PatientIdentity;
import org.isocentre.model.PatientMerge;
import org.isocentre.model.Study;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The maps of segments and messages say what the mappers do: a field that a map has changes the
 * element that the map names, and no field changes a resource that the map has not.
 */
class SegmentMapsTest {
  private static final FhirContext FHIR = FhirContext.forR4Cached();
  private static final String PREFIX = "hl7v2-segment-";
  private static final int FIELDS = 50;

  /** Values of many kinds, one of which would be read by whatever reads a field. */
  private static final List<String> PROBES =
      List.of(
          "L9^^^RTH^MR",
          "9990000018",
          "RJ1",
          "^PROBE^ANN^^RJ1",
          "20261103110000",
          "^^^20261103110000^^S",
          "S",
          "F",
          "01",
          "CA",
          "1.2.9",
          "000000070000^UBRN^^UBRN",
          "C1&PROBE&ANN^^^^ROOM9");

  /** A message in which each segment of an order, a report or a patient is, and is empty. */
  private static DraftMessage empty(String type) {
    return switch (type.substring(0, 3)) {
      case "ADT" -> new DraftMessage(type, "PID", "MRG").with("MRG-1", "L0^^^RTH^MR");
      case "MDM" -> new DraftMessage(type, "PID", "TXA", "OBX");
      case "ORU" -> new DraftMessage(type, "PID", "PV1", "ORC", "OBR", "IPC", "OBX");
      default ->
          new DraftMessage(type, "PID", "PV1", "RF1", "ORC", "TQ1", "OBR", "IPC", "ZDS")
              .with("ORC-1", "NW");
    };
  }

  /** The message that a map of a segment is tried with. */
  private static String message(ConceptMap map) {
    String segment = source(map);
    return switch (target(map)) {
      case "Patient" -> "ADT^A40";
      case "DiagnosticReport" -> segment.equals("TXA") ? "MDM^T02" : "ORU^R01";
      default -> "ORM^O01";
    };
  }

  private static String source(ConceptMap map) {
    return map.getGroupFirstRep().getSource();
  }

  private static String target(ConceptMap map) {
    return map.getGroupFirstRep().getTarget();
  }

  private static Resource resource(DraftMessage message, String type) throws Exception {
    Object mapped = MessageTable.map(message.parse()).get(0);
    if (mapped instanceof PatientMerge merge) {
      return Mapped.patient(merge.surviving());
    }
    if (mapped instanceof OrderRequest order) {
      return switch (type) {
        case "Patient" -> Mapped.patient(order.patient());
        case "ImagingStudy" -> study(order);
        default -> Mapped.order(order);
      };
    }
    return mapped instanceof PatientDemographics patient
        ? Mapped.patient(patient)
        : Mapped.report((MappedReport) mapped);
  }

  /** The study that has the identifiers which an order names. */
  private static Resource study(OrderRequest order) {
    Instant noon = Instant.parse("2026-11-01T12:00:00Z");
    AccessionKey accession = order.accession();
    Study study =
        new Study(
            new UUID(5, 6),
            order.custodian(),
            order.studyInstanceUid(),
            new UUID(1, 2),
            new PatientIdentity(null, null, null),
            accession,
            null,
            null,
            null,
            null,
            null,
            null,
            List.of(),
            0,
            0,
            noon,
            noon);
    return ImagingStudyMapper.map(study, List.of(), List.of(), List.of());
  }

  /** A row of {@code hl7/segment-maps.txt}. */
  private record Sample(String place, String value, Map<String, String> needs) {}

  private static final List<Sample> SAMPLES = read();

  private static List<Sample> read() {
    List<Sample> samples = new ArrayList<>();
    for (String line : lines()) {
      String[] parts = line.split("\\|");
      Map<String, String> needs = new LinkedHashMap<>();
      if (parts.length > 2) {
        String[] need = parts[2].strip().split("=", 2);
        needs.put(need[0], need[1]);
      }
      samples.add(new Sample(parts[0].strip(), parts[1].strip(), needs));
    }
    return samples;
  }

  private static List<String> lines() {
    try (InputStream in = SegmentMapsTest.class.getResourceAsStream("/hl7/segment-maps.txt")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(l -> !l.startsWith("#"))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** That of the place which fulfils the target's condition. */
  private static Sample sample(String place, TargetElementComponent target) {
    Map<String, String> conditions = ConceptMaps.conditions(target);
    return SAMPLES.stream()
        .filter(s -> s.place().equals(place))
        .filter(s -> s.needs().entrySet().containsAll(conditions.entrySet()))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no sample for " + place + " " + conditions));
  }

  private static List<ConceptMap> segmentMaps() {
    // MergeMapsTest has that of MRG, which needs an index.
    return ConceptMaps.all().values().stream()
        .filter(m -> m.getIdElement().getIdPart().startsWith(PREFIX))
        .filter(m -> !source(m).equals("MRG"))
        .toList();
  }

  @TestFactory
  Stream<DynamicTest> eachRowOfASegmentsMap() {
    return segmentMaps().stream().flatMap(m -> rows(m, message(m)));
  }

  /** With the messages that the guide has no maps of. */
  @TestFactory
  Stream<DynamicTest> eachSegmentOfAMessagesMap() {
    return ConceptMaps.all().values().stream()
        .filter(m -> m.getIdElement().getIdPart().startsWith("hl7v2-message-"))
        .flatMap(m -> ConceptMaps.elements(m).stream().flatMap(e -> segment(source(m), e)));
  }

  private static Stream<DynamicTest> segment(String message, SourceElementComponent element) {
    String type = message.replace('_', '^');
    String segment = element.getCode().substring(element.getCode().lastIndexOf('.') + 1);
    assertThat(element.getCode()).startsWith(message + ".");
    return element.getTarget().stream()
        .flatMap(
            t -> {
              String url = t.getProductFirstRep().getValue();
              ConceptMap map = ConceptMaps.map(url.substring(url.lastIndexOf('/') + 1));
              assertThat(source(map)).isEqualTo(segment);
              assertThat(target(map)).isEqualTo(t.getCode());
              assertThat(empty(type).has(segment)).isTrue();
              return segment.equals("MRG") ? Stream.of() : rows(map, type);
            });
  }

  private static Stream<DynamicTest> rows(ConceptMap map, String type) {
    return ConceptMaps.elements(map).stream()
        .flatMap(
            e ->
                e.getTarget().stream()
                    .map(
                        t ->
                            DynamicTest.dynamicTest(
                                type
                                    + " "
                                    + e.getCode()
                                    + ConceptMaps.conditions(t)
                                    + " -> "
                                    + target(map)
                                    + " "
                                    + t.getCode(),
                                () -> assertRow(map, type, e.getCode(), t))));
  }

  private static void assertRow(
      ConceptMap map, String type, String place, TargetElementComponent target) throws Exception {
    assertThat(place).startsWith(source(map) + "-");
    Sample sample = sample(place, target);
    Resource without = resource(empty(type).with(sample.needs()), target(map));
    Resource with =
        resource(empty(type).with(sample.needs()).with(place, sample.value()), target(map));
    assertThat(with.fhirType()).isEqualTo(target(map));
    if (!target.hasCode()) {
      assertThat(with.equalsDeep(without)).as("nothing changes").isTrue();
      return;
    }
    String path = target.getCode();
    assertThat(path).startsWith(target(map) + ".");
    assertThat(values(with, path)).as(path).isNotEmpty();
    assertThat(same(values(with, path), values(without, path))).as(path + " is the same").isFalse();
  }

  /**
   * What stands at a path such as {@code ServiceRequest.occurrenceDateTime}.
   *
   * @throws AssertionError if R4 has no such path
   */
  private static List<IBase> values(Resource from, String path) {
    String[] names = path.split("\\.");
    BaseRuntimeElementDefinition<?> at = FHIR.getResourceDefinition(names[0]);
    List<IBase> values = List.of(from);
    for (String name : List.of(names).subList(1, names.length)) {
      BaseRuntimeChildDefinition child = at.getChildByName(name);
      assertThat(child).as("%s of %s in R4", name, path).isNotNull();
      at = child.getChildByName(name);
      Class<?> type = at.getImplementingClass();
      values =
          values.stream()
              .flatMap(v -> child.getAccessor().getValues(v).stream())
              .filter(type::isInstance)
              .toList();
    }
    return values;
  }

  private static boolean same(List<IBase> some, List<IBase> others) {
    return some.size() == others.size()
        && IntStream.range(0, some.size())
            .allMatch(i -> ((Base) some.get(i)).equalsDeep((Base) others.get(i)));
  }

  /** Each field of the segment is filled with values of many kinds, one at a time. */
  @TestFactory
  Stream<DynamicTest> noOtherFieldOfASegmentChangesAResource() {
    return segmentMaps().stream()
        .filter(m -> !target(m).equals("ImagingStudy"))
        .map(
            m ->
                DynamicTest.dynamicTest(m.getIdElement().getIdPart(), () -> assertNoOtherField(m)));
  }

  private static void assertNoOtherField(ConceptMap map) throws Exception {
    String segment = source(map);
    String type = message(map);
    Set<String> mapped =
        ConceptMaps.elements(map).stream()
            .filter(e -> e.getTarget().stream().anyMatch(TargetElementComponent::hasCode))
            .map(e -> e.getCode().split("\\.")[0])
            .collect(Collectors.toSet());
    Set<String> others = new TreeSet<>();
    for (Map<String, String> context : contexts(segment)) {
      Resource before = resource(empty(type).with(context), target(map));
      for (String place : places(segment, mapped, context)) {
        for (String probe : PROBES) {
          DraftMessage filled = empty(type).with(context).with(place, probe);
          if (!resource(filled, target(map)).equalsDeep(before)) {
            others.add(place);
          }
        }
      }
    }
    assertThat(others).isEmpty();
  }

  /** What must be in the message for some field of the segment to count; nothing, too. */
  private static Set<Map<String, String>> contexts(String segment) {
    Set<Map<String, String>> contexts = new LinkedHashSet<>(Set.of(Map.of()));
    SAMPLES.stream()
        .filter(s -> s.place().startsWith(segment + "-"))
        .forEach(s -> contexts.add(s.needs()));
    return contexts;
  }

  private static List<String> places(
      String segment, Set<String> mapped, Map<String, String> context) {
    return IntStream.rangeClosed(1, FIELDS)
        .mapToObj(field -> segment + "-" + field)
        .filter(place -> !mapped.contains(place) && !context.containsKey(place))
        .toList();
  }

  /** By which the linker finds the study (IPC to ImagingStudy). */
  @Test
  void anOrderHasTheIdentifiersOfItsStudy() throws Exception {
    DraftMessage message = empty("OMI^O23").with("IPC-1", "A1").with("IPC-3", "1.2.3");
    OrderRequest order = (OrderRequest) MessageTable.map(message.parse()).get(0);
    List<Identifier> ofStudy = ((ImagingStudy) study(order)).getIdentifier();
    List<Identifier> ofOrder = Mapped.order(order).getIdentifier();
    assertThat(ofStudy)
        .hasSize(2)
        .allMatch(i -> ofOrder.stream().anyMatch(other -> other.equalsDeep(i)));
  }

  @Test
  void eachSampleIsOfARow() {
    Set<String> places =
        segmentMaps().stream()
            .flatMap(m -> ConceptMaps.elements(m).stream())
            .map(SourceElementComponent::getCode)
            .collect(Collectors.toSet());
    assertThat(SAMPLES).extracting(Sample::place).allMatch(places::contains);
  }
}
