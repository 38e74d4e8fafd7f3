package org.isocentre.camel.dicom;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.health.HealthCheckHelper;
import org.apache.camel.health.HealthCheckRegistry;
import org.apache.camel.health.HealthCheckRepository;
import org.apache.camel.impl.health.DefaultHealthCheckRegistry;
import org.apache.camel.impl.health.ProducersHealthCheckRepository;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.dimse.DimseStatusException;
import org.isocentre.dicom.dimse.Status;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Observers of operations, and health by C-ECHO. */
class DicomWatchTest {
  private final Loopback loopback = new Loopback();
  private final List<String> observed = new CopyOnWriteArrayList<>();

  @AfterEach
  void stop() {
    loopback.close();
  }

  private void observe() {
    loopback.context.getRegistry().bind("broken", (DicomOperationObserver) o -> fail());
    loopback
        .context
        .getRegistry()
        .bind(
            "observer",
            (DicomOperationObserver)
                o -> {
                  assertThat(o.duration()).isPositive();
                  observed.add("%s %s %s".formatted(o.role(), o.operation(), o.outcome()));
                });
  }

  private static void fail() {
    throw new IllegalStateException("a fault");
  }

  @Test
  void operationsOfBothRolesAreObserved() throws Exception {
    observe();
    loopback.from(
        "in",
        "operations=store,find,mpps",
        e -> {
          Object operation = e.getMessage().getHeader(DicomConstants.OPERATION);
          if (operation.equals("store")) {
            e.getMessage().setHeader(DicomConstants.STATUS, 0xb000);
          } else if (operation.equals("N-CREATE")) {
            throw new DimseStatusException(Status.NOT_AUTHORIZED, "not you");
          } else {
            e.getMessage().setBody(Loopback.study("1"));
          }
        });
    loopback.send(loopback.to("in", "operation=echo"), "");
    loopback.send(loopback.to("in", ""), Loopback.file(Uid.random(), 10));
    loopback.send(loopback.to("in", "operation=find&streaming=false"), Loopback.study("1"));
    loopback.send(loopback.to("in", "operation=ian"), Loopback.study("1"));
    org.isocentre.dicom.data.DataSet step =
        new org.isocentre.dicom.data.DataSet()
            .set(org.isocentre.dicom.data.Tag.PerformedProcedureStepStatus, "IN PROGRESS");
    step.addItem(org.isocentre.dicom.data.Tag.ScheduledStepAttributesSequence);
    loopback.send(loopback.to("in", "operation=mpps"), step);
    await()
        .untilAsserted(
            () ->
                assertThat(observed)
                    .containsExactlyInAnyOrder(
                        "USER echo SUCCESS",
                        "PROVIDER store WARNING",
                        "USER store WARNING",
                        "PROVIDER find SUCCESS",
                        "USER find SUCCESS",
                        "USER ian NO_RESPONSE",
                        "PROVIDER mpps FAILURE",
                        "USER mpps FAILURE"));
  }

  @Test
  void aQueryThatFailsIsObservedAsFailure() throws Exception {
    observe();
    loopback.from(
        "in",
        "operations=find",
        e -> {
          throw new DimseStatusException(Status.OUT_OF_RESOURCES, "too many");
        });
    loopback.send(loopback.to("in", "operation=find&streaming=false"), Loopback.study("1"));
    await()
        .untilAsserted(
            () ->
                assertThat(observed)
                    .containsExactlyInAnyOrder("PROVIDER find FAILURE", "USER find FAILURE"));
  }

  // --- health

  private void switchOn() {
    HealthCheckRegistry registry = new DefaultHealthCheckRegistry(loopback.context);
    loopback
        .context
        .getCamelContextExtension()
        .addContextPlugin(HealthCheckRegistry.class, registry);
    ProducersHealthCheckRepository producers = new ProducersHealthCheckRepository();
    producers.setCamelContext(loopback.context);
    producers.setEnabled(true);
    registry.register((HealthCheckRepository) producers);
  }

  private HealthCheck.State readiness() {
    List<HealthCheck.Result> results =
        HealthCheckHelper.invokeReadiness(loopback.context).stream()
            .filter(r -> r.getCheck().getId().startsWith("producer:dicom"))
            .toList();
    assertThat(results).hasSize(1);
    return results.get(0).getState();
  }

  @Test
  void aPeerThatDoesNotAnswerIsNotReady() throws Exception {
    switchOn();
    AtomicInteger associations = new AtomicInteger();
    loopback
        .context
        .getRegistry()
        .bind(
            "policy",
            (CallerPolicy)
                (aet, address) -> {
                  associations.incrementAndGet();
                  return true;
                });
    loopback.from("in", "callerPolicy=#policy", e -> {});
    String uri = loopback.to("in", "healthCheck=true&healthCheckInterval=300&connectTimeout=500");
    loopback.route("out", "direct:out", e -> {});
    loopback.context.getEndpoint(uri).createProducer().start();
    assertThat(readiness()).isEqualTo(HealthCheck.State.UP);
    for (int i = 0; i < 20; i++) {
      readiness();
    }
    assertThat(associations.get()).as("a result holds for the interval").isLessThanOrEqualTo(3);
    loopback.context.getRouteController().stopRoute("in");
    await().untilAsserted(() -> assertThat(readiness()).isEqualTo(HealthCheck.State.DOWN));
    assertThat(HealthCheckHelper.invokeLiveness(loopback.context))
        .noneMatch(r -> r.getCheck().getId().startsWith("producer:dicom"));
  }

  @Test
  void withoutTheOptionNobodyIsAsked() throws Exception {
    switchOn();
    loopback.from("in", "", e -> {});
    loopback.context.getEndpoint(loopback.to("in", "")).createProducer().start();
    assertThat(HealthCheckHelper.invokeReadiness(loopback.context))
        .noneMatch(r -> r.getCheck().getId().startsWith("producer:dicom"));
  }
}
