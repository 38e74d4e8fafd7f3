package org.isocentre.hl7;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.isocentre.model.MessageSender;
import org.isocentre.model.MessageSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a sender is answered. */
class MessageReceiverTest {
  private static final String PID = "PID|1||9990000018^^^NHS^NH||TEST^CASE||19740213|F\r";
  private static final String GROUP = "ORC|NW|P1|F1\rOBR|1|P1|F1|CTHEAD^CT head^LOCAL\r";
  private static final MessageSource SOURCE = new MessageSource("10.1.2.3", List.of(), "c1");
  private final List<byte[]> kept = new ArrayList<>();
  private final List<String> refused = new ArrayList<>();
  private boolean diskFails;
  private boolean enhanced = true;
  private final List<String> incidents = new ArrayList<>();
  private final MessageReceiver receiver = receiver(null);

  private MessageReceiver receiver(MessageReceiver.Incidents refusing) {
    return new MessageReceiver(
        (application, facility, source) ->
            facility.equals("RTH")
                ? Optional.of(new MessageSender("RTH", enhanced))
                : Optional.empty(),
        (raw, event) -> {
          if (diskFails) {
            throw new IOException("no space");
          }
          kept.add(raw);
          return event.apply("hl7/key");
        },
        new ControlIds(100, Duration.ofHours(1)),
        refusing,
        new Acknowledgement(clock()),
        clock(),
        (raw, header, custodian, problems) ->
            refused.add(
                (header == null ? "none" : header.controlId())
                    + " "
                    + custodian
                    + " "
                    + problems.stream().map(MessageProblem::code).toList()));
  }

  private static Clock clock() {
    return Clock.fixed(Instant.parse("2026-11-01T12:00:00Z"), ZoneOffset.UTC);
  }

  private static String msh(String type, String version) {
    return "MSH|^~\\&|RIS|RTH|HUB|ISO|20261101090000||" + type + "|M1|P|" + version + "\r";
  }

  private static String enhanced(String accept, String application, String version) {
    return msh("ORM^O01", version).replace("\r", "|||" + accept + "|" + application + "\r");
  }

  private String answer(String message) {
    return answer(receiver, message);
  }

