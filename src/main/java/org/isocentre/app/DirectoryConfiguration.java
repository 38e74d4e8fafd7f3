package org.isocentre.app;

import org.apache.camel.support.jsse.SSLContextParameters;
import org.isocentre.exchange.TrustDirectory;
import org.isocentre.fhir.provider.Directory;
import org.isocentre.index.DirectoryIndex;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** What is written of the directory by FHIR, and how the hub takes it up. */
@Configuration(proxyBeanMethods = false)
class DirectoryConfiguration {
  @Bean
  DirectoryIndex directoryIndex(JdbcClient jdbc, TransactionTemplate transactions) {
    return new DirectoryIndex(jdbc, transactions);
  }

  @Bean
  TransferRoutes transferRoutes(
      TrustDirectory trusts, IsocentreProperties properties, SSLContextParameters dicomTls) {
    return new TransferRoutes(trusts, properties, dicomTls);
  }

  @Bean
  DirectoryChanges directoryChanges(
      TrustDirectory trusts, DirectoryIndex index, TransferRoutes transfers) {
    // What the settings say is all there is until something is taken up, which is here.
    return new DirectoryChanges(
        trusts, new Directory(trusts.all(), index, TrustDirectory::check), index, transfers);
  }

  @Bean
  Directory directory(DirectoryChanges changes) {
    return changes.directory();
  }
}
