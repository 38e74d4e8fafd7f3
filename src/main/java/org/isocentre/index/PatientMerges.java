package org.isocentre.index;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.isocentre.index.MergeFacts.Filed;
import org.isocentre.model.MergeRecord;
import org.isocentre.model.MergeRecord.State;
import org.isocentre.model.PatientDemographics;
import org.isocentre.model.PatientIdentity;
import org.isocentre.model.PatientKey;
import org.isocentre.model.PatientMerge;
import org.isocentre.model.PatientMerge.Kind;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/**
 * Merges, links and changes of patient identifiers. Each statement is kept; what patients are now
 * follows from all of them in order of the time at which they were made, so messages may come in
 * any order and any number of times. Nobody sees more by a statement before a person has confirmed
 * it.
 */
public final class PatientMerges {
  private final TransactionOperations transactions;
  private final PatientIndex patients;
  private final MergeFacts facts;
  private final AuditIndex audit;

  public PatientMerges(
      JdbcClient jdbc,
      TransactionOperations transactions,
      PatientIndex patients,
      AuditIndex audit) {
    this.transactions = transactions;
    this.patients = patients;
    this.facts = new MergeFacts(jdbc);
    this.audit = audit;
  }

  /** A decision that cannot be made on a statement as it stands. */
  public static final class MergeStateException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    MergeStateException(String message) {
      super(message);
    }
  }

  /**
   * Files what a message says and does what follows. The surviving patient is made if there is none
   * yet; while the prior one is unknown the statement waits for it. The same message again changes
   * nothing.
   *
   * @return what became of it
   * @throws IllegalArgumentException if one side has no identifier (ISO-INDEX-020)
   */
  public MergeRecord apply(PatientMerge said) {
    MergeFact fact = MergeFact.of(said);
    return transactions.execute(
        status -> {
          List<PatientIdentity> named = new ArrayList<>(List.of(fact.surviving(), fact.prior()));
          named.addAll(PatientNumbers.identities(said.surviving()));
          patients.lock(named);
          patients.settlement().lock();
          if (!facts.isKnown(fact.id())) {
            patients.resolve(checked(said.surviving()), said.at());
            facts.add(fact);
            patients.settlement().settle(keys(fact), fact.id(), said.custodian());
            note(said.custodian(), "patient-merge", fact.id());
          }
          return find(fact.id()).orElseThrow();
        });
  }

  /** An NHS number with a wrong check digit is not filed. */
  private static PatientDemographics checked(PatientDemographics said) {
    return new PatientDemographics(
        MergeFact.checked(said.identity()),
        said.name(),
        said.sex(),
        said.addressLine(),
        said.postalCode(),
        said.source(),
        null,
        Set.of(),
        said.otherKeys(),
        said.claimedKeys());
  }

  /**
   * Takes a statement back, and every other that says the same of the same identifiers. What was
   * filed under each record is with that record again, unless another statement says otherwise. If
   * it is said again later, a person is asked first.
   *
   * @param who for the audit trail
   * @param why for the record, without patient data
   * @throws MergeStateException if there is no such statement (ISO-INDEX-022)
   */
  public MergeRecord undo(UUID mergeId, String who, String why) {
    return transactions.execute(
        status -> {
          Filed filed = locked(mergeId);
          if (!filed.fact().undone()) {
            facts.undo(filed.fact(), who, why);
            decided(filed, who, "patient-merge-undo");
          }
          return find(mergeId).orElseThrow();
        });
  }

  /**
   * A person says that a statement is right: what was suspended by it goes on, and what was held is
   * done, whatever objected.
   *
   * @param who for the audit trail
   * @throws MergeStateException if there is no such statement (ISO-INDEX-022), or it is not in
   *     force and not held (ISO-INDEX-023)
   */
  public MergeRecord confirm(UUID mergeId, String who) {
    return transactions.execute(
        status -> {
          Filed filed = locked(mergeId);
          if (!filed.verdict().confirmed()) {
            confirmable(filed);
            facts.confirm(mergeId, filed.verdict(), who);
            decided(filed, who, "patient-merge-confirm");
          }
          return find(mergeId).orElseThrow();
        });
  }

  private static void confirmable(Filed filed) {
    State state = filed.verdict().state();
    boolean two =
        filed.verdict().prior() != null
            && !filed.verdict().prior().equals(filed.verdict().surviving());
    boolean open = state == State.IN_FORCE || state == State.HELD || state == State.REPEATED;
    if (!open || !two) {
      throw new MergeStateException(
          "ISO-INDEX-023: merge %s is %s%s; only one between two records that is in force or held can be confirmed"
              .formatted(
                  filed.fact().id(),
                  state,
                  filed.verdict().reason() == null ? "" : " (" + filed.verdict().reason() + ")"));
    }
  }

  private Filed locked(UUID mergeId) {
    Filed found = filed(mergeId);
    patients.lock(List.of(found.fact().surviving(), found.fact().prior()));
    patients.settlement().lock();
    return filed(mergeId);
  }

  private Filed filed(UUID mergeId) {
    return facts
        .find(mergeId)
        .orElseThrow(
            () -> new MergeStateException("ISO-INDEX-022: there is no merge with id " + mergeId));
  }

  private void decided(Filed filed, String who, String type) {
    patients.settlement().settle(keys(filed.fact()), filed.fact().id(), who);
    note(who, type, filed.fact().id());
  }

  private void note(String who, String type, UUID mergeId) {
    Filed now = filed(mergeId);
    MergeVerdicts.audit(audit, who, type, now.fact(), now.verdict());
  }

  private static List<PatientKey> keys(MergeFact fact) {
    return List.of(fact.surviving().key(), fact.prior().key());
  }

  public Optional<MergeRecord> find(UUID mergeId) {
    return facts.find(mergeId).map(MergeFacts::record);
  }

  /**
   * Whether people have confirmed that the one record is absorbed by the other, and it is still.
   */
  public boolean isConfirmed(UUID survivingPatient, UUID priorPatient) {
    return of(List.of(priorPatient)).stream()
        .anyMatch(
            m ->
                m.state() == State.IN_FORCE
                    && m.confirmed()
                    && (m.kind() == Kind.MERGE || m.kind() == Kind.CHANGE_ID)
                    && survivingPatient.equals(m.survivingPatient())
                    && priorPatient.equals(m.priorPatient()));
  }

  /** Statements on any of these records, newest first. */
  public List<MergeRecord> of(Collection<UUID> patientIds) {
    return facts.of(patientIds);
  }
}
