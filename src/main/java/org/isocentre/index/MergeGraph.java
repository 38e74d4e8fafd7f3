package org.isocentre.index;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.isocentre.model.MergeRecord.State;
import org.isocentre.model.PatientKey;
import org.isocentre.model.PatientMerge.Kind;

/**
 * What follows from all that was said of some patients' identifiers. A pure function: statements
 * are gone through in order of the time at which they were made, so the order in which they came
 * and how often they came do not matter.
 *
 * <p>A record points to at most one other, which absorbs it; the newest statement about a record
 * wins. A statement whose surviving record hangs under its prior one brings the surviving record
 * back to life, so there is never a circle.
 */
final class MergeGraph {
  /**
   * A patient record.
   *
   * @param keys its numbers, the NHS number among them
   * @param inReview a person has yet to decide who this is: it takes no part
   */
  record Node(
      UUID id, Set<PatientKey> keys, String nhsNumber, LocalDate birthDate, boolean inReview) {}

  /**
   * What becomes of a statement.
   *
   * @param confirmed whether what it brought about was confirmed by a person
   */
  record Verdict(State state, String reason, UUID surviving, UUID prior, boolean confirmed) {
    Verdict in(State other) {
      return new Verdict(other, null, surviving, prior, confirmed);
    }
  }

  /**
   * What becomes of a record.
   *
   * @param mergedInto the record at the end of the chain, or null
   * @param confirmed whether the whole chain is
   * @param person one id for all records that people say are one person; null if it is alone
   * @param suspected one id for all records that somebody says are one person; null if it is alone
   */
  record Place(UUID mergedInto, boolean confirmed, UUID person, UUID suspected) {}

  private record Edge(MergeFact fact, UUID to, boolean confirmed) {}

  private record Link(MergeFact fact, UUID from, UUID to, boolean confirmed) {
    boolean connects(UUID one, UUID other) {
      return from.equals(one) && to.equals(other) || from.equals(other) && to.equals(one);
    }
  }

  private final Map<UUID, Node> nodes = new TreeMap<>();
  private final Map<UUID, Verdict> verdicts = new LinkedHashMap<>();

  /** A person said that these are not the same, whatever a message says of them. */
  private final Set<Set<PatientKey>> takenBack;

  private Map<UUID, Edge> edges = new TreeMap<>();
  private final List<Link> links = new ArrayList<>();

  MergeGraph(Collection<Node> nodes, Collection<MergeFact> facts) {
    nodes.forEach(n -> this.nodes.put(n.id(), n));
    takenBack =
        facts.stream()
            .filter(f -> f.undone() && f.kind() != Kind.UNLINK)
            .map(MergeFact::pair)
            .collect(Collectors.toSet());
    facts.stream().sorted(MergeFact.BY_TIME).forEach(f -> verdicts.put(f.id(), judge(f)));
  }

  /** By id of the statement. */
  Map<UUID, Verdict> verdicts() {
    return verdicts;
  }

  /** By id of the record. */
  Map<UUID, Place> places() {
    Groups people = new Groups();
    Groups suspected = new Groups();
    edges.forEach(
        (from, edge) -> {
          suspected.join(from, edge.to());
          if (edge.confirmed()) {
            people.join(from, edge.to());
          }
        });
    for (Link link : links) {
      suspected.join(link.from(), link.to());
      if (link.confirmed()) {
        people.join(link.from(), link.to());
      }
    }
    Map<UUID, Place> places = new LinkedHashMap<>();
    for (UUID id : nodes.keySet()) {
      UUID root = root(edges, id);
      places.put(
          id,
          new Place(
              root.equals(id) ? null : root,
              !root.equals(id) && isConfirmedWay(id),
              people.of(id),
              suspected.of(id)));
    }
    return places;
  }

  private Verdict judge(MergeFact fact) {
    if (fact.undone()) {
      return new Verdict(State.UNDONE, null, one(fact.surviving().key()), priorOf(fact), false);
    }
    UUID surviving = one(fact.surviving().key());
    List<UUID> priors = having(fact.prior().key());
    if (surviving == null || priors.isEmpty()) {
      return new Verdict(State.WAITING, null, surviving, priorOf(fact), false);
    }
    priors.remove(surviving);
    if (priors.isEmpty()) {
      return fact.kind() == Kind.UNLINK
          ? new Verdict(State.HELD, "ONE_RECORD", surviving, surviving, false)
          : new Verdict(State.SAME_RECORD, null, surviving, surviving, false);
    }
    boolean confirmed = fact.isConfirmedFor(priors.get(0), surviving);
    return switch (fact.kind()) {
      case MERGE, CHANGE_ID -> merge(fact, priors, surviving, confirmed);
      case LINK -> link(fact, priors.get(0), surviving, confirmed);
      case UNLINK -> unlink(fact, priors, surviving, confirmed);
    };
  }

