package org.isocentre.hl7;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.hl7.fhir.r4.model.ConceptMap;
import org.hl7.fhir.r4.model.ConceptMap.SourceElementComponent;
import org.hl7.fhir.r4.model.DiagnosticReport.DiagnosticReportStatus;
import org.hl7.fhir.r4.model.Enumerations.AdministrativeGender;
import org.hl7.fhir.r4.model.ServiceRequest.ServiceRequestPriority;
import org.isocentre.model.OrderStatus;
import org.isocentre.model.Patient;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The maps of codes that go out say what the messages do, for every code there is. */
class OutboundMapsTest {
  private static final String STEP = "StepStatus";

  /** What a message out says of a code. */
  private interface Sender {
    String send(String code, Map<String, String> known, String version);
  }

  /**
   * @param codes every one that the hub may have
   * @param known beside the conditions that the map names
   * @param versions of HL7 v2 in which the field is sent
   */
  private record Subject(
      String id,
      List<String> codes,
      List<Map<String, String>> known,
      List<String> versions,
      Sender sender) {}

  private static final List<String> ALL = List.of("2.3", "2.4", "2.5", "2.5.1", "2.8");
  private static final List<String> BEFORE_TQ1 = List.of("2.3", "2.4");
  private static final List<String> SINCE_TQ1 = List.of("2.5", "2.5.1", "2.8");
  private static final List<Map<String, String>> STEPS =
      Stream.of("SCHEDULED", "CANCELLED", "STARTED", "COMPLETED")
          .map(s -> Map.of(STEP, s))
          .toList();

  private static final List<Subject> SUBJECTS =
      List.of(
          order("hl7v2-out-request-status-to-order-control", "ORC-1", ToldAs.STATUS),
          order("hl7v2-out-request-status-to-order-control-of-placer", "ORC-1", ToldAs.CHANGE),
          order("hl7v2-out-request-status-to-order-status", "ORC-5", ToldAs.STATUS),
          order("hl7v2-out-request-status-to-order-status", "ORC-5", ToldAs.CHANGE),
          priority("TQ1-9", SINCE_TQ1),
          priority("OBR-27.6", BEFORE_TQ1),
          priority("ORC-7.6", BEFORE_TQ1),
          new Subject(
              "hl7v2-out-diagnostic-report-status-to-result-status",
              reports(),
              List.of(),
              ALL,
              (code, known, version) -> OutboundSamples.get(oru(code, version), "OBR-25")),
          new Subject(
              "hl7v2-out-diagnostic-report-status-to-observation-status",
              reports(),
              List.of(),
              ALL,
              (code, known, version) -> OutboundSamples.get(oru(code, version), "OBX-11")),
          document("hl7v2-out-diagnostic-report-status-to-document-completion", "TXA-17"),
          document("hl7v2-out-diagnostic-report-status-to-document-availability", "TXA-19"),
          document("hl7v2-out-diagnostic-report-status-to-document-event", "MSH-9.2"),
          new Subject(
              "hl7v2-out-administrative-gender-to-sex",
              codes(AdministrativeGender.values(), AdministrativeGender::toCode),
              List.of(),
              ALL,
              (code, known, version) ->
                  OutboundSamples.get(
                      AdtOut.changed(OutboundSamples.head(version), patient(code)), "PID-8")));

  /** Ids of the maps. */
  static Set<String> tested() {
    return SUBJECTS.stream().map(Subject::id).collect(Collectors.toSet());
  }

  private static Subject order(String id, String field, ToldAs as) {
    return new Subject(
        id,
        Arrays.stream(OrderStatus.values()).map(OrderStatus::code).toList(),
        STEPS,
        ALL,
        (code, known, version) -> {
          OrderStatus status =
              Arrays.stream(OrderStatus.values())
                  .filter(s -> s.code().equals(code))
                  .findFirst()
                  .orElseThrow();
          String orm =
              OutboundSamples.get(
                  OrmOut.order(
                      OutboundSamples.head(version),
                      OutboundSamples.patient("RTH:L1"),
                      OutboundSamples.order(status, null),
                      known.get(STEP),
                      as),
                  field);
          String omi =
              OutboundSamples.get(
                  OmiOut.order(
                      OutboundSamples.head(version),
                      OutboundSamples.patient("RTH:L1"),
                      OutboundSamples.order(status, null),
                      "1.2.3",
                      known.get(STEP),
                      as),
                  field);
          assertThat(omi).isEqualTo(orm);
          return orm;
        });
  }

  private static OutboundMessage orm(
      OrderStatus status, String priority, String step, String version) {
    return OrmOut.status(
        OutboundSamples.head(version),
        OutboundSamples.patient("RTH:L1"),
        OutboundSamples.order(status, priority),
        step);
  }

  private static Subject priority(String field, List<String> versions) {
    return new Subject(
        "hl7v2-out-request-priority-to-priority",
        codes(ServiceRequestPriority.values(), ServiceRequestPriority::toCode),
        List.of(),
        versions,
        (code, known, version) ->
            OutboundSamples.get(orm(OrderStatus.ACTIVE, code, "SCHEDULED", version), field));
  }

  private static Subject document(String id, String field) {
    return new Subject(
        id,
        reports(),
        List.of(),
        ALL,
        (code, known, version) ->
            OutboundSamples.get(
                MdmOut.document(
                    OutboundSamples.head(version),
                    OutboundSamples.patient("RTH:L1"),
                    OutboundSamples.report(code, "Text", "F1"),
                    null,
                    "JVBERi0="),
                field));
  }

  private static OutboundMessage oru(String status, String version) {
    return OruOut.result(
        OutboundSamples.head(version),
        OutboundSamples.patient("RTH:L1"),
        OutboundSamples.report(status, "Text", "F1").result(),
        null,
        null);
  }

  private static List<String> reports() {
    return codes(DiagnosticReportStatus.values(), DiagnosticReportStatus::toCode);
  }

  private static <E extends Enum<E>> List<String> codes(
      E[] values, java.util.function.Function<E, String> code) {
    return Arrays.stream(values).filter(v -> !v.name().equals("NULL")).map(code).toList();
  }

  private static Patient patient(String sex) {
    Patient p = OutboundSamples.patient("RTH:L1");
    return new Patient(
        p.id(),
        p.identity(),
        p.keys(),
        p.name(),
        sex,
        p.addressLine(),
        p.postalCode(),
        p.source(),
        p.inReview(),
        p.lastUpdated(),
        p.nhsNumberStatus());
  }

  @TestFactory
  Stream<DynamicTest> eachCode() {
    return SUBJECTS.stream()
        .map(s -> DynamicTest.dynamicTest(s.id() + " " + s.versions(), () -> compare(s)));
  }

  private static void compare(Subject subject) {
    ConceptMap map = ConceptMaps.map(subject.id());
    assertThat(ConceptMaps.elements(map))
        .extracting(SourceElementComponent::getCode)
        .containsExactlyInAnyOrderElementsOf(subject.codes());
    for (String code : subject.codes()) {
      Set<Map<String, String>> all = new LinkedHashSet<>(subject.known());
      all.add(Map.of());
      ConceptMaps.elements(map).stream()
          .filter(e -> e.getCode().equals(code))
          .flatMap(e -> e.getTarget().stream())
          .forEach(t -> all.add(ConceptMaps.conditions(t)));
      for (Map<String, String> known : all) {
        for (String version : subject.versions()) {
          assertThat(subject.sender().send(code, known, version))
              .as("%s with %s in %s", code, known, version)
              .isEqualTo(ConceptMaps.translate(map, code, known, String::equals));
        }
      }
    }
  }
}
