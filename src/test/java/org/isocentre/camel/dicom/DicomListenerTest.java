package org.isocentre.camel.dicom;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Exchange;
import org.isocentre.dicom.association.AssociationException;
import org.isocentre.dicom.data.Uid;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Consumers that share a port, and ports that cannot be had, are suspended or closed. */
class DicomListenerTest {
  private final Loopback loopback = new Loopback();
  private final List<String> handled = new CopyOnWriteArrayList<>();

  @AfterEach
  void stop() {
    loopback.close();
  }

  private String at(String aeTitle, int port, String options) {
    return "dicom:%s@127.0.0.1:%d?%s".formatted(aeTitle, port, options);
  }

  private Exchange echo(int port) {
    return loopback.send(at("HUB", port, "operation=echo&pooledIdle=100"), "");
  }

  /** Whichever of the consumers it is for. */
  @Test
  void associationsAreCountedForThePort() throws Exception {
    loopback.from("one", "operations=store&maxAssociations=1", e -> {});
    loopback.route("other", at("OTHER", 0, "operations=store"), e -> {});
    int port = loopback.port("one");
    assertThat(loopback.port("other")).isEqualTo(port);
    // Pooled, so it stays.
    assertThat(loopback.send(at("HUB", port, "operation=echo"), "").getException()).isNull();
    assertThat(loopback.failure(at("OTHER", port, "operation=echo"), ""))
        .isInstanceOf(AssociationException.class)
        .hasMessageContaining("local");
  }

