package org.isocentre.consent;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.isocentre.model.Consent;
import org.isocentre.model.ConsentData;
import org.isocentre.model.ConsentRule;
import org.isocentre.model.ConsentRule.Criterion;
import org.junit.jupiter.api.Test;

class RulesTest {
  private static final Instant T0 = Instant.parse("2026-01-01T00:00:00Z");
  private static final UUID PATIENT = new UUID(1, 1);
  private static final UUID STUDY = new UUID(2, 1);
  private static final UUID REPORT = new UUID(2, 2);
  private static final ConsentData DATA =
      new ConsentData(
          STUDY, PATIENT, "ImagingStudy", T0.plusSeconds(100), Set.of(REPORT), Set.of("s|R"));

  private static Question ask(ConsentData data) {
    return new Question("RJ1", "TREAT", "access", data, T0.plusSeconds(50));
  }

  private static ConsentRule rule(
      int number, int parent, boolean permit, Map<Criterion, Set<String>> terms) {
    return new ConsentRule(number, parent, permit, terms, null, null, null, null);
  }

  private static Consent consent(int said, ConsentRule... rules) {
    return new Consent(
        new UUID(3, said),
        PATIENT,
        "active",
        T0.plusSeconds(said),
        null,
        T0,
        1,
        List.of(rules),
        null);
  }

  private static Boolean permit(ConsentData data, Consent... consents) {
    Decision decision = new Rules(List.of(consents)).decide(ask(data));
    return decision == null ? null : decision.permit();
  }

  private static final Map<Criterion, Set<String>> RJ1 = Map.of(Criterion.ACTOR, Set.of("RJ1"));

  @Test
  void theNewestOfTheSameKindWinsAndATieDenies() {
    assertThat(
            permit(DATA, consent(1, rule(0, -1, false, RJ1)), consent(2, rule(0, -1, true, RJ1))))
        .isTrue();
    assertThat(
            permit(DATA, consent(2, rule(0, -1, false, RJ1)), consent(1, rule(0, -1, true, RJ1))))
        .isFalse();
    Consent one = consent(1, rule(0, -1, true, RJ1));
    Consent tie =
        new Consent(
            new UUID(3, 9), PATIENT, false, "RJ1", "active", null, null, T0.plusSeconds(1), "", T0);
    assertThat(permit(DATA, one, tie)).isFalse();
  }

  @Test
  void theMoreSpecificWinsWhateverItsAge() {
    assertThat(
            permit(
                DATA, consent(2, rule(0, -1, false, Map.of())), consent(1, rule(0, -1, true, RJ1))))
        .isTrue();
  }

  @Test
  void whatIsAboutOtherThingsDoesNotBeatADenial() {
    Consent study = consent(2, rule(0, -1, true, Map.of(Criterion.DATA, Set.of(STUDY.toString()))));
    assertThat(permit(DATA, consent(1, rule(0, -1, false, RJ1)), study)).isFalse();
  }

  @Test
  void anExceptionBeatsWhatItIsNestedIn() {
    Consent consent =
        consent(1, rule(0, -1, false, Map.of()), rule(1, 0, true, RJ1), rule(2, 1, false, RJ1));
    assertThat(permit(DATA, consent)).isFalse();
    assertThat(permit(DATA, consent(1, rule(0, -1, false, Map.of()), rule(1, 0, true, RJ1))))
        .isTrue();
  }

  @Test
  void aRelatedReferenceIsAboutWhatBelongsToIt() {
    Map<Criterion, Set<String>> related = Map.of(Criterion.DATA, Set.of("related|" + REPORT));
    Map<Criterion, Set<String>> instance = Map.of(Criterion.DATA, Set.of(REPORT.toString()));
    assertThat(permit(DATA, consent(1, rule(0, -1, false, related)))).isFalse();
    assertThat(permit(DATA, consent(1, rule(0, -1, false, instance)))).isNull();
  }

  @Test
  void anUnknownDateCountsAgainst() {
    ConsentData undated = new ConsentData(STUDY, PATIENT, "ImagingStudy", null, Set.of(), Set.of());
    for (boolean permit : new boolean[] {true, false}) {
      ConsentRule old =
          new ConsentRule(0, -1, permit, Map.of(), null, null, null, T0.plusSeconds(10));
      assertThat(permit(undated, consent(1, old))).isEqualTo(permit ? null : Boolean.FALSE);
      assertThat(permit(DATA, consent(1, old))).isNull();
    }
  }

  @Property(tries = 3000)
  void decidesAsANaiveEvaluator(@ForAll("consents") List<Consent> consents) {
    assertThat(permit(DATA, consents.toArray(Consent[]::new))).isEqualTo(naive(consents));
  }

  @Property(tries = 1000)
  void theOrderInWhichTheyAreReadDoesNotMatter(@ForAll("consents") List<Consent> consents) {
    List<Consent> reversed = new ArrayList<>(consents);
    java.util.Collections.reverse(reversed);
    assertThat(new Rules(consents).decide(ask(DATA)))
        .isEqualTo(new Rules(reversed).decide(ask(DATA)));
  }

  /** Closed by the newest word about just this: no statement before it can leave it open. */
  @Property(tries = 1000)
  void noEarlierStatementsLeaveOpenWhatIsClosed(@ForAll("consents") List<Consent> before) {
    Map<Criterion, Set<String>> all = new HashMap<>();
    all.put(Criterion.ACTOR, Set.of("RJ1"));
    all.put(Criterion.PURPOSE, Set.of("TREAT"));
    all.put(Criterion.CLASS, Set.of("ImagingStudy"));
    List<Consent> with = new ArrayList<>(before);
    with.add(
        new Consent(
            new UUID(9, 9),
            PATIENT,
            "active",
            T0.plusSeconds(1000),
            null,
            T0,
            1,
            List.of(rule(0, -1, false, all)),
            null));
    assertThat(new Rules(with).decide(ask(DATA)).permit()).isFalse();
  }

