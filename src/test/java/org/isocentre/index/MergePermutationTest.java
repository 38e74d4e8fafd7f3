package org.isocentre.index;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.isocentre.index.MergeWorld.Person;
import org.isocentre.model.PatientMerge;
import org.isocentre.model.Study;

/** Messages in any order, some of them more than once, end in the same state. */
class MergePermutationTest {
  private static final MergeWorld WORLD = new MergeWorld(new H2IndexTest().database());
  private static final LocalDate OTHER_BIRTH_DATE = LocalDate.of(1980, 5, 5);

  /** Some have an NHS number of their own, some no birth date, one another birth date. */
  private static final List<Person> PEOPLE =
      List.of(
          new Person("A"),
          new Person("B", "9990000018", MergeWorld.BORN),
          new Person("C", null, null),
          new Person("D", "9990000026", OTHER_BIRTH_DATE),
          new Person("E"),
          new Person("F", null, null));

  /** One message: a statement, or an object of a study if {@code kind} is null. */
  record Message(PatientMerge.Kind kind, int prior, int surviving, int minute, boolean foreign) {
    void deliver(MergeWorld world) {
      Person who = PEOPLE.get(prior);
      if (kind == null) {
        world.study(who, "1.2." + prior);
      } else {
        world.merges.apply(
            MergeWorld.said(kind, who, PEOPLE.get(surviving), minute, foreign ? "RJ1" : "RTH"));
      }
    }
  }

  @Provide
  Arbitrary<List<Message>> statements() {
    Arbitrary<PatientMerge.Kind> kinds =
        Arbitraries.frequency(
            net.jqwik.api.Tuple.of(6, PatientMerge.Kind.MERGE),
            net.jqwik.api.Tuple.of(1, PatientMerge.Kind.LINK),
            net.jqwik.api.Tuple.of(2, PatientMerge.Kind.UNLINK),
            net.jqwik.api.Tuple.of(1, PatientMerge.Kind.CHANGE_ID));
    Arbitrary<Integer> person = Arbitraries.integers().between(0, PEOPLE.size() - 1);
    return Combinators.combine(
            kinds,
            person,
            person,
            Arbitraries.integers().between(0, 4),
            Arbitraries.frequency(
                net.jqwik.api.Tuple.of(9, false), net.jqwik.api.Tuple.of(1, true)))
        .as(Message::new)
        .list()
        .ofMinSize(1)
        .ofMaxSize(8);
  }

  @Property(tries = 60)
  void anyOrderAndAnyRepetitionEndInTheSameState(
      @ForAll("statements") List<Message> statements, @ForAll Random random) {
    List<Message> messages = new ArrayList<>(statements);
    for (int i = 0; i < PEOPLE.size(); i++) {
      messages.add(new Message(null, i, i, 0, false));
    }
    Map<String, Object> first = outcome(messages);
    List<Message> again = new ArrayList<>(messages);
    messages.stream().filter(m -> random.nextInt(3) == 0).forEach(again::add);
    Collections.shuffle(again, random);
    assertThat(outcome(again)).isEqualTo(first);
  }

  private static Map<String, Object> outcome(List<Message> messages) {
    MergeWorld world = WORLD;
    for (String table :
        List.of(
            "merge_notice",
            "patient_repointed",
            "patient_merge",
            "review_item",
            "audit_entry",
            "instance",
            "series",
            "study",
            "patient_key",
            "patient")) {
      world.jdbc.sql("delete from " + table).update();
    }
    messages.forEach(m -> m.deliver(world));
    return state(world);
  }

  /** Everything that can be seen, without the ids that each run makes up. */
  private static Map<String, Object> state(MergeWorld world) {
    Map<UUID, String> names = new TreeMap<>();
    for (Person p : PEOPLE) {
      UUID record = world.record(p);
      if (record != null) {
        names.put(record, p.number());
      }
    }
    Map<String, Object> state = new TreeMap<>();
    for (int i = 0; i < PEOPLE.size(); i++) {
      Study study = world.studies.findByStudyInstanceUid("1.2." + i).get(0);
      state.put("study " + i, names.get(study.patientId()));
      UUID record = world.record(PEOPLE.get(i));
      state.put("links " + i, links(world, record, names));
      for (String group : List.of("person_id", "suspected_person_id")) {
        state.put(group + " " + i, group(world, record, group, names));
      }
    }
    state.put(
        "statements",
        world
            .jdbc
            .sql("select id, state, reason from patient_merge order by id")
            .query((row, n) -> row.getString(1) + row.getString(2) + row.getString(3))
            .list());
    state.put(
        "questions",
        world
            .jdbc
            .sql("select dedupe_key from review_item where resolved_at is null order by 1")
            .query(String.class)
            .list()
            .stream()
            .map(key -> key.replaceAll("\\|[^|]*\\|[^|]*$", ""))
            .toList());
    for (String nhs : List.of("9990000018", "9990000026")) {
      state.put("seen by " + nhs, world.seenByPatient(nhs));
    }
    return state;
  }

  private static List<String> links(MergeWorld world, UUID record, Map<UUID, String> names) {
    return world.patients.links(List.of(record)).getOrDefault(record, List.of()).stream()
        .map(link -> link.type() + " " + names.get(link.other()))
        .sorted()
        .toList();
  }

  private static List<String> group(
      MergeWorld world, UUID record, String column, Map<UUID, String> names) {
    return world
        .jdbc
        .sql(
            "select o.id from patient p join patient o on o.%s = p.%s where p.id = ?"
                .formatted(column, column))
        .param(record)
        .query(UUID.class)
        .list()
        .stream()
        .map(names::get)
        .sorted()
        .toList();
  }
}
