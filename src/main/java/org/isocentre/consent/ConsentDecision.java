package org.isocentre.consent;

import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.isocentre.index.ConsentDataIndex;
import org.isocentre.index.ConsentIndex;
import org.isocentre.index.LegitimateRelationship;
import org.isocentre.index.PatientFlags;
import org.isocentre.index.Withheld;
import org.isocentre.model.Consent;
import org.isocentre.model.ConsentData;
import org.isocentre.model.ConsentRule;

/**
 * The one consent decision, asked by every door. The custodian of a study always has it: it is the
 * custodian's own. Direct care by a trust of the directory is permitted unless a Consent denies it.
 * Everybody else needs one that permits, and so does research, which a National Data Opt-out
 * forbids.
 *
 * <p>While a message calls two people one and nobody has confirmed it, what either of them refuses
 * is refused for both, and what one of them permits opens nothing of the other.
 */
public final class ConsentDecision {
  private final ConsentIndex consents;
  private final ConsentDataIndex data;
  private final PatientFlags flags;
  private final Predicate<String> careTrust;
  private final Clock clock;

  /**
   * @param careTrust whether an ODS code is of a trust that gives direct care
   */
  public ConsentDecision(
      ConsentIndex consents,
      ConsentDataIndex data,
      PatientFlags flags,
      Predicate<String> careTrust,
      Clock clock) {
    this.consents = consents;
    this.data = data;
    this.flags = flags;
    this.careTrust = careTrust;
    this.clock = clock;
  }

  /** For direct care, of the patient as such. */
  public boolean permits(UUID patientId, String custodian, String organisation) {
    return decide(patientId, null, custodian, organisation, Question.TREATMENT, Question.DISCLOSE)
        .permit();
  }

  /**
   * For direct care.
   *
   * @param dataId of the study, report or order
   */
  public boolean permits(UUID patientId, UUID dataId, String custodian, String organisation) {
    return decide(patientId, dataId, custodian, organisation, Question.TREATMENT, Question.DISCLOSE)
        .permit();
  }

  /**
   * @param dataId of a study, report or order, or null for the patient as such
   * @param custodian ODS code of whose the data is, or null if it is nobody's in particular
   * @param actor ODS code, or {@link org.isocentre.model.ConsentRule#person}
   * @param purpose code of v3-ActReason
   * @param action code of consentaction
   */
  public Decision decide(
      UUID patientId, UUID dataId, String custodian, String actor, String purpose, String action) {
    if (actor.equals(custodian)) {
      return Decision.of(true, "permitted: it is the custodian's own");
    }
    Set<UUID> perhaps = consents.perhapsSamePeople(Set.of(patientId));
    Optional<ConsentData> about = about(dataId, perhaps);
    if (dataId != null && about.isEmpty()) {
      return Decision.of(false, "denied: the patient has no such study, report or order");
    }
    if (isOptedOut(purpose, perhaps)) {
      return Decision.of(false, "denied: National Data Opt-out");
    }
    Question question = new Question(actor, purpose, action, about.orElse(null), clock.instant());
    return decide(rulesOf(perhaps), question, !needsPermission(actor, purpose));
  }

  private Optional<ConsentData> about(UUID dataId, Set<UUID> perhaps) {
    return dataId == null
        ? Optional.empty()
        : data.of(perhaps).stream().filter(d -> d.id().equals(dataId)).findFirst();
  }

  private boolean isOptedOut(String purpose, Set<UUID> records) {
    return isResearch(purpose)
        && !flags.with(PatientFlags.Kind.RESEARCH_OPT_OUT, records).isEmpty();
  }

  private static boolean isResearch(String purpose) {
    return !Question.TREATMENT.equals(purpose) && !Question.FAMILY.equals(purpose);
  }

  /**
   * Each of those who perhaps are one person has to permit.
   *
   * @param open what holds where nobody said anything
   */
  private Decision decide(Collection<Rules> people, Question question, boolean open) {
    Decision all = null;
    for (Rules person : people) {
      Decision one = person.decide(question);
      if (one == null) {
        one =
            Decision.of(
                open,
                open
                    ? "permitted: direct care, and no Consent denies it"
                    : "denied: no active Consent permits it");
      }
      if (!one.permit()) {
        return one;
      }
      all = all == null || one.consentId() != null ? one : all;
    }
    return all == null ? Decision.of(false, "denied: no such patient") : all;
  }

  private boolean needsPermission(String actor, String purpose) {
    return !Question.TREATMENT.equals(purpose) || !careTrust.test(actor);
  }

  private Set<Rules> rulesOf(Set<UUID> records) {
    return new LinkedHashSet<>(rulesByRecord(records).values());
  }

  private Map<UUID, Rules> rulesByRecord(Set<UUID> records) {
    Map<UUID, List<Consent>> said =
        consents.active(records).stream().collect(Collectors.groupingBy(Consent::patientId));
    Map<UUID, Rules> rules = new HashMap<>();
    for (Set<UUID> person : People.same(consents.records(records))) {
      Rules one =
          new Rules(
              person.stream().flatMap(id -> said.getOrDefault(id, List.of()).stream()).toList());
      person.forEach(id -> rules.put(id, one));
    }
    return rules;
  }