  /** To take back a permission never opens anything. */
  @Property(tries = 2000)
  void aWithdrawnPermissionOpensNothing(@ForAll("consents") List<Consent> consents) {
    for (int i = 0; i < consents.size(); i++) {
      if (consents.get(i).rules().stream().allMatch(ConsentRule::permit)) {
        List<Consent> without = new ArrayList<>(consents);
        without.remove(i);
        Decision after = new Rules(without).decide(ask(DATA));
        Decision before = new Rules(consents).decide(ask(DATA));
        if (before != null && !before.permit()) {
          assertThat(after).isNotNull();
          assertThat(after.permit()).isFalse();
        }
      }
    }
  }

  /** Nothing that is said of organisations, or of everybody, lets a person act for the patient. */
  @Property(tries = 1000)
  void aPersonIsLetInByNameAlone(@ForAll("consents") List<Consent> consents) {
    Question asked =
        new Question(
            ConsentRule.person("9990000018"), Question.FAMILY, "access", DATA, T0.plusSeconds(50));
    Decision before = new Rules(consents).decide(asked);
    assertThat(before == null || !before.permit()).isTrue();
    List<Consent> with = new ArrayList<>(consents);
    with.add(
        consent(
            2000,
            rule(0, -1, true, Map.of(Criterion.ACTOR, Set.of(ConsentRule.person("9990000026"))))));
    assertThat(new Rules(with).decide(asked)).isEqualTo(before);
  }

  private static Boolean naive(List<Consent> consents) {
    record One(Consent of, ConsentRule rule) {}
    List<One> left = new ArrayList<>();
    for (Consent c : consents) {
      for (ConsentRule r : c.rules()) {
        boolean holds = c.status().equals("active") && r.isValid(T0.plusSeconds(50));
        for (var term : r.terms().entrySet()) {
          holds &=
              switch (term.getKey()) {
                case ACTOR -> term.getValue().contains("RJ1");
                case PURPOSE -> term.getValue().contains("TREAT");
                case ACTION -> term.getValue().contains("access");
                case CLASS -> term.getValue().contains("ImagingStudy");
                case DATA -> term.getValue().contains(STUDY.toString());
                case LABEL -> term.getValue().contains("s|R");
              };
        }
        if (holds) {
          left.add(new One(c, r));
        }
      }
    }
    if (left.isEmpty()) {
      return null;
    }
    for (One deny : left) {
      if (deny.rule().permit()) {
        continue;
      }
      boolean beaten = false;
      for (One other : left) {
        boolean nested = false;
        for (int up = other.rule().parent(); up >= 0 && other.of() == deny.of(); ) {
          nested |= up == deny.rule().number();
          up = deny.of().rules().get(up).parent();
        }
        Set<Criterion> more = EnumSet.noneOf(Criterion.class);
        more.addAll(other.rule().terms().keySet());
        boolean superset = more.containsAll(deny.rule().terms().keySet());
        boolean same = more.size() == deny.rule().terms().size();
        boolean newer = other.of().recordedAt().isAfter(deny.of().recordedAt());
        beaten |= nested || superset && (!same || newer);
      }
      if (!beaten) {
        return false;
      }
    }
    return true;
  }

  @Provide
  Arbitrary<List<Consent>> consents() {
    Arbitrary<Map<Criterion, Set<String>>> terms =
        Combinators.combine(
                Arbitraries.of(
                    Set.<String>of(), Set.of("RJ1"), Set.of("RTH"), Set.of("RJ1", "RTH")),
                Arbitraries.of(Set.<String>of(), Set.of("TREAT"), Set.of("HRESCH")),
                Arbitraries.of(
                    Set.<String>of(), Set.of("ImagingStudy"), Set.of("DiagnosticReport")))
            .as(
                (actor, purpose, type) -> {
                  Map<Criterion, Set<String>> all = new HashMap<>();
                  all.put(Criterion.ACTOR, actor);
                  all.put(Criterion.PURPOSE, purpose);
                  all.put(Criterion.CLASS, type);
                  return all;
                });
    Arbitrary<List<ConsentRule>> rules =
        Combinators.combine(terms, terms, Arbitraries.integers().between(0, 7))
            .as(
                (outer, own, kind) -> {
                  List<ConsentRule> list = new ArrayList<>();
                  list.add(rule(0, -1, (kind & 1) == 0, outer));
                  if ((kind & 2) == 0) {
                    Map<Criterion, Set<String>> inner = new HashMap<>(own);
                    outer.forEach(
                        (c, values) -> inner.merge(c, values, (a, b) -> b.isEmpty() ? a : b));
                    list.add(rule(1, 0, (kind & 4) == 0, inner));
                  }
                  return list;
                });
    Arbitrary<Consent> one =
        Combinators.combine(
                rules,
                Arbitraries.integers().between(0, 5),
                Arbitraries.of("active", "active", "active", "inactive"),
                Arbitraries.longs())
            .as(
                (r, said, status, id) ->
                    new Consent(
                        new UUID(4, id),
                        PATIENT,
                        status,
                        T0.plusSeconds(said),
                        null,
                        T0,
                        1,
                        r,
                        null));
    return one.list().ofMaxSize(6).uniqueElements(Consent::id);
  }
}
