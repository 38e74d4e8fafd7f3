package org.isocentre.app;

import java.util.List;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.core.config.Configuration;
import org.apache.activemq.artemis.core.server.JournalType;
import org.apache.activemq.artemis.core.settings.impl.AddressFullMessagePolicy;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;
import org.apache.camel.component.jms.MessageListenerContainerFactory;
import org.springframework.boot.autoconfigure.jms.artemis.ArtemisConfigurationCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The embedded broker: a disk journal that is synced before a send returns, and redelivery with
 * growing delays.
 */
@org.springframework.context.annotation.Configuration(proxyBeanMethods = false)
class QueueConfiguration {
  private static final int JOURNAL_FILE_BYTES = 10 * 1024 * 1024;
  private static final long MAX_QUEUE_BYTES = 64L * 1024 * 1024;
  private static final int GROUP_BUCKETS = 1024;

  /** Queues of many short steps, and the bytes of messages that wait at each of their consumers. */
  private static final List<String> FAST =
      List.of(
          "instance.received",
          "study.changed",
          "patient.received",
          "order.received",
          "report.received");

  private static final int FAST_WINDOW_BYTES = 256 * 1024;

  @Bean
  ArtemisConfigurationCustomizer broker(IsocentreProperties properties) {
    return configuration -> {
      String directory = properties.dataDir().resolve("queues").toString();
      configuration
          .setJournalDirectory(directory + "/journal")
          .setBindingsDirectory(directory + "/bindings")
          .setPagingDirectory(directory + "/paging")
          .setLargeMessagesDirectory(directory + "/large")
          .setJournalType(JournalType.NIO)
          .setJournalFileSize(JOURNAL_FILE_BYTES)
          .setJournalMinFiles(2)
          .setJournalSyncTransactional(true)
          .setJournalSyncNonTransactional(true)
          .setJournalDatasync(true)
          // The default gathers writes for 3 ms before it syncs: a sender alone would wait for
          // nobody.
          .setJournalBufferTimeout_NIO(0)
          .setMaxDiskUsage(-1)
          .setGlobalMaxSize(MAX_QUEUE_BYTES)
          .setThreadPoolMaxSize(16)
          .setScheduledThreadPoolMaxSize(4)
          .setMessageExpiryScanPeriod(-1);
      addressSettings(configuration, properties);
    };
  }

  /** For steps of which many small ones may share a commit. */
  @Bean
  MessageListenerContainerFactory batching(
      TransactionTemplate transactions, IsocentreProperties properties) {
    return endpoint ->
        new BatchingListenerContainer(
            endpoint, transactions, properties.queues().batch(), properties.queues().batchWait());
  }

  private static void addressSettings(Configuration configuration, IsocentreProperties properties) {
    configuration.addAddressSetting("#", settings(properties));
    for (String queue : FAST) {
      configuration.addAddressSetting(
          queue, settings(properties).setDefaultConsumerWindowSize(FAST_WINDOW_BYTES));
    }
  }

  /** A consumer holds the message that it works on and no other, which another could take. */
  private static AddressSettings settings(IsocentreProperties properties) {
    return new AddressSettings()
        .setRedeliveryDelay(properties.queues().redeliveryDelay().toMillis())
        .setRedeliveryMultiplier(2)
        .setMaxRedeliveryDelay(properties.queues().maxRedeliveryDelay().toMillis())
        // The steps give up by themselves, and say why; the broker never does.
        .setMaxDeliveryAttempts(-1)
        .setDeadLetterAddress(SimpleString.of("dead.broker"))
        .setAddressFullMessagePolicy(AddressFullMessagePolicy.PAGE)
        .setAutoCreateQueues(true)
        .setAutoCreateAddresses(true)
        .setAutoDeleteQueues(false)
        .setAutoDeleteAddresses(false)
        // Groups are studies, patients and senders: else each would be remembered for good.
        .setDefaultGroupBuckets(GROUP_BUCKETS)
        .setDefaultConsumerWindowSize(0);
  }
}
