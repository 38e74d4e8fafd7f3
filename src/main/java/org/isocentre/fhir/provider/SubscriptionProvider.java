package org.isocentre.fhir.provider;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.parser.DataFormatException;
import ca.uhn.fhir.rest.annotation.ConditionalUrlParam;
import ca.uhn.fhir.rest.annotation.Create;
import ca.uhn.fhir.rest.annotation.Delete;
import ca.uhn.fhir.rest.annotation.IdParam;
import ca.uhn.fhir.rest.annotation.Operation;
import ca.uhn.fhir.rest.annotation.OperationParam;
import ca.uhn.fhir.rest.annotation.OptionalParam;
import ca.uhn.fhir.rest.annotation.Patch;
import ca.uhn.fhir.rest.annotation.Read;
import ca.uhn.fhir.rest.annotation.ResourceParam;
import ca.uhn.fhir.rest.annotation.Search;
import ca.uhn.fhir.rest.annotation.Update;
import ca.uhn.fhir.rest.api.MethodOutcome;
import ca.uhn.fhir.rest.api.PatchTypeEnum;
import ca.uhn.fhir.rest.api.server.RequestDetails;
import ca.uhn.fhir.rest.param.TokenOrListParam;
import ca.uhn.fhir.rest.param.TokenParam;
import ca.uhn.fhir.rest.param.UriParam;
import ca.uhn.fhir.rest.server.IResourceProvider;
import ca.uhn.fhir.rest.server.exceptions.ForbiddenOperationException;
import ca.uhn.fhir.rest.server.exceptions.InvalidRequestException;
import ca.uhn.fhir.rest.server.exceptions.ResourceNotFoundException;
import ca.uhn.fhir.rest.server.exceptions.ResourceVersionConflictException;
import ca.uhn.fhir.rest.server.exceptions.UnprocessableEntityException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.Bundle.BundleType;
import org.hl7.fhir.r4.model.Bundle.SearchEntryMode;
import org.hl7.fhir.r4.model.CodeType;
import org.hl7.fhir.r4.model.IdType;
import org.hl7.fhir.r4.model.Parameters;
import org.hl7.fhir.r4.model.Resource;
import org.hl7.fhir.r4.model.StringType;
import org.hl7.fhir.r4.model.Subscription.SubscriptionStatus;
import org.isocentre.fhir.map.SubscriptionMapper;
import org.isocentre.fhir.map.SubscriptionMapper.Asked;
import org.isocentre.fhir.map.SubscriptionMapper.Content;
import org.isocentre.fhir.subscription.Endpoints;
import org.isocentre.fhir.subscription.Focus;
import org.isocentre.fhir.subscription.Notification;
import org.isocentre.fhir.subscription.Notification.Told;
import org.isocentre.fhir.subscription.Notification.Type;
import org.isocentre.fhir.subscription.Subscribers;
import org.isocentre.index.SubscriptionIndex;
import org.isocentre.index.SubscriptionIndex.Numbered;
import org.isocentre.model.Caller;
import org.isocentre.model.Right;
import org.isocentre.model.Subscription;

/**
 * {@code /fhir/Subscription}: whoever may read something may be told when it changes. A
 * subscription is its owner's; staff of the hub see all and may turn them off.
 */
public final class SubscriptionProvider implements IResourceProvider {
  private static final String TYPE = "Subscription";
  private static final int MOST_EVENTS = 200;
  private final Door door;
  private final SubscriptionIndex subscriptions;
  private final Subscribers subscribers;
  private final Focus focus;
  private final Endpoints endpoints;
  private final int maxOfOwner;
  private final Duration maxLife;
  private final Clock clock;

  /**
   * @param maxOfOwner subscriptions of one owner that are not off
   * @param maxLife from when it is written to its end
   */
  public SubscriptionProvider(
      Door door,
      SubscriptionIndex subscriptions,
      Subscribers subscribers,
      Focus focus,
      Endpoints endpoints,
      int maxOfOwner,
      Duration maxLife,
      Clock clock) {
    this.door = door;
    this.subscriptions = subscriptions;
    this.subscribers = subscribers;
    this.focus = focus;
    this.endpoints = endpoints;
    this.maxOfOwner = maxOfOwner;
    this.maxLife = maxLife;
    this.clock = clock;
  }

  @Override
  public Class<org.hl7.fhir.r4.model.Subscription> getResourceType() {
    return org.hl7.fhir.r4.model.Subscription.class;
  }

