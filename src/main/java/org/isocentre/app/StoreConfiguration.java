package org.isocentre.app;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.zaxxer.hikari.HikariDataSource;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.jms.ConnectionFactory;
import java.io.IOException;
import java.time.Clock;
import java.util.Set;
import org.flywaydb.core.api.migration.JavaMigration;
import org.isocentre.audit.AuditAnchor;
import org.isocentre.audit.AuditChain;
import org.isocentre.audit.AuditTrail;
import org.isocentre.consent.Access;
import org.isocentre.consent.BreakGlass;
import org.isocentre.consent.ConsentDecision;
import org.isocentre.consent.ReleaseRules;
import org.isocentre.exchange.TrustDirectory;
import org.isocentre.fhir.search.CriterionParser;
import org.isocentre.fhir.search.ScopeParts;
import org.isocentre.h2.DurableDataSource;
import org.isocentre.index.AppointmentIndex;
import org.isocentre.index.AuditBlocks;
import org.isocentre.index.AuditIndex;
import org.isocentre.index.AvailabilityIndex;
import org.isocentre.index.AwaitedReports;
import org.isocentre.index.BreakGlassIndex;
import org.isocentre.index.ConsentDataIndex;
import org.isocentre.index.ConsentIndex;
import org.isocentre.index.LinkIndex;
import org.isocentre.index.MessageIndex;
import org.isocentre.index.MessageJournal;
import org.isocentre.index.OrderIndex;
import org.isocentre.index.PatientFlags;
import org.isocentre.index.PatientIndex;
import org.isocentre.index.RejectionIndex;
import org.isocentre.index.ReportIndex;
import org.isocentre.index.ResourceSearch;
import org.isocentre.index.ReviewList;
import org.isocentre.index.SecretIndex;
import org.isocentre.index.StudyIndex;
import org.isocentre.index.TransferCommitmentIndex;
import org.isocentre.index.TransferIndex;
import org.isocentre.ingest.OrphanCheck;
import org.isocentre.store.SegmentObjectStore;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jms.core.JmsTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Where things are kept: objects, index, audit trail. */
@Configuration(proxyBeanMethods = false)
class StoreConfiguration {
  @Bean
  Clock clock() {
    return Clock.systemUTC();
  }

  /**
   * The embedded database commits through what makes its commits whole and durable. No database
   * quotes values of rows, which are of patients, in its failures.
   */
  @Bean
  static BeanPostProcessor index(Environment environment) {
    return new BeanPostProcessor() {
      @Override
      public Object postProcessBeforeInitialization(Object bean, String name) {
        if (!(bean instanceof HikariDataSource pool) || pool.getJdbcUrl() == null) {
          return bean;
        }
        if (pool.getJdbcUrl().startsWith("jdbc:postgresql:")) {
          pool.addDataSourceProperty("logServerErrorDetail", "false");
        } else if (DurableDataSource.isFor(pool.getJdbcUrl())) {
          boolean sync = environment.getProperty("isocentre.store.sync", Boolean.class, true);
          pool.setDataSource(
              new DurableDataSource(
                  pool.getJdbcUrl(), pool.getUsername(), pool.getPassword(), sync));
        }
        return bean;
      }
    };
  }

  @Bean
  JavaMigration practitionersOfOrders() {
    return new PractitionersOfOrders();
  }

  @Bean
  SegmentObjectStore objectStore(IsocentreProperties properties) throws IOException {
    return new SegmentObjectStore(
        properties.dataDir().resolve("store"),
        properties.store().reserve().toBytes(),
        properties.store().sync(),
        SegmentObjectStore.SEGMENT_BYTES,
        properties.store().directIo());
  }

  @Bean
  StoredEvents storedEvents(
      SegmentObjectStore store, ConnectionFactory connections, ObjectMapper json) {
    return new StoredEvents(store, connections, json);
  }

  @Bean
  @ConditionalOnProperty(name = "isocentre.store.check-orphans", matchIfMissing = true)
  OrphanCheckAtStart orphanCheck(
      SegmentObjectStore store,
      StudyIndex studies,
      JmsTemplate queues,
      MeterRegistry meters,
      IsocentreProperties properties,
      Clock clock) {
    return new OrphanCheckAtStart(
        new OrphanCheck(store, studies),
        store::earlierNotesDelivered,
        queues,
        meters,
        properties.queues().maxRedeliveryDelay().multipliedBy(2),
        clock.instant());
  }

  @Bean
  TransactionTemplate transactions(PlatformTransactionManager manager) {
    return new TransactionTemplate(manager);
  }

  @Bean
  ReviewList reviewList(JdbcClient jdbc) {
    return new ReviewList(jdbc);
  }

  @Bean
  PatientIndex patientIndex(JdbcClient jdbc, TransactionTemplate transactions, ReviewList reviews) {
    return new PatientIndex(jdbc, transactions, reviews);
  }

  @Bean
  OrderIndex orderIndex(JdbcClient jdbc, TransactionTemplate transactions, PatientIndex patients) {
    return new OrderIndex(jdbc, transactions, patients);
  }

