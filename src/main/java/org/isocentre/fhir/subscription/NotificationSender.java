package org.isocentre.fhir.subscription;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.parser.IParser;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.hl7.fhir.r4.model.Resource;
import org.isocentre.audit.AuditTrail;
import org.isocentre.fhir.map.Profiles;
import org.isocentre.fhir.map.Subjects;
import org.isocentre.fhir.map.SubscriptionMapper;
import org.isocentre.fhir.map.SubscriptionMapper.Asked;
import org.isocentre.fhir.subscription.Notification.Told;
import org.isocentre.fhir.subscription.Notification.Type;
import org.isocentre.index.SubscriptionIndex;
import org.isocentre.index.SubscriptionIndex.Numbered;
import org.isocentre.model.Subscription;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells endpoints what waits for them: in the order of its numbers, so that of each patient, too;
 * the next only when the endpoint has taken the one before. What its owner may not see any more is
 * left out. What was sent and not confirmed is sent again.
 */
public final class NotificationSender {
  private static final Logger LOG = LoggerFactory.getLogger(NotificationSender.class);
  private static final int BATCH = 100;
  private static final int GONE = 410;
  private static final int MAX_BACK_OFF = 20;

  private final SubscriptionIndex subscriptions;
  private final Focus focus;
  private final Endpoints endpoints;
  private final AuditTrail audit;
  private final HttpClient http;
  private final Limits limits;
  private final String holder;
  private final Clock clock;

  /**
   * @param timeout of one call
   * @param maxAttempts in a row that fail before a subscription is in error
   * @param retryDelay before the second attempt; doubles
   * @param maxRetryDelay up to which it does
   */
  public record Limits(
      Duration timeout, int maxAttempts, Duration retryDelay, Duration maxRetryDelay) {}

  /**
   * @param holder names this process among those that share an index
   */
  public NotificationSender(
      SubscriptionIndex subscriptions,
      Focus focus,
      Endpoints endpoints,
      AuditTrail audit,
      Limits limits,
      String holder,
      Clock clock) {
    this.subscriptions = subscriptions;
    this.focus = focus;
    this.endpoints = endpoints;
    this.audit = audit;
    this.limits = limits;
    this.holder = holder;
    this.clock = clock;
    this.http =
        HttpClient.newBuilder()
            .connectTimeout(limits.timeout())
            .followRedirects(HttpClient.Redirect.NEVER)
            .version(HttpClient.Version.HTTP_1_1)
            .build();
  }

  /** Subscriptions with something to send. */
  public List<UUID> due() {
    return subscriptions.due(clock.instant(), BATCH);
  }

  /** Sends what is due of one. Idempotent; of several who call it, one sends. */
  public void send(UUID id) {
    Duration lease = limits.timeout().multipliedBy(3);
    for (int sent = 0; sent < BATCH; sent++) {
      Subscription s = subscriptions.claim(id, holder, clock.instant(), lease).orElse(null);
      if (s == null) {
        return;
      }
      try {
        if (!sendNext(s)) {
          return;
        }
      } finally {
        subscriptions.release(id, holder);
      }
    }
  }

  /**
   * @return whether there may be more to send now
   */
  private boolean sendNext(Subscription s) {
    Instant now = clock.instant();
    if (s.endsAt() != null && !s.endsAt().isAfter(now)) {
      subscriptions.end(s.id());
      return false;
    }
    Asked asked = SubscriptionMapper.asked(SubscriptionMapper.parse(s));
    if (s.status() == Subscription.Status.REQUESTED) {
      if (asked.plain()) {
        // R4 has no handshake.
        subscriptions.succeeded(s.id(), s.version(), now);
        return true;
      }
      return call(s, asked, notification(s, asked, Type.HANDSHAKE, List.of()));
    }
    List<Numbered> waiting = subscriptions.pending(s.id(), asked.maxCount());
    if (!waiting.isEmpty()) {
      return tell(s, asked, waiting);
    }
    boolean silent =
        s.heartbeatSeconds() != null
            && (s.lastSentAt() == null
                || !s.lastSentAt().plusSeconds(s.heartbeatSeconds()).isAfter(now));
    if (silent && !asked.plain()) {
      call(s, asked, notification(s, asked, Type.HEARTBEAT, List.of()));
    }
    return false;
  }

