package org.isocentre.app;

import java.time.Clock;
import java.time.ZoneId;
import java.util.UUID;
import javax.sql.DataSource;
import org.apache.camel.ProducerTemplate;
import org.isocentre.audit.AuditTrail;
import org.isocentre.consent.Access;
import org.isocentre.dicom.dimse.DimseStatusException;
import org.isocentre.dicom.dimse.NormalizedHandler;
import org.isocentre.dicom.dimse.QueryHandler;
import org.isocentre.dicom.dimse.RetrieveHandler;
import org.isocentre.dicom.dimse.Status;
import org.isocentre.exchange.TransferCommitment;
import org.isocentre.exchange.TrustDirectory;
import org.isocentre.index.AvailabilityIndex;
import org.isocentre.index.CommitmentIndex;
import org.isocentre.index.MppsIndex;
import org.isocentre.index.OrderIndex;
import org.isocentre.index.QueryIndex;
import org.isocentre.index.StudyIndex;
import org.isocentre.index.TransferIndex;
import org.isocentre.query.AvailabilityNotification;
import org.isocentre.query.CallingTrust;
import org.isocentre.query.CommitmentReporter;
import org.isocentre.query.LosslessForms;
import org.isocentre.query.PerformedStepHandler;
import org.isocentre.query.StorageCommitment;
import org.isocentre.query.StudyQueryHandler;
import org.isocentre.query.StudyRetrieveHandler;
import org.isocentre.query.WorklistQueryHandler;
import org.isocentre.store.ObjectStore;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** What the hub answers to queries of DICOM nodes, under the names that routes use. */
@Configuration(proxyBeanMethods = false)
class QueryConfiguration {
  @Bean
  QueryIndex queryIndex(DataSource database, IsocentreProperties properties) {
    return new QueryIndex(database, properties.query().maxOpen(), properties.query().maxTime());
  }

  @Bean
  CallingTrust callingTrust(TrustDirectory directory, Access access, AuditTrail audit) {
    return new CallingTrust(directory, access, audit);
  }

  @Bean
  QueryHandler studyQuery(QueryIndex index, CallingTrust trusts, IsocentreProperties properties) {
    return new StudyQueryHandler(
        index,
        trusts,
        properties.dicom().aeTitle(),
        properties.query().maxResults(),
        ZoneId.of(properties.query().zone()));
  }

  @Bean
  QueryHandler worklistQuery(
      QueryIndex index, CallingTrust trusts, IsocentreProperties properties) {
    return new WorklistQueryHandler(
        index,
        trusts,
        properties.query().ordersForAnyStation(),
        properties.query().worklistEndsWith(),
        properties.query().maxResults(),
        ZoneId.of(properties.query().zone()));
  }

  @Bean
  LosslessForms losslessForms() {
    return new TranscodedForms();
  }

  @Bean
  RetrieveHandler studyRetrieve(
      QueryIndex index,
      ObjectStore store,
      CallingTrust trusts,
      LosslessForms forms,
      IsocentreProperties properties) {
    return new StudyRetrieveHandler(index, store, trusts, forms, properties.query().maxObjects());
  }

  @Bean
  NormalizedHandler mppsService(
      JdbcClient jdbc, TransactionTemplate transactions, OrderIndex orders, CallingTrust trusts) {
    return new PerformedStepHandler(new MppsIndex(jdbc, transactions, orders), trusts);
  }

  /** Refuses requests while there is nothing that could tell the result. */
  @Bean
  StorageCommitment storageCommitment(
      JdbcClient jdbc,
      TransactionTemplate transactions,
      StudyIndex studies,
      ObjectStore store,
      CallingTrust trusts,
      ObjectProvider<CommitmentReporter> reporters,
      TransferCommitment transfers,
      IsocentreProperties properties,
      Clock clock) {
    return new StorageCommitment(
        new CommitmentIndex(jdbc, transactions),
        studies,
        store,
        trusts,
        reporters.getIfAvailable(() -> QueryConfiguration::refuse),
        transfers,
        new StorageCommitment.Patience(
            properties.query().commitmentPatience(),
            properties.query().commitmentRetell(),
            properties.query().commitmentKeep()),
        clock);
  }

  private static void refuse(UUID commitmentId, long associationId) {
    throw new DimseStatusException(
        Status.PROCESSING_FAILURE, "ISO-QUERY-045: storage commitment is not set up here");
  }

  @Bean
  CommitmentReports commitmentReports(
      ObjectProvider<ProducerTemplate> producer,
      ObjectProvider<StorageCommitment> commitments,
      TrustDirectory directory,
      IsocentreProperties properties) {
    return new CommitmentReports(
        producer,
        commitments,
        directory,
        properties.dicom().aeTitle(),
        properties.queues().maxDeliveries());
  }

  @Bean
  CommitmentRequests commitmentRequests(
      TransferCommitment transfers,
      StorageCommitment commitments,
      TrustDirectory directory,
      IsocentreProperties properties) {
    return new CommitmentRequests(
        transfers, commitments, directory, properties.queues().maxDeliveries());
  }

  @Bean
  AvailabilityNotification availabilityNotification(AvailabilityIndex index, CallingTrust trusts) {
    return new AvailabilityNotification(index, trusts);
  }

  @Bean
  AvailabilityNotices availabilityNotices(
      AvailabilityIndex index,
      StudyIndex studies,
      TransferIndex transfers,
      TrustDirectory directory,
      IsocentreProperties properties) {
    return new AvailabilityNotices(
        index, studies, transfers, directory, properties.dicom().aeTitle());
  }
}
