package org.isocentre.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import org.isocentre.exchange.TrustDirectory;
import org.isocentre.hl7.Acknowledgement;
import org.isocentre.model.MessageSource;
import org.isocentre.model.Organisation;
import org.isocentre.outbound.ApplicationAnswers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is an answer, and what one is answered with. */
class AnswersByDoorTest {
  private static final MessageSource HERE = new MessageSource("127.0.0.1", List.of(), null);

  @ParameterizedTest
  @CsvSource({
    "MSH|^~\\&|A|B\\rMSA|AA|1\\r, true",
    "MSH|^~\\&|A|B\\r\\nMSA|AA|1\\r\\n, true",
    "MSH|^~\\&|A|B\\nMSA|AA|1\\n, true",
    "MSH|^~\\&|A|B\\rPID|1\\rMSA|AA|1\\r, false",
    "MSH|^~\\&|A|B\\rMS, false",
    "MSH|^~\\&|A|B\\r, false",
    "MSH|^~\\&|A|B, false",
    "M, false"
  })
  void isAnAnswer(String text, boolean is) {
    String message = text.replace("\\r", "\r").replace("\\n", "\n");
    assertThat(AnswersByDoor.isAnswer(message.getBytes(StandardCharsets.US_ASCII))).isEqualTo(is);
  }

  private static String answer(ApplicationAnswers answers, String accept, String facility) {
    AnswersByDoor door =
        new AnswersByDoor(
            new TrustDirectory(
                    List.of(
                        new Organisation(
                            "RJ1", "Trust", List.of(), List.of("RJ1"), false, List.of())),
                    null)
                .senders(),
            answers,
            new Acknowledgement(Clock.systemUTC()));
    String ack =
        "MSH|^~\\&|EPR|"
            + facility
            + "|HUB|HUB|2026||ACK^O01|A1|P|2.5|||"
            + accept
            + "|NE\rMSA|AA|C1\r";
    return new String(
        door.receive(ack.getBytes(StandardCharsets.US_ASCII), HERE), StandardCharsets.US_ASCII);
  }

  @Test
  void oneThatDoesNotAskIsNotAnswered() {
    assertThat(answer(null, "", "RJ1")).isEmpty();
    assertThat(answer(null, "NE", "RX9")).isEmpty();
  }

  @Test
  void whatCannotBeNotedNowIsSentAgain() {
    assertThat(answer(null, "AL", "RJ1")).contains("\rMSA|CE|A1").contains("send it again");
  }

  @Test
  void whoIsNotKnownConfirmsNothing() {
    assertThat(answer(null, "AL", "RX9")).contains("\rMSA|CR|A1").contains("204^");
  }
}
