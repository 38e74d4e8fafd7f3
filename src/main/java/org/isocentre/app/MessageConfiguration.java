package org.isocentre.app;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.jms.ConnectionFactory;
import java.time.Clock;
import java.util.function.Supplier;
import org.apache.camel.CamelContext;
import org.isocentre.audit.AuditTrail;
import org.isocentre.exchange.TrustDirectory;
import org.isocentre.hl7.LabelReader;
import org.isocentre.index.MessageIndex;
import org.isocentre.index.MessageJournal;
import org.isocentre.index.PatientIndex;
import org.isocentre.index.ResourceRows;
import org.isocentre.link.ReportLinker;
import org.isocentre.link.StudyOrderLinker;
import org.isocentre.model.Caller;
import org.isocentre.store.ObjectStore;
import org.isocentre.web.IntegrationDoor;
import org.isocentre.web.MessageController;
import org.isocentre.web.MessageRepair;
import org.isocentre.web.ReplayController;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jms.core.JmsTemplate;
import org.springframework.transaction.PlatformTransactionManager;

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
      MeterRegistry meters,
      IsocentreProperties properties,
      Clock clock) {
    return new RefusedMessages(
        store,
        queues,
        journal,
        labels,
        json,
        meters,
        clock,
        properties.messages().refusedStrangers());
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

  @Bean
  StoredMessageRepair messageRepair(
      ObjectStore store,
      TrustDirectory directory,
      MessageIndex messages,
      MessageJournal journal,
      LabelReader labels,
      ConnectionFactory connections,
      ObjectMapper json,
      ReplayPreview preview,
      ObjectProvider<StoredMessageRepair.SentMessages> sent,
      IsocentreProperties properties,
      Clock clock) {
    return new StoredMessageRepair(
        store,
        directory,
        messages,
        journal,
        labels,
        new ReplayQueue(connections, json),
        preview,
        sent,
        properties,
        clock);
  }

  @Bean
  ReplayPreview replayPreview(
      ObjectStore store,
      MessageFiling filing,
      StudyOrderLinker studies,
      ReportLinker reports,
      JdbcClient jdbc,
      PlatformTransactionManager manager,
      IsocentreProperties properties) {
    return new ReplayPreview(
        store,
        filing,
        studies,
        reports,
        new ResourceRows(jdbc),
        manager,
        properties.messages().previewWait());
  }

  @Bean
  IntegrationDoor integrationDoor(Supplier<Caller> callers, AuditTrail audit) {
    return new IntegrationDoor(callers, audit);
  }

  @Bean
  MessageController messageController(
      IntegrationDoor door,
      MessageIndex messages,
      MessageJournal journal,
      PatientIndex patients,
      MessageRepair repair) {
    return new MessageController(door, messages, journal, patients, repair);
  }

  @Bean
  ReplayController replayController(
      IntegrationDoor door, MessageController search, MessageIndex messages, MessageRepair repair) {
    return new ReplayController(door, search, messages, repair);
  }
}
