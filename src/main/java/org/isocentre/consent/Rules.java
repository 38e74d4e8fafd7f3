package org.isocentre.consent;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.isocentre.model.Consent;
import org.isocentre.model.ConsentRule;
import org.isocentre.model.ConsentRule.Criterion;

/**
 * Decides by the provisions of one person's Consents: a pure function of what they say.
 *
 * <p>Of the provisions that hold, one is beaten by another that is about the same and more; by a
 * newer one that is about the same; and by its own exceptions. What is not beaten decides: it
 * permits if all of it permits. So the newest and most specific wins, and a tie denies. What a
 * provision asks for and nobody knows counts against: a denial holds then, a permission does not.
 */
public final class Rules {
  private final List<Rule> rules;

  private record Rule(UUID consent, Instant said, ConsentRule rule, Set<Integer> above) {
    /** Whether this is an exception from the other. */
    boolean isWithin(Rule other) {
      return consent.equals(other.consent) && above.contains(other.rule.number());
    }
  }

  /** What a provision is about; a data period is a kind of its own. */
  private record Kinds(Set<Criterion> terms, boolean period) {
    static Kinds of(ConsentRule rule) {
      return new Kinds(rule.terms().keySet(), rule.isOfDataPeriod());
    }

    boolean include(Kinds other) {
      return terms.containsAll(other.terms) && (period || !other.period);
    }
  }

  /**
   * @param consents of one person; those that are not active are left out
   */
  public Rules(List<Consent> consents) {
    rules = new ArrayList<>();
    for (Consent consent : consents) {
      if (consent.isActive()) {
        Map<Integer, ConsentRule> numbers =
            consent.rules().stream().collect(Collectors.toMap(ConsentRule::number, r -> r));
        for (ConsentRule rule : consent.rules()) {
          rules.add(new Rule(consent.id(), consent.recordedAt(), rule, above(rule, numbers)));
        }
      }
    }
  }

  private static Set<Integer> above(ConsentRule rule, Map<Integer, ConsentRule> numbers) {
    Set<Integer> above = new java.util.HashSet<>();
    for (ConsentRule up = numbers.get(rule.parent());
        up != null && above.add(up.number());
        up = numbers.get(up.parent())) {}
    return above;
  }

  /** Whether there is a provision that is valid now and about some of the data only. */
  boolean narrowByData(Instant at) {
    return rules.stream().anyMatch(r -> r.rule().isValid(at) && r.rule().isOfSomeData());
  }

  /**
   * @return null if nothing that the person said is about it
   */
  public Decision decide(Question question) {
    List<Rule> held = rules.stream().filter(r -> holds(r.rule(), question)).toList();
    return held.stream()
        .filter(r -> held.stream().noneMatch(other -> beats(other, r)))
        .min(
            Comparator.comparing((Rule r) -> r.rule().permit())
                .thenComparing(Rule::said, Comparator.reverseOrder())
                .thenComparing(Rule::consent)
                .thenComparing(r -> r.rule().number()))
        .map(Rules::decision)
        .orElse(null);
  }

  private static Decision decision(Rule by) {
    String what = by.rule().permit() ? "permitted" : "denied";
    return new Decision(
        by.rule().permit(),
        what + " by provision " + by.rule().number() + " of the patient's Consent",
        by.consent(),
        by.rule().number());
  }

  private static boolean beats(Rule one, Rule other) {
    if (one.isWithin(other)) {
      return true;
    }
    if (other.isWithin(one)) {
      return false;
    }
    Kinds mine = Kinds.of(one.rule());
    Kinds theirs = Kinds.of(other.rule());
    return mine.include(theirs) && (!theirs.include(mine) || one.said().isAfter(other.said()));
  }

  private static boolean holds(ConsentRule rule, Question q) {
    return rule.isValid(q.at())
        && holdsForActor(rule, q)
        && holds(rule, Criterion.PURPOSE, q.purpose())
        && holds(rule, Criterion.ACTION, q.action())
        && holdsForData(rule, q);
  }

  /** Who permits everybody means those who treat them, or do research: a person must be named. */
  private static boolean holdsForActor(ConsentRule rule, Question q) {
    boolean named = !rule.terms(Criterion.ACTOR).isEmpty();
    return (named || !q.isOfPerson() || !rule.permit()) && holds(rule, Criterion.ACTOR, q.actor());
  }

  private static boolean holds(ConsentRule rule, Criterion criterion, String value) {
    Set<String> wanted = rule.terms(criterion);
    return wanted.isEmpty() || (value == null ? !rule.permit() : wanted.contains(value));
  }

  private static boolean holdsForData(ConsentRule rule, Question q) {
    if (!rule.isOfSomeData()) {
      return true;
    }
    if (q.data() == null) {
      return false;
    }
    Set<String> labels = rule.terms(Criterion.LABEL);
    Set<String> data = rule.terms(Criterion.DATA);
    return holds(rule, Criterion.CLASS, q.data().type())
        && (labels.isEmpty() || q.data().labels().stream().anyMatch(labels::contains))
        && (data.isEmpty() || isNamed(data, q))
        && holdsForDate(rule, q.data().date());
  }

  /** A reference with the meaning {@code related} is kept with that word before its id. */
  private static boolean isNamed(Set<String> data, Question q) {
    String id = q.data().id().toString();
    return data.contains(id)
        || data.contains("related|" + id)
        || q.data().related().stream().anyMatch(other -> data.contains("related|" + other));
  }

  private static boolean holdsForDate(ConsentRule rule, Instant date) {
    if (!rule.isOfDataPeriod()) {
      return true;
    }
    if (date == null) {
      return !rule.permit();
    }
    return (rule.dataFrom() == null || !date.isBefore(rule.dataFrom()))
        && (rule.dataUntil() == null || date.isBefore(rule.dataUntil()));
  }

  @Override
  public String toString() {
    return "Rules[" + rules.size() + "]";
  }

  static boolean denies(Decision decision) {
    return Objects.nonNull(decision) && !decision.permit();
  }
}
