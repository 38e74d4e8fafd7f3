package org.isocentre.fhir.subscription;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.isocentre.fhir.map.SubscriptionMapper;
import org.isocentre.fhir.search.ScopeParts;
import org.isocentre.index.Criterion;
import org.isocentre.index.ReportIndex;
import org.isocentre.index.StudyIndex;
import org.isocentre.index.SubscriptionIndex;
import org.isocentre.index.TransferIndex;
import org.isocentre.model.IndexChanged;
import org.isocentre.model.Report;
import org.isocentre.model.Subscription;
import org.isocentre.model.SubscriptionEvent;
import org.isocentre.model.SubscriptionTopic;
import org.isocentre.model.TimeUuid;
import org.isocentre.model.Transfer;

/** Makes events of changes in the index, for those subscribers who may see what they are about. */
public final class Subscribers {
  private static final Set<String> ISSUED = Set.of("final", "amended", "corrected", "appended");
  private final SubscriptionIndex subscriptions;
  private final StudyIndex studies;
  private final ReportIndex reports;
  private final TransferIndex transfers;
  private final Focus focus;
  private final ScopeParts filters;
  private final Clock clock;

  public Subscribers(
      SubscriptionIndex subscriptions,
      StudyIndex studies,
      ReportIndex reports,
      TransferIndex transfers,
      Focus focus,
      ScopeParts filters,
      Clock clock) {
    this.subscriptions = subscriptions;
    this.studies = studies;
    this.reports = reports;
    this.transfers = transfers;
    this.focus = focus;
    this.filters = filters;
    this.clock = clock;
  }

  /** Notes the event that a change is, if it is one. The same change may come twice. */
  public void changed(IndexChanged change) {
    event(change)
        .ifPresent(
            event -> {
              List<UUID> told =
                  subscriptions.of(event.topic()).stream()
                      .filter(s -> isFor(s, event))
                      .map(Subscription::id)
                      .toList();
              if (!told.isEmpty()) {
                subscriptions.happened(event, told);
              }
            });
  }

  private Optional<SubscriptionEvent> event(IndexChanged change) {
    UUID id = change.subjectId();
    return switch (change.kind()) {
      // One that gets another object will be complete again.
      case STUDY ->
          studies.isComplete(id)
              ? event(SubscriptionTopic.IMAGING_STUDY_AVAILABLE, id, change.id() + "")
              : Optional.empty();
      case REPORT ->
          reports.findAll(List.of(id)).stream()
              .filter(r -> ISSUED.contains(r.result().status()))
              .findFirst()
              .flatMap(r -> event(SubscriptionTopic.REPORT_ISSUED, id, version(r)));
      case TRANSFER ->
          transfers
              .find(id)
              .filter(t -> t.state() == Transfer.State.COMPLETED)
              .flatMap(t -> event(SubscriptionTopic.TRANSFER_COMPLETED, id, change.id() + ""));
      default -> Optional.empty();
    };
  }

  private static String version(Report report) {
    return report.versionId().toString();
  }

  private Optional<SubscriptionEvent> event(SubscriptionTopic topic, UUID id, String version) {
    return Optional.of(
        new SubscriptionEvent(
            TimeUuid.next(),
            String.join("|", topic.code(), id.toString(), version),
            topic,
            id,
            clock.instant()));
  }

  private boolean isFor(Subscription s, SubscriptionEvent event) {
    SubscriptionMapper.Asked asked = SubscriptionMapper.asked(SubscriptionMapper.parse(s));
    return criteria(asked.topic(), asked.filters())
        .filter(all -> focus.matches(s.owner(), event.topic(), event.focusId(), all))
        .isPresent();
  }

  /**
   * What resources have to meet.
   *
   * @return empty if a filter is not understood
   */
  public Optional<List<Criterion>> criteria(SubscriptionTopic topic, List<String> queries) {
    List<Optional<List<Criterion>>> parts =
        queries.stream().map(query -> filters.read(topic.type(), query)).toList();
    return parts.stream().anyMatch(Optional::isEmpty)
        ? Optional.empty()
        : Optional.of(
            new ArrayList<>(
                parts.stream().flatMap(Optional::stream).flatMap(List::stream).toList()));
  }
}