  /**
   * @param condition with {@code If-None-Exist}: the owner's that is there already is answered, and
   *     no other made
   */
  @Create
  public MethodOutcome create(
      @ResourceParam org.hl7.fhir.r4.model.Subscription resource,
      @ConditionalUrlParam String condition,
      RequestDetails call) {
    door.writing(Right.CREATE, TYPE);
    if (condition != null) {
      Optional<Subscription> there = matching(condition);
      if (there.isPresent()) {
        return outcome(there.get(), false);
      }
    }
    Subscription s = written(resource, UUID.randomUUID(), 1, call);
    if (!subscriptions.add(s, maxOfOwner)) {
      throw new UnprocessableEntityException(
          "ISO-FHIR-064: there are "
              + maxOfOwner
              + " subscriptions of this token's owner; delete one, or turn it off");
    }
    door.created(TYPE, s.id().toString(), null);
    return outcome(s, true);
  }

  /**
   * A subscription that is written anew is requested anew: a handshake comes first.
   *
   * @param condition {@code PUT Subscription?…}: the owner's that meets it, or a new one
   */
  @Update
  public MethodOutcome update(
      @IdParam IdType id,
      @ResourceParam org.hl7.fhir.r4.model.Subscription resource,
      @ConditionalUrlParam String condition,
      RequestDetails call) {
    door.writing(Right.UPDATE, TYPE);
    Subscription before;
    if (condition == null) {
      before = current(id, this::isOwn);
    } else {
      Optional<Subscription> there = matching(condition);
      if (there.isEmpty()) {
        return create(resource, null, call);
      }
      before = there.get();
    }
    return replace(written(resource, before.id(), before.version() + 1, call));
  }

  /** The same by what is to be different; headers stay unless it names others. */
  @Patch
  public MethodOutcome patch(
      @IdParam IdType id,
      PatchTypeEnum kind,
      @ResourceParam String patch,
      @ConditionalUrlParam String condition,
      RequestDetails call) {
    door.writing(Right.UPDATE, TYPE);
    Subscription before =
        condition == null
            ? current(id, this::isOwn)
            : matching(condition).orElseThrow(() -> Searches.none(TYPE));
    var now = SubscriptionMapper.map(before);
    now.setStatus(SubscriptionStatus.REQUESTED).setError(null);
    org.hl7.fhir.r4.model.Subscription resource;
    try {
      resource =
          FhirContext.forR4Cached()
              .newJsonParser()
              .parseResource(
                  org.hl7.fhir.r4.model.Subscription.class, JsonPatches.apply(now, kind, patch));
    } catch (DataFormatException e) {
      throw refused("it is no Subscription of R4 then");
    }
    if (!resource.getChannel().hasHeader()) {
      before.headers().forEach(resource.getChannel()::addHeader);
    }
    return replace(written(resource, before.id(), before.version() + 1, call));
  }

  private MethodOutcome replace(Subscription s) {
    if (!subscriptions.replace(s)) {
      throw changed();
    }
    door.changed(TYPE, s.id().toString(), null, "U", "update");
    return outcome(s, false);
  }

  @Delete
  public MethodOutcome delete(@IdParam IdType id, @ConditionalUrlParam String condition) {
    door.writing(Right.DELETE, TYPE);
    if (condition != null) {
      return matching(condition).map(this::delete).orElseGet(MethodOutcome::new);
    }
    return delete(current(id, this::isSeen));
  }

  private MethodOutcome delete(Subscription before) {
    subscriptions.delete(before.id());
    door.changed(TYPE, before.id().toString(), null, "D", "delete");
    return new MethodOutcome();
  }

  @Read
  public org.hl7.fhir.r4.model.Subscription read(@IdParam IdType id) {
    door.reading(TYPE);
    return door.found(
        TYPE, id.getIdPart(), find(id).map(SubscriptionMapper::map).stream().toList(), null);
  }

  @Search
  public Bundle search(
      @OptionalParam(name = "_id") TokenOrListParam ids,
      @OptionalParam(name = "status") TokenOrListParam statuses,
      @OptionalParam(name = "criteria") ca.uhn.fhir.rest.param.StringParam criteria,
      @OptionalParam(name = "url") UriParam url,
      RequestDetails call) {
    door.searching(TYPE);
    List<org.hl7.fhir.r4.model.Subscription> found =
        seen().stream()
            .filter(s -> isAmong(values(ids), s.id().toString()))
            .filter(s -> isAmong(values(statuses), status(s)))
            .map(SubscriptionMapper::map)
            .filter(s -> criteria == null || isOf(s, criteria.getValue()))
            .filter(s -> url == null || isTo(s, url.getValue()))
            .toList();
    Bundle bundle = new Bundle().setType(BundleType.SEARCHSET).setTotal(found.size());
    found.forEach(s -> Searches.entry(bundle, call, s, SearchEntryMode.MATCH));
    door.searched(TYPE, found.size(), found);
    return bundle;
  }

