package org.isocentre.hl7;

import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.isocentre.model.OrderRequest;
import org.isocentre.model.OrderRequest.Field;
import org.isocentre.model.ProcedureStep;
import org.isocentre.model.ScheduledStep;

/**
 * ORC/OBR pairs of one order, one for each of its procedure steps, as IHE Scheduled Workflow sends
 * them (RAD-4): the same order numbers, OBR-20 (Scheduled Procedure Step ID) of their own.
 */
final class StepGroups {
  private StepGroups() {}

  /** Those that are steps of one order are that order; all others stay as they are. */
  static List<OrderRequest> together(List<OrderRequest> groups) {
    Map<List<String>, List<OrderRequest>> byNumber = new LinkedHashMap<>();
    groups.forEach(r -> byNumber.computeIfAbsent(number(r), n -> new ArrayList<>()).add(r));
    return byNumber.size() == groups.size()
        ? groups
        : byNumber.values().stream()
            .flatMap(same -> areSteps(same) ? Stream.of(order(same)) : same.stream())
            .toList();
  }

  private static List<String> number(OrderRequest r) {
    return r.placerNumber() != null
        ? List.of("placer", r.placerIssuer(), r.placerNumber())
        : List.of("filler", r.fillerIssuer(), "" + r.fillerNumber());
  }

  /** They say the same of the order, and each names another step. */
  private static boolean areSteps(List<OrderRequest> same) {
    List<String> ids = same.stream().map(r -> r.step().stepId()).filter(Objects::nonNull).toList();
    return same.size() > 1
        && ids.size() == same.size()
        && Set.copyOf(ids).size() == ids.size()
        && same.stream().allMatch(r -> r.steps().isEmpty())
        && distinct(same, OrderRequest::status).size() == 1;
  }

  private static <T> List<T> distinct(List<OrderRequest> same, Function<OrderRequest, T> part) {
    return same.stream().map(part).distinct().toList();
  }

  /** The first that is there. */
  private static <T> T first(List<OrderRequest> same, Function<OrderRequest, T> part) {
    return same.stream().map(part).filter(Objects::nonNull).findFirst().orElse(null);
  }

  private static boolean differ(List<OrderRequest> same, Function<OrderRequest, ?> part) {
    return same.stream().map(part).filter(Objects::nonNull).distinct().count() > 1;
  }

  private static OrderRequest order(List<OrderRequest> same) {
    boolean accessions = differ(same, OrderRequest::accession);
    boolean studies = differ(same, OrderRequest::studyInstanceUid);
    List<ProcedureStep> steps =
        same.stream()
            .map(
                r ->
                    new ProcedureStep(
                        r.step().stepId(),
                        r.step().requestedProcedureId(),
                        studies ? r.studyInstanceUid() : null,
                        accessions ? r.accession() : null,
                        r.modality(),
                        r.procedure(),
                        r.step().stationAeTitle(),
                        r.step().location()))
            .toList();
    Set<Field> deleted = EnumSet.noneOf(Field.class);
    same.forEach(r -> deleted.addAll(r.deleted()));
    if (!same.stream().allMatch(r -> r.deleted().contains(Field.OTHER_STEPS))) {
      deleted.remove(Field.OTHER_STEPS);
    }
    OrderRequest one = same.get(0);
    return new OrderRequest(
        one.custodian(),
        one.placerNumber(),
        one.placerIssuer(),
        first(same, OrderRequest::fillerNumber),
        one.fillerIssuer(),
        first(same, OrderRequest::accession),
        first(same, OrderRequest::studyInstanceUid),
        one.patient(),
        first(same, OrderRequest::procedure),
        first(same, OrderRequest::modality),
        first(same, OrderRequest::priority),
        first(same, OrderRequest::reason),
        first(same, OrderRequest::referrerCode),
        first(same, OrderRequest::referrerName),
        first(same, OrderRequest::referringOrganisation),
        one.status(),
        first(same, OrderRequest::authoredOn),
        one.messageKey(),
        one.messageAt(),
        step(one.step(), start(same)),
        first(same, OrderRequest::ubrn),
        deleted,
        steps);
  }

  /** The first of them. */
  private static LocalDateTime start(List<OrderRequest> same) {
    return same.stream()
        .map(r -> r.step().start())
        .filter(Objects::nonNull)
        .min(Comparator.naturalOrder())
        .orElse(null);
  }

  private static ScheduledStep step(ScheduledStep first, LocalDateTime start) {
    return new ScheduledStep(
        start,
        first.requestedAt(),
        first.stationAeTitle(),
        first.performer(),
        first.stepId(),
        first.requestedProcedureId(),
        first.location(),
        first.admissionId(),
        first.patientLocation());
  }
}
