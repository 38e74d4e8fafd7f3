package org.isocentre.index;

import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.isocentre.model.Order;
import org.isocentre.model.Study;
import org.isocentre.model.StudyLink;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/**
 * Links that people make between an order and a study of one patient, where no number does. They
 * stay for as long as both are of one patient.
 */
public final class LinkDecisions {
  private final TransactionOperations transactions;
  private final OrderIndex orders;
  private final StudyIndex studies;
  private final LinkIndex links;
  private final ReviewList reviews;
  private final MergeNotices notices;

  public LinkDecisions(
      JdbcClient jdbc, TransactionOperations transactions, OrderIndex orders, StudyIndex studies) {
    this.transactions = transactions;
    this.orders = orders;
    this.studies = studies;
    this.links = new LinkIndex(jdbc);
    this.reviews = new ReviewList(jdbc);
    this.notices = new MergeNotices(jdbc);
  }

  /**
   * @throws DecisionException ISO-INDEX-037 if they are of two patients, or linked already
   */
  public void link(UUID studyId, UUID orderId, String by) {
    transactions.executeWithoutResult(
        status -> {
          Study study =
              studies.find(studyId).orElseThrow(() -> no("there is no ImagingStudy/" + studyId));
          Order order =
              orders.find(orderId).orElseThrow(() -> no("there is no ServiceRequest/" + orderId));
          if (!study.patientId().equals(order.patientId())) {
            throw no(
                "ServiceRequest/"
                    + orderId
                    + " is of another patient than the study; if they are one person, say so first by Patient/$same-person-as");
          }
          if (!links.link(orderId, studyId, StudyLink.Rule.PERSON)) {
            throw no("ServiceRequest/" + orderId + " is linked to the study already");
          }
          reviews.settled("LINK|" + orderId + "|" + studyId, by);
          changed(studyId, orderId);
        });
  }

  /**
   * @throws DecisionException ISO-INDEX-037 if no person linked them
   */
  public void unlink(UUID studyId, UUID orderId) {
    transactions.executeWithoutResult(
        status -> {
          Optional<StudyLink> made =
              links.ofStudies(List.of(studyId)).stream()
                  .filter(l -> l.orderId().equals(orderId))
                  .filter(l -> l.rule() == StudyLink.Rule.PERSON)
                  .findFirst();
          if (made.isEmpty()) {
            throw no(
                "no person linked the study to ServiceRequest/"
                    + orderId
                    + "; a link by a number follows from what the sources say");
          }
          links.unlink(orderId, studyId);
          changed(studyId, orderId);
        });
  }

  /** Reports of the order follow its studies, and whoever asked gets them. */
  private void changed(UUID studyId, UUID orderId) {
    notices.order(orderId);
    notices.study(studyId);
  }

  private static DecisionException no(String why) {
    return new DecisionException("ISO-INDEX-037: " + why);
  }
}