  /** Null for any. */
  private static List<String> values(TokenOrListParam any) {
    return any == null
        ? null
        : any.getValuesAsQueryTokens().stream().map(TokenParam::getValue).toList();
  }

  private static boolean isAmong(List<String> any, String value) {
    return any == null || any.contains(value);
  }

  private static String status(Subscription s) {
    return s.status().name().toLowerCase(Locale.ROOT);
  }

  private static boolean isOf(org.hl7.fhir.r4.model.Subscription s, String criteria) {
    return s.getCriteria().startsWith(criteria);
  }

  private static boolean isTo(org.hl7.fhir.r4.model.Subscription s, String url) {
    return url.equals(s.getChannel().getEndpoint());
  }

  private static final Conditions<Subscription> CONDITIONS =
      new Conditions<>(
          TYPE,
          Map.of(
              "_id", (s, value) -> isAmong(List.of(value.split(",")), s.id().toString()),
              "status", (s, value) -> isAmong(List.of(value.split(",")), status(s)),
              "criteria", (s, value) -> isOf(SubscriptionMapper.map(s), value),
              "url", (s, value) -> isTo(SubscriptionMapper.map(s), value)));

  /** What a condition of a write means: the one subscription of the caller's own that meets it. */
  private Optional<Subscription> matching(String condition) {
    door.searching(TYPE);
    return CONDITIONS.one(condition, subscriptions.of(door.caller()));
  }

  /** Subscriptions R5 Backport, {@code $status}: of one, of those named, or of all. */
  @Operation(name = "$status", idempotent = true)
  public Bundle status(
      @IdParam(optional = true) IdType id,
      @OperationParam(name = "id") List<StringType> ids,
      @OperationParam(name = "status") List<CodeType> statuses,
      RequestDetails call) {
    door.reading(TYPE);
    List<Subscription> found;
    if (id == null) {
      List<String> wanted =
          ids == null ? List.of() : ids.stream().map(StringType::getValue).toList();
      found =
          seen().stream()
              .filter(s -> wanted.isEmpty() || wanted.contains(s.id().toString()))
              .toList();
    } else {
      found = List.of(current(id, this::isSeen));
    }
    List<String> states =
        statuses == null ? List.of() : statuses.stream().map(CodeType::getValue).toList();
    Bundle bundle = new Bundle().setType(BundleType.SEARCHSET);
    for (Subscription s : found) {
      if (states.isEmpty() || states.contains(s.status().name().toLowerCase(Locale.ROOT))) {
        Parameters status = Notification.status(s, Type.STATUS, List.of(), Content.EMPTY);
        status.setId(UUID.randomUUID().toString());
        bundle
            .addEntry()
            .setFullUrl("urn:uuid:" + status.getIdPart())
            .setResource(status)
            .getSearch()
            .setMode(SearchEntryMode.MATCH);
      }
    }
    bundle.setTotal(bundle.getEntry().size());
    door.searched(TYPE, bundle.getTotal(), List.of());
    return bundle;
  }

  /**
   * Subscriptions R5 Backport, {@code $events}: what the owner was or will be told, as far as they
   * may see it now; at most {@value #MOST_EVENTS} at a time.
   */
  @Operation(name = "$events", idempotent = true)
  public Bundle events(
      @IdParam IdType id,
      @OperationParam(name = "eventsSinceNumber") StringType since,
      @OperationParam(name = "eventsUntilNumber") StringType until,
      @OperationParam(name = "content") CodeType wanted) {
    door.reading(TYPE);
    Subscription s = current(id, this::isOwn);
    Content most = asked(SubscriptionMapper.parse(s)).content();
    Content content = content(wanted, most);
    List<Told> told = new ArrayList<>();
    for (Numbered one :
        subscriptions.events(
            s.id(), number(since, 1), number(until, Long.MAX_VALUE), MOST_EVENTS)) {
      Resource resource = focus.read(door.caller(), s.topic(), one.event().focusId()).orElse(null);
      told.add(new Told(one.number(), one.event().at(), resource));
    }
    door.searched(
        s.topic().type(),
        told.size(),
        told.stream().map(Told::focus).filter(java.util.Objects::nonNull).toList());
    return Notification.bundle(s, Type.EVENTS, told, content);
  }

