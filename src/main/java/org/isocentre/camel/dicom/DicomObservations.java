package org.isocentre.camel.dicom;

import java.time.Duration;
import java.util.OptionalInt;
import java.util.Set;
import org.isocentre.camel.dicom.DicomOperationObserver.Observation;
import org.isocentre.camel.dicom.DicomOperationObserver.Outcome;
import org.isocentre.camel.dicom.DicomOperationObserver.Role;
import org.isocentre.dicom.dimse.DimseStatusException;
import org.isocentre.dicom.dimse.Status;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells observers of operations; one that fails harms no operation. */
final class DicomObservations {
  private static final Logger LOG = LoggerFactory.getLogger(DicomObservations.class);
  private final Set<DicomOperationObserver> observers;

  DicomObservations(Set<DicomOperationObserver> observers) {
    this.observers = Set.copyOf(observers);
  }

  /** An operation that has begun. */
  final class Running {
    private final DicomOperation operation;
    private final Role role;
    private final long since = System.nanoTime();

    private Running(DicomOperation operation, Role role) {
      this.operation = operation;
      this.role = role;
    }

    void ended(int status) {
      tell(outcome(status));
    }

    /**
     * @param failure why there was no other end, or null for success
     */
    void ended(Throwable failure) {
      tell(outcome(failure));
    }

    /**
     * @param status of the final response; empty if there was none
     */
    void ended(OptionalInt status) {
      tell(status.isPresent() ? outcome(status.getAsInt()) : Outcome.NO_RESPONSE);
    }

    private void tell(Outcome outcome) {
      Duration duration = Duration.ofNanos(System.nanoTime() - since);
      Observation observation = new Observation(operation.option(), role, outcome, duration);
      for (DicomOperationObserver observer : observers) {
        try {
          observer.ended(observation);
        } catch (RuntimeException e) {
          LOG.warn("ISO-DICOM-647: an observer of operations failed", e);
        }
      }
    }
  }

  Running begin(DicomOperation operation, Role role) {
    return new Running(operation, role);
  }

  private static Outcome outcome(Throwable failure) {
    if (failure == null) {
      return Outcome.SUCCESS;
    }
    if (failure instanceof DimseStatusException chosen) {
      return outcome(chosen.status());
    }
    return failure instanceof DicomOperationFailedException answered
        ? outcome(answered.getStatus())
        : Outcome.NO_RESPONSE;
  }

  private static Outcome outcome(int status) {
    if (Status.isSuccess(status)) {
      return Outcome.SUCCESS;
    }
    if (Status.isWarning(status)) {
      return Outcome.WARNING;
    }
    return status == Status.CANCEL ? Outcome.CANCELLED : Outcome.FAILURE;
  }
}
