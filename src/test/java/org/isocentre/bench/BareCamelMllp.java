package org.isocentre.bench;

import java.nio.file.Path;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.server.JournalType;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.jms.JmsComponent;
import org.apache.camel.impl.DefaultCamelContext;
import org.messaginghub.pooled.jms.JmsPoolConnectionFactory;

/**
 * What {@link Hl7Bench} compares with: Camel's own MLLP component, each message put on a persistent
 * queue of an embedded broker, which syncs its journal, before it is acknowledged. Nobody takes the
 * messages from the queue.
 */
public final class BareCamelMllp {
  private BareCamelMllp() {}

  /**
   * @param args port and data directory
   */
  public static void main(String[] args) throws Exception {
    String directory = Path.of(args[1]).toAbsolutePath().toString();
    ConfigurationImpl broker = new ConfigurationImpl();
    broker
        .setSecurityEnabled(false)
        .setJournalDirectory(directory + "/journal")
        .setBindingsDirectory(directory + "/bindings")
        .setPagingDirectory(directory + "/paging")
        .setLargeMessagesDirectory(directory + "/large")
        .setJournalType(JournalType.NIO)
        .setJournalSyncTransactional(true)
        .setJournalSyncNonTransactional(true)
        .setJournalDatasync(true)
        // As the hub's: the default lets a lone sender wait.
        .setJournalBufferTimeout_NIO(0)
        .setMaxDiskUsage(-1)
        .addAcceptorConfiguration("vm", "vm://0");
    EmbeddedActiveMQ server = new EmbeddedActiveMQ();
    server.setConfiguration(broker);
    server.start();
    JmsPoolConnectionFactory pool = new JmsPoolConnectionFactory();
    pool.setConnectionFactory(new ActiveMQConnectionFactory("vm://0"));
    pool.setMaxConnections(8);
    pool.setMaxSessionsPerConnection(64);
    DefaultCamelContext camel = new DefaultCamelContext();
    camel.addComponent("jms", JmsComponent.jmsComponent(pool));
    camel.addRoutes(
        new RouteBuilder() {
          @Override
          public void configure() {
            from("mllp:127.0.0.1:" + args[0] + "?maxConcurrentConsumers=64")
                .to("jms:queue:order.received?exchangePattern=InOnly");
          }
        });
    camel.start();
    Thread.currentThread().join();
  }
}
