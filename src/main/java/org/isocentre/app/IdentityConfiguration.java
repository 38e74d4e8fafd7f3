package org.isocentre.app;

import org.isocentre.index.AuditIndex;
import org.isocentre.index.IdentityDecisions;
import org.isocentre.index.LinkDecisions;
import org.isocentre.index.MergeNotices;
import org.isocentre.index.OrderIndex;
import org.isocentre.index.PatientIndex;
import org.isocentre.index.PatientMerges;
import org.isocentre.index.StudyIndex;
import org.isocentre.index.TransferIndex;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** Who is who: merges of patients, and what they have to tell. */
@Configuration(proxyBeanMethods = false)
class IdentityConfiguration {
  @Bean
  PatientMerges patientMerges(
      JdbcClient jdbc, TransactionTemplate transactions, PatientIndex patients, AuditIndex audit) {
    return new PatientMerges(jdbc, transactions, patients, audit);
  }

  @Bean
  IdentityDecisions identityDecisions(
      JdbcClient jdbc,
      TransactionTemplate transactions,
      PatientIndex patients,
      PatientMerges merges) {
    return new IdentityDecisions(jdbc, transactions, patients, merges);
  }

  @Bean
  LinkDecisions linkDecisions(
      JdbcClient jdbc, TransactionTemplate transactions, OrderIndex orders, StudyIndex studies) {
    return new LinkDecisions(jdbc, transactions, orders, studies);
  }

  @Bean
  MergeAnnouncements mergeAnnouncements(
      JdbcClient jdbc,
      TransactionTemplate transactions,
      TransferIndex transfers,
      StudyIndex studies) {
    return new MergeAnnouncements(new MergeNotices(jdbc), transactions, transfers, studies);
  }
}
