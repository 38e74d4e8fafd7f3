package org.isocentre.model;

import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * Event: what the hub holds on two patient identifiers has changed. Travels on {@code
 * patient.merged} as JSON, at least once. Holds identifiers, never demographics.
 *
 * @param eventId the same when it is delivered again
 * @param mergeId of the statement, as {@code /fhir/Patient/[id]/$confirm-merge} takes it
 * @param change what happened to the statement
 * @param confirmed whether a person said that it is right; a partner's copy should follow only then
 * @param survivingPatient FHIR id
 * @param priorPatient FHIR id
 * @param custodian ODS code of the trust that made the statement
 * @param trusts ODS codes of those that hold a copy of data of either record, sorted: custodians,
 *     and destinations that confirmed an object
 * @param at when the sender made the message
 */
public record PatientMerged(
    String eventId,
    UUID mergeId,
    PatientMerge.Kind kind,
    Change change,
    boolean confirmed,
    PatientKey surviving,
    PatientKey prior,
    UUID survivingPatient,
    UUID priorPatient,
    String custodian,
    List<String> trusts,
    Instant at) {
  public PatientMerged {
    trusts = List.copyOf(trusts);
  }

  /** What may happen to a statement. */
  public enum Change {
    /** It has come into force. */
    APPLIED,
    /** A person said that it is right. */
    CONFIRMED,
    /** It is not in force any more: undone, superseded or held. */
    WITHDRAWN
  }

  @Override
  public String toString() {
    return "PatientMerged[" + mergeId + ", " + kind + ", " + change + "]";
  }
}
