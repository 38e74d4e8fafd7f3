package org.isocentre.hl7;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a sender is answered. */
class MessageReceiverTest {
  private static final String PID = "PID|1||9990000018^^^NHS^NH||TEST^CASE||19740213|F\r";
  private static final String GROUP = "ORC|NW|P1|F1\rOBR|1|P1|F1|CTHEAD^CT head^LOCAL\r";
  private final List<byte[]> kept = new ArrayList<>();
  private boolean diskFails;
  private final MessageReceiver receiver =
      new MessageReceiver(
          (application, facility) -> facility.equals("RTH") ? Optional.of("RTH") : Optional.empty(),
          raw -> {
            if (diskFails) {
              throw new IOException("no space");
            }
            kept.add(raw);
            return "hl7/key";
          },
          new Acknowledgement(clock()),
          clock(),
          new MessageCheck(false));

  private static Clock clock() {
    return Clock.fixed(Instant.parse("2026-11-01T12:00:00Z"), ZoneOffset.UTC);
  }

  private static String msh(String type, String version) {
    return "MSH|^~\\&|RIS|RTH|HUB|ISO|20261101090000||" + type + "|M1|P|" + version + "\r";
  }

  private String answer(String message) {
    return new String(
        receiver.receive(message.getBytes(StandardCharsets.UTF_8)).answer(),
        StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @CsvSource({
    "ADT^A01,patient.received", "ADT^A04,patient.received", "ADT^A08,patient.received",
    "ADT^A28,patient.received", "ADT^A31,patient.received", "ORM^O01,order.received",
    "ORU^R01,report.received"
  })
  void supportedMessagesAreKeptAndQueued(String type, String queue) {
    for (String version : List.of("2.3", "2.3.1", "2.4", "2.5", "2.5.1")) {
      kept.clear();
      byte[] raw = (msh(type, version) + PID + GROUP).getBytes(StandardCharsets.UTF_8);
      MessageReceiver.Received received = receiver.receive(raw);
      assertThat(received.isAccepted()).as(version).isTrue();
      assertThat(received.queue()).isEqualTo(queue);
      assertThat(received.event().custodian()).isEqualTo("RTH");
      assertThat(kept).containsExactly(raw);
      String answer = new String(received.answer(), StandardCharsets.UTF_8);
      assertThat(answer)
          .startsWith("MSH|^~\\&|HUB|ISO|RIS|RTH|20261101120000.000+0000||ACK^")
          .contains("\rMSA|AA|M1|")
          .doesNotContain("ERR");
      assertThat(new String(received.unavailable(), StandardCharsets.UTF_8)).contains("MSA|AE|M1");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "ORU^R03;2.4;AR;MSH^1^9^201",
        "QRY^A19;2.4;AR;MSH^1^9^200",
        "ORM^O01;2.9;AR;|MSH^1^12|203",
        "ORM^O01;;AR;MSH^1^12^203"
      })
  void whatIsNotSupportedIsRejected(String type, String version, String code, String error) {
    assertThat(answer(msh(type, version == null ? "" : version) + PID + GROUP))
        .contains("MSA|" + code + "|M1|")
        .contains("ERR|" + error);
    assertThat(kept).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "no PID;ORC|NW|P1|F1~OBR|1|P1|F1;ERR||PID^1|100^Segment sequence error^HL70357|E",
        "no patient number;PID|1||||TEST~ORC|NW|P1|F1;ERR||PID^1^3|101^Required field missing",
        "no date;PID|1||1^^^RTH^MR||||19741341~ORC|NW|P1;ERR||PID^1^7|102^Data type error",
        "no ORC;PID|1||1^^^RTH^MR~OBR|1|P1|F1;ERR||ORC^1|100^",
        "no number;PID|1||1^^^RTH^MR~ORC|NW~OBR|1;ERR||ORC^1^2|101^",
        "second group;PID|1||1^^^RTH^MR~ORC|NW|P1~ORC|NW;ERR||ORC^2^2|101^"
      })
  void whatIsMalformedIsAnsweredWithSegmentFieldAndRemedy(String why, String body, String error) {
    assertThat(answer(msh("ORM^O01", "2.5") + body.replace('~', '\r') + "\r"))
        .as(why)
        .contains("MSA|AE|M1|")
        .contains(error);
    assertThat(kept).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"A18", "A24", "A30", "A34", "A36", "A37", "A40", "A47"})
  void aMergeIsRejectedWhereNothingMerges(String trigger) {
    assertThat(answer(msh("ADT^" + trigger, "2.4") + PID + "MRG|OLD1^^^RTH^MR\r" + PID))
        .contains("MSA|AR|M1|")
        .contains("ERR|MSH^1^9^201");
    assertThat(kept).isEmpty();
  }

  @Test
  void aFacilityThatIsNotInTheDirectoryIsRejected() {
    assertThat(answer(msh("ADT^A01", "2.4").replace("|RTH|", "|XXX|") + PID))
        .contains("MSA|AR|M1|")
        .contains("ERR|MSH^1^4^204");
  }

  @Test
  void aDiskThatFailsIsAnsweredAe() {
    diskFails = true;
    assertThat(answer(msh("ADT^A01", "2.4") + PID))
        .contains("MSA|AE|M1|")
        .contains("ERR|MSH^1^207");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "MSH", "GET / HTTP/1.1", "MSHabc", "PID|1", "<ClinicalDocument/>"})
  void whatIsNoMessageIsRejected(String text) {
    assertThat(answer(text)).startsWith("MSH|^~\\&|").contains("MSA|AR|");
  }

  @Test
  void otherSeparatorsAreUsedInTheAnswer() {
    assertThat(answer("MSH#*~\\&#RIS#RTH#HUB#ISO#2026##ADT*A01#M1#P#2.5\rPID#1##1***RTH*MR\r"))
        .startsWith("MSH#*~\\&#HUB#ISO#RIS#RTH#")
        .contains("MSA#AA#M1#");
  }

  @Property(tries = 2000)
  void anyBytesGetAnAnswer(@ForAll byte[] bytes) {
    assertAnswered(bytes);
  }

  @Property(tries = 3000)
  void aMessageWithBytesChangedOrCutGetsAnAnswer(
      @ForAll @IntRange(max = 250) int at,
      @ForAll byte value,
      @ForAll @IntRange(max = 250) int length) {
    byte[] raw =
        (msh("ORU^R01", "2.5") + PID + GROUP + "OBX|1|TX|R||text\r")
            .getBytes(StandardCharsets.UTF_8);
    raw[at % raw.length] = value;
    assertAnswered(java.util.Arrays.copyOf(raw, Math.min(raw.length, length + 20)));
  }

  private void assertAnswered(byte[] raw) {
    kept.clear();
    MessageReceiver.Received received = receiver.receive(raw);
    String answer = new String(received.answer(), StandardCharsets.ISO_8859_1);
    assertThat(answer).startsWith("MSH").contains("\rMSA").endsWith("\r");
    assertThat(kept).hasSize(received.isAccepted() ? 1 : 0);
    if (received.isAccepted()) {
      // What was acknowledged can be read again when it is filed.
      assertThat(Hl7Message.header(kept.get(0))).isPresent();
    }
  }
}
