package org.isocentre.index;

import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.isocentre.index.MergeFacts.Filed;
import org.isocentre.index.MergeGraph.Verdict;
import org.isocentre.model.AuditEntry;
import org.isocentre.model.MergeRecord.State;
import org.isocentre.model.PatientMerge.Kind;
import org.isocentre.model.PatientMerged.Change;
import org.isocentre.model.ReviewItem;

/**
 * Writes what became of statements, asks people what they have to decide, and tells what changed.
 */
final class MergeVerdicts {
  private final MergeFacts facts;
  private final ReviewList reviews;
  private final AuditIndex audit;
  private final MergeNotices notices;

  MergeVerdicts(MergeFacts facts, ReviewList reviews, AuditIndex audit, MergeNotices notices) {
    this.facts = facts;
    this.reviews = reviews;
    this.audit = audit;
    this.notices = notices;
  }

  /** Two records and what connects them or parts them. */
  private record Bond(boolean absorbs, Kind kind, UUID prior, UUID surviving) {
    static Bond of(Filed filed, Verdict v) {
      Kind kind = filed.fact().absorbs() ? Kind.MERGE : filed.fact().kind();
      return new Bond(filed.fact().absorbs(), kind, v.prior(), v.surviving());
    }
  }

  /**
   * @param filed statements with the verdicts that were written last
   * @param verdicts what is true now, by id of the statement
   * @param cause the statement that was filed, confirmed or undone, which its own caller puts in
   *     the audit trail; or null
   */
  void write(Collection<Filed> filed, Map<UUID, Verdict> verdicts, UUID cause, String actor) {
    Map<Bond, Boolean> before = new LinkedHashMap<>();
    Map<Bond, Boolean> after = new LinkedHashMap<>();
    filed.forEach(f -> inForce(f, f.verdict(), before));
    filed.forEach(f -> inForce(f, verdicts.get(f.fact().id()), after));
    for (Filed one : filed) {
      UUID id = one.fact().id();
      Verdict is = verdicts.get(id);
      ask(one, is, id.equals(cause) ? actor : null);
      tell(one, before, is, after);
      if (!one.verdict().equals(is)) {
        facts.write(id, is);
        if (!id.equals(cause)) {
          audit(audit, actor, "patient-merge", one.fact(), is);
        }
      }
    }
  }

  private static void inForce(Filed filed, Verdict v, Map<Bond, Boolean> bonds) {
    if (v.state() == State.IN_FORCE) {
      bonds.merge(Bond.of(filed, v), v.confirmed(), Boolean::logicalOr);
    }
  }

  /**
   * A statement that takes the place of another which said the same changes nothing for partners.
   */
  private void tell(Filed filed, Map<Bond, Boolean> before, Verdict is, Map<Bond, Boolean> after) {
    UUID id = filed.fact().id();
    Verdict was = filed.verdict();
    if (was.state() == State.IN_FORCE && !after.containsKey(Bond.of(filed, was))) {
      notices.merged(id, Change.WITHDRAWN, was);
    }
    if (is.state() == State.IN_FORCE) {
      Boolean earlier = before.get(Bond.of(filed, is));
      boolean confirmed = is.confirmed() && !Boolean.TRUE.equals(earlier);
      if (earlier == null || confirmed) {
        notices.merged(id, is.confirmed() ? Change.CONFIRMED : Change.APPLIED, is);
      }
    }
  }

  /**
   * @param by who answered the question, or null if it may only have become pointless
   */
  private void ask(Filed filed, Verdict is, String by) {
    String asked = key(filed, filed.verdict());
    String asks = key(filed, is);
    if (asked != null && !asked.equals(asks)) {
      reviews.answered(asked, by);
    }
    if (asks != null && !asks.equals(asked)) {
      reviews.raise(
          ReviewItem.Kind.MERGE,
          asks,
          null,
          null,
          filed.fact().custodian(),
          null,
          null,
          question(filed, is),
          "%s %s of patient %s and patient %s: confirm it or undo it"
              .formatted(filed.fact().kind(), filed.fact().id(), is.prior(), is.surviving()));
    }
  }

  /** A question is about two records: with another record it is asked anew. */
  private static String key(Filed filed, Verdict v) {
    String question = question(filed, v);
    return question == null
        ? null
        : "MERGE|" + filed.fact().id() + "|" + question + "|" + v.prior() + "|" + v.surviving();
  }

  private static String question(Filed filed, Verdict v) {
    return switch (v.state()) {
      case HELD -> v.reason();
      case IN_FORCE ->
          v.confirmed() || filed.fact().kind() == Kind.UNLINK ? null : "MERGE_NOT_CONFIRMED";
      default -> null;
    };
  }

  static void audit(AuditIndex audit, String actor, String type, MergeFact fact, Verdict is) {
    audit.append(
        new AuditEntry(
            UUID.randomUUID(),
            Instant.now(),
            actor,
            fact.custodian(),
            "U",
            type,
            "Patient",
            is.prior() == null ? null : is.prior().toString(),
            is.surviving(),
            true,
            "%s %s is %s%s"
                .formatted(
                    fact.kind(),
                    fact.id(),
                    is.state(),
                    is.reason() == null ? "" : ": " + is.reason())));
  }
}
