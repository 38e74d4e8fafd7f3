package org.isocentre.app;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import javax.net.ssl.SSLSocketFactory;
import org.isocentre.audit.AuditTrail;
import org.isocentre.consent.ConsentDecision;
import org.isocentre.hl7.LabelReader;
import org.isocentre.hl7.OutboundCharset;
import org.isocentre.hl7.OutboundKind;
import org.isocentre.hl7.OutboundRules;
import org.isocentre.index.DisclosureReasons;
import org.isocentre.index.IndexChanges;
import org.isocentre.index.MessageIndex;
import org.isocentre.index.MessageJournal;
import org.isocentre.index.OrderIndex;
import org.isocentre.index.OutboundIndex;
import org.isocentre.index.PatientIndex;
import org.isocentre.index.PatientMerges;
import org.isocentre.index.ReportIndex;
import org.isocentre.index.SubscriptionIndex;
import org.isocentre.model.Caller;
import org.isocentre.model.OutboundEntry.State;
import org.isocentre.outbound.Acknowledging;
import org.isocentre.outbound.ApplicationAnswers;
import org.isocentre.outbound.Destination;
import org.isocentre.outbound.Destinations;
import org.isocentre.outbound.DisclosurePermission;
import org.isocentre.outbound.HeldNews;
import org.isocentre.outbound.MessageMaker;
import org.isocentre.outbound.OutboundSender;
import org.isocentre.outbound.Outbox;
import org.isocentre.store.ObjectStore;
import org.isocentre.web.OutboundController;
import org.isocentre.web.StaffDoor;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** HL7 v2 out, under the names that routes use. */
@Configuration(proxyBeanMethods = false)
class OutboundConfiguration {
  private static final Duration RELOAD = Duration.ofMinutes(1);

  @Bean
  Destinations outboundDestinations(IsocentreProperties properties) {
    List<Destination> all = new ArrayList<>();
    for (int t = 0; t < properties.trusts().size(); t++) {
      IsocentreProperties.Trust trust = properties.trusts().get(t);
      for (int d = 0; d < trust.hl7().size(); d++) {
        String setting = "isocentre.trusts[" + t + "].hl7[" + d + "]";
        all.add(destination(setting, trust.odsCode(), trust.hl7().get(d)));
      }
    }
    try {
      return new Destinations(all);
    } catch (IllegalArgumentException e) {
      throw new BadConfiguration("isocentre.trusts: " + e.getMessage());
    }
  }

  private static Destination destination(
      String setting, String odsCode, IsocentreProperties.Hl7Destination h) {
    if (h.messages().contains(OutboundKind.OMI) && h.version().compareTo("2.5") < 0) {
      throw new BadConfiguration(
          setting + ".version: OMI is a message of version 2.5 and later; found " + h.version());
    }
    if (h.messages().contains(OutboundKind.OMI) && h.messages().contains(OutboundKind.ORM)) {
      throw new BadConfiguration(setting + ".messages: ORM and OMI say the same; name one of them");
    }
    return new Destination(
        h.name(),
        odsCode,
        h.host(),
        h.port(),
        h.tls(),
        h.application(),
        h.facility(),
        h.messages(),
        h.version(),
        h.charset().equals("ASCII") ? null : h.charset(),
        OutboundCharset.of(h.charset())
            .orElseThrow(
                () ->
                    new BadConfiguration(
                        setting
                            + ".charset: "
                            + h.charset()
                            + " is not known; use ASCII, 8859/1 to 8859/9, 8859/15 or UNICODE UTF-8")),
        rules(setting, h.rules()),
        h.throttle(),
        positive(setting, "ack-timeout", h.ackTimeout()),
        h.maxAttempts(),
        h.onError(),
        positive(setting, "retry-delay", h.retryDelay()),
        positive(setting, "max-retry-delay", h.maxRetryDelay()),
        acknowledging(setting, h));
  }

  private static Acknowledging acknowledging(String setting, IsocentreProperties.Hl7Destination h) {
    try {
      boolean original =
          h.acceptAcknowledgement() == null && h.applicationAcknowledgement() == null;
      return original
          ? Acknowledging.ORIGINAL
          : new Acknowledging(
              h.acceptAcknowledgement(),
              h.applicationAcknowledgement(),
              h.applicationAcknowledgementBy(),
              positive(setting, "application-timeout", h.applicationTimeout()));
    } catch (IllegalArgumentException e) {
      throw new BadConfiguration(setting + "." + e.getMessage());
    }
  }

  private static Duration positive(String setting, String name, Duration value) {
    if (value.toMillis() < 1 || value.toHours() > 24) {
      throw new BadConfiguration(
          setting + "." + name + ": must be more than 0 and at most 24h; found " + value);
    }
    return value;
  }

