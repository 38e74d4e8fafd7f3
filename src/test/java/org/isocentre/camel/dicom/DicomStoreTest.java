package org.isocentre.camel.dicom;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.isocentre.dicom.association.AssociationAcceptor;
import org.isocentre.dicom.association.AssociationPolicy;
import org.isocentre.dicom.association.AssociationRequestor.Proposal;
import org.isocentre.dicom.association.AssociationSettings;
import org.isocentre.dicom.association.Negotiation;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.dimse.DimseSettings;
import org.isocentre.dicom.dimse.DimseStatusException;
import org.isocentre.dicom.dimse.ServiceProvider;
import org.isocentre.dicom.dimse.ServiceUser;
import org.isocentre.dicom.dimse.Services;
import org.isocentre.dicom.dimse.SpoolSink;
import org.isocentre.dicom.dimse.Status;
import org.isocentre.dicom.dimse.StorageHandler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * C-STORE: when it is answered, what makes an exchange, and what a producer makes of the answer.
 */
class DicomStoreTest {
  private final Loopback loopback = new Loopback();
  private final List<Object> received = new CopyOnWriteArrayList<>();

  @AfterEach
  void stop() {
    loopback.close();
  }

  private Exchange store(String options) throws Exception {
    return loopback.send(loopback.to("in", options), Loopback.file(Uid.random(), 10));
  }

  private static int status(Exchange done) {
    return done.getMessage().getHeader(DicomConstants.STATUS, Integer.class);
  }

  // --- ackMode

  @Test
  void onCompleteAnswersAfterTheRoute() throws Exception {
    loopback.from("in", "ackMode=onComplete", e -> received.add(e.getExchangeId()));
    store("");
    assertThat(received).hasSize(1);
  }

  @Test
  void onSpooledAnswersWhileTheRouteStillWorks() throws Exception {
    CountDownLatch answered = new CountDownLatch(1);
    loopback.from(
        "in",
        "ackMode=onSpooled&spoolThreshold=0",
        e -> {
          answered.await();
          received.add(e.getMessage().getBody(byte[].class));
        });
    byte[] file = Loopback.file("1.2.3", 70_000);
    assertThat(loopback.send(loopback.to("in", ""), file).getException()).isNull();
    assertThat(received).isEmpty();
    answered.countDown();
    await().untilAsserted(() -> assertThat(received).hasSize(1));
    assertThat(Loopback.dataSet((byte[]) received.get(0), "1.2.3").length).isPositive();
  }

  @Test
  void manualAnswersWhatTheRouteChooses() throws Exception {
    CountDownLatch answered = new CountDownLatch(1);
    loopback.from(
        "in",
        "ackMode=manual",
        e -> {
          acknowledgement(e.getMessage()).answer(0xb007, "a remark");
          acknowledgement(e.getMessage()).success();
          answered.await();
        });
    Exchange done = store("");
    answered.countDown();
    assertThat(status(done)).as("the first answer counts").isEqualTo(0xb007);
    assertThat(done.getMessage().getHeader(DicomConstants.ERROR_COMMENT)).isEqualTo("a remark");
  }

  @Test
  void manualWithoutAnAcknowledgementIsNoSuccess() throws Exception {
    loopback.from("in", "ackMode=manual&ackTimeout=200", e -> received.add(e));
    assertThat(status(store(""))).isEqualTo(Status.OUT_OF_RESOURCES);
    assertThat(received).hasSize(1);
  }

  @Test
  void manualAnswersAFailureOfTheRouteAtOnce() throws Exception {
    loopback.from(
        "in",
        "ackMode=manual&ackTimeout=60000",
        e -> {
          throw new DimseStatusException(Status.NOT_AUTHORIZED, "not you");
        });
    assertThat(status(store(""))).isEqualTo(Status.NOT_AUTHORIZED);
  }

  private static Acknowledgement acknowledgement(Message message) {
    return message.getHeader(DicomConstants.ACKNOWLEDGEMENT, Acknowledgement.class);
  }

  // --- exchangePer

  private ServiceUser associate(int port) {
    DicomComponent component = loopback.context.getComponent("dicom", DicomComponent.class);
    return component.associate(
        new DicomAddress("HUB", "127.0.0.1", port),
        "PACS",
        new DicomConfiguration(),
        null,
        List.of(new Proposal(Uid.CT_IMAGE_STORAGE, List.of(Uid.EXPLICIT_VR_LITTLE_ENDIAN))),
        List.of(),
        Services.NONE);
  }

