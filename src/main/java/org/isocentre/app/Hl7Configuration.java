package org.isocentre.app;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.apache.camel.CamelContext;
import org.apache.camel.spring.boot.CamelContextConfiguration;
import org.isocentre.camel.hl7.MllpConnections;
import org.isocentre.camel.hl7.MllpTls;
import org.isocentre.dicom.association.TlsProfile;
import org.isocentre.exchange.TrustDirectory;
import org.isocentre.hl7.Acknowledgement;
import org.isocentre.hl7.ControlIds;
import org.isocentre.hl7.MessageReceiver;
import org.isocentre.index.ControlIdIndex;
import org.isocentre.index.ReviewList;
import org.isocentre.model.MessageStored;
import org.isocentre.outbound.ApplicationAnswers;
import org.isocentre.store.ObjectStore;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;

/** How HL7 v2 messages come in, under the names that routes use. */
@Configuration(proxyBeanMethods = false)
class Hl7Configuration {
  private static final Duration HANDSHAKE = Duration.ofSeconds(10);
  private static final Duration RELOAD = Duration.ofMinutes(1);

  @Bean
  Acknowledgement acknowledgement(Clock clock) {
    return new Acknowledgement(clock);
  }

  @Bean
  ControlIdIndex controlIdIndex(
      JdbcClient jdbc, ReviewList reviews, IsocentreProperties properties) {
    return new ControlIdIndex(jdbc, reviews, properties.hl7Receive().controlIdWindow());
  }

  @Bean
  ControlIds controlIds(ControlIdIndex index, IsocentreProperties properties, Clock clock) {
    IsocentreProperties.Hl7Receive settings = properties.hl7Receive();
    ControlIds ids = new ControlIds(settings.controlIds(), settings.controlIdWindow());
    index.recent(
        settings.controlIds(),
        clock.instant().minus(settings.controlIdWindow()),
        seen -> ids.remember(seen.sender(), seen.controlId(), seen.sha256(), seen.at()));
    return ids;
  }

  @Bean
  MessageReceiver messageReceiver(
      TrustDirectory directory,
      ObjectStore store,
      StoredEvents events,
      ControlIds controlIds,
      ControlIdIndex index,
      Acknowledgement acknowledgement,
      IsocentreProperties properties,
      Clock clock,
      RefusedMessages refused) {
    return new MessageReceiver(
        directory.senders()::find,
        (raw, event) -> keep(store, events, raw, event),
        controlIds,
        properties.hl7Receive().refuseReusedControlId() ? index::incident : null,
        acknowledgement,
        clock,
        refused);
  }

  private static MessageStored keep(
      ObjectStore store, StoredEvents events, byte[] raw, Function<String, MessageStored> event)
      throws IOException {
    AtomicReference<MessageStored> noted = new AtomicReference<>();
    try (ObjectStore.ObjectWriter writer = store.create("hl7")) {
      writer.write(ByteBuffer.wrap(raw));
      writer.commit(
          object -> {
            noted.set(event.apply(object.key()));
            return events.note(noted.get());
          });
    }
    return noted.get();
  }

  @Bean
  MllpDoor mllpDoor(MessageReceiver receiver, AnswersByDoor answers) {
    return new MllpDoor(receiver, answers);
  }

  @Bean
  AnswersByDoor answersByDoor(
      TrustDirectory directory, ApplicationAnswers answers, Acknowledgement acknowledgement) {
    return new AnswersByDoor(directory.senders(), answers, acknowledgement);
  }

  @Bean
  DropDoor dropDoor(MessageReceiver receiver, IsocentreProperties properties) {
    return new DropDoor(
        receiver,
        properties.hl7Drop(),
        (int) Math.min(Integer.MAX_VALUE - 8, properties.mllp().maxMessageSize().toBytes()));
  }

  /** The route's read lock takes it in milliseconds: the text {@code PT5S} is no time to Camel. */
  @Bean
  CamelContextConfiguration dropQuietMillis(IsocentreProperties properties) {
    return new CamelContextConfiguration() {
      @Override
      public void beforeApplicationStart(CamelContext context) {
        context
            .getPropertiesComponent()
            .addInitialProperty(
                "drop-quiet-millis", Long.toString(properties.hl7Drop().quietPeriod().toMillis()));
      }

      @Override
      public void afterApplicationStart(CamelContext context) {
        // Nothing is left to do.
      }
    };
  }

  @Bean
  ApplicationAcknowledgements applicationAcknowledgements(
      ObjectStore store,
      TrustDirectory directory,
      MllpConnections connections,
      Acknowledgement acknowledgement,
      ObjectMapper json) {
    return new ApplicationAcknowledgements(
        store, directory.senders(), connections, acknowledgement, json);
  }

  @Bean
  MllpConnections mllpConnections(IsocentreProperties properties, Acknowledgement acknowledgement) {
    IsocentreProperties.Mllp mllp = properties.mllp();
    return new MllpConnections(
        new MllpConnections.Limits(
            mllp.maxMessageSize().toBytes(),
            mllp.maxUnfinished().toBytes(),
            mllp.maxConnections(),
            mllp.messageTimeout()),
        acknowledgement::notWhole);
  }

  /** Not used while {@code isocentre.mllp.tls.port} is 0. */
  @Bean
  MllpTls mllpTls(IsocentreProperties properties) {
    IsocentreProperties.Tls tls = properties.mllp().tls();
    TlsProfile profile = TlsProfile.NON_DOWNGRADING_BCP_195;
    MllpTls.Settings settings =
        new MllpTls.Settings(
            profile.protocols(), profile.cipherSuites(), tls.clientCertificate(), HANDSHAKE);
    if (tls.port() == 0) {
      return new MllpTls(
          () -> {
            throw new IllegalStateException("isocentre.mllp.tls.port is 0");
          },
          settings);
    }
    if (tls.keyStore() == null) {
      throw new BadConfiguration(
          "isocentre.mllp.tls.key-store: needed where isocentre.mllp.tls.port is set");
    }
    if (tls.trustStore() == null && tls.clientCertificate()) {
      throw new BadConfiguration(
          "isocentre.mllp.tls.trust-store: needed where isocentre.mllp.tls.port is set, unless"
              + " isocentre.mllp.tls.client-certificate is false");
    }
    return new MllpTls(
        new ReloadedTls("isocentre.mllp.tls", ReloadedTls.Stores.of(tls), RELOAD), settings);
  }

  /**
   * Those that wait for the disk share a flush: a thread each for many of them. A connection has
   * one message here at a time, so there is room for all.
   */
  @Bean(destroyMethod = "shutdown")
  ExecutorService mllpWorkers(IsocentreProperties properties) {
    AtomicInteger number = new AtomicInteger();
    ThreadPoolExecutor workers =
        new ThreadPoolExecutor(
            properties.mllp().workers(),
            properties.mllp().workers(),
            30,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(properties.mllp().maxConnections() + 1),
            task -> {
              Thread thread = new Thread(task, "mllp-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    workers.allowCoreThreadTimeOut(true);
    return workers;
  }
}