  // --- one registry of AE title, SOP class and operation

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "operations=store | operations=store,find",
        "operations=find,move | operations=find",
        "operations=store&sopClasses=1.2.3,1.2.4 | operations=store&sopClasses=1.2.4"
      })
  void anOverlapFailsAtStart(String one, String other) throws Exception {
    loopback.from("one", one, e -> {});
    assertThatThrownBy(() -> loopback.from("other", other, e -> {}))
        .hasStackTraceContaining("ISO-DICOM-602");
    assertThat(echo(loopback.port("one")).getException()).as("the first goes on").isNull();
  }

  @Test
  void consumersBehindOnePortShareTheWork() throws Exception {
    loopback.from("store", "operations=store", e -> handled.add("store"));
    loopback.from(
        "find",
        "operations=find",
        e -> {
          handled.add("find");
          e.getMessage().setBody(null);
        });
    loopback.route("other", at("OTHER", 0, "operations=store"), e -> handled.add("other"));
    int port = loopback.port("store");
    assertThat(loopback.port("find")).isEqualTo(port);
    assertThat(loopback.port("other")).isEqualTo(port);
    loopback.send(at("HUB", port, ""), Loopback.file(Uid.random(), 10));
    loopback.send(at("HUB", port, "operation=find&streaming=false"), Loopback.study("1"));
    loopback.send(at("OTHER", port, ""), Loopback.file(Uid.random(), 10));
    assertThat(handled).containsExactly("store", "find", "other");
  }

  @Test
  void optionsOfThePortMustAgree() throws Exception {
    loopback.from("one", "operations=store&maxAssociations=7", e -> {});
    loopback.from("same", "operations=find&maxAssociations=7", e -> {});
    loopback.from("silent", "operations=move", e -> {});
    assertThatThrownBy(() -> loopback.from("differs", "operations=get&maxAssociations=8", e -> {}))
        .hasStackTraceContaining("ISO-DICOM-605");
  }

  @Test
  void aRefusedConsumerLeavesNothingBehind() throws Exception {
    loopback.from("one", "operations=store&maxAssociations=7", e -> {});
    int port = loopback.port("one");
    assertThatThrownBy(() -> loopback.route("other", at("OTHER", 0, "maxAssociations=8"), e -> {}))
        .hasStackTraceContaining("ISO-DICOM-605");
    AssociationException refused =
        (AssociationException)
            loopback.send(at("OTHER", port, "operation=echo"), "").getException();
    assertThat(refused.kind()).isEqualTo(AssociationException.Kind.REJECTED_PERMANENT);
    loopback.context.getRouteController().stopRoute("one");
    assertThat(((AssociationException) echo(port).getException()).kind())
        .as("the port is closed")
        .isEqualTo(AssociationException.Kind.CONNECT);
  }

  @ParameterizedTest
  @CsvSource({
    "certificateNames=PACS=one, certificateNames=PACS=two",
    "certificateNames=PACS=one, logPhi=false",
    "logPhi=false, userIdentityRequired=true"
  })
  void whoMayCallMustBeSaidAlike(String one, String other) throws Exception {
    loopback.from("one", "operations=store&" + one, e -> {});
    assertThatThrownBy(() -> loopback.from("other", "operations=find&" + other, e -> {}))
        .hasStackTraceContaining("ISO-DICOM-618");
    loopback.from("same", "operations=find&" + one, e -> {});
    loopback.route("elsewhere", at("OTHER", 0, other), e -> {});
  }

  // --- a port that is taken

  private static ServerSocket taken() throws Exception {
    return new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
  }

  @Test
  void lenientBindTriesOnUntilThePortIsFree() throws Exception {
    try (ServerSocket other = taken()) {
      loopback.route(
          "late",
          at("HUB", other.getLocalPort(), "lenientBind=true&bindRetryInterval=50"),
          e -> handled.add("late"));
      assertThat(loopback.port("late")).isZero();
    }
    await().untilAsserted(() -> assertThat(loopback.port("late")).isPositive());
    assertThat(echo(loopback.port("late")).getException()).isNull();
  }

  @Test
  void aLenientRouteThatIsStoppedDoesNotTakeThePortLater() throws Exception {
    int port;
    try (ServerSocket other = taken()) {
      port = other.getLocalPort();
      loopback.route("late", at("HUB", port, "lenientBind=true&bindRetryInterval=50"), e -> {});
      loopback.context.getRouteController().stopRoute("late");
    }
    await()
        .during(java.time.Duration.ofMillis(300))
        .until(() -> echo(port).getException() instanceof AssociationException);
  }

  @Test
  void bindTimeoutIsWaitedFor() throws Exception {
    ServerSocket other = taken();
    CompletableFuture.runAsync(
        () -> close(other), CompletableFuture.delayedExecutor(300, TimeUnit.MILLISECONDS));
    loopback.route(
        "in", at("HUB", other.getLocalPort(), "bindTimeout=10000&bindRetryInterval=50"), e -> {});
    assertThat(loopback.port("in")).isEqualTo(other.getLocalPort());
  }

  @Test
  void bindTimeoutEnds() throws Exception {
    try (ServerSocket other = taken()) {
      assertThatThrownBy(
              () ->
                  loopback.route(
                      "in",
                      at("HUB", other.getLocalPort(), "bindTimeout=200&bindRetryInterval=50"),
                      e -> {}))
          .hasStackTraceContaining("cannot listen on");
    }
  }

  private static void close(ServerSocket socket) {
    try {
      socket.close();
    } catch (java.io.IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void whatIsDueWhileAllWorkersAreBusyIsDoneLater() throws Exception {
    DicomComponent component = loopback.context.getComponent("dicom", DicomComponent.class);
    CountDownLatch free = new CountDownLatch(1);
    boolean room = true;
    while (room) {
      try {
        component.workers().execute(() -> awaitAll(free));
      } catch (java.util.concurrent.RejectedExecutionException e) {
        room = false;
      }
    }
    component.later(java.time.Duration.ZERO, () -> handled.add("late"));
    CountDownLatch due = new CountDownLatch(8);
    for (int i = 0; i < 8; i++) {
      component.loops().schedule(java.time.Duration.ofMillis(50), due::countDown);
    }
    assertThat(due.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(handled).isEmpty();
    free.countDown();
    await().untilAsserted(() -> assertThat(handled).containsExactly("late"));
  }

  private static void awaitAll(CountDownLatch free) {
    try {
      free.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  // --- suspend and stop

  @Test
  void aSuspendedRouteRejectsAsTransientAndResumes() throws Exception {
    loopback.from("in", "", e -> {});
    int port = loopback.port("in");
    loopback.context.getRouteController().suspendRoute("in");
    AssociationException refused = (AssociationException) echo(port).getException();
    assertThat(refused.kind()).isEqualTo(AssociationException.Kind.REJECTED_TRANSIENT);
    loopback.context.getRouteController().resumeRoute("in");
    assertThat(echo(port).getException()).isNull();
  }

  @Test
  void whatOneOfSeveralConsumersWouldTakeIsRefusedForNowOnly() throws Exception {
    loopback.from("store", "operations=store", e -> {});
    loopback.from("find", "operations=find", e -> e.getMessage().setBody(null));
    int port = loopback.port("store");
    loopback.context.getRouteController().suspendRoute("store");
    Throwable refused = loopback.failure(at("HUB", port, ""), Loopback.file(Uid.random(), 10));
    assertThat(((AssociationException) refused).kind())
        .isEqualTo(AssociationException.Kind.REJECTED_TRANSIENT);
    assertThat(
            loopback
                .send(at("HUB", port, "operation=find&streaming=false"), Loopback.study("1"))
                .getException())
        .as("the other goes on")
        .isNull();
  }

  @Test
  void aStopLetsARunningOperationEnd() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    loopback.from(
        "in",
        "",
        e -> {
          begun.countDown();
          goOn.await();
        });
    byte[] file = Loopback.file(Uid.random(), 10);
    String uri = loopback.to("in", "pooledIdle=100");
    CompletableFuture<Exchange> sent =
        CompletableFuture.supplyAsync(() -> loopback.send(uri, file));
    begun.await();
    CompletableFuture<Void> stopped =
        CompletableFuture.runAsync(
            () -> {
              try {
                loopback.context.getRouteController().stopRoute("in");
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    await()
        .until(
            () ->
                ((DicomConsumer) loopback.context.getRoute("in").getConsumer())
                    .isSuspendingOrSuspended());
    goOn.countDown();
    assertThat(sent.get(10, TimeUnit.SECONDS).getException()).isNull();
    stopped.get(20, TimeUnit.SECONDS);
  }
}
