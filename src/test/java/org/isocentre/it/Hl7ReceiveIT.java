package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.component.mllp.MllpConstants;
import org.apache.camel.impl.DefaultCamelContext;
import org.isocentre.dicom.association.TestCertificates;
import org.isocentre.index.MessageIndex;
import org.isocentre.model.MessageStored;
import org.isocentre.store.ObjectStore;
import org.isocentre.store.SegmentObjectStore;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jms.core.JmsTemplate;

/** HL7 v2 comes in: framings, senders, modes of acknowledgement, TLS, other systems as senders. */
class Hl7ReceiveIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final TestCertificates HUB = TestCertificates.of("hub");
  private static final TestCertificates RTH = TestCertificates.of("rth");
  private static final String PASSWORD = "synthetic";
  private static final AtomicInteger NUMBER = new AtomicInteger();
  @TempDir private static Path directory;
  private static TestHub hub;
  private static int tlsPort;
  private static ServerSocket returns;

  @BeforeAll
  static void start() throws Exception {
    Path keys = directory.resolve("hub.p12");
    Path trust = directory.resolve("trusts.p12");
    HUB.save(keys, PASSWORD);
    RTH.saveTrusted(trust, PASSWORD);
    tlsPort = TestHub.freePort();
    returns = new ServerSocket(0);
    String rth = "--isocentre.trusts[0].hl7-senders";
    String rj1 = "--isocentre.trusts[1].hl7-senders";
    hub =
        new TestHub(
                directory.resolve("data"),
                TestHub.freePort(),
                "--isocentre.queues.max-deliveries=2",
                "--isocentre.mllp.tls.port=" + tlsPort,
                "--isocentre.mllp.tls.key-store=" + keys,
                "--isocentre.mllp.tls.key-store-password=" + PASSWORD,
                "--isocentre.mllp.tls.trust-store=" + trust,
                "--isocentre.mllp.tls.trust-store-password=" + PASSWORD,
                // The same name in two trusts, told apart by address.
                rth + "[0].application=CRIS",
                rth + "[0].facility=RAD",
                rth + "[0].sources[0]=127.0.0.0/8",
                rj1 + "[0].application=CRIS",
                rj1 + "[0].facility=RAD",
                rj1 + "[0].sources[0]=10.0.0.0/8",
                rj1 + "[1].application=FAR",
                rj1 + "[1].facility=RJ1",
                rj1 + "[1].sources[0]=192.0.2.0/24",
                rth + "[1].application=SECURE",
                rth + "[1].facility=RTH",
                rth + "[1].certificate-names[0]=rth.example",
                rth + "[2].application=RETURN",
                rth + "[2].facility=RTH",
                rth + "[2].acknowledge-to=127.0.0.1:" + returns.getLocalPort(),
                rth + "[3].application=PLAIN",
                rth + "[3].facility=RTH",
                rth + "[3].acknowledgement=ORIGINAL")
            .start();
  }

  @AfterAll
  static void stop() throws IOException {
    if (hub != null) {
      hub.close();
    }
    returns.close();
  }

  private static String order(String application, String facility, String modes, String accession) {
    return "MSH|^~\\&|%s|%s|ISOCENTRE|HUB|20261101090000||ORM^O01|R%d|P|2.4|||%s\r"
            .formatted(application, facility, NUMBER.incrementAndGet(), modes)
        + Ris.order(MainJobIT.nhsNumber(), "19740213", accession).split("\r", 2)[1];
  }

  private static String accession() {
    return "RCV" + NUMBER.incrementAndGet();
  }

  private static void awaitOrder(String accession) {
    await().atMost(PATIENCE).until(() -> orders(accession).size() == 1);
  }

  private static List<String> orders(String accession) {
    return hub.bean(JdbcClient.class)
        .sql("select custodian from imaging_order where accession_value = ?")
        .param(accession)
        .query(String.class)
        .list();
  }

  @Test
  void aNameThatTwoTrustsUseIsToldApartByAddress() throws Exception {
    String accession = accession();
    try (MllpClient client = new MllpClient(hub.mllp)) {
      assertThat(client.ask(order("CRIS", "RAD", "", accession))).contains("MSA|AA|");
      awaitOrder(accession);
      assertThat(orders(accession)).containsExactly("RTH");
      assertThat(client.ask(order("FAR", "RJ1", "", accession())))
          .contains("MSA|AR|")
          .contains("ERR|MSH^1^4^204&");
      assertThat(client.ask(order("NEAR", "RJ1", "", accession()))).contains("MSA|AA|");
    }
  }

  @Test
  void framesThatAreSplitJoinedAndBrokenAreAllAnsweredInOrder() throws Exception {
    try (MllpClient client = new MllpClient(hub.mllp)) {
      String split = order("RIS", "RTH", "", accession());
      for (byte one : MllpClient.frame(split)) {
        client.raw(new byte[] {one});
      }
      assertThat(client.read()).contains("MSA|AA|");
      client.raw("\r\n\u000b\u001c\r".getBytes(StandardCharsets.ISO_8859_1));
      assertThat(client.read()).contains("MSA|AR|");
      String torn = order("RIS", "RTH", "", accession());
      String next = order("RIS", "RTH", "", accession());
      client.raw(("\u000b" + torn).getBytes(StandardCharsets.ISO_8859_1));
      client.send(next);
      assertThat(client.read()).contains("MSA|AE|" + torn.split("\\|")[9]);
      assertThat(client.read()).contains("MSA|AA|" + next.split("\\|")[9]);
      for (int i = 0; i < 200; i++) {
        client.send(order("RIS", "RTH", "", accession()));
      }
      client.endOutput();
      for (int i = 0; i < 200; i++) {
        assertThat(client.read()).contains("MSA|AA|");
      }
      assertThat(client.isEnded()).isTrue();
    }
  }

  @Test
  void aReportOf20MegabytesWithItsPdfIsFiled() throws Exception {
    byte[] pdf = new byte[15_000_000];
    new Random(1).nextBytes(pdf);
    String accession = accession();
    String message =
        Ris.report(MainJobIT.nhsNumber(), "19740213", accession, "See document.")
            + "OBX|2|ED|PDF^Document^LOCAL||^application^pdf^Base64^"
            + Base64.getEncoder().encodeToString(pdf)
            + "||||||F\r";
    assertThat(message.length()).isGreaterThan(20_000_000);
    long start = System.nanoTime();
    try (MllpClient client = new MllpClient(hub.mllp)) {
      assertThat(client.ask(message)).contains("MSA|AA|");
    }
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
    String key =
        await()
            .atMost(PATIENCE)
            .until(
                () ->
                    hub.bean(JdbcClient.class)
                        .sql("select document_key from report where accession_value = ?")
                        .param(accession)
                        .query(String.class)
                        .list(),
                keys -> keys.size() == 1)
            .get(0);
    try (var in = hub.bean(ObjectStore.class).open(key)) {
      assertThat(in.readAllBytes()).isEqualTo(pdf);
    }
  }

  @Test
  void inEnhancedModeTheApplicationAcknowledgementComesLaterByTheSameConnection() throws Exception {
    try (MllpClient client = new MllpClient(hub.mllp)) {
      String message = order("RIS", "RTH", "AL|AL", accession());
      String id = message.split("\\|")[9];
      assertThat(client.ask(message)).contains("MSA|CA|" + id);
      String later = client.read();
      assertThat(later).contains("MSA|AA|" + id).contains("|NE|NE\r");
      // The sender may acknowledge it; that is not answered.
      client.send("MSH|^~\\&|RIS|RTH|ISOCENTRE|HUB|2026||ACK|A1|P|2.4\rMSA|CA|7\r");
      client.send(order("RIS", "RTH", "NE|NE", accession()));
      assertThat(client.isSilent()).isTrue();
      assertThat(client.ask(order("PLAIN", "RTH", "AL|AL", accession()))).contains("MSA|AA|");
      assertThat(client.isSilent()).isTrue();
    }
  }

  @Test
  void anApplicationAcknowledgementGoesToTheAddressThatTheSenderListensAt() throws Exception {
    try (MllpClient client = new MllpClient(hub.mllp)) {
      String message = order("RETURN", "RTH", "AL|AL", accession());
      assertThat(client.ask(message)).contains("MSA|CA|");
      assertThat(acknowledgedAtReturnAddress())
          .contains("MSA|AA|" + message.split("\\|")[9])
          .contains("|AL|NE\r");
      assertThat(client.isSilent()).isTrue();
    }
    // One that is accepted and cannot be filed: AE, and the event waits with its reason.
    String unfit = "MSH|^~\\&|RETURN|RTH|ISOCENTRE|HUB|2026||ORM^O01|UNFIT1|P|2.4|||AL|ER\rPID|1\r";
    String key;
    try (ObjectStore.ObjectWriter writer = hub.bean(SegmentObjectStore.class).create("hl7")) {
      writer.write(ByteBuffer.wrap("no message".getBytes(StandardCharsets.US_ASCII)));
      writer.commit();
    }
    try (ObjectStore.ObjectWriter writer = hub.bean(SegmentObjectStore.class).create("hl7")) {
      writer.write(ByteBuffer.wrap(unfit.getBytes(StandardCharsets.US_ASCII)));
      key = writer.commit().key();
    }
    MessageStored event =
        new MessageStored(
            "e",
            "RTH",
            "X".repeat(10) + "^O01",
            "UNFIT1",
            key,
            "no such charset",
            null,
            new MessageStored.Arrival("RETURN|RTH", null, "ER"));
    hub.bean(JmsTemplate.class)
        .convertAndSend("order.received", hub.bean(ObjectMapper.class).writeValueAsString(event));
    assertThat(acknowledgedAtReturnAddress()).contains("MSA|AE|UNFIT1|");
    JmsTemplate queues = hub.bean(JmsTemplate.class);
    queues.setReceiveTimeout(20_000);
    assertThat(queues.receive("dead.order-index")).isNotNull();
  }

  /** What comes in at the return address; answered CA. */
  private static String acknowledgedAtReturnAddress() throws IOException {
    returns.setSoTimeout(30_000);
    try (MllpClient hubSide = open()) {
      String got = hubSide.read();
      hubSide.send(
          "MSH|^~\\&|RETURN|RTH|ISOCENTRE|HUB|2026||ACK|C1|P|2.4\rMSA|CA|"
              + got.split("\\|")[9]
              + "\r");
      return got;
    }
  }

  private static MllpClient open() throws IOException {
    return new MllpClient(returns.accept());
  }

  @Test
  void aMessageThatIsSentAgainIsDoneOnceAndAnotherWithItsControlIdIsAskedAbout() throws Exception {
    String accession = accession();
    String message = order("DUP", "RTH", "", accession);
    String id = message.split("\\|")[9];
    try (MllpClient client = new MllpClient(hub.mllp)) {
      assertThat(client.ask(message)).contains("MSA|AA|" + id);
      assertThat(client.ask(message)).contains("MSA|AA|" + id);
      awaitOrder(accession);
      assertThat(hub.json("/api/reviews?limit=1000", hub.system()).toString())
          .doesNotContain("DUP|RTH");
      String other = accession();
      assertThat(client.ask(message.replace(accession, other))).contains("MSA|AA|" + id);
      awaitOrder(other);
    }
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                hub.json("/api/reviews?limit=1000", hub.system())
                    .toString()
                    .contains("DUP|RTH sent different messages with the control ID " + id));
  }

  @Test
  void overTlsASenderIsBoundToItsCertificate() throws Exception {
    String message = order("SECURE", "RTH", "", accession());
    try (MllpClient plain = new MllpClient(hub.mllp)) {
      assertThat(plain.ask(message)).contains("MSA|AR|");
    }
    try (MllpClient client = new MllpClient(socket(RTH.trusting(HUB)))) {
      assertThat(client.ask(message)).contains("MSA|AA|");
      for (int i = 0; i < 20; i++) {
        client.send(order("SECURE", "RTH", "", accession()));
      }
      for (int i = 0; i < 20; i++) {
        assertThat(client.read()).contains("MSA|AA|");
      }
    }
    TestCertificates stranger = TestCertificates.of("stranger");
    assertThatThrownBy(
            () -> {
              try (MllpClient client = new MllpClient(socket(stranger.trusting(HUB)))) {
                client.ask(message);
              }
            })
        .isInstanceOf(IOException.class);
  }

  private static java.net.Socket socket(SSLContext context) throws IOException {
    return context.getSocketFactory().createSocket("127.0.0.1", tlsPort);
  }

  @Test
  void python3Hl7SendsItsFile() throws Exception {
    Path program = Peer.require("mllp_send", "python3-hl7");
    List<String> accessions = List.of(accession(), accession(), accession());
    Path file = directory.resolve("messages.hl7");
    StringBuilder all = new StringBuilder();
    accessions.forEach(
        a -> all.append('\u000b').append(order("PY", "RTH", "", a)).append("\u001c\r"));
    Files.writeString(file, all, StandardCharsets.ISO_8859_1);
    Peer.Run run =
        Peer.run(
            List.of(
                program.toString(),
                "--file",
                file.toString(),
                "--port",
                Integer.toString(hub.mllp),
                "127.0.0.1"));
    assertThat(run.exit()).as(run.output()).isZero();
    assertThat(run.output().split("MSA\\|AA", -1)).as(run.output()).hasSize(4);
    accessions.forEach(Hl7ReceiveIT::awaitOrder);
  }

  @Test
  void camelsOwnMllpProducerIsAnswered() throws Exception {
    CamelContext camel = new DefaultCamelContext();
    camel.start();
    try (ProducerTemplate producer = camel.createProducerTemplate()) {
      String to = "mllp:127.0.0.1:" + hub.mllp + "?requireEndOfData=true";
      String accession = accession();
      var answered =
          producer.request(
              to, exchange -> exchange.getMessage().setBody(order("CAMEL", "RTH", "", accession)));
      assertThat(answered.getException()).isNull();
      assertThat(answered.getMessage().getHeader(MllpConstants.MLLP_ACKNOWLEDGEMENT_TYPE))
          .isEqualTo("AA");
      awaitOrder(accession);
      var committed =
          producer.request(
              to,
              exchange ->
                  exchange.getMessage().setBody(order("CAMEL", "RTH", "AL|NE", accession())));
      assertThat(committed.getException()).isNull();
      assertThatThrownBy(() -> producer.requestBody(to, order("CAMEL", "NOBODY", "", accession())))
          .isInstanceOf(CamelExecutionException.class)
          .cause()
          .isInstanceOf(
              org.apache.camel.component.mllp.MllpApplicationRejectAcknowledgementException.class);
    }
  }

  /** What is acknowledged is filed, or waits for a person with a reason: it is never gone. */
  @Test
  void noMessageHoweverOddIsAcknowledgedAndThenLost() throws Exception {
    Random random = new Random(Long.getLong("isocentre.seed", 20261101L));
    List<String> accepted = new ArrayList<>();
    Instant begin = Instant.now();
    try (MllpClient client = new MllpClient(hub.mllp)) {
      for (int i = 0; i < 400; i++) {
        String id = "ODD" + i;
        String answer = client.ask(odd(random, id));
        if (answer.contains("\rMSA|AA|") || answer.contains("\rMSA|CA|")) {
          accepted.add(answer.split("\rMSA\\|.A\\|")[1].split("\\|")[0]);
        }
      }
    }
    assertThat(accepted).hasSizeGreaterThan(50);
    JmsTemplate queues = hub.bean(JmsTemplate.class);
    List<String> dead = new ArrayList<>();
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () -> {
              queues.setReceiveTimeout(JmsTemplate.RECEIVE_TIMEOUT_NO_WAIT);
              for (String queue : List.of("patient", "order", "report")) {
                Object event = queues.receiveAndConvert("dead." + queue + "-index");
                if (event != null) {
                  dead.add(
                      event instanceof byte[] bytes
                          ? new String(bytes, StandardCharsets.UTF_8)
                          : event.toString());
                }
              }
              List<String> filed =
                  hub.bean(JdbcClient.class)
                      .sql(
                          "select control_id from hl7_message where state = ? and received_at >= ?")
                      .params(
                          MessageIndex.State.FILED.name(),
                          java.sql.Timestamp.from(begin.minusSeconds(1)))
                      .query(String.class)
                      .list();
              assertThat(accepted)
                  .allMatch(
                      id ->
                          filed.contains(id)
                              || dead.stream().anyMatch(d -> d.contains('"' + id + '"')));
            });
  }

  private static String odd(Random random, String id) {
    String text =
        random.nextBoolean()
            ? Ris.order(MainJobIT.nhsNumber(), "19740213", accession())
            : Ris.report(MainJobIT.nhsNumber(), "19740213", accession(), "Seen.");
    char[] message = text.replaceFirst("\\|M\\d+\\|", "|" + id + "|").toCharArray();
    int from = text.indexOf('\r');
    String odd = "|^~\\&\r\n\"x1\u00e9\u0000\u001c";
    for (int i = random.nextInt(6); i > 0; i--) {
      message[from + random.nextInt(message.length - from)] =
          odd.charAt(random.nextInt(odd.length()));
    }
    return new String(message);
  }
}
