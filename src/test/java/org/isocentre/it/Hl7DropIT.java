package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;

/** HL7 v2 messages come in as files. */
class Hl7DropIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final AtomicInteger NUMBER = new AtomicInteger();
  @TempDir private static Path directory;
  private static Path drop;
  private static TestHub hub;

  @BeforeAll
  static void start() {
    drop = directory.resolve("drop");
    hub =
        new TestHub(
                directory.resolve("data"),
                TestHub.freePort(),
                "--isocentre.hl7-drop.directory=" + drop,
                "--isocentre.hl7-drop.archive=" + directory.resolve("archive"),
                "--isocentre.hl7-drop.acknowledgements=true",
                "--isocentre.hl7-drop.quiet-period=PT2S",
                "--isocentre.trusts[0].hl7-senders[0].application=ONLYNET",
                "--isocentre.trusts[0].hl7-senders[0].facility=RTH",
                "--isocentre.trusts[0].hl7-senders[0].sources[0]=127.0.0.1")
            .start();
  }

  @AfterAll
  static void stop() {
    hub.close();
  }

  private static String accession() {
    return "DROP" + NUMBER.incrementAndGet();
  }

  private static String order(String accession) {
    return Ris.order(MainJobIT.nhsNumber(), "19740213", accession);
  }

  private static String batch(String... messages) {
    return "FHS|^~\\&|RIS|RTH|ISOCENTRE|HUB|2026||||F1\rBHS|^~\\&|RIS|RTH|ISOCENTRE|HUB|2026||||B1\r"
        + String.join("", messages)
        + "BTS|"
        + messages.length
        + "\rFTS|1\r";
  }

  /** As a careful sender does: under another name first. */
  private static void put(String name, String text) throws IOException {
    Path partial = drop.resolve(name + ".part");
    Files.writeString(partial, text, StandardCharsets.ISO_8859_1);
    Files.move(partial, drop.resolve(name));
  }

  /** What is in a folder under a name, once it is there. */
  private static Path moved(String folder, String name) {
    return await()
        .atMost(PATIENCE)
        .until(() -> found(drop.resolve(folder), name), list -> list.size() == 1)
        .get(0);
  }

  private static List<Path> found(Path folder, String end) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(p -> p.getFileName().toString().endsWith("-" + end)).toList();
    }
  }

  private static int orders(String accession) {
    return hub.bean(JdbcClient.class)
        .sql("select count(*) from imaging_order where accession_value = ?")
        .param(accession)
        .query(Integer.class)
        .single();
  }

  private static void awaitOrder(String accession) {
    await().atMost(PATIENCE).until(() -> orders(accession) == 1);
  }

  @Test
  void aSingleMessageIsDoneAcknowledgedAndArchived() throws Exception {
    String accession = accession();
    String message = order(accession);
    put("single.hl7", message);
    Path done = moved("done", "single.hl7");
    assertThat(done).hasContent(message);
    assertThat(moved("done", "single.hl7.ack")).content().contains("MSA|AA|");
    assertThat(found(directory.resolve("archive"), "single.hl7")).hasSize(1);
    assertThat(drop.resolve("single.hl7")).doesNotExist();
    awaitOrder(accession);
  }

  @Test
  void aBatchWithOneBadMessageIsFailedWithItsReasonAndTheOthersAreDoneOnce() throws Exception {
    String first = accession();
    String last = accession();
    String good = order(first);
    String alsoGood = order(last);
    String bad = Ris.head("ORM^O01") + "PID|1\rORC|NW\r";
    put("mixed.hl7", batch(good, bad, alsoGood));
    moved("failed", "mixed.hl7");
    assertThat(moved("failed", "mixed.hl7.problems"))
        .content()
        .startsWith("message 2: MSA|AE|")
        .hasLineCount(1);
    assertThat(moved("failed", "mixed.hl7.ack"))
        .content()
        .startsWith("FHS|^~\\&|ISOCENTRE|HUB|RIS|RTH||||||F1\rBHS|")
        .contains("MSA|AA|", "MSA|AE|", "BTS|3\rFTS|1\r");
    awaitOrder(first);
    awaitOrder(last);
    int before = messages();
    put("mended.hl7", batch(good, alsoGood));
    moved("done", "mended.hl7");
    assertThat(messages()).isEqualTo(before);
  }

  private static int messages() {
    return hub.bean(JdbcClient.class)
        .sql("select count(*) from hl7_message")
        .query(Integer.class)
        .single();
  }

  @Test
  void nothingIsTakenOfAFileThatIsNotWhole() throws Exception {
    String accession = accession();
    String whole = batch(order(accession), order(accession()));
    put("cut.hl7", whole.substring(0, whole.indexOf("FTS")));
    put("count.hl7", whole.replace("BTS|2", "BTS|3"));
    assertThat(moved("failed", "cut.hl7.problems")).content().startsWith("ISO-HL7-133");
    assertThat(moved("failed", "count.hl7.problems")).content().startsWith("ISO-HL7-132");
    String bound = order(accession()).replace("|RIS|RTH|", "|ONLYNET|RTH|");
    put("bound.hl7", bound);
    assertThat(moved("failed", "bound.hl7.problems")).content().contains("MSA|AR|");
    assertThat(orders(accession)).isZero();
  }

  @Test
  void aFileThatIsStillWrittenIsNotTaken() throws Exception {
    List<String> accessions = new ArrayList<>();
    Path growing = drop.resolve("growing.hl7");
    Files.createDirectories(drop);
    Files.writeString(drop.resolve("other.hl7.part"), order(accession()));
    try (OutputStream out =
        Files.newOutputStream(growing, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      for (int i = 0; i < 6; i++) {
        accessions.add(accession());
        out.write(order(accessions.get(i)).getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
        long until = System.nanoTime() + Duration.ofMillis(700).toNanos();
        await().pollInterval(Duration.ofMillis(50)).until(() -> System.nanoTime() >= until);
        assertThat(growing).exists();
      }
    }
    assertThat(Files.readString(moved("done", "growing.hl7")).split("MSH\\|", -1)).hasSize(7);
    accessions.forEach(Hl7DropIT::awaitOrder);
    assertThat(drop.resolve("other.hl7.part")).exists();
  }
}