  /** Every patient record whose data this organisation may not see, unless it is its own. */
  public Set<UUID> deniedPatients(String organisation) {
    return withheld(organisation, Question.TREATMENT, Set.of()).patients();
  }

  /**
   * What a search has to leave out. The number of statements does not depend on how many patients
   * said something.
   *
   * @param glassBroken patients whose refusals do not count
   */
  public Withheld withheld(String organisation, String purpose, Set<UUID> glassBroken) {
    return withheld(organisation, purpose, glassBroken, needsPermission(organisation, purpose));
  }

  /**
   * Whom a clinician may look at without their organisation caring for them: whose own Consent
   * opens it, and whose glass is broken.
   */
  public LegitimateRelationship relationship(
      String organisation, String purpose, Set<UUID> glassBroken) {
    Withheld said = withheld(organisation, purpose, Set.of(), true);
    Set<UUID> shown = new HashSet<>(said.onlyPatients());
    shown.addAll(consents.perhapsSamePeople(glassBroken));
    return new LegitimateRelationship(shown, said.open());
  }

  /**
   * @param positive whether nothing is open that no Consent opens
   */
  private Withheld withheld(
      String organisation, String purpose, Set<UUID> glassBroken, boolean positive) {
    Instant now = clock.instant();
    Set<UUID> who =
        positive
            ? consents.patientsWithPermissions(organisation, now)
            : consents.patientsWithDenials(organisation, now);
    return withheld(
        new Question(organisation, purpose, Question.ACCESS, null, now),
        who,
        glassBroken,
        positive);
  }

  /**
   * What is kept from somebody who acts for a patient: everything that no Consent opens to them.
   *
   * @param nhsNumber of the patient
   * @param proxy NHS number of who acts for them
   */
  public Withheld withheldFromProxy(String nhsNumber, String proxy) {
    Question general =
        new Question(
            ConsentRule.person(proxy), Question.FAMILY, Question.ACCESS, null, clock.instant());
    return withheld(general, consents.recordsOf(nhsNumber), Set.of(), true);
  }

  /**
   * Who lets a person act for a patient now.
   *
   * @return id of the Consent, the newest if there are several; empty if there is none
   */
  public Optional<UUID> grant(String nhsNumber, String proxy) {
    String person = ConsentRule.person(proxy);
    return consents.active(consents.recordsOf(nhsNumber)).stream()
        .filter(
            c ->
                c.rules().stream()
                    .anyMatch(
                        rule ->
                            rule.permit()
                                && rule.isValid(clock.instant())
                                && rule.terms(ConsentRule.Criterion.ACTOR).contains(person)))
        .max(Comparator.comparing(Consent::recordedAt))
        .map(Consent::id);
  }

  /**
   * @param said of whom something may have been said
   */
  private Withheld withheld(
      Question general, Set<UUID> said, Set<UUID> glassBroken, boolean positive) {
    Set<UUID> records = consents.perhapsSamePeople(said);
    if (records.isEmpty()) {
      return new Withheld(positive ? Set.of() : null, Set.of(), Set.of(), Set.of());
    }
    Set<UUID> optedOut =
        isResearch(general.purpose())
            ? flags.with(PatientFlags.Kind.RESEARCH_OPT_OUT, records)
            : Set.of();
    Sorting sorting = new Sorting(general, !positive, rulesByRecord(records));
    for (Set<UUID> person : People.perhapsSame(consents.records(records))) {
      if (person.stream().anyMatch(glassBroken::contains)) {
        sorting.seen.addAll(person);
        continue;
      }
      sorting.person(person, person.stream().anyMatch(optedOut::contains));
    }
    sorting.data(data.of(sorting.mixed.keySet()));
    return new Withheld(
        positive ? sorting.seen : null, sorting.denied, sorting.hidden, sorting.open);
  }

  /** What is shown and what is not, while it is found out. */
  private final class Sorting {
    private final Question general;
    private final boolean openToAll;
    private final Map<UUID, Rules> rules;
    private final Set<UUID> seen = new HashSet<>();
    private final Set<UUID> denied = new HashSet<>();
    private final Set<UUID> hidden = new HashSet<>();
    private final Set<UUID> open = new HashSet<>();

    /** Records of which some data may be shown and some not. */
    private final Map<UUID, Set<Rules>> mixed = new HashMap<>();

    Sorting(Question general, boolean openToAll, Map<UUID, Rules> rules) {
      this.general = general;
      this.openToAll = openToAll;
      this.rules = rules;
    }

    void person(Set<UUID> records, boolean optedOut) {
      Set<Rules> said =
          records.stream().map(rules::get).collect(Collectors.toCollection(LinkedHashSet::new));
      boolean permit = !optedOut && decide(said, general, openToAll).permit();
      (permit ? seen : denied).addAll(records);
      if (!optedOut && said.stream().anyMatch(r -> r.narrowByData(general.at()))) {
        records.forEach(id -> mixed.put(id, said));
      }
    }

    void data(List<ConsentData> all) {
      for (ConsentData one : all) {
        boolean permit = decide(mixed.get(one.patientId()), general.about(one), openToAll).permit();
        if (permit == denied.contains(one.patientId())) {
          (permit ? open : hidden).add(one.id());
        }
      }
    }
  }
}