  /** No more than the subscription itself tells. */
  private static Content content(CodeType wanted, Content most) {
    if (wanted == null || wanted.getValue() == null) {
      return most;
    }
    try {
      Content content = Content.of(wanted.getValue());
      return content.compareTo(most) < 0 ? content : most;
    } catch (IllegalArgumentException e) {
      throw new InvalidRequestException("ISO-FHIR-065: content " + e.getMessage());
    }
  }

  private static long number(StringType text, long without) {
    if (text == null || text.getValue() == null) {
      return without;
    }
    if (!text.getValue().matches("[0-9]{1,18}")) {
      throw new InvalidRequestException(
          "ISO-FHIR-065: eventsSinceNumber and eventsUntilNumber are numbers of events");
    }
    return Long.parseLong(text.getValue());
  }

  private Subscription written(
      org.hl7.fhir.r4.model.Subscription resource, UUID id, int version, RequestDetails call) {
    Asked asked = asked(resource);
    Caller caller = door.caller();
    if (!focus.isOpen(caller, asked.topic())) {
      door.refused(TYPE, "subscription", "no scope for " + asked.topic().type());
      throw new ForbiddenOperationException(
          "ISO-FHIR-062: the token has no scope to read and search " + asked.topic().type());
    }
    if (subscribers.criteria(asked.topic(), asked.filters()).isEmpty()) {
      throw refused(
          "Subscription.criteria: the query is not understood; it takes the search parameters of "
              + asked.topic().type()
              + " itself");
    }
    String refusal = endpoints.refusal(asked.endpoint());
    if (refusal != null) {
      throw refused("Subscription.channel.endpoint: " + refusal);
    }
    Instant now = clock.instant();
    Instant latest = now.plus(maxLife);
    Instant end = asked.end() == null ? latest : asked.end().toInstant();
    if (!end.isAfter(now) || end.isAfter(latest)) {
      throw refused("Subscription.end must be to come, and within " + maxLife.toDays() + " days");
    }
    resource.setEnd(java.util.Date.from(end));
    return new Subscription(
        id,
        version,
        asked.off() ? Subscription.Status.OFF : Subscription.Status.REQUESTED,
        asked.topic(),
        SubscriptionMapper.json(resource),
        asked.headers(),
        caller,
        call.getFhirServerBase(),
        end,
        asked.heartbeatSeconds(),
        0,
        null,
        0,
        null,
        now,
        now);
  }

  private static Asked asked(org.hl7.fhir.r4.model.Subscription resource) {
    try {
      return SubscriptionMapper.asked(resource);
    } catch (IllegalArgumentException e) {
      throw refused(e.getMessage());
    }
  }

  private static UnprocessableEntityException refused(String why) {
    return new UnprocessableEntityException("ISO-FHIR-063: not subscribed: " + why);
  }

  private static MethodOutcome outcome(Subscription s, boolean created) {
    var resource = SubscriptionMapper.map(s);
    return new MethodOutcome(resource.getIdElement(), created).setResource(resource);
  }

  private Subscription current(IdType id, Predicate<Subscription> may) {
    Subscription found =
        find(id)
            .filter(may)
            .orElseThrow(
                () ->
                    new ResourceNotFoundException(
                        "ISO-FHIR-003: there is no "
                            + TYPE
                            + "/"
                            + id.getIdPart()
                            + " that this token may read"));
    if (id.hasVersionIdPart() && !id.getVersionIdPart().equals(found.version() + "")) {
      throw changed();
    }
    return found;
  }

  private static ResourceVersionConflictException changed() {
    return new ResourceVersionConflictException(
        "ISO-FHIR-066: the Subscription was changed meanwhile; read it and try again");
  }

  private Optional<Subscription> find(IdType id) {
    return subscriptions
        .find(org.isocentre.fhir.provider.Parameters.id(id.getIdPart()))
        .filter(this::isSeen);
  }

  private List<Subscription> seen() {
    return door.caller().isHubStaff() ? subscriptions.all() : subscriptions.of(door.caller());
  }

  private boolean isSeen(Subscription s) {
    return door.caller().isHubStaff() || isOwn(s);
  }

  private boolean isOwn(Subscription s) {
    return SubscriptionIndex.isOwner(s, door.caller());
  }
}
