package org.isocentre.fhir.map;

import ca.uhn.fhir.context.FhirContext;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.hl7.fhir.r4.model.Extension;
import org.hl7.fhir.r4.model.PrimitiveType;
import org.hl7.fhir.r4.model.StringType;
import org.hl7.fhir.r4.model.Subscription;
import org.hl7.fhir.r4.model.Subscription.SubscriptionChannelComponent;
import org.hl7.fhir.r4.model.Subscription.SubscriptionChannelType;
import org.hl7.fhir.r4.model.Subscription.SubscriptionStatus;
import org.isocentre.model.SubscriptionTopic;

/**
 * What a FHIR R4 Subscription asks for: of a topic as the Subscriptions R5 Backport writes it, or
 * by a query as R4 does. What is not understood is refused and named.
 */
public final class SubscriptionMapper {
  private static final String BACKPORT =
      "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/";
  public static final String CONTENT = BACKPORT + "backport-payload-content";
  public static final String FILTER = BACKPORT + "backport-filter-criteria";
  public static final String HEARTBEAT = BACKPORT + "backport-heartbeat-period";
  public static final String TIMEOUT = BACKPORT + "backport-timeout";
  public static final String MAX_COUNT = BACKPORT + "backport-max-count";
  private static final Set<String> MEDIA_TYPES =
      Set.of(
          "application/fhir+json", "application/json", "application/fhir+xml", "application/xml");
  private static final Set<String> OF_THE_CONNECTION =
      Set.of(
          "host",
          "connection",
          "content-length",
          "content-type",
          "expect",
          "upgrade",
          "transfer-encoding",
          "te",
          "trailer");
  private static final int MAX_FILTERS = 10;
  private static final int MAX_HEADERS = 10;
  private static final int MAX_HEADER = 2000;
  private static final int MAX_COUNT_OF_ALL = 100;

  private SubscriptionMapper() {}

  /** How much of an event is told. */
  public enum Content {
    EMPTY("empty"),
    ID_ONLY("id-only"),
    FULL_RESOURCE("full-resource");

    private final String code;

    Content(String code) {
      this.code = code;
    }

    public String code() {
      return code;
    }

    /**
     * @throws IllegalArgumentException if there is none
     */
    public static Content of(String code) {
      for (Content content : values()) {
        if (content.code.equals(code)) {
          return content;
        }
      }
      throw new IllegalArgumentException("is empty, id-only or full-resource");
    }
  }

  /**
   * What is asked for.
   *
   * @param plain whether it is written as R4 does, without a topic
   * @param filters queries such as {@code modality=CT}, each of which has to be met
   * @param mediaType of what is sent, or null for no body (R4)
   * @param heartbeatSeconds or null
   * @param timeoutSeconds or null
   * @param maxCount events of one notification at most
   */
  public record Asked(
      SubscriptionTopic topic,
      boolean plain,
      List<String> filters,
      URI endpoint,
      List<String> headers,
      String mediaType,
      Content content,
      Integer heartbeatSeconds,
      Integer timeoutSeconds,
      int maxCount,
      Date end,
      boolean off) {
    public boolean isXml() {
      return mediaType != null && mediaType.endsWith("xml");
    }
  }

  /**
   * @throws IllegalArgumentException that says which element is not understood and what it may be
   */
  public static Asked asked(Subscription s) {
    if (s.getStatus() != SubscriptionStatus.REQUESTED && s.getStatus() != SubscriptionStatus.OFF) {
      throw wrong("status", "is requested, or off");
    }
    if (s.getReason() == null || s.getReason().isBlank()) {
      throw wrong("reason", "must say why");
    }
    String criteria = s.getCriteria() == null ? "" : s.getCriteria();
    SubscriptionChannelComponent channel = s.getChannel();
    if (channel.getType() != SubscriptionChannelType.RESTHOOK) {
      throw wrong("channel.type", "is rest-hook");
    }
    boolean plain = SubscriptionTopic.of(criteria).isEmpty();
    SubscriptionTopic topic =
        SubscriptionTopic.of(criteria)
            .or(() -> SubscriptionTopic.ofType(criteria.split("\\?", 2)[0]))
            .orElseThrow(
                () ->
                    wrong(
                        "criteria",
                        "is the URL of a topic of /fhir/metadata, or a query of ImagingStudy, DiagnosticReport or Task"));
    return new Asked(
        topic,
        plain,
        plain ? queries(criteria) : filters(s.getCriteriaElement(), topic),
        endpoint(channel),
        headers(channel),
        mediaType(channel, plain),
        content(channel, plain),
        number(channel, HEARTBEAT, "heartbeat-period", 1, 86_400),
        number(channel, TIMEOUT, "timeout", 1, 60),
        plain ? 1 : maxCount(channel),
        s.getEnd(),
        s.getStatus() == SubscriptionStatus.OFF);
  }

