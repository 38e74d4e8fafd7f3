package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.isocentre.app.IsocentreApplication;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Whoever changes the audit trail is found out; the same on each database. */
abstract class AuditChainContract {
  private static final String PATH = "/api/audit/verification";
  @TempDir Path data;
  private TestHub hub;
  private JdbcClient jdbc;

  /** Settings of the database. */
  abstract String[] database();

  @BeforeEach
  void start() throws Exception {
    hub = new TestHub(data, TestHub.freePort(), database());
    hub.with(java.util.List.of("--isocentre.audit.seal-period=50")).start();
    jdbc = hub.bean(JdbcClient.class);
    for (long blocks = 1; blocks <= 3; blocks++) {
      hub.search("ImagingStudy", hub.system());
      long wanted = blocks;
      await().atMost(Duration.ofSeconds(20)).until(() -> blocks() >= wanted);
    }
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> count("audit_entry where block is null") == 0);
  }

  /** After the hub, which would wait for a database that is gone. */
  void closeDatabase() throws Exception {}

  @AfterEach
  void stop() throws Exception {
    hub.close();
    closeDatabase();
  }

  private long count(String from) {
    return jdbc.sql("select count(*) from " + from).query(Long.class).single();
  }

  private long blocks() {
    return count("audit_block where number > 0");
  }

  private JsonNode verified() {
    return hub.json(PATH, hub.system());
  }

  private void broken(String code) {
    JsonNode found = verified();
    assertThat(found.path("intact").asBoolean()).isFalse();
    assertThat(found.path("problem").asText()).startsWith(code);
  }

  @Test
  void whatNobodyTouchedIsIntact() throws Exception {
    JsonNode found = verified();
    assertThat(found.path("problem").isMissingNode()).isTrue();
    assertThat(found.path("intact").asBoolean()).isTrue();
    assertThat(found.path("blocks").asLong()).isGreaterThanOrEqualTo(3);
    assertThat(found.path("entries").asLong()).isGreaterThanOrEqualTo(3);
    assertThat(hub.get(PATH, hub.organisation("RTH")).statusCode()).isEqualTo(403);
    assertThat(hub.get(PATH, hub.patient(MainJobIT.nhsNumber())).statusCode()).isEqualTo(403);
  }

  @Test
  void whatCannotBeNotedIsNotShown() throws Exception {
    jdbc.sql("alter table audit_entry rename to audit_elsewhere").update();
    try {
      for (String path :
          java.util.List.of(
              "/fhir/ImagingStudy",
              "/fhir/Patient/" + java.util.UUID.randomUUID(),
              "/dicomweb/studies",
              "/dicomweb/studies/1.2.3",
              "/api/reviews")) {
        var answer = hub.get(path, hub.system());
        String body = new String(answer.body(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(answer.statusCode()).as(path + " " + body).isEqualTo(503);
        assertThat(body).contains("ISO-AUDIT-011").doesNotContain("insert into", "Bundle");
      }
    } finally {
      jdbc.sql("alter table audit_elsewhere rename to audit_entry").update();
    }
    assertThat(hub.get("/fhir/ImagingStudy", hub.system()).statusCode()).isEqualTo(200);
  }

  @Test
  void aChangedRowIsFound() {
    jdbc.sql("update audit_entry set actor = 'somebody else' where block = 2").update();
    broken("ISO-AUDIT-005");
    assertThat(verified().path("problem").asText()).contains("block 2");
  }

  @Test
  void aRemovedRowIsFound() {
    jdbc.sql("delete from audit_entry where block = 2").update();
    broken("ISO-AUDIT-004");
  }

  @Test
  void aRemovedBlockIsFound() {
    jdbc.sql("delete from audit_entry where block = 2").update();
    jdbc.sql("delete from audit_block where number = 2").update();
    broken("ISO-AUDIT-002");
  }

  @Test
  void aBlockThatWasWrittenAnewIsFound() {
    jdbc.sql("update audit_block set hash = repeat('0', 64) where number = 2").update();
    broken("ISO-AUDIT-005");
  }

  @Test
  void rowsOfAMissingBlockAreFound() {
    jdbc.sql("update audit_entry set block = 1000000 where block = 2").update();
    jdbc.sql("update audit_block set entries = 0 where number = 2").update();
    broken("ISO-AUDIT-005");
    long last = jdbc.sql("select max(number) from audit_block").query(Long.class).single();
    jdbc.sql("delete from audit_block where number >= 2 and number <= " + last).update();
    broken("ISO-AUDIT-006");
  }

  @Test
  void aChainThatWasCutIsFoundByItsAnchor() {
    jdbc.sql("delete from audit_entry where block >= 2").update();
    jdbc.sql("delete from audit_block where number >= 2").update();
    // What is noted after it begins at block 2 again.
    hub.search("ImagingStudy", hub.system());
    await().atMost(Duration.ofSeconds(20)).until(() -> blocks() >= 2);
    JsonNode found = verified();
    assertThat(found.path("intact").asBoolean()).isFalse();
    assertThat(found.path("problem").asText()).containsAnyOf("ISO-AUDIT-007", "ISO-AUDIT-008");
  }

  @Test
  void aChainThatIsWholeButAnotherIsFoundByItsAnchor() throws Exception {
    hub.stop();
    Files.writeString(data.resolve("audit-anchor"), "2 " + "0".repeat(64) + "\n");
    assertThat(exit()).isEqualTo(3);
    hub.start();
  }

  @Test
  void aHubThatIsStoppedIsVerifiedByACommand() throws Exception {
    hub.stop();
    assertThat(exit()).isZero();
    assertThat(Files.readString(data.resolve("said"))).contains("Audit trail intact");
    hub.start();
    jdbc = hub.bean(JdbcClient.class);
    jdbc.sql("update audit_entry set permitted = false where block = 1").update();
    hub.stop();
    assertThat(exit()).isEqualTo(3);
    assertThat(Files.readString(data.resolve("said"))).contains("NOT INTACT", "ISO-AUDIT-005");
    hub.start();
  }

  private int exit() throws Exception {
    java.util.List<String> command =
        new java.util.ArrayList<>(
            java.util.List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                TestHub.classPath(),
                IsocentreApplication.class.getName(),
                "--isocentre.data-dir=" + data,
                "--isocentre.audit.verify=true"));
    command.addAll(java.util.List.of(database()));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(data.resolve("said").toFile())
            .start();
    assertThat(process.waitFor(60, java.util.concurrent.TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }
}
