package org.isocentre.app;

import java.time.ZoneId;
import javax.sql.DataSource;
import org.isocentre.audit.AuditTrail;
import org.isocentre.consent.Access;
import org.isocentre.dicom.dimse.QueryHandler;
import org.isocentre.dicom.dimse.RetrieveHandler;
import org.isocentre.exchange.TrustDirectory;
import org.isocentre.index.QueryIndex;
import org.isocentre.query.CallingTrust;
import org.isocentre.query.LosslessForms;
import org.isocentre.query.StudyQueryHandler;
import org.isocentre.query.StudyRetrieveHandler;
import org.isocentre.query.WorklistQueryHandler;
import org.isocentre.store.ObjectStore;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What the hub answers to queries of DICOM nodes, under the names that routes use. */
@Configuration(proxyBeanMethods = false)
class QueryConfiguration {
  @Bean
  QueryIndex queryIndex(DataSource database, IsocentreProperties properties) {
    return new QueryIndex(database, properties.query().maxOpen());
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
        index, trusts, properties.query().ordersForAnyStation(), properties.query().maxResults());
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
}