  @Bean
  AppointmentIndex appointmentIndex(
      JdbcClient jdbc,
      TransactionTemplate transactions,
      PatientIndex patients,
      ReviewList reviews) {
    return new AppointmentIndex(jdbc, transactions, patients, reviews);
  }

  @Bean
  StudyIndex studyIndex(
      JdbcClient jdbc,
      JdbcOperations batches,
      TransactionTemplate transactions,
      PatientIndex patients,
      ReviewList reviews) {
    return new StudyIndex(jdbc, batches, transactions, patients, reviews);
  }

  @Bean
  ReportIndex reportIndex(
      JdbcClient jdbc, TransactionTemplate transactions, PatientIndex patients) {
    return new ReportIndex(jdbc, transactions, patients);
  }

  @Bean
  AwaitedReports awaitedReports(
      JdbcClient jdbc, IsocentreProperties properties, Clock clock, MeterRegistry meters) {
    AwaitedReports awaited =
        new AwaitedReports(jdbc, properties.study().reportAwaitedAfter(), clock);
    meters.gauge("isocentre.reports.awaited", awaited, AwaitedReports::count);
    return awaited;
  }

  @Bean
  LinkIndex linkIndex(JdbcClient jdbc) {
    return new LinkIndex(jdbc);
  }

  @Bean
  TransferIndex transferIndex(JdbcClient jdbc, TransactionTemplate transactions) {
    return new TransferIndex(jdbc, transactions);
  }

  @Bean
  TransferCommitmentIndex transferCommitmentIndex(
      JdbcClient jdbc,
      TransactionTemplate transactions,
      TransferIndex transfers,
      ReviewList reviews) {
    return new TransferCommitmentIndex(jdbc, transactions, transfers, reviews);
  }

  @Bean
  AvailabilityIndex availabilityIndex(JdbcClient jdbc, TransactionTemplate transactions) {
    return new AvailabilityIndex(jdbc, transactions);
  }

  @Bean
  ConsentIndex consentIndex(JdbcClient jdbc, TransactionTemplate transactions) {
    return new ConsentIndex(jdbc, transactions);
  }

  @Bean
  MessageIndex messageIndex(JdbcClient jdbc) {
    return new MessageIndex(jdbc);
  }

  @Bean
  MessageJournal messageJournal(
      JdbcClient jdbc, TransactionTemplate transactions, MessageIndex messages) {
    return new MessageJournal(jdbc, transactions, messages);
  }

  @Bean
  RejectionIndex rejectionIndex(
      JdbcClient jdbc, JdbcOperations batches, TransactionTemplate transactions) {
    return new RejectionIndex(jdbc, batches, transactions);
  }

  @Bean
  AuditTrail auditTrail(AuditIndex index, TransactionTemplate transactions, Clock clock) {
    return new AuditTrail(index, transactions, new HttpOrigin(), clock);
  }

  @Bean
  ResourceSearch resourceSearch(JdbcClient jdbc) {
    return new ResourceSearch(jdbc);
  }

  @Bean
  SecretIndex secretIndex(JdbcClient jdbc, Clock clock) {
    return new SecretIndex(jdbc, clock);
  }

  @Bean
  AuditChain auditChain(
      JdbcClient jdbc,
      TransactionTemplate transactions,
      IsocentreProperties properties,
      Clock clock) {
    return new AuditChain(
        new AuditBlocks(jdbc, transactions),
        new AuditAnchor(properties.dataDir().resolve(AuditVerification.FILE)),
        clock);
  }

  @Bean
  AuditIndex auditIndex(JdbcClient jdbc) {
    return new AuditIndex(jdbc);
  }

  @Bean
  PatientFlags patientFlags(JdbcClient jdbc) {
    return new PatientFlags(jdbc);
  }

  @Bean
  ConsentDataIndex consentDataIndex(JdbcClient jdbc) {
    return new ConsentDataIndex(jdbc);
  }

  @Bean
  BreakGlass breakGlass(
      BreakGlassIndex index,
      AuditTrail audit,
      ReviewList reviews,
      MeterRegistry meters,
      IsocentreProperties properties,
      Clock clock) {
    return new BreakGlass(
        index,
        properties.consent().breakGlassTime(),
        new BreakGlassAlarm(audit, reviews, meters),
        clock);
  }

  @Bean
  BreakGlassIndex breakGlassIndex(JdbcClient jdbc) {
    return new BreakGlassIndex(jdbc);
  }

  @Bean
  ConsentDecision consentDecision(
      ConsentIndex consents,
      ConsentDataIndex data,
      PatientFlags flags,
      TrustDirectory directory,
      Clock clock) {
    return new ConsentDecision(
        consents, data, flags, ods -> directory.find(ods).isPresent(), clock);
  }

  @Bean
  Access access(
      ConsentDecision consent,
      PatientFlags flags,
      BreakGlassIndex brokenGlass,
      CriterionParser criteria,
      IsocentreProperties properties,
      Clock clock) {
    IsocentreProperties.Consent rules = properties.consent();
    return new Access(
        consent,
        new ReleaseRules(flags, Set.copyOf(rules.sensitiveLabels()), rules.reportHold(), clock),
        brokenGlass,
        new ScopeParts(criteria)::read,
        clock);
  }
}