  private static OutboundRules rules(String setting, Path file) {
    if (file == null) {
      return OutboundRules.NONE;
    }
    try {
      return OutboundRules.read(
          file.getFileName().toString(), Files.readString(file, StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new BadConfiguration(
          setting + ".rules: " + file.toAbsolutePath() + " cannot be read as UTF-8 text");
    } catch (IllegalArgumentException e) {
      throw new BadConfiguration(setting + ".rules: " + e.getMessage());
    }
  }

  @Bean
  IndexChanges indexChanges(JdbcClient jdbc) {
    return new IndexChanges(jdbc);
  }

  @Bean
  ChangeRelay changeRelay(
      IndexChanges changes, Destinations destinations, SubscriptionIndex subscriptions) {
    return new ChangeRelay(changes, destinations, subscriptions::isAny);
  }

  @Bean
  OutboundJourney outboundJourney(
      ObjectStore store, MessageJournal journal, MessageIndex messages, LabelReader labels) {
    return new OutboundJourney(store, journal, messages, labels);
  }

  @Bean
  StoredMessageRepair.SentMessages sentMessages(OutboundIndex queue) {
    return queue::retry;
  }

  @Bean
  OutboundIndex outboundIndex(
      JdbcClient jdbc,
      TransactionTemplate transactions,
      IsocentreProperties properties,
      Destinations destinations,
      OutboundJourney journey) {
    OutboundIndex index =
        new OutboundIndex(jdbc, transactions, properties.outbound().maxWaiting(), journey);
    index.register(destinations.names());
    return index;
  }

  @Bean
  DisclosurePermission disclosurePermission(ConsentDecision consent, AuditTrail audit) {
    return new DisclosurePermission() {
      @Override
      public boolean mayReceive(UUID patientId, String custodian, String ods, String messageType) {
        boolean permitted = consent.permits(patientId, custodian, ods);
        audit.note(
            "isocentre",
            custodian,
            "E",
            "consent-decision",
            "Patient",
            patientId.toString(),
            patientId,
            permitted,
            messageType + " to " + ods);
        return permitted;
      }

      @Override
      public boolean couldReceive(
          UUID patientId, String custodian, String ods, String messageType) {
        return consent.permits(patientId, custodian, ods);
      }
    };
  }

  @Bean
  Outbox outbox(
      Destinations destinations,
      OutboundIndex queue,
      DisclosurePermission permission,
      JdbcClient jdbc,
      PatientIndex patients,
      PatientMerges merges,
      OrderIndex orders,
      ReportIndex reports,
      ObjectStore store,
      IsocentreProperties properties,
      Clock clock) {
    IsocentreProperties.Outbound out = properties.outbound();
    return new Outbox(
        destinations.all(),
        queue,
        new DisclosureReasons(jdbc),
        permission,
        patients,
        merges,
        orders,
        reports,
        new MessageMaker(
            store,
            clock,
            out.sendingApplication(),
            out.sendingFacility(),
            out.maxDocumentSize().toBytes()));
  }

  @Bean
  HeldNews heldNews(
      Outbox outbox,
      OutboundIndex queue,
      Destinations destinations,
      IsocentreProperties properties,
      Clock clock) {
    Duration interval =
        positive("isocentre.outbound", "held-check", properties.outbound().heldCheck());
    return new HeldNews(outbox, queue.held(), destinations, interval, clock);
  }

  @Bean
  ApplicationAnswers applicationAnswers(
      Destinations destinations, OutboundIndex queue, ObjectStore store, Clock clock) {
    return new ApplicationAnswers(destinations.all(), queue, store, clock);
  }

  @Bean
  OutboundSender outboundSender(
      Destinations destinations,
      OutboundIndex queue,
      PatientIndex patients,
      DisclosurePermission permission,
      ObjectStore store,
      IsocentreProperties properties,
      Clock clock) {
    boolean tls = destinations.all().stream().anyMatch(Destination::tls);
    return new OutboundSender(
        destinations.all(),
        queue,
        patients,
        permission,
        store,
        tls ? socketFactory(properties.outbound().tls()) : null,
        clock,
        holder(properties.dataDir()));
  }

  /**
   * Without a trust store the Java runtime's would apply, and any certificate of a public authority
   * would do for a receiver.
   */
  private static Supplier<SSLSocketFactory> socketFactory(IsocentreProperties.OutboundTls tls) {
    if (tls.trustStore() == null) {
      throw new BadConfiguration(
          "isocentre.outbound.tls.trust-store: needed to send to an HL7 destination with tls: true");
    }
    ReloadedTls stores =
        new ReloadedTls("isocentre.outbound.tls", ReloadedTls.Stores.of(tls), RELOAD);
    return () -> stores.get().getSocketFactory();
  }

  /** Waits for answers end before the routes are stopped, which would wait for them. */
  @Bean
  ApplicationListener<ContextClosedEvent> endOfSending(OutboundSender sender) {
    return event -> sender.close();
  }

  /** The same after a restart in the same place: then nobody has to wait for it. */
  private static String holder(Path dataDir) {
    String host;
    try {
      host = InetAddress.getLocalHost().getHostName();
    } catch (IOException e) {
      host = "";
    }
    String place = host + "|" + dataDir.toAbsolutePath().normalize();
    return UUID.nameUUIDFromBytes(place.getBytes(StandardCharsets.UTF_8)).toString();
  }

  /** How many messages wait for each destination, for a person, and for a consent. */
  @Bean
  io.micrometer.core.instrument.binder.MeterBinder outboundMeters(
      Destinations destinations, OutboundIndex queue) {
    return meters ->
        destinations
            .names()
            .forEach(
                name -> {
                  List<State> waiting = List.of(State.PENDING, State.SENT);
                  gauge(meters, "waiting", name, () -> queue.count(name, waiting));
                  gauge(meters, "parked", name, () -> queue.count(name, List.of(State.PARKED)));
                  gauge(meters, "held", name, () -> queue.held().count(name));
                });
  }

  private static void gauge(
      MeterRegistry meters, String what, String name, Supplier<Number> count) {
    Gauge.builder("isocentre.outbound." + what, count).tag("destination", name).register(meters);
  }

  @Bean
  OutboundController outboundController(
      StaffDoor door, OutboundIndex queue, Outbox outbox, Supplier<Caller> callers) {
    return new OutboundController(door, queue, outbox::rebuild, () -> callers.get().subject());
  }
}
