package org.isocentre.app;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.isocentre.camel.dicom.DicomConstants;
import org.isocentre.dicom.data.Uid;
import org.isocentre.exchange.Forwarder.TransferRequested;
import org.isocentre.exchange.TrustDirectory;
import org.isocentre.exchange.TrustDirectory.Destination;
import org.isocentre.index.AvailabilityIndex;
import org.isocentre.index.StudyIndex;
import org.isocentre.index.TransferIndex;
import org.isocentre.model.Instance;
import org.isocentre.model.Study;
import org.isocentre.model.StudyChanged;
import org.isocentre.model.Transfer;
import org.isocentre.query.AvailabilityNotification;

/**
 * The steps of telling nodes that a study is available here (PS3.4 §R), as {@code
 * routes/availability-notify.yaml} calls them. Told are nodes with {@code notify: true} of the
 * study's own trust when it is complete, and of a trust that it was sent to.
 */
final class AvailabilityNotices {
  private static final String NOTICE = "availabilityNotice";
  private final AvailabilityIndex index;
  private final StudyIndex studies;
  private final TransferIndex transfers;
  private final TrustDirectory directory;
  private final String aeTitle;

  AvailabilityNotices(
      AvailabilityIndex index,
      StudyIndex studies,
      TransferIndex transfers,
      TrustDirectory directory,
      String aeTitle) {
    this.index = index;
    this.studies = studies;
    this.transfers = transfers;
    this.directory = directory;
    this.aeTitle = aeTitle;
  }

  /**
   * Event: a node is to be told of a study.
   *
   * @param notificationUid SOP Instance UID, the same in each delivery
   */
  public record Notice(UUID studyId, String aeTitle, String notificationUid) {}

  /** A study is complete. */
  public List<Notice> complete(StudyChanged event) {
    Study study = studies.find(event.studyId()).orElseThrow();
    return notices(study.id(), study.custodian());
  }

  /** An attempt of a transfer has ended. */
  public List<Notice> sent(TransferRequested event) {
    return transfers
        .find(event.transferId())
        .filter(
            t -> t.state() == Transfer.State.COMPLETED || t.state() == Transfer.State.COMMITTING)
        .map(t -> notices(t.studyId(), t.destination()))
        .orElse(List.of());
  }

  private List<Notice> notices(UUID studyId, String odsCode) {
    return directory.notified(odsCode).stream()
        .filter(ae -> index.isToTell(studyId, ae.aeTitle()))
        .map(ae -> new Notice(studyId, ae.aeTitle(), Uid.random()))
        .toList();
  }

  /**
   * Makes the notification; leaves null where the node was told by now, the study is not complete
   * any more (it will be told when it is), or the node is no longer to be told.
   */
  public void prepare(Exchange exchange) {
    Message message = exchange.getMessage();
    Notice notice = message.getBody(Notice.class);
    Destination peer =
        directory.destination(notice.aeTitle()).filter(d -> d.node().notified()).orElse(null);
    if (peer == null || !index.isToTell(notice.studyId(), notice.aeTitle())) {
      message.setBody(null);
      return;
    }
    Study study = studies.find(notice.studyId()).orElseThrow();
    Map<UUID, List<Instance>> instances =
        studies.instances(study.id()).stream().collect(Collectors.groupingBy(Instance::seriesId));
    exchange.setProperty(NOTICE, notice);
    exchange.setProperty("availabilityPeer", PeerUri.of(peer.node(), "ian", aeTitle));
    message.removeHeaders("CamelDicom*");
    message.setHeader(DicomConstants.SOP_INSTANCE_UID, notice.notificationUid());
    message.setBody(
        AvailabilityNotification.of(
            study.studyInstanceUid(),
            studies.series(List.of(study.id())).getOrDefault(study.id(), List.of()),
            instances,
            "ONLINE",
            aeTitle));
  }

  /** The node has confirmed. */
  public void told(Exchange exchange) {
    Notice notice = exchange.getProperty(NOTICE, Notice.class);
    index.told(notice.studyId(), notice.aeTitle());
  }
}
