package org.isocentre.app;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.assertj.core.api.Assertions;
import org.isocentre.dicom.dimse.DimseStatusException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What step-errors.yaml says of a failure. */
class DeadLettersTest {
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private final Logger logger = (Logger) LoggerFactory.getLogger(DeadLetters.class);

  @BeforeEach
  void listen() {
    logger.setLevel(Level.INFO);
    log.start();
    logger.addAppender(log);
  }

  @AfterEach
  void stop() {
    logger.detachAppender(log);
    logger.setLevel(null);
  }

  private String said() {
    return log.list.stream()
        .map(ILoggingEvent::getFormattedMessage)
        .collect(Collectors.joining("\n"));
  }

  private static void fail(Integer delivery) throws Exception {
    try (DefaultCamelContext context = new DefaultCamelContext()) {
      context.getRegistry().bind("deadLetters", new DeadLetters());
      context
          .getRegistry()
          .bind(
              "applicationAcknowledgements",
              new ApplicationAcknowledgements(
                  null, null, null, null, new com.fasterxml.jackson.databind.ObjectMapper()));
      PluginHelper.getRoutesLoader(context)
          .loadRoutes(
              ResourceHelper.fromString(
                  "step-errors.yaml", Files.readString(Path.of("routes/step-errors.yaml"))));
      context.addRoutes(
          new RouteBuilder() {
            @Override
            public void configure() {
              from("direct:in")
                  .routeId("asked")
                  .throwException(new DimseStatusException(0xa900, "ISO-QUERY-003: no level"));
            }
          });
      context.start();
      Assertions.assertThatThrownBy(
              () ->
                  context
                      .createProducerTemplate()
                      .sendBodyAndHeader("direct:in", "x", "JMSXDeliveryCount", delivery))
          .isInstanceOf(CamelExecutionException.class);
    }
  }

  @Test
  void aRequestIsRefusedOnce() throws Exception {
    fail(null);
    assertThat(said())
        .contains("Route asked refused a request with status A900: ISO-QUERY-003")
        .doesNotContain("tried again");
  }

  @Test
  void anEventComesAgain() throws Exception {
    fail(1);
    assertThat(said())
        .contains("Step asked failed at delivery 1: ISO-QUERY-003")
        .contains("tried again later")
        .doesNotContain("refused a request");
  }
}
