package org.isocentre.exchange;

import java.util.Optional;
import java.util.UUID;
import org.isocentre.exchange.Forwarder.TransferRequested;
import org.isocentre.index.StudyIndex;
import org.isocentre.index.TransferIndex;
import org.isocentre.model.Organisation;
import org.isocentre.model.Study;
import org.isocentre.model.Transfer;

/** Transfers that somebody asks for, beside those that the directory's rules lead to. */
public final class TransferOnDemand {
  private final TrustDirectory directory;
  private final StudyIndex studies;
  private final TransferIndex transfers;
  private final ForwardingPermission permission;

  public TransferOnDemand(
      TrustDirectory directory,
      StudyIndex studies,
      TransferIndex transfers,
      ForwardingPermission permission) {
    this.directory = directory;
    this.studies = studies;
    this.transfers = transfers;
    this.permission = permission;
  }

  /** What became of the wish. */
  public enum Answer {
    /** There is something to send; the event is to be queued. */
    REQUESTED,
    /** All of it is there, or on its way. */
    NOTHING_TO_SEND,
    /** The directory has no such organisation, it listens to nobody, or the study is its own. */
    NO_DESTINATION,
    /** Objects may still come. */
    NOT_COMPLETE,
    /** Consent forbids it. */
    NOT_PERMITTED
  }

  /**
   * @param event or null if nothing is to be queued
   */
  public record Outcome(Answer answer, TransferRequested event) {}

  /**
   * A transfer that failed or was cancelled is run again.
   *
   * @param destination ODS code
   */
  public Outcome request(UUID studyId, String destination) {
    Study study = studies.find(studyId).orElseThrow();
    boolean receives = directory.find(destination).filter(Organisation::receives).isPresent();
    if (!receives || destination.equals(study.custodian())) {
      return new Outcome(Answer.NO_DESTINATION, null);
    }
    if (!studies.isComplete(studyId)) {
      return new Outcome(Answer.NOT_COMPLETE, null);
    }
    if (!permission.mayReceive(study, destination)) {
      return new Outcome(Answer.NOT_PERMITTED, null);
    }
    Optional<Transfer> ended =
        transfers.ofStudies(java.util.List.of(studyId)).stream()
            .filter(t -> t.destination().equals(destination))
            .findFirst()
            .flatMap(t -> transfers.retry(t.id()));
    return ended
        .or(() -> transfers.request(studyId, destination))
        .map(t -> new Outcome(Answer.REQUESTED, TransferRequested.of(t)))
        .orElse(new Outcome(Answer.NOTHING_TO_SEND, null));
  }
}
