package org.isocentre.fhir.subscription;

import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.UUID;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.Bundle.BundleType;
import org.hl7.fhir.r4.model.Bundle.HTTPVerb;
import org.hl7.fhir.r4.model.CanonicalType;
import org.hl7.fhir.r4.model.CodeType;
import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.InstantType;
import org.hl7.fhir.r4.model.Parameters;
import org.hl7.fhir.r4.model.Parameters.ParametersParameterComponent;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.Resource;
import org.hl7.fhir.r4.model.StringType;
import org.isocentre.fhir.map.Profiles;
import org.isocentre.fhir.map.SubscriptionMapper.Content;
import org.isocentre.model.Subscription;

/** What subscribers get, in the shape of the Subscriptions R5 Backport for R4. */
public final class Notification {
  private static final String BACKPORT =
      "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/";

  private Notification() {}

  /** Why something is sent or answered. */
  public enum Type {
    HANDSHAKE("handshake"),
    HEARTBEAT("heartbeat"),
    EVENT("event-notification"),
    STATUS("query-status"),
    EVENTS("query-event");

    private final String code;

    Type(String code) {
      this.code = code;
    }
  }

  /**
   * An event and what it is about.
   *
   * @param focus null if it is not to be told
   */
  public record Told(long number, Instant at, Resource focus) {}

  public static Bundle bundle(Subscription s, Type type, List<Told> events, Content content) {
    Bundle bundle = new Bundle();
    bundle.setId(UUID.randomUUID().toString());
    bundle.getMeta().addProfile(BACKPORT + "backport-subscription-notification-r4");
    bundle.setType(BundleType.HISTORY);
    bundle.setTimestamp(new Date());
    Parameters status = status(s, type, events, content);
    status.setId(UUID.randomUUID().toString());
    Bundle.BundleEntryComponent first =
        bundle.addEntry().setFullUrl("urn:uuid:" + status.getIdPart()).setResource(status);
    first
        .getRequest()
        .setMethod(HTTPVerb.GET)
        .setUrl(s.serverBase() + "/Subscription/" + s.id() + "/$status");
    first.getResponse().setStatus("200");
    if (content != Content.EMPTY) {
      events.stream()
          .map(Told::focus)
          .filter(java.util.Objects::nonNull)
          .forEach(focus -> entry(bundle, s, focus, content));
    }
    return bundle;
  }

  private static void entry(Bundle bundle, Subscription s, Resource focus, Content content) {
    String path = reference(focus);
    if (bundle.getEntry().stream()
        .anyMatch(e -> (s.serverBase() + "/" + path).equals(e.getFullUrl()))) {
      return;
    }
    Bundle.BundleEntryComponent entry = bundle.addEntry().setFullUrl(s.serverBase() + "/" + path);
    if (content == Content.FULL_RESOURCE) {
      Profiles.claim(focus);
      entry.setResource(focus);
    }
    entry.getRequest().setMethod(HTTPVerb.PUT).setUrl(path);
    entry.getResponse().setStatus("200");
  }

  private static String reference(Resource focus) {
    return focus.fhirType() + "/" + focus.getIdElement().getIdPart();
  }

  /** SubscriptionStatus as R4 writes it: Parameters. */
  public static Parameters status(Subscription s, Type type, List<Told> events, Content content) {
    Parameters status = new Parameters();
    status.getMeta().addProfile(BACKPORT + "backport-subscription-status-r4");
    status
        .addParameter()
        .setName("subscription")
        .setValue(new Reference(s.serverBase() + "/Subscription/" + s.id()));
    status.addParameter().setName("topic").setValue(new CanonicalType(s.topic().canonical()));
    status
        .addParameter()
        .setName("status")
        .setValue(new CodeType(s.status().name().toLowerCase(java.util.Locale.ROOT)));
    status.addParameter().setName("type").setValue(new CodeType(type.code));
    status
        .addParameter()
        .setName("events-since-subscription-start")
        .setValue(new StringType(Long.toString(s.events())));
    events.forEach(event -> add(status, s, event, content));
    if (s.error() != null) {
      status.addParameter().setName("error").setValue(new CodeableConcept().setText(s.error()));
    }
    return status;
  }

  private static void add(Parameters status, Subscription s, Told event, Content content) {
    ParametersParameterComponent part = status.addParameter().setName("notification-event");
    part.addPart().setName("event-number").setValue(new StringType(Long.toString(event.number())));
    part.addPart().setName("timestamp").setValue(new InstantType(Date.from(event.at())));
    if (content != Content.EMPTY && event.focus() != null) {
      part.addPart()
          .setName("focus")
          .setValue(new Reference(s.serverBase() + "/" + reference(event.focus())));
    }
  }
}
