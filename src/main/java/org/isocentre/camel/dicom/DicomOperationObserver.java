package org.isocentre.camel.dicom;

import java.time.Duration;

/**
 * Is told of every operation that has ended, such as to time it. All of this type in Camel's
 * registry are told; they are looked up when the component starts. Must return soon.
 */
@FunctionalInterface
public interface DicomOperationObserver {
  void ended(Observation observation);

  /** Who was at this end (PS3.7 §6.3). */
  enum Role {
    /** A producer, or a consumer that polls. */
    USER,
    /** A consumer. */
    PROVIDER
  }

  /** Class of the response's status (PS3.7 Annex C). */
  enum Outcome {
    SUCCESS,
    WARNING,
    CANCELLED,
    FAILURE,
    /** There was no response: no association, no context, an abort, a timeout. */
    NO_RESPONSE
  }

  /**
   * One operation. Holds nothing of a patient, a peer or an object.
   *
   * @param operation as the option {@code operation} names it
   * @param duration as user from the request to its last response, with the association if one had
   *     to be made; as provider what the route took, of a query until its last match is taken, of a
   *     move or get until its final response, after all sub-operations
   */
  record Observation(String operation, Role role, Outcome outcome, Duration duration) {}
}
