package org.isocentre.app;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.camel.CamelContext;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.spring.boot.CamelContextConfiguration;
import org.isocentre.audit.AuditFeed;
import org.isocentre.audit.AuditMessages;
import org.isocentre.audit.AuditRepository;
import org.isocentre.audit.SyslogRepository;
import org.isocentre.dicom.web.AccessTokens;
import org.isocentre.dicom.web.ClientCredentials;
import org.isocentre.dicom.web.DicomWebSettings;
import org.isocentre.fhir.map.AuditBatch;
import org.isocentre.fhir.map.AuditEventMapper;
import org.isocentre.index.AuditBlocks;
import org.isocentre.index.AuditFeedIndex;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** Audit repositories that the trail is copied to, with a route for each. */
@Configuration(proxyBeanMethods = false)
class AuditConfiguration {
  private static final Duration RELOAD = Duration.ofMinutes(1);
  private static final String SYSLOG = "syslog+tls";

  private static final int SYSLOG_BATCH = 1000;
  private static final int FHIR_BATCH = 100;

  /** Time-outs that one batch may take: for two tokens, each with a connection, and two answers. */
  private static final int HOLDS = 6;

  /** Name of this machine for others. */
  static String host(IsocentreProperties properties) {
    if (properties.audit().host() != null) {
      return properties.audit().host();
    }
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (IOException e) {
      return "localhost";
    }
  }

  /** A list of its own type: Spring would take a list of beans for all beans of the type. */
  record Feeds(List<Scheduled> all) {}

  /**
   * @param period milliseconds
   */
  record Scheduled(AuditFeed feed, int period) {}

  @Bean
  Feeds auditFeeds(
      IsocentreProperties properties,
      AuditEventMapper mapper,
      JdbcClient jdbc,
      TransactionTemplate transactions,
      MeterRegistry meters,
      Clock clock) {
    AuditBlocks blocks = new AuditBlocks(jdbc, transactions);
    AuditFeedIndex positions = new AuditFeedIndex(jdbc, clock);
    List<Scheduled> feeds = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (int i = 0; i < properties.audit().feeds().size(); i++) {
      IsocentreProperties.AuditFeed f = properties.audit().feeds().get(i);
      String setting = "isocentre.audit.feeds[" + i + "]";
      if (!names.add(f.name())) {
        throw new BadConfiguration(setting + ".name: " + f.name() + " is there twice");
      }
      AuditFeed feed =
          new AuditFeed(
              new AuditFeed.Feed(
                  f.name(),
                  f.wholeTrail(),
                  batch(f),
                  f.timeout().multipliedBy(HOLDS).plus(f.settle())),
              blocks,
              positions,
              repository(setting, f, properties, mapper));
      feed.begin();
      Gauge.builder("isocentre.audit.feed.behind", feed, AuditFeed::behind)
          .tag("feed", f.name())
          .description("Sealed blocks of the audit trail that the repository does not have")
          .register(meters);
      feeds.add(new Scheduled(feed, f.period()));
    }
    return new Feeds(feeds);
  }

  private static int batch(IsocentreProperties.AuditFeed f) {
    if (f.batch() != null) {
      return f.batch();
    }
    return SYSLOG.equals(f.to().getScheme()) ? SYSLOG_BATCH : FHIR_BATCH;
  }

  private static AuditRepository repository(
      String setting,
      IsocentreProperties.AuditFeed f,
      IsocentreProperties properties,
      AuditEventMapper mapper) {
    ReloadedTls tls =
        f.tls() == null
            ? null
            : new ReloadedTls(setting + ".tls", ReloadedTls.Stores.of(f.tls()), RELOAD);
    String scheme = String.valueOf(f.to().getScheme());
    if (f.to().getHost() == null) {
      throw new BadConfiguration(setting + ".to: needs a host; found " + f.to());
    }
    if (scheme.equals(SYSLOG)) {
      if (tls == null || f.tls().trustStore() == null) {
        // Any certificate of a public authority would do for a repository.
        throw new BadConfiguration(
            setting + ".tls.trust-store: needed to send to an audit repository by syslog");
      }
      if (f.to().getPort() < 0) {
        throw new BadConfiguration(setting + ".to: needs a port, such as 6514");
      }
      return new SyslogRepository(
          f.to().getHost(),
          f.to().getPort(),
          f.timeout(),
          f.settle(),
          () -> tls.get().getSocketFactory(),
          new AuditMessages(properties.audit().source(), host(properties)));
    }
    if (!scheme.equals("https") && !scheme.equals("http")) {
      throw new BadConfiguration(
          setting + ".to: must be syslog+tls://host:port, or the https address of a FHIR server");
    }
    if (new DicomWebSettings(f.to()).isExposed()) {
      throw new BadConfiguration(
          setting + ".to: who looked at what is sent by https, or to this machine, alone");
    }
    HttpClient.Builder http =
        HttpClient.newBuilder()
            .connectTimeout(f.timeout())
            .followRedirects(HttpClient.Redirect.NEVER);
    if (tls != null) {
      http.sslContext(tls.get());
    }
    URI base = f.base();
    return new FhirAuditRepository(
        f.to(),
        f.timeout(),
        http.build(),
        tokens(setting, f, tls),
        new AuditBatch(mapper, base == null ? null : base.toString()));
  }

  private static AccessTokens tokens(
      String setting, IsocentreProperties.AuditFeed f, ReloadedTls tls) {
    if (f.tokenEndpoint() == null) {
      return AccessTokens.NONE;
    }
    try {
      String key = f.clientKey() == null ? null : Files.readString(f.clientKey());
      return new ClientCredentials(
          new ClientCredentials.Client(
              f.tokenEndpoint(), f.clientId(), f.clientSecret(), key, f.scope()),
          f.timeout(),
          tls == null ? null : tls.get());
    } catch (IllegalArgumentException e) {
      throw new BadConfiguration(setting + ": " + e.getMessage());
    } catch (IOException e) {
      throw new BadConfiguration(
          setting + ".client-key: cannot be read (" + e.getClass().getSimpleName() + ")");
    }
  }

  /** One route a feed: a repository that does not answer holds up no other. */
  @Bean
  CamelContextConfiguration auditFeedRoutes(Feeds feeds) {
    return new CamelContextConfiguration() {
      @Override
      public void beforeApplicationStart(CamelContext context) {
        for (Scheduled one : feeds.all()) {
          add(context, one);
        }
      }

      @Override
      public void afterApplicationStart(CamelContext context) {
        // They are there.
      }
    };
  }

  private static void add(CamelContext context, Scheduled one) {
    String id = "audit-feed-" + one.feed().name();
    try {
      context.addRoutes(
          new RouteBuilder() {
            @Override
            public void configure() {
              from("timer:" + id + "?period=" + one.period())
                  .routeId(id)
                  .process(exchange -> one.feed().send());
            }
          });
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