  private void storeOn(ServiceUser user, int count) throws Exception {
    for (int i = 1; i <= count; i++) {
      String instance = "1.2." + i;
      byte[] file = Loopback.file(instance, 10);
      assertThat(
              user.store(
                      Uid.CT_IMAGE_STORAGE,
                      instance,
                      Uid.EXPLICIT_VR_LITTLE_ENDIAN,
                      new java.io.ByteArrayInputStream(Loopback.dataSet(file, instance)))
                  .status())
          .isEqualTo(Status.SUCCESS);
    }
  }

  @ParameterizedTest
  @CsvSource({"released, 1000, 3, 3", "aborted, 1000, 3, 3", "released, 2, 5, 2 2 1"})
  void anExchangeForAllOfAnAssociation(String end, int most, int stored, String sizes)
      throws Exception {
    loopback.from(
        "in",
        "exchangePer=association&maxInstancesPerExchange=" + most,
        e -> {
          List<?> objects = e.getMessage().getBody(List.class);
          for (Object object : objects) {
            assertThat(((DicomStreamCache) object).readAllBytes()).isNotEmpty();
          }
          received.add(Integer.toString(objects.size()));
        });
    ServiceUser user = associate(loopback.port("in"));
    storeOn(user, stored);
    if (end.equals("aborted")) {
      user.association().abort();
    } else {
      user.close();
    }
    await().untilAsserted(() -> assertThat(received).containsExactly((Object[]) sizes.split(" ")));
  }

  @Test
  void whatIsCollectedIsHandledWhenTheRouteStops() throws Exception {
    loopback.from(
        "in",
        "exchangePer=association",
        e -> received.add(e.getMessage().getBody(List.class).size()));
    try (ServiceUser user = associate(loopback.port("in"))) {
      storeOn(user, 3);
      assertThat(received).isEmpty();
      loopback.context.getRouteController().stopRoute("in");
      assertThat(received).containsExactly(3);
    }
    assertThat(received).hasSize(1);
  }

  // --- headers

  @Test
  void headerTagsBecomeHeaders() throws Exception {
    loopback.from(
        "in",
        "headerTags=StudyInstanceUID,StudyDate,AccessionNumber",
        e -> received.add(e.getMessage().getHeaders()));
    store("");
    java.util.Map<?, ?> headers = (java.util.Map<?, ?>) received.get(0);
    assertThat(headers.get("CamelDicomStudyInstanceUID")).isEqualTo("1.2.3");
    assertThat(headers.get("CamelDicomStudyDate")).isEqualTo("20240102");
    assertThat(headers.get("CamelDicomAccessionNumber")).isNull();
    assertThat(headers.get(DicomConstants.CALLING_AE_TITLE)).isEqualTo("PACS");
    assertThat(headers.get(DicomConstants.CALLED_AE_TITLE)).isEqualTo("HUB");
    assertThat(headers.get(DicomConstants.OPERATION)).isEqualTo("store");
  }

  @Test
  void headerTagsAreKeywords() {
    org.assertj.core.api.Assertions.assertThatThrownBy(
            () -> loopback.from("in", "headerTags=NoSuchKeyword", e -> {}))
        .hasStackTraceContaining("ISO-DICOM-607");
  }

  // --- what a producer makes of an answer

  @ParameterizedTest
  @CsvSource({
    "0, '', true",
    "0xb000, '', true",
    "0xb000, throwOnWarning=true, false",
    "0xb006, throwOnWarning=true, false",
    "0x0111, '', false",
    "0x0111, duplicateAsSuccess=true, true",
    "0x0112, duplicateAsSuccess=true, false",
    "0xa700, '', false",
    "0xc001, throwOnWarning=false, false"
  })
  void anAnswerIsSuccessOrNot(String answered, String options, boolean success) throws Exception {
    int status = Integer.decode(answered);
    loopback.from("in", "", e -> e.getMessage().setHeader(DicomConstants.STATUS, status));
    Exchange done = store(options);
    assertThat(done.getException() == null).isEqualTo(success);
    if (!success) {
      DicomOperationFailedException failed = (DicomOperationFailedException) done.getException();
      assertThat(failed.getStatus()).isEqualTo(status);
      assertThat(failed.isRetryable()).isEqualTo(status == 0xa700);
    }
  }