  private boolean tell(Subscription s, Asked asked, List<Numbered> waiting) {
    List<Told> told = new ArrayList<>();
    List<Long> withheld = new ArrayList<>();
    for (Numbered one : waiting) {
      Resource resource = focus.read(s.owner(), s.topic(), one.event().focusId()).orElse(null);
      note(s, one, resource);
      if (resource == null) {
        withheld.add(one.number());
      } else {
        told.add(new Told(one.number(), one.event().at(), resource));
      }
    }
    subscriptions.settle(s.id(), withheld, "WITHHELD");
    if (told.isEmpty()) {
      return true;
    }
    boolean taken =
        call(
            s,
            asked,
            asked.plain()
                ? plain(asked, told.get(0).focus())
                : notification(s, asked, Type.EVENT, told));
    if (taken) {
      subscriptions.settle(s.id(), told.stream().map(Told::number).toList(), "SENT");
    }
    return taken;
  }

  /** Before it leaves: what cannot be noted is not sent. */
  private void note(Subscription s, Numbered one, Resource resource) {
    UUID patient =
        resource == null ? null : Subjects.of(List.of(resource)).stream().findFirst().orElse(null);
    audit.note(
        s.owner().subject(),
        s.owner().organisation(),
        "R",
        "subscription",
        s.topic().type(),
        one.event().focusId().toString(),
        patient,
        resource != null,
        "Subscription/" + s.id() + " event " + one.number());
  }

  private HttpRequest.Builder notification(
      Subscription s, Asked asked, Type type, List<Told> events) {
    byte[] body = body(asked, Notification.bundle(s, type, events, asked.content()));
    return HttpRequest.newBuilder(asked.endpoint())
        .header("Content-Type", asked.mediaType() + ";charset=UTF-8")
        .POST(HttpRequest.BodyPublishers.ofByteArray(body));
  }

  private static byte[] body(Asked asked, Resource resource) {
    FhirContext fhir = FhirContext.forR4Cached();
    IParser parser = asked.isXml() ? fhir.newXmlParser() : fhir.newJsonParser();
    return parser.encodeResourceToString(resource).getBytes(StandardCharsets.UTF_8);
  }

  /** As R4 has it: nothing but that there is something, or the resource itself. */
  private static HttpRequest.Builder plain(Asked asked, Resource resource) {
    if (asked.mediaType() == null) {
      return HttpRequest.newBuilder(asked.endpoint()).POST(HttpRequest.BodyPublishers.noBody());
    }
    Profiles.claim(resource);
    String base = asked.endpoint().toString();
    String path = resource.fhirType() + "/" + resource.getIdElement().getIdPart();
    return HttpRequest.newBuilder(URI.create((base.endsWith("/") ? base : base + "/") + path))
        .header("Content-Type", asked.mediaType() + ";charset=UTF-8")
        .PUT(HttpRequest.BodyPublishers.ofByteArray(body(asked, resource)));
  }

  private boolean call(Subscription s, Asked asked, HttpRequest.Builder request) {
    String why = endpoints.refusal(asked.endpoint());
    boolean gone = false;
    if (why == null) {
      for (String header : s.headers()) {
        String[] parts = header.split(":", 2);
        request.header(parts[0], parts[1].strip());
      }
      Duration timeout =
          asked.timeoutSeconds() == null
              ? limits.timeout()
              : Duration.ofSeconds(Math.min(asked.timeoutSeconds(), limits.timeout().toSeconds()));
      try {
        int status =
            http.send(request.timeout(timeout).build(), HttpResponse.BodyHandlers.discarding())
                .statusCode();
        if (status >= 200 && status < 300) {
          subscriptions.succeeded(s.id(), s.version(), clock.instant());
          return true;
        }
        gone = status == GONE;
        why = "the endpoint answered " + status;
      } catch (IOException e) {
        why = "the endpoint could not be reached: " + e.getClass().getSimpleName();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
    failed(s, why, gone);
    return false;
  }

  private void failed(Subscription s, String why, boolean forGood) {
    int failures = s.failures() + 1;
    boolean last = forGood || failures >= limits.maxAttempts();
    Duration delay = limits.retryDelay().multipliedBy(1L << Math.min(failures - 1, MAX_BACK_OFF));
    Duration wait = delay.compareTo(limits.maxRetryDelay()) > 0 ? limits.maxRetryDelay() : delay;
    String error = "ISO-FHIR-068: " + why;
    subscriptions.failed(s.id(), s.version(), error, last ? null : clock.instant().plus(wait));
    LOG.warn(
        "{} (subscription {}, attempt {} in a row{})",
        error,
        s.id(),
        failures,
        last ? ", no more until it is requested anew" : "");
  }
}
