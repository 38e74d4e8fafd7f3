package org.isocentre.app;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Clock;
import org.apache.camel.CamelContext;
import org.isocentre.exchange.TrustDirectory;
import org.isocentre.hl7.LabelReader;
import org.isocentre.index.MessageIndex;
import org.isocentre.index.MessageJournal;
import org.isocentre.store.ObjectStore;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jms.core.JmsTemplate;

/** What shows HL7 messages with their journeys, and repairs them. */
@Configuration(proxyBeanMethods = false)
class MessageConfiguration {
  @Bean
  LabelReader labelReader(TrustDirectory directory) {
    return new LabelReader(directory::issuer);
  }

  @Bean
  RefusedMessages refusedMessages(
      ObjectStore store,
      JmsTemplate queues,
      MessageJournal journal,
      LabelReader labels,
      ObjectMapper json,
      Clock clock) {
    return new RefusedMessages(store, queues, journal, labels, json, clock);
  }

  @Bean
  FailedMessages failedMessages(
      MessageIndex messages,
      MessageJournal journal,
      LabelReader labels,
      ObjectStore store,
      JmsTemplate queues,
      ObjectProvider<CamelContext> routes,
      ObjectMapper json) {
    return new FailedMessages(messages, journal, labels, store, queues, routes, json);
  }
}
