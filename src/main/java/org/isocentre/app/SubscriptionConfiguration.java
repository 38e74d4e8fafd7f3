package org.isocentre.app;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.isocentre.audit.AuditTrail;
import org.isocentre.consent.Access;
import org.isocentre.fhir.provider.Resources;
import org.isocentre.fhir.search.CriterionParser;
import org.isocentre.fhir.search.ScopeParts;
import org.isocentre.fhir.subscription.Endpoints;
import org.isocentre.fhir.subscription.Focus;
import org.isocentre.fhir.subscription.NotificationSender;
import org.isocentre.fhir.subscription.Subscribers;
import org.isocentre.index.ReportIndex;
import org.isocentre.index.ResourceSearch;
import org.isocentre.index.StudyIndex;
import org.isocentre.index.SubscriptionIndex;
import org.isocentre.index.TransferIndex;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** Subscriptions, under the names that {@code routes/subscription.yaml} uses. */
@Configuration(proxyBeanMethods = false)
class SubscriptionConfiguration {
  @Bean
  SubscriptionIndex subscriptionIndex(JdbcClient jdbc, TransactionTemplate transactions) {
    return new SubscriptionIndex(jdbc, transactions);
  }

  @Bean
  Focus subscriptionFocus(Access access, ResourceSearch search, Resources resources) {
    return new Focus(access, search, resources::of);
  }

  @Bean
  Endpoints subscriptionEndpoints(IsocentreProperties properties) {
    List<URI> listed = new ArrayList<>();
    for (String text : properties.subscriptions().endpoints()) {
      try {
        URI uri = new URI(text);
        if (uri.getHost() == null || !List.of("http", "https").contains(uri.getScheme())) {
          throw new URISyntaxException(text, "no host");
        }
        listed.add(uri);
      } catch (URISyntaxException e) {
        throw new BadConfiguration(
            "isocentre.subscriptions.endpoints: must be URLs such as https://app.example/notify; found "
                + text);
      }
    }
    return new Endpoints(listed);
  }

  @Bean
  Subscribers subscribers(
      SubscriptionIndex subscriptions,
      StudyIndex studies,
      ReportIndex reports,
      TransferIndex transfers,
      Focus focus,
      CriterionParser criteria,
      Clock clock) {
    return new Subscribers(
        subscriptions, studies, reports, transfers, focus, new ScopeParts(criteria), clock);
  }

  @Bean
  NotificationSender notificationSender(
      SubscriptionIndex subscriptions,
      Focus focus,
      Endpoints endpoints,
      AuditTrail audit,
      IsocentreProperties properties,
      Clock clock) {
    IsocentreProperties.Subscriptions s = properties.subscriptions();
    return new NotificationSender(
        subscriptions,
        focus,
        endpoints,
        audit,
        new NotificationSender.Limits(
            s.timeout(), s.maxAttempts(), s.retryDelay(), s.maxRetryDelay()),
        UUID.randomUUID().toString(),
        clock);
  }

  /** Old events, as the route of that name has it done. */
  @Bean
  SubscriptionPurge subscriptionPurge(
      SubscriptionIndex subscriptions, IsocentreProperties properties, Clock clock) {
    return new SubscriptionPurge(subscriptions, properties.subscriptions().keep(), clock);
  }
}
