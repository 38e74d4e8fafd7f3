package org.isocentre.outbound;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.isocentre.hl7.AdtOut;
import org.isocentre.hl7.MdmOut;
import org.isocentre.hl7.OmiOut;
import org.isocentre.hl7.OrmOut;
import org.isocentre.hl7.OruOut;
import org.isocentre.hl7.OutboundKind;
import org.isocentre.hl7.OutboundMessage;
import org.isocentre.hl7.OutboundMessage.Head;
import org.isocentre.index.DisclosureReasons;
import org.isocentre.index.OrderIndex;
import org.isocentre.index.OutboundIndex;
import org.isocentre.index.OutboundIndex.QueueFullException;
import org.isocentre.index.PatientIndex;
import org.isocentre.index.PatientMerges;
import org.isocentre.index.ReportIndex;
import org.isocentre.model.IndexChanged;
import org.isocentre.model.Order;
import org.isocentre.model.Patient;
import org.isocentre.model.Report;

/**
 * Decides who is told of a change, and queues it for each. A trust is told what it has a reason to
 * know, what the patient allows, and not its own news. The same change in the same version is
 * queued once for a destination, however often its event comes; if several changes came quickly,
 * the newest is told.
 */
public final class Outbox {
  private final List<Destination> destinations;
  private final OutboundIndex queue;
  private final DisclosureReasons reasons;
  private final DisclosurePermission permission;
  private final PatientIndex patients;
  private final PatientMerges merges;
  private final OrderIndex orders;
  private final ReportIndex reports;
  private final MessageMaker maker;

  public Outbox(
      List<Destination> destinations,
      OutboundIndex queue,
      DisclosureReasons reasons,
      DisclosurePermission permission,
      PatientIndex patients,
      PatientMerges merges,
      OrderIndex orders,
      ReportIndex reports,
      MessageMaker maker) {
    this.destinations = List.copyOf(destinations);
    this.queue = queue;
    this.reasons = reasons;
    this.permission = permission;
    this.patients = patients;
    this.merges = merges;
    this.orders = orders;
    this.reports = reports;
    this.maker = maker;
  }