  @Test
  void theHeaderSaysWhatIsDone() throws Exception {
    loopback.from("in", "operations=store,find", e -> received.add(operation(e)));
    String uri = loopback.to("in", "operation=store&level=STUDY&streaming=false");
    for (String operation : List.of("echo", "find")) {
      Exchange done =
          loopback.template.request(
              uri,
              e -> {
                e.getMessage().setBody(Loopback.study("1"));
                e.getMessage().setHeader(DicomConstants.OPERATION, operation);
              });
      // The route leaves the query as the answer, which is none: only that it was asked counts.
      assertThat(done.getException() == null).isEqualTo(operation.equals("echo"));
    }
    assertThat(received).containsExactly("find");
    assertThat(
            loopback.failure(loopback.to("in", "operation=paint"), Loopback.file(Uid.random(), 10)))
        .hasMessageContaining("ISO-DICOM-604");
  }

  private static String operation(Exchange exchange) {
    return exchange.getMessage().getHeader(DicomConstants.OPERATION, String.class);
  }

  /** Spooling would fail: the directory is not there. */
  @ParameterizedTest
  @CsvSource({"lossless, stream", "lossless, source", "negotiated, source", "negotiated, path"})
  void whatThePeerTakesOrCanBeReadAgainIsNotSpooled(
      String transcode, String body, @TempDir Path directory) throws Exception {
    loopback.from("in", "", e -> received.add(e.getMessage().getBody(byte[].class)));
    byte[] file = Loopback.file("1.2.3", 1_000);
    Path path = Files.write(directory.resolve("one.dcm"), file);
    Part10Source source = () -> Files.newInputStream(path);
    Object sent =
        switch (body) {
          case "stream" -> new java.io.ByteArrayInputStream(file);
          case "path" -> path;
          default -> source;
        };
    Exchange done =
        loopback.send(
            loopback.to(
                "in",
                "transcode=%s&spoolThreshold=0&spoolDirectory=%s"
                    .formatted(transcode, directory.resolve("none"))),
            sent);
    assertThat(done.getException()).isNull();
    assertThat(Loopback.dataSet((byte[]) received.get(0), "1.2.3"))
        .endsWith(Loopback.dataSet(file, "1.2.3"));
  }

  @ParameterizedTest
  @CsvSource({"lossless, stream", "lossless, source", "negotiated, stream"})
  void whatThePeerDoesNotTakeIsTranscoded(String transcode, String body) throws Exception {
    byte[] file = Loopback.file("1.2.3", 1_000);
    Part10Source source = () -> new java.io.ByteArrayInputStream(file);
    DicomComponent component = loopback.context.getComponent("dicom", DicomComponent.class);
    AssociationPolicy implicitOnly =
        (request, remote) ->
            new AssociationPolicy.Decision.Accept(
                Negotiation.negotiate(
                    request.contexts(),
                    uid -> true,
                    Uid.IMPLICIT_VR_LITTLE_ENDIAN::equals,
                    List.of()),
                ServiceProvider.handler(
                    component.workers(),
                    Services.storage(
                        SpoolSink.factory(10_000, null),
                        (association, object) -> {
                          received.add(object.info().transferSyntaxUid());
                          return new StorageHandler.Result(Status.SUCCESS, null);
                        }),
                    DimseSettings.DEFAULT),
                List.of(),
                List.of(),
                null);
    try (AssociationAcceptor acceptor =
        new AssociationAcceptor(
            component.loops(), "127.0.0.1", 0, AssociationSettings.DEFAULT, null, implicitOnly)) {
      Exchange done =
          loopback.send(
              "dicom:HUB@127.0.0.1:%d?pooledIdle=100&transcode=%s"
                  .formatted(acceptor.port(), transcode),
              body.equals("stream") ? source.openPart10() : source);
      assertThat(done.getException()).isNull();
    }
    assertThat(received).containsExactly(Uid.IMPLICIT_VR_LITTLE_ENDIAN);
  }

  @Test
  void aFullPoolStillServesAll() throws Exception {
    loopback.from("in", "", e -> received.add(e));
    String uri = loopback.to("in", "maxPooled=1&pooledIdle=200");
    List<Thread> senders =
        java.util.stream.IntStream.range(0, 4)
            .mapToObj(
                i ->
                    new Thread(
                        () -> {
                          for (int n = 0; n < 5; n++) {
                            try {
                              loopback.template.sendBody(uri, Loopback.file(Uid.random(), 10));
                            } catch (Exception e) {
                              throw new IllegalStateException(e);
                            }
                          }
                        }))
            .toList();
    senders.forEach(Thread::start);
    for (Thread sender : senders) {
      sender.join(Duration.ofSeconds(20).toMillis());
    }
    assertThat(received).hasSize(20);
  }
}
