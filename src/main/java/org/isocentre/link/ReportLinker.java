package org.isocentre.link;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.isocentre.index.LinkIndex;
import org.isocentre.index.OrderIndex;
import org.isocentre.index.ReportIndex;
import org.isocentre.index.ReviewList;
import org.isocentre.index.StudyIndex;
import org.isocentre.model.Order;
import org.isocentre.model.OrderRequest;
import org.isocentre.model.PatientIdentity;
import org.isocentre.model.PatientIdentity.Comparison;
import org.isocentre.model.ProcedureStep;
import org.isocentre.model.Report;
import org.isocentre.model.ReportResult;
import org.isocentre.model.ReviewItem;
import org.isocentre.model.Study;

/**
 * Attaches reports to the order that they answer and to its studies: to those whose Study Instance
 * UID they name, else by placer or filler number and (issuer, accession), always with the same
 * patient. A report that was released completes its order. Idempotent; called when a report, an
 * order or a study came.
 */
public final class ReportLinker {
  /** Status of a report that completes its order. */
  private static final Set<String> ANSWERS = Set.of("final", "amended", "corrected", "appended");

  private final ReportIndex reports;
  private final OrderIndex orders;
  private final StudyIndex studies;
  private final LinkIndex links;
  private final ReviewList reviews;
  private final IdentityComparison identities;

  /**
   * @param identities which may know more than two sources say
   */
  public ReportLinker(
      ReportIndex reports,
      OrderIndex orders,
      StudyIndex studies,
      LinkIndex links,
      ReviewList reviews,
      IdentityComparison identities) {
    this.identities = identities;
    this.reports = reports;
    this.orders = orders;
    this.studies = studies;
    this.links = links;
    this.reviews = reviews;
  }

  /** A report came. */
  public void reportChanged(UUID reportId) {
    reports.find(reportId).ifPresent(this::attach);
  }

  /** A study came or was linked: reports that wait for it. */
  public void studyChanged(UUID studyId) {
    Optional<Study> study = studies.find(studyId);
    study.ifPresent(
        s ->
            reports
                .findRelated(s.custodian(), null, null, s.accession(), s.studyInstanceUid())
                .forEach(this::attach));
    links.ofStudies(List.of(studyId)).forEach(link -> orderChanged(link.orderId()));
  }

  /** An order came: reports that wait for it, or for one of its steps. */
  public void orderChanged(UUID orderId) {
    Optional<OrderRequest> order = orders.find(orderId).map(Order::request);
    if (order.isEmpty()) {
      return;
    }
    OrderRequest o = order.get();
    Map<UUID, Report> related = new LinkedHashMap<>();
    reports
        .findRelated(
            o.custodian(), o.placerNumber(), o.fillerNumber(), o.accession(), o.studyInstanceUid())
        .forEach(r -> related.put(r.id(), r));
    for (ProcedureStep step : o.steps()) {
      reports
          .findRelated(o.custodian(), null, null, step.accession(), step.studyInstanceUid())
          .forEach(r -> related.putIfAbsent(r.id(), r));
    }
    related.values().forEach(this::attach);
  }

  private void attach(Report report) {
    ReportResult r = report.result();
    Order order = orderOf(r).filter(o -> agrees(report, o)).orElse(null);
    Set<UUID> attached = new LinkedHashSet<>();
    if (order != null) {
      links.ofOrders(List.of(order.id())).forEach(link -> attached.add(link.studyId()));
    }
    Set<UUID> named = new LinkedHashSet<>();
    uids(r)
        .flatMap(uid -> studies.findByStudyInstanceUid(uid).stream())
        .filter(s -> same(r, s.identity()))
        .forEach(s -> named.add(s.id()));
    if (r.accession() != null) {
      studies.findByAccession(r.accession()).stream()
          .filter(s -> same(r, s.identity()))
          .forEach(s -> attached.add(s.id()));
    }
    // An accession number that several studies share names them all; a study's own UID says which.
    reports.attach(
        report.id(), order == null ? null : order.id(), named.isEmpty() ? attached : named);
    if (order != null && ANSWERS.contains(r.status())) {
      orders.answered(order.id(), r.custodian());
    }
  }

  private static Stream<String> uids(ReportResult r) {
    return Stream.concat(
            Stream.ofNullable(r.studyInstanceUid()), r.otherStudyInstanceUids().stream())
        .distinct();
  }

  private Optional<Order> orderOf(ReportResult r) {
    Optional<Order> byNumber =
        orders.findByNumbers(
            r.custodian(), r.placerIssuer(), r.placerNumber(), r.fillerIssuer(), r.fillerNumber());
    if (byNumber.isPresent() || r.accession() == null) {
      return byNumber;
    }
    List<Order> byAccession = orders.findByAccession(r.accession());
    return byAccession.size() == 1 ? Optional.of(byAccession.get(0)) : Optional.empty();
  }

  private boolean agrees(Report report, Order order) {
    OrderRequest o = order.request();
    String question = "REPORT|" + report.id() + "|" + order.id();
    if (same(report.result(), o.patient().identity())) {
      reviews.withdraw(question);
      return true;
    }
    reviews.raise(
        ReviewItem.Kind.LINK,
        question,
        order.id(),
        null,
        o.custodian(),
        null,
        null,
        "REPORT_PATIENT_DIFFERS",
        "report "
            + report.id()
            + " names the order's number but not its patient; it was not attached");
    return false;
  }

  private boolean same(ReportResult report, PatientIdentity other) {
    return identities.compare(report.patient().identity(), other) == Comparison.AGREES;
  }
}