  /** As it was written, without what is never shown. */
  public static String json(Subscription s) {
    Subscription stored = s.copy();
    stored.setId((String) null);
    stored.setMeta(null);
    stored.setText(null);
    stored.setError(null);
    stored.getChannel().setHeader(null);
    return FhirContext.forR4Cached().newJsonParser().encodeResourceToString(stored);
  }

  public static Subscription parse(org.isocentre.model.Subscription s) {
    return FhirContext.forR4Cached()
        .newJsonParser()
        .parseResource(Subscription.class, s.resource());
  }

  public static Subscription map(org.isocentre.model.Subscription s) {
    Subscription resource = parse(s);
    resource.setId(s.id().toString());
    resource
        .getMeta()
        .setVersionId(Integer.toString(s.version()))
        .setLastUpdated(Date.from(s.lastUpdated()));
    resource.setStatus(SubscriptionStatus.valueOf(s.status().name()));
    resource.setError(s.error());
    return resource;
  }

  private static IllegalArgumentException wrong(String element, String what) {
    return new IllegalArgumentException("Subscription." + element + " " + what);
  }

  private static List<String> queries(String criteria) {
    String[] parts = criteria.split("\\?", 2);
    return parts.length < 2 || parts[1].isEmpty() ? List.of() : List.of(parts[1]);
  }

  private static List<String> filters(StringType criteria, SubscriptionTopic topic) {
    List<String> filters = new ArrayList<>();
    for (Extension extension : criteria.getExtensionsByUrl(FILTER)) {
      String text = String.valueOf(extension.getValue().primitiveValue());
      String[] parts = text.split("\\?", 2);
      if (parts.length < 2 || parts[1].isEmpty() || !parts[0].equals(topic.type())) {
        throw wrong("criteria filter", "is " + topic.type() + "?parameter=value");
      }
      filters.add(parts[1]);
    }
    if (filters.size() > MAX_FILTERS) {
      throw wrong("criteria filter", "comes at most " + MAX_FILTERS + " times");
    }
    return filters;
  }

  private static URI endpoint(SubscriptionChannelComponent channel) {
    try {
      URI endpoint = new URI(channel.getEndpoint() == null ? "" : channel.getEndpoint());
      boolean web = "https".equals(endpoint.getScheme()) || "http".equals(endpoint.getScheme());
      if (web
          && endpoint.getHost() != null
          && endpoint.getRawUserInfo() == null
          && endpoint.getRawFragment() == null
          && channel.getEndpoint().length() <= 1000) {
        return endpoint;
      }
    } catch (URISyntaxException e) {
      // Said below.
    }
    throw wrong("channel.endpoint", "is an https URL without user or fragment");
  }

  private static List<String> headers(SubscriptionChannelComponent channel) {
    List<String> headers = new ArrayList<>();
    for (StringType header : channel.getHeader()) {
      String text = String.valueOf(header.getValue());
      String name = text.split(":", 2)[0].toLowerCase(Locale.ROOT);
      if (!text.matches("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}: ?[\\x20-\\x7e]+")
          || text.length() > MAX_HEADER
          || OF_THE_CONNECTION.contains(name)
          || headers.size() == MAX_HEADERS) {
        throw wrong(
            "channel.header",
            "is name: value, at most " + MAX_HEADERS + ", and none of the connection's own");
      }
      headers.add(text);
    }
    return headers;
  }

  private static String mediaType(SubscriptionChannelComponent channel, boolean plain) {
    String said = channel.getPayload();
    if (said == null || said.isEmpty()) {
      return plain ? null : "application/fhir+json";
    }
    String type = said.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    if (!MEDIA_TYPES.contains(type)) {
      throw wrong("channel.payload", "is application/fhir+json or application/fhir+xml");
    }
    return type.endsWith("xml") ? "application/fhir+xml" : "application/fhir+json";
  }

  private static Content content(SubscriptionChannelComponent channel, boolean plain) {
    Extension extension = channel.getPayloadElement().getExtensionByUrl(CONTENT);
    if (extension == null) {
      return plain ? Content.FULL_RESOURCE : Content.EMPTY;
    }
    try {
      return Content.of(extension.getValue().primitiveValue());
    } catch (IllegalArgumentException e) {
      throw wrong("channel.payload content", e.getMessage());
    }
  }

  private static int maxCount(SubscriptionChannelComponent channel) {
    Integer said = number(channel, MAX_COUNT, "max-count", 1, Integer.MAX_VALUE);
    return said == null ? 1 : Math.min(said, MAX_COUNT_OF_ALL);
  }

  private static Integer number(
      SubscriptionChannelComponent channel, String url, String name, int least, int most) {
    Extension extension = channel.getExtensionByUrl(url);
    if (extension == null) {
      return null;
    }
    String text =
        extension.getValue() instanceof PrimitiveType<?> value ? value.primitiveValue() : "";
    if (text == null
        || !text.matches("[0-9]{1,9}")
        || Integer.parseInt(text) < least
        || Integer.parseInt(text) > most) {
      throw wrong("channel " + name, "is a number from " + least + " to " + most);
    }
    return Integer.valueOf(text);
  }
}
