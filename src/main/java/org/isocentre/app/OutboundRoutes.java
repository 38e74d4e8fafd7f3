package org.isocentre.app;

import org.apache.camel.CamelContext;
import org.apache.camel.builder.TemplatedRouteBuilder;
import org.apache.camel.spring.boot.CamelContextConfiguration;
import org.isocentre.outbound.Destinations;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * One route for each HL7 destination, from the template of {@code routes/hl7-outbound.yaml}: a slow
 * one holds up nobody else.
 */
@Configuration(proxyBeanMethods = false)
class OutboundRoutes {
  @Bean
  CamelContextConfiguration outboundRoutesOf(Destinations destinations) {
    return new CamelContextConfiguration() {
      @Override
      public void beforeApplicationStart(CamelContext context) {
        // Templates are not loaded yet.
      }

      @Override
      public void afterApplicationStart(CamelContext context) {
        for (String name : destinations.names()) {
          TemplatedRouteBuilder.builder(context, "hl7-send")
              .routeId("hl7-send-" + name)
              .parameter("destination", name)
              .add();
        }
      }
    };
  }
}
