package org.isocentre.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import org.isocentre.hl7.MessageProblem;
import org.isocentre.store.ObjectStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

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
        new RefusedMessages(full(), null, null, null, new ObjectMapper(), Clock.systemUTC());
    byte[] raw = "MSH|^~\\&|RIS|RTH\rPID|1||SECRET\r".getBytes(StandardCharsets.UTF_8);
    assertThatCode(() -> refused.refused(raw, null, "RTH", List.of(PROBLEM)))
        .doesNotThrowAnyException();
    assertThat(output.getAll()).contains("ISO-MESSAGE-003").doesNotContain("SECRET");
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
