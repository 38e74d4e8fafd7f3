package org.isocentre.link;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.isocentre.index.LinkIndex;
import org.isocentre.index.OrderIndex;
import org.isocentre.index.ReviewList;
import org.isocentre.index.StudyIndex;
import org.isocentre.model.AccessionKey;
import org.isocentre.model.Order;
import org.isocentre.model.OrderChanged;
import org.isocentre.model.OrderRequest;
import org.isocentre.model.PatientIdentity;
import org.isocentre.model.PatientIdentity.Comparison;
import org.isocentre.model.ProcedureStep;
import org.isocentre.model.ReviewItem;
import org.isocentre.model.Study;
import org.isocentre.model.StudyChanged;
import org.isocentre.model.StudyLink;

/**
 * Links studies to the orders that they answer: by Study Instance UID, else by (issuer, accession
 * number) with the same patient. Called when either side came or changed, so the order of arrival
 * does not matter; idempotent. Where both sides name a patient and disagree, nothing is linked and
 * a person is asked.
 */
public final class StudyOrderLinker {
  private final StudyIndex studies;
  private final OrderIndex orders;
  private final LinkIndex links;
  private final ReviewList reviews;
  private final IdentityComparison identities;

  /** Compares identities as they were said. */
  public StudyOrderLinker(
      StudyIndex studies, OrderIndex orders, LinkIndex links, ReviewList reviews) {
    this(studies, orders, links, reviews, PatientIdentity::compare);
  }

  /**
   * @param identities which may know more than two sources say
   */
  public StudyOrderLinker(
      StudyIndex studies,
      OrderIndex orders,
      LinkIndex links,
      ReviewList reviews,
      IdentityComparison identities) {
    this.identities = identities;
    this.studies = studies;
    this.orders = orders;
    this.links = links;
    this.reviews = reviews;
  }

  /**
   * @return the study, if it exists: whoever looks at its links should look now
   */
  public List<StudyChanged> studyChanged(StudyChanged event) {
    Optional<Study> found = studies.find(event.studyId());
    if (found.isEmpty()) {
      return List.of();
    }
    Study study = found.get();
    Map<UUID, Order> candidates = new LinkedHashMap<>();
    orders.findByStudyInstanceUid(study.studyInstanceUid()).forEach(o -> candidates.put(o.id(), o));
    if (study.accession() != null) {
      orders.findByAccession(study.accession()).forEach(o -> candidates.putIfAbsent(o.id(), o));
    }
    candidates.values().forEach(order -> decide(order, study));
    dropStale(study, candidates);
    return List.of(event);
  }

  /**
   * @return the studies whose links may have changed
   */
  public List<StudyChanged> orderChanged(OrderChanged event) {
    Optional<Order> found = orders.find(event.orderId());
    if (found.isEmpty()) {
      return List.of();
    }
    Order order = found.get();
    Map<UUID, Study> candidates = new LinkedHashMap<>();
    orders.studyInstanceUids(order).stream()
        .flatMap(uid -> studies.findByStudyInstanceUid(uid).stream())
        .forEach(s -> candidates.put(s.id(), s));
    accessions(order)
        .flatMap(accession -> studies.findByAccession(accession).stream())
        .forEach(s -> candidates.putIfAbsent(s.id(), s));
    candidates.values().forEach(study -> decide(order, study));
    List<StudyChanged> touched = new ArrayList<>();
    candidates.values().forEach(s -> touched.add(new StudyChanged(s.id(), s.studyInstanceUid())));
    for (StudyLink link : links.ofOrders(List.of(order.id()))) {
      Optional<Study> linked =
          candidates.containsKey(link.studyId()) ? Optional.empty() : studies.find(link.studyId());
      if (linked.isPresent() && !isByPeople(link, order, linked.get())) {
        links.unlink(order.id(), link.studyId());
        touched.add(new StudyChanged(link.studyId(), linked.get().studyInstanceUid()));
      }
    }
    return touched;
  }

  /** Links to orders that no longer name this study. */
  private void dropStale(Study study, Map<UUID, Order> candidates) {
    for (StudyLink link : links.ofStudies(List.of(study.id()))) {
      boolean stale =
          !candidates.containsKey(link.orderId())
              && orders.find(link.orderId()).filter(o -> isByPeople(link, o, study)).isEmpty();
      if (stale) {
        links.unlink(link.orderId(), study.id());
      }
    }
  }

  private static Stream<AccessionKey> accessions(Order order) {
    return Stream.concat(
            Stream.of(order.request()).map(OrderRequest::accession),
            order.request().steps().stream().map(ProcedureStep::accession))
        .filter(Objects::nonNull)
        .distinct();
  }

  private void decide(Order order, Study study) {
    StudyLink.Rule rule =
        orders.studyInstanceUids(order).contains(study.studyInstanceUid())
            ? StudyLink.Rule.STUDY_INSTANCE_UID
            : StudyLink.Rule.ACCESSION;
    PatientIdentity ordered = order.request().patient().identity();
    Comparison comparison = identities.compare(ordered, study.identity());
    String question = "LINK|" + order.id() + "|" + study.id();
    if (comparison == Comparison.AGREES
        || comparison == Comparison.UNKNOWN && rule == StudyLink.Rule.STUDY_INSTANCE_UID) {
      links.link(order.id(), study.id(), rule);
      reviews.withdraw(question);
      return;
    }
    if (links.ofOrders(List.of(order.id())).stream()
        .anyMatch(l -> l.studyId().equals(study.id()) && isByPeople(l, order, study))) {
      return;
    }
    links.unlink(order.id(), study.id());
    String reason = reason(ordered, study.identity(), comparison);
    reviews.raise(
        ReviewItem.Kind.LINK,
        question,
        order.id(),
        study.id(),
        study.custodian(),
        null,
        null,
        reason,
        "order and study match by " + rule + " but not on who the patient is; nothing was linked");
  }

  /** People linked them, and both are of one patient still. */
  private static boolean isByPeople(StudyLink link, Order order, Study study) {
    return link.rule() == StudyLink.Rule.PERSON && order.patientId().equals(study.patientId());
  }

  private static String reason(PatientIdentity a, PatientIdentity b, Comparison comparison) {
    if (comparison == Comparison.UNKNOWN) {
      return "PATIENT_NOT_CONFIRMED";
    }
    if (a.nhsNumber() != null && b.nhsNumber() != null && !a.nhsNumber().equals(b.nhsNumber())) {
      return "NHS_NUMBER_DIFFERS";
    }
    return a.birthDate() != null && b.birthDate() != null && !a.birthDate().equals(b.birthDate())
        ? "BIRTH_DATE_DIFFERS"
        : "PATIENT_NUMBER_DIFFERS";
  }
}
