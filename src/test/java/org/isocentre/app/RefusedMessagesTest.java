package org.isocentre.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.isocentre.hl7.MessageProblem;
import org.isocentre.model.MessageRefused;
import org.isocentre.store.FileObjectStore;
import org.isocentre.store.ObjectStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.jms.core.JmsTemplate;

/** Keeping what was refused must not come between a sender and its answer. */
@ExtendWith(OutputCaptureExtension.class)
class RefusedMessagesTest {
  private static final MessageProblem PROBLEM =
      new MessageProblem("PID", 1, 3, MessageProblem.REQUIRED_FIELD_MISSING, false, "no number");

  private static ObjectStore full() {
    return (ObjectStore)
        Proxy.newProxyInstance(
            RefusedMessagesTest.class.getClassLoader(),
            new Class<?>[] {ObjectStore.class},
            (proxy, method, arguments) -> {
              throw new IOException("no space");
            });
  }

  @Test
  void aStoreThatIsFullIsToldWithoutTheMessage(CapturedOutput output) {
    RefusedMessages refused =
        new RefusedMessages(
            full(),
            null,
            null,
            null,
            new ObjectMapper(),
            new SimpleMeterRegistry(),
            Clock.systemUTC(),
            1);
    byte[] raw = "MSH|^~\\&|RIS|RTH\rPID|1||SECRET\r".getBytes(StandardCharsets.UTF_8);
    assertThatCode(() -> refused.refused(raw, null, "RTH", List.of(PROBLEM)))
        .doesNotThrowAnyException();
    assertThat(output.getAll()).contains("ISO-MESSAGE-003").doesNotContain("SECRET");
  }

  private static Clock clock(AtomicReference<Instant> now) {
    return new Clock() {
      @Override
      public Instant instant() {
        return now.get();
      }

      @Override
      public ZoneId getZone() {
        return ZoneOffset.UTC;
      }

      @Override
      public Clock withZone(ZoneId zone) {
        throw new UnsupportedOperationException();
      }
    };
  }

  private static final class Sent extends JmsTemplate {
    private final List<byte[]> bodies = new ArrayList<>();

    @Override
    public void convertAndSend(String queue, Object body) {
      assertThat(queue).isEqualTo("message.refused");
      bodies.add((byte[]) body);
    }
  }

  @Test
  void ofSendersOfNoTrustLittleIsKept(@TempDir Path directory, CapturedOutput output)
      throws Exception {
    Sent sent = new Sent();
    ObjectStore store = new FileObjectStore(directory, 0, false);
    ObjectMapper json = new ObjectMapper().registerModule(new JavaTimeModule());
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-01T23:59:59Z"));
    Clock clock = clock(now);
    RefusedMessages refused = new RefusedMessages(store, sent, null, null, json, meters, clock, 2);
    int limit = RefusedMessages.STRANGER_BYTES;
    int[] kept = {limit - 1, limit};
    for (int length : new int[] {limit - 1, 10 * limit, 5, 6}) {
      refused.refused(new byte[length], null, null, List.of(PROBLEM));
    }
    refused.refused(new byte[2 * limit], null, "RTH", List.of(PROBLEM));
    assertThat(lengths(sent, store, json)).containsExactly(kept[0], kept[1], 2 * limit);
    assertThat(meters.counter("isocentre.messages.strangers.dropped").count()).isEqualTo(2);
    assertThat(output.getAll()).containsOnlyOnce("ISO-MESSAGE-029");
    assertThat(RefusedMessages.isCut("", kept[0])).isFalse();
    assertThat(RefusedMessages.isCut("", kept[1])).isTrue();
    assertThat(RefusedMessages.isCut("RTH", kept[1])).isFalse();

    now.set(Instant.parse("2026-11-02T00:00:00Z"));
    refused.refused(new byte[7], null, null, List.of(PROBLEM));
    assertThat(lengths(sent, store, json)).endsWith(7);
  }

  private static List<Integer> lengths(Sent sent, ObjectStore store, ObjectMapper json)
      throws IOException {
    List<Integer> lengths = new ArrayList<>();
    for (byte[] body : sent.bodies) {
      MessageRefused refusal = json.readValue(body, MessageRefused.class);
      try (InputStream in = store.open(refusal.message().objectKey())) {
        lengths.add(in.readAllBytes().length);
      }
    }
    return lengths;
  }

  @Test
  void theCauseNamesTheCodeAndThePlace() {
    assertThat(RefusedMessages.code(PROBLEM)).isEqualTo("HL70357-101:PID-3");
    assertThat(
            RefusedMessages.code(
                new MessageProblem("ORC", 1, 0, MessageProblem.SEGMENT_SEQUENCE, false, "none")))
        .isEqualTo("HL70357-100:ORC");
    assertThat(FailedMessages.code("ISO-INDEX-002: an order was neither"))
        .isEqualTo("ISO-INDEX-002");
    assertThat(FailedMessages.code("java.lang.IllegalStateException"))
        .isEqualTo("java.lang.IllegalStateException");
  }
}