  private static String answer(MessageReceiver receiver, String message) {
    return new String(
        receiver.receive(message.getBytes(StandardCharsets.UTF_8), SOURCE).answer(),
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
      MessageReceiver.Received received = receiver.receive(raw, SOURCE);
      assertThat(received.isAccepted()).as(version).isTrue();
      assertThat(MessageReceiver.queue(received.event().messageType())).isEqualTo(queue);
      assertThat(received.event().custodian()).isEqualTo("RTH");
      assertThat(kept).containsExactly(raw);
      String answer = new String(received.answer(), StandardCharsets.UTF_8);
      assertThat(answer)
          .startsWith("MSH|^~\\&|HUB|ISO|RIS|RTH|20261101120000.000+0000||ACK^")
          .contains("\rMSA|AA|M1|")
          .doesNotContain("ERR");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "ORU^R03;2.4;AR;MSH^1^9^201&Unsupported event code&HL70357",
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
        .contains("ERR|MSH^1^^207&Application internal error&HL70357");
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

  @ParameterizedTest
  @CsvSource(
      nullValues = "none",
      value = {
        // MSH-15, MSH-16, accepted, refused by MSH alone, refused by a segment, could not be
        // stored, event asks for
        "'', '', AA, AR, AE, AE, none",
        "AL, '', CA, CR, CE, CE, none",
        "AL, NE, CA, CR, CE, CE, none",
        "AL, AL, CA, CR, CE, CE, AL",
        "NE, NE, none, none, none, none, none",
        "NE, AL, none, AR, AE, AE, AL",
        "NE, ER, none, AR, AE, AE, ER",
        "NE, SU, none, none, none, none, SU",
        "ER, SU, none, CR, CE, CE, SU",
        "SU, ER, CA, AR, AE, AE, ER",
        "SU, NE, CA, none, none, none, none",
        "XX, NE, CA, CR, CE, CE, none"
      })
  void eachModeGetsTheAnswersThatItAsksFor(
      String accept,
      String application,
      String accepted,
      String rejected,
      String malformed,
      String unavailable,
      String due) {
    String good = enhanced(accept, application, "2.4") + PID + GROUP;
    MessageReceiver.Received received =
        receiver.receive(good.getBytes(StandardCharsets.UTF_8), SOURCE);
    assertCode(accepted, new String(received.answer(), StandardCharsets.UTF_8));
    assertThat(received.event().arrival().applicationAcknowledgement()).isEqualTo(due);
    assertThat(received.event().arrival().connection()).isEqualTo("c1");
    assertCode(rejected, answer(enhanced(accept, application, "9.9") + PID + GROUP));
    assertCode(malformed, answer(enhanced(accept, application, "2.4") + PID));
    diskFails = true;
    assertCode(
        unavailable,
        answer(enhanced(accept, application, "2.4").replace("|M1|", "|M2|") + PID + GROUP));
  }

  private static void assertCode(String code, String answer) {
    if (code == null) {
      assertThat(answer).isEmpty();
    } else {
      assertThat(answer).contains("\rMSA|" + code + "|M");
    }
  }

  @Test
  void aSenderThatMeansOriginalModeIsAnsweredInIt() {
    enhanced = false;
    assertThat(answer(enhanced("AL", "NE", "2.4") + PID + GROUP)).contains("MSA|AA|M1|");
  }

  @Test
  void anAcknowledgementIsNeverAnswered() {
    assertThat(answer(msh("ACK^O01", "2.4") + "MSA|AA|7\r")).isEmpty();
    assertThat(answer(msh("ACK", "2.4").replace("|RTH|", "|XXX|") + "MSA|CA|7\r")).isEmpty();
    assertThat(kept).isEmpty();
  }

  @Test
  void theSameMessageAgainIsAcknowledgedAgainAndKeptOnce() {
    String message = msh("ORM^O01", "2.4") + PID + GROUP;
    assertThat(answer(message)).contains("MSA|AA|M1|");
    MessageReceiver.Received again =
        receiver.receive(message.getBytes(StandardCharsets.UTF_8), SOURCE);
    assertThat(again.outcome()).isEqualTo(MessageReceiver.Outcome.DUPLICATE);
    assertThat(new String(again.answer(), StandardCharsets.UTF_8)).contains("MSA|AA|M1|");
    assertThat(kept).hasSize(1);
  }

  @Test
  void whatWasNotStoredIsNoDuplicate() {
    String message = msh("ORM^O01", "2.4") + PID + GROUP;
    diskFails = true;
    assertThat(answer(message)).contains("MSA|AE|M1|");
    diskFails = false;
    assertThat(answer(message)).contains("MSA|AA|M1|");
    assertThat(kept).hasSize(1);
  }

  @Test
  void anotherMessageWithTheSameControlIdIsKeptOrRefusedByRule() {
    String first = msh("ORM^O01", "2.4") + PID + GROUP;
    String other = first.replace("CT head", "CT neck");
    answer(first);
    assertThat(answer(other)).contains("MSA|AA|M1|");
    assertThat(kept).hasSize(2);

    MessageReceiver strict =
        receiver((custodian, sender, controlId) -> incidents.add(custodian + sender + controlId));
    answer(strict, first);
    assertThat(answer(strict, other))
        .contains("MSA|AR|M1|")
        .contains("ERR|MSH^1^10^205&Duplicate key identifier&HL70357");
    assertThat(incidents).containsExactly("RTHRIS|RTHM1");
    assertThat(answer(strict, first.replace("|RIS|", "|PAS|"))).contains("MSA|AA|M1|");
    assertThat(kept).hasSize(4);
  }

  @Test
  void aReusedControlIdIsAnsweredAlsoWhenNobodyCanBeTold() {
    MessageReceiver strict =
        receiver(
            (custodian, sender, controlId) -> {
              throw new IllegalStateException("the database is away");
            });
    String first = msh("ORM^O01", "2.4") + PID + GROUP;
    assertThat(answer(strict, first)).contains("MSA|AA|M1|");
    assertThat(answer(strict, first.replace("CTHEAD", "CTNECK"))).contains("MSA|AR|M1|");
    assertThat(kept).hasSize(1);
    assertThat(refused).containsExactly("M1 RTH [205]");
  }

  @Test
  void theControlIdComesBackAsTheSameBytes() {
    byte[] raw =
        (msh("ORM^O01", "2.4").replace("|M1|", "|M\u00e9\u00fc|") + PID + GROUP)
            .getBytes(StandardCharsets.UTF_8);
    assertThat(new String(receiver.receive(raw, SOURCE).answer(), StandardCharsets.UTF_8))
        .contains("MSA|AA|M\u00e9\u00fc|");
  }

  @Test
  void errorsOfVersionsBefore25AreOneSegment() {
    assertThat(answer(msh("ORM^O01", "2.4") + "PID|1||||T\rORC|NW\r"))
        .contains("\rMSA|AE|M1|no patient number")
        .contains("|||101^Required field missing^HL70357\r")
        .contains(
            "\rERR|PID^1^3^101&Required field missing&HL70357~ORC^1^2^101&Required field missing&HL70357\r");
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
    MessageReceiver.Received received = receiver.receive(raw, SOURCE);
    String answer = new String(received.answer(), StandardCharsets.ISO_8859_1);
    if (received.outcome() != MessageReceiver.Outcome.ACKNOWLEDGEMENT && !answer.isEmpty()) {
      assertThat(answer).startsWith("MSH").contains("\rMSA").endsWith("\r");
    }
    assertThat(kept).hasSize(received.outcome() == MessageReceiver.Outcome.ACCEPTED ? 1 : 0);
    if (Pattern.compile("\rMSA.[AC]A").matcher(answer).find()) {
      assertThat(received.isAccepted()).isTrue();
    }
    if (received.outcome() == MessageReceiver.Outcome.ACCEPTED) {
      assertThat(received.event().objectKey()).isEqualTo("hl7/key");
      assertThat(kept.get(0)).isEqualTo(raw);
      // What was acknowledged can be read again when it is filed.
      assertThat(Hl7Message.header(kept.get(0))).isPresent();
    }
  }

  @Test
  void whatIsRefusedIsTold() {
    answer(msh("ORM^O01", "2.4") + PID + GROUP);
    answer(msh("ORM^O01", "2.4") + "PID|1\r" + GROUP);
    answer(msh("ORM^O01", "2.4").replace("|RTH|", "|XXX|") + PID + GROUP);
    answer("GET / HTTP/1.1");
    assertThat(refused).containsExactly("M1 RTH [101]", "M1 null [204]", "none null []");
  }
}