  private UUID priorOf(MergeFact fact) {
    return one(fact.prior().key());
  }

  /** The record that a key means; of several with one NHS number the first. */
  private UUID one(PatientKey key) {
    List<UUID> found = having(key);
    return found.isEmpty() ? null : found.get(0);
  }

  private List<UUID> having(PatientKey key) {
    return nodes.values().stream()
        .filter(n -> !n.inReview() && n.keys().contains(key))
        .map(Node::id)
        .collect(Collectors.toCollection(ArrayList::new));
  }

  private Verdict merge(MergeFact fact, List<UUID> priors, UUID surviving, boolean confirmed) {
    Verdict verdict = new Verdict(State.IN_FORCE, null, surviving, priors.get(0), confirmed);
    if (priors.stream()
        .allMatch(p -> edges.containsKey(p) && edges.get(p).to().equals(surviving))) {
      if (confirmed) {
        priors.forEach(this::confirm);
      }
      return verdict.in(State.REPEATED);
    }
    Map<UUID, Edge> trial = new TreeMap<>(edges);
    for (UUID prior : priors) {
      trial.remove(prior);
      if (root(trial, surviving).equals(prior)) {
        trial.remove(surviving);
      }
      String reason = confirmed ? null : objection(fact, trial, prior, surviving);
      if (reason != null) {
        return new Verdict(State.HELD, reason, surviving, priors.get(0), false);
      }
      trial.put(prior, new Edge(fact, surviving, confirmed));
    }
    adopt(trial, fact);
    return verdict;
  }

  private void confirm(UUID prior) {
    Edge edge = edges.get(prior);
    edges.put(prior, new Edge(edge.fact(), edge.to(), true));
    markConfirmed(edge.fact());
  }

  private void markConfirmed(MergeFact fact) {
    verdicts.computeIfPresent(
        fact.id(), (id, v) -> new Verdict(v.state(), v.reason(), v.surviving(), v.prior(), true));
  }

  private Verdict link(MergeFact fact, UUID prior, UUID surviving, boolean confirmed) {
    Verdict verdict = new Verdict(State.IN_FORCE, null, surviving, prior, confirmed);
    for (Link link : List.copyOf(links)) {
      if (link.connects(prior, surviving)) {
        if (confirmed) {
          links.remove(link);
          links.add(new Link(link.fact(), link.from(), link.to(), true));
          markConfirmed(link.fact());
        }
        return verdict.in(State.REPEATED);
      }
    }
    String reason = confirmed ? null : objection(fact, edges, prior, surviving);
    if (reason != null) {
      return new Verdict(State.HELD, reason, surviving, prior, false);
    }
    links.add(new Link(fact, prior, surviving, confirmed));
    return verdict;
  }

  /** The prior record leaves, unless it is the surviving one that hangs under it. */
  private Verdict unlink(MergeFact fact, List<UUID> priors, UUID surviving, boolean confirmed) {
    if (!fact.isAuthorised() && !confirmed) {
      return new Verdict(State.HELD, "NOT_THE_SENDERS_NUMBER", surviving, priors.get(0), false);
    }
    Map<UUID, Edge> apart = new TreeMap<>(edges);
    for (UUID prior : priors) {
      if (root(apart, prior).equals(root(apart, surviving))) {
        apart.remove(hangsUnder(apart, surviving, prior) ? surviving : prior);
      }
    }
    adopt(apart, fact);
    links.removeIf(
        l -> {
          boolean cut = priors.stream().anyMatch(prior -> l.connects(prior, surviving));
          if (cut) {
            verdicts.computeIfPresent(l.fact().id(), (id, v) -> v.in(State.SUPERSEDED));
          }
          return cut;
        });
    return new Verdict(State.IN_FORCE, null, surviving, priors.get(0), confirmed);
  }