  /**
   * Queues what a change leads to. Idempotent.
   *
   * @throws QueueFullException if a destination has no room (ISO-OUTBOUND-002)
   * @throws RuntimeException if a message could not be made or queued; in any case whatever could
   *     be queued has been
   */
  public void changed(IndexChanged event) {
    RuntimeException failure = null;
    Set<String> trusts = trusts(event);
    for (Destination to : destinations) {
      if (!trusts.contains(to.odsCode()) || to.odsCode().equals(event.origin())) {
        continue;
      }
      for (OutboundKind kind : kinds(event.kind())) {
        try {
          if (to.messages().contains(kind)) {
            offer(event, kind, to);
          }
        } catch (RuntimeException e) {
          failure = first(failure, e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  private static RuntimeException first(RuntimeException first, RuntimeException next) {
    if (first == null) {
      return next;
    }
    if (first != next) {
      first.addSuppressed(next);
    }
    return first;
  }

  private Set<String> trusts(IndexChanged event) {
    return switch (event.kind()) {
      case ORDER -> reasons.ofOrder(event.subjectId());
      case REPORT -> reasons.ofReport(event.subjectId());
      case PATIENT ->
          patients
              .findSurviving(event.subjectId())
              .map(p -> reasons.ofPatient(p.id()))
              .orElse(Set.of());
      // Whoever was told of the merge, whatever reason there is now.
      case UNMERGE -> destinations.stream().map(Destination::odsCode).collect(Collectors.toSet());
      case MERGE ->
          Stream.of(event.subjectId(), event.otherId())
              .flatMap(patient -> reasons.ofPatient(patient).stream())
              .collect(Collectors.toSet());
    };
  }

  private static List<OutboundKind> kinds(IndexChanged.Kind change) {
    return switch (change) {
      case ORDER -> List.of(OutboundKind.ORM, OutboundKind.OMI);
      case REPORT -> List.of(OutboundKind.ORU, OutboundKind.MDM);
      case PATIENT, MERGE, UNMERGE -> List.of(OutboundKind.ADT);
    };
  }

  private void offer(IndexChanged event, OutboundKind kind, Destination to) {
    switch (event.kind()) {
      case ORDER -> orders.findToTell(event.subjectId()).ifPresent(o -> order(o, kind, to));
      case REPORT -> reports.findToTell(event.subjectId()).ifPresent(r -> report(r, kind, to));
      // A number that partners have retired is not told as if it were still somebody's.
      case PATIENT -> patients.findSurviving(event.subjectId()).ifPresent(p -> patient(p, to));
      case MERGE -> merge(event, to);
      case UNMERGE -> unmerge(event, to);
    }
  }

  private void order(Order order, OutboundKind kind, Destination to) {
    OrderIndex.Progress progress = orders.progress(order.id());
    String version =
        String.join(
            "|",
            order.request().messageKey(),
            order.request().status().name(),
            progress.stepStatus(),
            Integer.toString(progress.scheduleVersion()),
            progress.mppsUid() == null ? "" : progress.mppsUid(),
            order.patientId().toString());
    String custodian = order.request().custodian();
    queue(
        new Telling(order.patientId(), null, custodian, kind, to),
        cause(kind, order.id(), version),
        patient -> {
          Order now = orders.findToTell(order.id()).orElseThrow();
          String step = orders.progress(order.id()).stepStatus();
          String uid = now.request().studyInstanceUid();
          String study = uid == null ? OrderIndex.worklistStudyUid(now.id()) : uid;
          return kind == OutboundKind.ORM
              ? head -> OrmOut.status(head, patient, now, step)
              : head -> OmiOut.status(head, patient, now, study, step);
        });
  }

  private void report(Report report, OutboundKind kind, Destination to) {
    String custodian = report.result().custodian();
    boolean empty = kind == OutboundKind.MDM && !MdmOut.isNeeded(report.result());
    if (empty || to.odsCode().equals(custodian)) {
      return;
    }
    String version =
        String.join(
            "|",
            report.result().messageKey(),
            Integer.toString(reports.countVersions(report.id())),
            report.patientId().toString());
    queue(
        new Telling(report.patientId(), null, custodian, kind, to),
        cause(kind, report.id(), version),
        patient -> {
          Report now = reports.findToTell(report.id()).orElseThrow();
          Order order =
              now.orderId() == null ? null : orders.findToTell(now.orderId()).orElse(null);
          return head -> {
            String pdf = maker.document(now.result()).orElse(null);
            return kind == OutboundKind.ORU
                ? OruOut.result(head, patient, now.result(), order, pdf)
                : MdmOut.document(head, patient, now, order, pdf);
          };
        });
  }

  private void patient(Patient patient, Destination to) {
    queue(
        new Telling(patient.id(), null, null, OutboundKind.ADT, to),
        cause(OutboundKind.ADT, patient.id(), patient.lastUpdated().toString()),
        now -> head -> AdtOut.changed(head, now));
  }

  /**
   * Each merge is told, also when the same one was undone and done again; but not one that was
   * taken back before its event came.
   */
  private void merge(IndexChanged event, Destination to) {
    if (!merges.isConfirmed(event.subjectId(), event.otherId())) {
      return;
    }
    Optional<Patient> merged = patients.find(event.otherId());
    merged.ifPresent(
        gone ->
            queue(
                new Telling(event.subjectId(), gone.id(), null, OutboundKind.ADT, to),
                causes(event, "merge") + event.id(),
                now -> head -> AdtOut.merged(head, now, gone)));
  }

  /** A merge that was told is told as its reverse; one that waits to be told never is. */
  private void unmerge(IndexChanged event, Destination to) {
    UUID prior = event.otherId();
    if (merges.isConfirmed(event.subjectId(), prior)) {
      return;
    }
    queue.part(to.name(), event.subjectId(), prior, "the merge was taken back");
    if (!queue.withdraw(
        to.name(), causes(event, "merge"), causes(event, "unmerge"), "the merge was taken back")) {
      return;
    }
    String type = OutboundKind.ADT.name();
    patients
        .find(prior)
        .filter(p -> !p.inReview() && permission.mayReceive(prior, null, to.odsCode(), type))
        .ifPresent(
            back ->
                queue(
                    new Telling(event.subjectId(), null, null, OutboundKind.ADT, to),
                    causes(event, "unmerge") + event.id(),
                    now -> head -> AdtOut.unlinked(head, now, back)));
  }

  /** What causes of messages about the merge of two records begin with. */
  private static String causes(IndexChanged event, String what) {
    return cause(OutboundKind.ADT, event.subjectId(), what + "|" + event.otherId() + "|");
  }

  private static String cause(OutboundKind kind, UUID subject, String version) {
    return kind + "|" + subject + "|" + version;
  }

  /** Whom to tell of whom. @param former whose numbers went to the patient, or null */
  private record Telling(
      UUID patientId, UUID former, String custodian, OutboundKind kind, Destination to) {}

  private void queue(
      Telling t, String cause, Function<Patient, Function<Head, OutboundMessage>> builder) {
    Destination to = t.to();
    if (queue.isKnown(to.name(), cause)) {
      return;
    }
    Optional<Patient> patient = patients.find(t.patientId()).filter(p -> !p.inReview());
    String type = t.kind().name();
    if (patient.isEmpty()
        || !permission.mayReceive(t.patientId(), t.custodian(), to.odsCode(), type)) {
      return;
    }
    queue.enqueue(
        to.name(),
        t.patientId(),
        t.former(),
        cause,
        () ->
            patients
                .find(t.patientId())
                .map(now -> maker.make(to, t.custodian(), type, builder.apply(now))));
  }
}
