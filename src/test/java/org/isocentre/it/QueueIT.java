package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.jms.TextMessage;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.apache.camel.builder.RouteBuilder;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.dimse.ServiceUser;
import org.isocentre.it.Pacs.About;
import org.isocentre.it.Pacs.Image;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jms.core.JmsTemplate;

/** What goes wrong between the steps: poisoned events, objects that nothing points to. */
class QueueIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  @TempDir Path data;
  private final Pacs rth = new Pacs();
  private TestHub hub;

  @AfterEach
  void stop() {
    hub.close();
    rth.close();
  }

  private TestHub hub(String... more) {
    return new TestHub(data, TestHub.freePort(), more);
  }

  private static Image image() {
    return Pacs.image(Uid.random(), Uid.random(), new About("L1", "19740213", ""));
  }

  @Test
  void aPoisonedEventBlocksNobodyAndWaitsWithItsReason() throws Exception {
    hub = hub("--isocentre.queues.max-deliveries=2").start();
    JmsTemplate queues = hub.bean(JmsTemplate.class);
    Image before = image();
    rth.send(hub.dicom, before);
    await().atMost(PATIENCE).until(() -> hub.study(before.study()).size() == 1);

    String poison =
        """
        {"eventId":"e","custodian":"RTH","callingAeTitle":"RTHPACS","studyInstanceUid":"%s","sopInstanceUid":"1.2.3",
         "sopClassUid":"1.2","transferSyntaxUid":"1.2.840.10008.1.2.1","objectKey":"dcm/%s","sha256":"x","size":1,
         "receivedAt":"2026-11-01T12:00:00Z"}"""
            .formatted(before.study(), "0".repeat(64));
    queues.convertAndSend(
        "instance.received",
        poison,
        message -> {
          message.setStringProperty("JMSXGroupID", before.study());
          return message;
        });
    queues.convertAndSend("instance.received", "this is no JSON");
    // Of the poisoned event's own study, so of its message group.
    Image behind = Pacs.image(before.study(), before.series(), new About("L1", "19740213", ""));
    Image other = image();
    assertThat(rth.send(hub.dicom, behind, other)).containsExactly(0, 0);
    await().atMost(PATIENCE).until(() -> hub.study(other.study()).size() == 1);
    await()
        .atMost(PATIENCE)
        .until(() -> hub.study(before.study()).get(0).path("numberOfInstances").asInt() == 2);

    queues.setReceiveTimeout(20_000);
    List<TextMessage> dead =
        List.of(
            (TextMessage) asText(queues.receive("dead.instance-index")),
            (TextMessage) asText(queues.receive("dead.instance-index")));
    for (TextMessage message : dead) {
      assertThat(message.getStringProperty("IsocentreStep")).isEqualTo("instance-index");
      assertThat(message.getStringProperty("IsocentreReason")).isNotBlank();
      assertThat(message.getStringProperty("IsocentreDeliveries")).isEqualTo("2");
    }
    assertThat(dead)
        .extracting(TextMessage::getText)
        .containsExactlyInAnyOrder(poison, "this is no JSON");
  }

  /** Events may be kept as bytes. */
  private static jakarta.jms.Message asText(jakarta.jms.Message message) throws Exception {
    assertThat(message).isNotNull();
    if (message instanceof jakarta.jms.BytesMessage bytes) {
      byte[] body = new byte[(int) bytes.getBodyLength()];
      bytes.readBytes(body);
      TextMessage text = new org.apache.activemq.artemis.jms.client.ActiveMQTextMessage(null);
      text.setText(new String(body, java.nio.charset.StandardCharsets.UTF_8));
      for (String name : List.of("IsocentreStep", "IsocentreReason", "IsocentreDeliveries")) {
        text.setStringProperty(name, bytes.getStringProperty(name));
      }
      return text;
    }
    return message;
  }

  @Test
  void whatAStepSendsIsNotThereBeforeWhatItFiledIs() throws Exception {
    hub = hub().start();
    CountDownLatch sent = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    hub.bean(CamelContext.class)
        .addRoutes(
            new RouteBuilder() {
              @Override
              public void configure() {
                from("jms:queue:test.in?transacted=true&consumerType=Custom&messageListenerContainerFactory=#batching")
                    .to("jms:queue:test.out?exchangePattern=InOnly")
                    .process(
                        exchange -> {
                          sent.countDown();
                          assertThat(goOn.await(30, TimeUnit.SECONDS)).isTrue();
                        });
              }
            });
    JmsTemplate queues = hub.bean(JmsTemplate.class);
    queues.convertAndSend("test.in", "an event");
    assertThat(sent.await(30, TimeUnit.SECONDS)).isTrue();
    Boolean seen =
        queues.browse("test.out", (session, browser) -> browser.getEnumeration().hasMoreElements());
    goOn.countDown();
    assertThat(seen).isFalse();
    queues.setReceiveTimeout(PATIENCE.toMillis());
    assertThat(queues.receive("test.out")).isNotNull();
  }

  @Test
  void anObjectThatNothingPointsToIsFoundAtStart() throws Exception {
    hub = hub().start();
    Image image = image();
    rth.send(hub.dicom, image);
    await().atMost(PATIENCE).until(() -> hub.study(image.study()).size() == 1);
    assertThat(orphans()).isZero();
    hub.close();

    Path orphan = data.resolve("store/objects/dcm/abc/" + "abc" + "0".repeat(61));
    Files.createDirectories(orphan.getParent());
    Files.writeString(orphan, "left by a process that died");
    Files.setLastModifiedTime(
        orphan, java.nio.file.attribute.FileTime.from(Instant.now().minusSeconds(60)));
    hub = hub().start();
    assertThat(orphans()).isEqualTo(1);
    assertThat(orphan).exists();
  }

  private int orphans() {
    return await()
        .atMost(PATIENCE)
        .until(
            () -> {
              JsonNode metric = hub.json("/actuator/metrics/isocentre.store.orphans", hub.system());
              return metric.at("/measurements/0/value").asInt(-1);
            },
            n -> n >= 0);
  }

  @Test
  void anObjectNestedWithoutEndIsRefusedAndTheAssociationGoesOn() throws Exception {
    hub = hub().start();
    Image good = image();
    byte[] nested = new byte[10_000 * 16];
    for (int i = 0; i < 10_000; i++) {
      // (0008,1140) in implicit VR, undefined length, with an item of undefined length.
      byte[] level = {8, 0, 0x40, 0x11, -1, -1, -1, -1, -2, -1, 0, (byte) 0xe0, -1, -1, -1, -1};
      System.arraycopy(level, 0, nested, i * 16, 16);
    }
    try (ServiceUser user =
        ServiceUser.connect(
            new org.isocentre.dicom.association.AssociationRequestor(
                rth.loops(), org.isocentre.dicom.association.AssociationSettings.DEFAULT),
            "127.0.0.1",
            hub.dicom,
            "RTHPACS",
            "ISOCENTRE",
            List.of(
                new org.isocentre.dicom.association.AssociationRequestor.Proposal(
                    Uid.CT_IMAGE_STORAGE, List.of(Uid.IMPLICIT_VR_LITTLE_ENDIAN)),
                new org.isocentre.dicom.association.AssociationRequestor.Proposal(
                    Uid.CT_IMAGE_STORAGE, List.of(Uid.EXPLICIT_VR_LITTLE_ENDIAN))),
            Duration.ofSeconds(30))) {
      assertThat(
              user.store(
                      Uid.CT_IMAGE_STORAGE,
                      "1.2.3",
                      Uid.IMPLICIT_VR_LITTLE_ENDIAN,
                      new ByteArrayInputStream(nested))
                  .status())
          .isEqualTo(0xc000);
      assertThat(Pacs.store(user, good)).isZero();
    }
    assertThat(Files.walk(data.resolve("store/incoming")).filter(Files::isRegularFile)).isEmpty();
  }
}