  private void adopt(Map<UUID, Edge> next, MergeFact by) {
    Set<UUID> still = next.values().stream().map(e -> e.fact().id()).collect(Collectors.toSet());
    for (Edge old : edges.values()) {
      if (!still.contains(old.fact().id()) && !old.fact().id().equals(by.id())) {
        verdicts.computeIfPresent(old.fact().id(), (id, v) -> v.in(State.SUPERSEDED));
      }
    }
    edges = next;
  }

  /** Why a person has to decide first, or null. */
  private String objection(MergeFact fact, Map<UUID, Edge> before, UUID prior, UUID surviving) {
    if (!fact.isAuthorised()) {
      return "NOT_THE_SENDERS_NUMBER";
    }
    if (takenBack.contains(fact.pair())) {
      return "UNDONE_BEFORE";
    }
    List<Node> absorbed = family(before, prior);
    List<Node> absorbing = family(before, surviving);
    if (differ(
        said(absorbed, Node::birthDate, fact.prior().birthDate()),
        said(absorbing, Node::birthDate, fact.surviving().birthDate()))) {
      return "BIRTH_DATE_DIFFERS";
    }
    if (isNumberReplaced(fact) && sameKnownBirthDate(absorbed, absorbing)) {
      return null;
    }
    return differ(
            said(absorbed, Node::nhsNumber, fact.prior().nhsNumber()),
            said(absorbing, Node::nhsNumber, fact.surviving().nhsNumber()))
        ? "NHS_NUMBER_DIFFERS"
        : null;
  }

  private static boolean isNumberReplaced(MergeFact fact) {
    return fact.prior().key().issuer().equals(PatientKey.NHS)
        && fact.surviving().nhsNumber() != null;
  }

  private static boolean sameKnownBirthDate(List<Node> some, List<Node> others) {
    Set<LocalDate> a = said(some, Node::birthDate, null);
    return a.size() == 1 && a.equals(said(others, Node::birthDate, null));
  }

  /**
   * What records hold and what the statement adds. A statement that names none of what its records
   * hold names somebody else: null.
   */
  private static <T> Set<T> said(List<Node> records, Function<Node, T> part, T stated) {
    Set<T> known = new HashSet<>();
    records.stream().map(part).filter(java.util.Objects::nonNull).forEach(known::add);
    if (stated == null || known.contains(stated)) {
      return known;
    }
    return known.isEmpty() ? Set.of(stated) : null;
  }

  private static boolean differ(Set<?> some, Set<?> others) {
    return some == null || others == null || !some.containsAll(others) && !others.containsAll(some);
  }

  /** Every record with the same end of the chain. */
  private List<Node> family(Map<UUID, Edge> pointers, UUID member) {
    UUID root = root(pointers, member);
    return nodes.values().stream().filter(n -> root(pointers, n.id()).equals(root)).toList();
  }

  private static UUID root(Map<UUID, Edge> pointers, UUID from) {
    UUID at = from;
    for (Edge edge = pointers.get(at); edge != null; edge = pointers.get(at)) {
      at = edge.to();
    }
    return at;
  }

  private static boolean hangsUnder(Map<UUID, Edge> pointers, UUID from, UUID above) {
    for (Edge edge = pointers.get(from); edge != null; edge = pointers.get(edge.to())) {
      if (edge.to().equals(above)) {
        return true;
      }
    }
    return false;
  }

  private boolean isConfirmedWay(UUID from) {
    for (Edge edge = edges.get(from); edge != null; edge = edges.get(edge.to())) {
      if (!edge.confirmed()) {
        return false;
      }
    }
    return true;
  }

  /** Disjoint sets; each is named by its smallest member. */
  private static final class Groups {
    private final Map<UUID, UUID> up = new HashMap<>();

    private UUID top(UUID id) {
      UUID at = id;
      while (!up.getOrDefault(at, at).equals(at)) {
        at = up.get(at);
      }
      return at;
    }

    void join(UUID a, UUID b) {
      UUID first = top(a);
      UUID second = top(b);
      boolean smaller = first.compareTo(second) < 0;
      up.put(smaller ? second : first, smaller ? first : second);
      up.putIfAbsent(smaller ? first : second, smaller ? first : second);
    }

    /** Null if it was never joined to another. */
    UUID of(UUID id) {
      return up.containsKey(id) ? top(id) : null;
    }
  }
}
