package org.isocentre.exchange;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.isocentre.index.LinkIndex;
import org.isocentre.index.OrderIndex;
import org.isocentre.index.StudyIndex;
import org.isocentre.index.TransferIndex;
import org.isocentre.model.Organisation;
import org.isocentre.model.Organisation.ForwardRule;
import org.isocentre.model.Study;
import org.isocentre.model.StudyChanged;
import org.isocentre.model.StudyLink;
import org.isocentre.model.Transfer;

/**
 * Decides which organisations get a study. Idempotent: called when a study is complete and whenever
 * its links change.
 */
public final class Forwarder {
  private final TrustDirectory directory;
  private final StudyIndex studies;
  private final LinkIndex links;
  private final OrderIndex orders;
  private final TransferIndex transfers;
  private final ForwardingPermission permission;

  public Forwarder(
      TrustDirectory directory,
      StudyIndex studies,
      LinkIndex links,
      OrderIndex orders,
      TransferIndex transfers,
      ForwardingPermission permission) {
    this.directory = directory;
    this.studies = studies;
    this.links = links;
    this.orders = orders;
    this.transfers = transfers;
    this.permission = permission;
  }

  /**
   * @return a transfer for each destination that has something to get; none while the study is not
   *     complete
   */
  public List<TransferRequested> consider(StudyChanged event) {
    if (!studies.isComplete(event.studyId())) {
      return List.of();
    }
    Study study = studies.find(event.studyId()).orElseThrow();
    List<TransferRequested> requested = new ArrayList<>();
    for (String destination : destinations(study)) {
      if (permission.mayReceive(study, destination)) {
        transfers
            .request(study.id(), destination)
            .map(TransferRequested::of)
            .ifPresent(requested::add);
      }
    }
    return requested;
  }

  private List<String> destinations(Study study) {
    Set<String> referrers =
        orders
            .findAll(links.ofStudies(List.of(study.id())).stream().map(StudyLink::orderId).toList())
            .stream()
            .map(o -> o.request().referringOrganisation())
            .filter(java.util.Objects::nonNull)
            .collect(Collectors.toSet());
    return directory.all().stream()
        .filter(o -> !o.odsCode().equals(study.custodian()))
        .filter(Organisation::receives)
        .filter(
            o ->
                o.forwardTo().contains(ForwardRule.ALL)
                    || o.forwardTo().contains(ForwardRule.REFERRER)
                        && referrers.contains(o.odsCode()))
        .map(Organisation::odsCode)
        .toList();
  }

  /**
   * Runs a transfer again that failed or was cancelled: what was confirmed stays so, the rest is
   * sent.
   *
   * @return the event to queue, or null if there is no such transfer or it has not ended without
   *     success
   */
  public TransferRequested retry(UUID transferId) {
    return transfers.retry(transferId).map(TransferRequested::of).orElse(null);
  }

  /**
   * Event: a transfer has something to send. Travels on {@code transfer.requested.<destination>}.
   */
  public record TransferRequested(UUID transferId, String destination) {
    static TransferRequested of(Transfer transfer) {
      return new TransferRequested(transfer.id(), transfer.destination());
    }
  }
}
