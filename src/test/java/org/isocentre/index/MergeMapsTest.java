package org.isocentre.index;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.hl7.fhir.r4.model.ConceptMap;
import org.hl7.fhir.r4.model.ConceptMap.SourceElementComponent;
import org.hl7.fhir.r4.model.ConceptMap.TargetElementComponent;
import org.hl7.fhir.r4.model.Patient;
import org.isocentre.fhir.map.PatientMapper;
import org.isocentre.hl7.AdtToMerge;
import org.isocentre.hl7.ConceptMaps;
import org.isocentre.hl7.Hl7Message;
import org.isocentre.hl7.MappingRules;
import org.isocentre.index.MergeWorld.Person;
import org.isocentre.model.MessageStored;
import org.isocentre.model.PatientMerge;
import org.junit.jupiter.api.Test;

/** The maps of merges say what {@code Patient.link} shows once a statement is in the index. */
class MergeMapsTest {
  private static final Instant RECEIVED = Instant.parse("2026-11-01T12:00:00Z");
  private final MergeWorld world = new MergeWorld(new H2IndexTest().database());
  private int minute;

  /** Files what an ADT says; the second record is named by {@code other}. */
  private void apply(String trigger, String surviving, String other) throws Exception {
    String at = "2026110109%02d00+0000".formatted(minute++);
    String text =
        "MSH|^~\\&|RIS|RTH|HUB|ISO|"
            + at
            + "||ADT^"
            + trigger
            + "|M1|P|2.5.1\rEVN|"
            + trigger
            + "|"
            + at
            + "\rPID|1||"
            + surviving
            + "^^^RTH^MR||TEST^CASE||19740213|F\r"
            + other
            + "\r";
    List<PatientMerge> merges =
        new AdtToMerge(new MappingRules(n -> n.equals("RTH") ? Optional.of(n) : Optional.empty()))
            .map(
                Hl7Message.parse(text.getBytes(StandardCharsets.UTF_8)),
                new MessageStored("e", "RTH", "ADT", "M1", "hl7/" + at, "UTF-8", RECEIVED));
    merges.forEach(world.merges::apply);
  }

  private static String other(String trigger, String number) {
    return Set.of("A24", "A37").contains(trigger)
        ? "PID|2||" + number + "^^^RTH^MR||TEST^CASE||19740213|F"
        : "MRG|" + number + "^^^RTH^MR";
  }

  private Patient shown(UUID id) {
    return PatientMapper.map(
        world.patients.find(id).orElseThrow(),
        world.patients.links(List.of(id)).getOrDefault(id, List.of()));
  }

  /** The types of links of both records; of one record in the first place. */
  private static List<String> types(Patient patient) {
    return patient.getLink().stream().map(l -> l.getType().toCode()).toList();
  }

  @Test
  void eachEventLinksTheTwoRecordsAsItsMapSays() throws Exception {
    ConceptMap map = ConceptMaps.map("hl7v2-merge-event-to-link-type");
    Set<String> events = new HashSet<>();
    for (SourceElementComponent element : ConceptMaps.elements(map)) {
      String trigger = element.getCode();
      events.add(trigger);
      UUID prior = world.adt(new Person("P" + trigger));
      UUID surviving = world.adt(new Person("S" + trigger));
      if (trigger.equals("A37")) {
        apply("A24", "S" + trigger, other("A24", "P" + trigger));
        assertThat(types(shown(surviving))).containsExactly("seealso");
      }
      apply(trigger, "S" + trigger, other(trigger, "P" + trigger));
      List<String> said =
          element.getTarget().stream()
              .filter(TargetElementComponent::hasCode)
              .map(TargetElementComponent::getCode)
              .toList();
      List<String> shown = new ArrayList<>(types(shown(surviving)));
      types(shown(prior)).stream().filter(t -> !shown.contains(t)).forEach(shown::add);
      assertThat(shown).as(trigger).isEqualTo(said);
    }
    assertThat(events).isEqualTo(AdtToMerge.triggers());
  }

  @Test
  void eachFieldOfMrgThatTheMapHasLeadsToTheOtherRecord() throws Exception {
    List<SourceElementComponent> rows =
        ConceptMaps.elements(ConceptMaps.map("hl7v2-segment-mrg-to-patient"));
    assertThat(rows).isNotEmpty();
    Set<Integer> mapped = new HashSet<>();
    for (SourceElementComponent row : rows) {
      assertThat(row.getTargetFirstRep().getCode()).isEqualTo("Patient.link.other");
      mapped.add(Integer.parseInt(row.getCode().substring("MRG-".length())));
    }
    for (int field = 1; field <= 7; field++) {
      UUID prior = world.adt(new Person("P" + field));
      UUID surviving = world.adt(new Person("S" + field));
      apply("A40", "S" + field, "MRG" + "|".repeat(field) + "P" + field + "^^^RTH^MR");
      assertThat(shown(surviving).getLink().stream().map(l -> l.getOther().getReference()))
          .as("MRG-" + field)
          .isEqualTo(mapped.contains(field) ? List.of("Patient/" + prior) : List.of());
    }
  }
}
