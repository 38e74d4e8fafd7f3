package org.isocentre.outbound;

import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
import org.isocentre.hl7.ToldAs;
import org.isocentre.index.DisclosureReasons;
import org.isocentre.index.OrderIndex;
import org.isocentre.index.OutboundCause;
import org.isocentre.index.OutboundIndex;
import org.isocentre.index.OutboundIndex.QueueFullException;
import org.isocentre.index.OutboundIndex.Rebuilt;
import org.isocentre.index.PatientIndex;
import org.isocentre.index.PatientMerges;
import org.isocentre.index.ReportIndex;
import org.isocentre.index.Visibility;
import org.isocentre.model.IndexChanged;
import org.isocentre.model.MergeRecord;
import org.isocentre.model.Order;
import org.isocentre.model.OrderStatus;
import org.isocentre.model.OutboundEntry;
import org.isocentre.model.Patient;
import org.isocentre.model.PatientMerge;
import org.isocentre.model.Report;

/**
 * Decides who is told of a change, and queues it for each. A trust is told what it has a reason to
 * know, what the patient allows, and not its own news. The same change in the same version is
 * queued once for a destination, however often its event comes; if several changes came quickly,
 * the newest is told.
 */
public final class Outbox {
  private static final Set<IndexChanged.Kind> APART =
      Set.of(IndexChanged.Kind.UNMERGE, IndexChanged.Kind.UNLINK, IndexChanged.Kind.LINK_UNDONE);

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
   * Queues what a change leads to. Idempotent. What a patient's consent or a question about who
   * they are stands against is told later ({@link HeldNews}).
   *
   * @throws QueueFullException if a destination has no room (ISO-OUTBOUND-002)
   * @throws RuntimeException if a message could not be made or queued; in any case whatever could
   *     be queued has been
   */
  public void changed(IndexChanged event) {
    if (event.kind() == IndexChanged.Kind.PERMISSION) {
      queue.held().recheck(event.subjectId(), Instant.now());
      return;
    }
    if (!event.kind().isForTrusts()) {
      return;
    }
    RuntimeException failure = null;
    Set<String> trusts = trusts(event);
    for (Destination to : destinations) {
      if (trusts.contains(to.odsCode()) && !to.odsCode().equals(event.origin())) {
        try {
          offer(event, to, false)
              .ifPresent(who -> queue.held().hold(to.name(), event, who, Instant.now()));
        } catch (RuntimeException e) {
          failure = first(failure, e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  /**
   * Queues what one destination was not told, if nothing stands against it any more. It is told as
   * it is now.
   *
   * @return false if it has to wait still
   * @throws RuntimeException as {@link #changed} does
   */
  boolean tellLater(IndexChanged event, String destination) {
    for (Destination to : destinations) {
      if (to.name().equals(destination) && trusts(event).contains(to.odsCode())) {
        return offer(event, to, true).isEmpty();
      }
    }
    return true;
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
      // Whoever was told of the merge or link, whatever reason there is now.
      case UNMERGE, LINK_UNDONE ->
          destinations.stream().map(Destination::odsCode).collect(Collectors.toSet());
      case MERGE, LINK ->
          Stream.of(event.subjectId(), event.otherId())
              .flatMap(patient -> reasons.ofPatient(patient).stream())
              .collect(Collectors.toSet());
      // They are two people: who has one of them learns nothing of the other.
      case UNLINK -> {
        Set<String> both = new HashSet<>(reasons.ofPatient(event.subjectId()));
        both.retainAll(reasons.ofPatient(event.otherId()));
        yield both;
      }
      case STUDY, TRANSFER, PERMISSION -> Set.of();
    };
  }

  private static List<OutboundKind> kinds(IndexChanged.Kind change) {
    return switch (change) {
      case ORDER -> List.of(OutboundKind.ORM, OutboundKind.OMI);
      case REPORT -> List.of(OutboundKind.ORU, OutboundKind.MDM);
      default -> List.of(OutboundKind.ADT);
    };
  }

  /**
   * @param quiet whether it is looked at again, of which the audit trail need not know each time
   * @return the patient on whose account it is held back; empty if it is not
   */
  private Optional<UUID> offer(IndexChanged event, Destination to, boolean quiet) {
    RuntimeException failure = null;
    Optional<UUID> heldBack = Optional.empty();
    for (OutboundKind kind : kinds(event.kind())) {
      try {
        if (to.messages().contains(kind) && isStillSo(event, to)) {
          Optional<UUID> who =
              telling(event, kind, to).flatMap(telling -> queue(telling, to, quiet));
          heldBack = heldBack.or(() -> who);
        }
      } catch (RuntimeException e) {
        failure = first(failure, e);
      }
    }
    if (failure != null) {
      throw failure;
    }
    return heldBack;
  }

  /** What a message says, and of whom, for one destination. */
  private Optional<Telling> telling(IndexChanged event, OutboundKind kind, Destination to) {
    return switch (event.kind()) {
      case ORDER -> orders.findToTell(event.subjectId()).map(o -> order(o, kind, to));
      case REPORT -> reports.findToTell(event.subjectId()).flatMap(r -> report(r, kind, to));
      // A number that partners have retired is not told as if it were still somebody's.
      case PATIENT -> patients.findSurviving(event.subjectId()).map(Outbox::patient);
      case MERGE, UNMERGE, LINK, UNLINK, LINK_UNDONE ->
          patients.find(event.otherId()).map(other -> pair(event, other));
      case STUDY, TRANSFER, PERMISSION -> Optional.empty();
    };
  }

  private Telling order(Order order, OutboundKind kind, Destination to) {
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
    return new Telling(
        order.patientId(),
        null,
        false,
        order.request().custodian(),
        kind,
        OutboundCause.of(kind.name(), order.id(), version),
        patient -> {
          Order now = orders.findToTell(order.id()).orElseThrow();
          String step = orders.progress(order.id()).stepStatus();
          String uid = now.request().studyInstanceUid();
          String study = uid == null ? OrderIndex.worklistStudyUid(now.id()) : uid;
          return kind == OutboundKind.ORM
              ? head -> OrmOut.order(head, patient, now, step, toldAs(now, step, to))
              : head -> OmiOut.order(head, patient, now, study, step, toldAs(now, step, to));
        });
  }

  /**
   * An order that was written by FHIR is placed with the systems of its trust, until its modality
   * has begun it; everybody else is told how it stands.
   */
  private ToldAs toldAs(Order order, String step, Destination to) {
    boolean placed =
        order.request().isWrittenByFhir()
            && to.odsCode().equals(order.request().custodian())
            && (step.equals("SCHEDULED") || step.equals("CANCELLED"));
    if (!placed) {
      return ToldAs.STATUS;
    }
    List<Order> before = orders.history(order, Visibility.ALL, 1);
    if (before.isEmpty()) {
      return ToldAs.NEW_ORDER;
    }
    return before.get(0).request().status() == OrderStatus.ON_HOLD ? ToldAs.RELEASE : ToldAs.CHANGE;
  }

  private Optional<Telling> report(Report report, OutboundKind kind, Destination to) {
    String custodian = report.result().custodian();
    boolean empty = kind == OutboundKind.MDM && !MdmOut.isNeeded(report.result());
    if (empty || to.odsCode().equals(custodian)) {
      return Optional.empty();
    }
    String version =
        String.join(
            "|",
            report.result().messageKey(),
            Integer.toString(reports.countVersions(report.id())),
            report.patientId().toString());
    return Optional.of(
        new Telling(
            report.patientId(),
            null,
            false,
            custodian,
            kind,
            OutboundCause.of(kind.name(), report.id(), version),
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
            }));
  }

  private static Telling patient(Patient patient) {
    return new Telling(
        patient.id(),
        null,
        false,
        null,
        OutboundKind.ADT,
        OutboundCause.of(OutboundKind.ADT.name(), patient.id(), patient.lastUpdated().toString()),
        now -> head -> AdtOut.changed(head, now));
  }

  private static Telling pair(IndexChanged event, Patient other) {
    boolean merge = event.kind() == IndexChanged.Kind.MERGE;
    return new Telling(
        event.subjectId(),
        other,
        merge,
        null,
        OutboundKind.ADT,
        causes(event, event.kind()) + event.id(),
        now ->
            switch (event.kind()) {
              case MERGE -> head -> AdtOut.merged(head, now, other);
              case LINK -> head -> AdtOut.linked(head, now, other);
              default -> head -> AdtOut.unlinked(head, now, other);
            });
  }

  /**
   * Each merge is told, also when the same one was undone and done again; but not one that was
   * taken back before its event came. One that was told is told as its reverse; one that waits to
   * be told never is. Of a link the same.
   */
  private boolean isStillSo(IndexChanged event, Destination to) {
    UUID one = event.subjectId();
    UUID other = event.otherId();
    return switch (event.kind()) {
      case MERGE -> merges.isConfirmed(one, other);
      case UNMERGE -> !merges.isConfirmed(one, other) && isParted(event, to);
      case LINK -> isInForce(PatientMerge.Kind.LINK, one, other, true);
      case LINK_UNDONE ->
          !isInForce(PatientMerge.Kind.LINK, one, other, true)
              && takenBack(event, IndexChanged.Kind.LINK, to, "the link was taken back");
      case UNLINK ->
          isInForce(PatientMerge.Kind.UNLINK, one, other, false) && !isToldApart(event, to);
      default -> true;
    };
  }

  /** What waits for the one that is back is theirs again, before anything else is told of them. */
  private boolean isParted(IndexChanged event, Destination to) {
    String why = "the merge was taken back";
    queue.part(to.name(), event.subjectId(), event.otherId(), why);
    return takenBack(event, IndexChanged.Kind.MERGE, to, why);
  }

  private boolean takenBack(
      IndexChanged event, IndexChanged.Kind what, Destination to, String why) {
    return queue.withdraw(to.name(), causes(event, what), causes(event, event.kind()), why)
        && !isToldApart(event, to);
  }

  private boolean isInForce(PatientMerge.Kind kind, UUID one, UUID other, boolean confirmed) {
    return merges.of(List.of(other)).stream()
        .anyMatch(
            m ->
                m.kind() == kind
                    && m.state() == MergeRecord.State.IN_FORCE
                    && (m.confirmed() || !confirmed)
                    && one.equals(m.survivingPatient())
                    && other.equals(m.priorPatient()));
  }

  /** Whether the last that a destination was told of two records is that they are two. */
  private boolean isToldApart(IndexChanged event, Destination to) {
    IndexChanged reverse =
        new IndexChanged(event.id(), event.kind(), event.otherId(), event.subjectId(), null);
    Map<String, IndexChanged.Kind> causes = new LinkedHashMap<>();
    for (IndexChanged.Kind kind : IndexChanged.Kind.values()) {
      if (kind.isOfTwo()) {
        causes.put(causes(event, kind), kind);
        causes.put(causes(reverse, kind), kind);
      }
    }
    return queue
        .newest(to.name(), List.copyOf(causes.keySet()))
        .flatMap(OutboundCause::change)
        .filter(told -> APART.contains(told.kind()))
        // This very message is not another one.
        .filter(told -> told.kind() != event.kind() || told.id() != event.id())
        .isPresent();
  }

  /** What causes of messages about two records begin with. */
  private static String causes(IndexChanged event, IndexChanged.Kind what) {
    return OutboundCause.pair(what, event.subjectId(), event.otherId());
  }

  /**
   * Whom to tell of whom.
   *
   * @param other the second of two patients, or null
   * @param absorbed whether the other one's numbers went to the patient
   */
  private record Telling(
      UUID patientId,
      Patient other,
      boolean absorbed,
      String custodian,
      OutboundKind kind,
      String cause,
      Function<Patient, Function<Head, OutboundMessage>> builder) {
    /** Of whom something is said; a record that was absorbed is the same person's. */
    List<UUID> about() {
      return other == null || absorbed ? List.of(patientId) : List.of(patientId, other.id());
    }
  }

  private Optional<UUID> queue(Telling t, Destination to, boolean quiet) {
    if (queue.isKnown(to.name(), t.cause())) {
      return Optional.empty();
    }
    Optional<UUID> against = objecting(t, to, quiet);
    if (against.isEmpty()) {
      queue.enqueue(
          to.name(),
          t.patientId(),
          t.absorbed() ? t.other().id() : null,
          t.cause(),
          () -> make(t, to));
    }
    return against;
  }

  private Optional<OutboundIndex.Draft> make(Telling t, Destination to) {
    return patients
        .find(t.patientId())
        .map(now -> maker.make(to, t.custodian(), t.kind().name(), t.builder().apply(now)));
  }

  /** The patient whose consent or whose open identity stands against it. */
  private Optional<UUID> objecting(Telling t, Destination to, boolean quiet) {
    return t.about().stream().filter(who -> !mayBeTold(who, t, to, quiet)).findFirst();
  }

  private boolean mayBeTold(UUID who, Telling t, Destination to, boolean quiet) {
    String type = t.kind().name();
    String custodian = t.custodian();
    String ods = to.odsCode();
    return patients.find(who).filter(p -> !p.inReview()).isPresent()
        && (!quiet || permission.couldReceive(who, custodian, ods, type))
        && permission.mayReceive(who, custodian, ods, type);
  }

  /**
   * Makes a parked message anew, as the rules of its destination and the index are now, with a
   * control ID of its own.
   *
   * @param who wants it
   * @throws java.util.NoSuchElementException if there is no such message
   */
  public Rebuilt rebuild(UUID message, String who) {
    OutboundEntry entry = queue.find(message).orElseThrow();
    if (entry.state() != OutboundEntry.State.PARKED) {
      return Rebuilt.NOT_PARKED;
    }
    Optional<Destination> to =
        destinations.stream().filter(d -> d.name().equals(entry.destination())).findFirst();
    String cause = queue.cause(message).orElseThrow();
    Optional<IndexChanged> event = OutboundCause.change(cause);
    if (to.isEmpty() || event.isEmpty()) {
      return Rebuilt.NOT_KNOWN;
    }
    OutboundKind kind = OutboundKind.valueOf(cause.substring(0, cause.indexOf('|')));
    Optional<Telling> telling = telling(event.get(), kind, to.get());
    if (telling.isEmpty()) {
      return Rebuilt.NOTHING_TO_SAY;
    }
    return objecting(telling.get(), to.get(), false).isPresent()
        ? Rebuilt.HELD_BACK
        : queue.rebuild(message, who, () -> make(telling.get(), to.get()));
  }
}
