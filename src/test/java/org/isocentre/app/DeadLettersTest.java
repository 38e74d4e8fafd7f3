package org.isocentre.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.assertj.core.api.Assertions;
import org.isocentre.dicom.dimse.DimseStatusException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** What step-errors.yaml says of a failure. */
@ExtendWith(OutputCaptureExtension.class)
class DeadLettersTest {
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
  void aRequestIsRefusedOnce(CapturedOutput output) throws Exception {
    fail(null);
    assertThat(output.getAll())
        .contains("Route asked refused a request with status A900: ISO-QUERY-003")
        .doesNotContain("tried again");
  }

  @Test
  void anEventComesAgain(CapturedOutput output) throws Exception {
    fail(1);
    assertThat(output.getAll())
        .contains("Step asked failed at delivery 1: ISO-QUERY-003")
        .contains("tried again later")
        .doesNotContain("refused a request");
  }
}
