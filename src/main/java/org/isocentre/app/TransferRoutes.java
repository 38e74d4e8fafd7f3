package org.isocentre.app;

import org.apache.camel.CamelContext;
import org.apache.camel.builder.TemplatedRouteBuilder;
import org.apache.camel.spring.boot.CamelContextConfiguration;
import org.isocentre.exchange.TrustDirectory;
import org.isocentre.model.Organisation;
import org.isocentre.model.Organisation.ApplicationEntity;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Routes of its own for each destination of the directory, from the templates of {@code
 * routes/transfer-send.yaml} and {@code routes/transfer-commitment.yaml}: a slow one holds up
 * nobody else.
 */
@Configuration(proxyBeanMethods = false)
class TransferRoutes {
  @Bean
  CamelContextConfiguration transferRoutesOf(TrustDirectory directory) {
    return new CamelContextConfiguration() {
      @Override
      public void beforeApplicationStart(CamelContext context) {
        // Templates are not loaded yet.
      }

      @Override
      public void afterApplicationStart(CamelContext context) {
        for (Organisation organisation : directory.all()) {
          String ods = organisation.odsCode();
          directory.receiver(ods).ifPresent(ae -> add(context, "transfer-send", ods, ae));
          directory.committer(ods).ifPresent(ae -> add(context, "commitment-ask", ods, ae));
        }
      }
    };
  }

  private static void add(
      CamelContext context, String template, String odsCode, ApplicationEntity ae) {
    TemplatedRouteBuilder.builder(context, template)
        .routeId(template + "-" + odsCode)
        .parameter("destination", odsCode)
        .parameter("aeTitle", ae.aeTitle())
        .parameter("host", ae.host())
        .parameter("port", ae.port())
        .parameter("security", ae.tls() ? "&sslContextParameters=#dicomTls" : "")
        .add();
  }
}
