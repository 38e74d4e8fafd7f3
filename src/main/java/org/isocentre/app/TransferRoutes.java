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
 * One route for each destination of the directory, from the template of {@code
 * routes/transfer-send.yaml}: a slow one holds up nobody else.
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
          organisation.applicationEntities().stream()
              .filter(ApplicationEntity::listens)
              .findFirst()
              .ifPresent(ae -> add(context, organisation, ae));
        }
      }
    };
  }

  private static void add(CamelContext context, Organisation organisation, ApplicationEntity ae) {
    TemplatedRouteBuilder.builder(context, "transfer-send")
        .routeId("transfer-send-" + organisation.odsCode())
        .parameter("destination", organisation.odsCode())
        .parameter("aeTitle", ae.aeTitle())
        .parameter("host", ae.host())
        .parameter("port", ae.port())
        .parameter("security", ae.tls() ? "&sslContextParameters=#dicomTls" : "")
        .add();
  }
}
