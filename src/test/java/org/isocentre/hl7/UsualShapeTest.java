package org.isocentre.hl7;

import static org.assertj.core.api.Assertions.assertThat;

import ca.uhn.hl7v2.HL7Exception;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is told from the text alone is what the parser's check says, too. */
class UsualShapeTest {
  private static final int TRIES = Integer.getInteger("isocentre.odd.messages", 1000) * 20;
  private static final long SEED = Long.getLong("isocentre.odd.seed", 20261127);
  private static final String ORDER =
      """
      MSH|^~\\&|RIS|RTH|HUB|ISO|20261101093000||ORM^O01|M1|P|2.4
      PID|1||H1^^^RTH^MR||TEST^ANN||19740213|F
      ORC|NW|P1|F1
      OBR|1|P1|F1|CTHEAD^CT head
      """;

  private static boolean isClear(String text) {
    return isClear(text.replace('\n', '\r').getBytes(StandardCharsets.UTF_8));
  }

  private static boolean isClear(byte[] raw) {
    try {
      return UsualShape.isClear(raw, Hl7Message.header(raw).orElseThrow());
    } catch (UnreadableTextException e) {
      return false;
    }
  }

  /** What the parser's check says; it fails for what cannot be parsed. */
  private static List<MessageProblem> problems(byte[] raw) {
    try {
      return MessageCheck.check(Hl7Message.parse(raw));
    } catch (HL7Exception | RuntimeException e) {
      throw new AssertionError(new String(raw, StandardCharsets.ISO_8859_1), e);
    }
  }

  private static boolean isOfAKnownKind(Hl7Message.Header header) {
    return MessageCheck.check(header).isEmpty();
  }

  @Test
  void usualMessagesAreClear() {
    assertThat(isClear(ORDER)).isTrue();
    assertThat(isClear(ORDER.replace("ORM^O01", "ORU^R01^ORU_R01"))).isTrue();
    assertThat(isClear(ORDER.replace("ORM^O01", "OMI^O23^OMI_O23").replace("2.4", "2.5.1")))
        .isTrue();
    assertThat(isClear(ORDER.replace("ORM^O01", "ADT^A08"))).isTrue();
    assertThat(isClear(ORDER.replace("ANN", "ZOË"))).isTrue();
    assertThat(isClear(ORDER + "NTE|1||A text with \\T\\ and \"quotes\"")).isTrue();
  }

  static Stream<Arguments> others() {
    return Stream.of(
        Arguments.of("H1^^^RTH^MR", ""),
        Arguments.of("H1^^^RTH^MR", "9990000018^^^NHS^NH"),
        Arguments.of("H1^^^RTH^MR", "\"\""),
        Arguments.of("H1^^^RTH^MR", "01^^^RTH^NSTS"),
        Arguments.of("H1^^^RTH^MR", "9".repeat(65) + "^^^RTH^MR"),
        Arguments.of("19740213", "19741313"),
        Arguments.of("|P1|F1", "||"),
        Arguments.of("|P1|F1", "|\"\"|\"\""),
        Arguments.of("|P1|F1", "|" + "9".repeat(65) + "|F1"),
        Arguments.of("ORC|NW", "ORC|PR"),
        Arguments.of("ORM^O01", "ORM"),
        Arguments.of("ORM^O01", "ADT^A40"),
        Arguments.of("|2.4", "|2.4^GBR"),
        Arguments.of("^~\\&", "^~\\&#"),
        Arguments.of("OBR|1", "OBX|1|ED|R^Report||^application^pdf^Base64^!\nOBR|1"),
        Arguments.of("OBR|1", "PID|2||H2^^^RTH^MR\nOBR|1"),
        Arguments.of("OBR|1", "ZZZ|1\nOBR|1"),
        Arguments.of("OBR|1", "OBR|1|P1|F1\nOBR|1"),
        Arguments.of("OBR|1", "\nOBR|1"));
  }

  @ParameterizedTest
  @MethodSource("others")
  void whatIsNotUsualIsParsed(String part, String instead) {
    String other = ORDER.replace(part, instead);
    assertThat(other).isNotEqualTo(ORDER);
    assertThat(isClear(other)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"PID", "ORC"})
  void aSegmentThatIsNeededIsMissing(String name) {
    assertThat(isClear(ORDER.replaceAll("(?m)^" + name + ".*\n", ""))).isFalse();
  }

  @Test
  void whatIsClearHasNoProblem() {
    int clear = 0;
    for (MessageTable.Case c : MessageTable.cases()) {
      clear += check(c.raw(), c.name()) ? 1 : 0;
    }
    // The table is of odd ones; a third of it is of merges, documents and appointments.
    assertThat(clear).isGreaterThan(MessageTable.cases().size() / 5);
    Random random = new Random(SEED);
    clear = 0;
    for (int i = 0; i < TRIES; i++) {
      clear += check(OddMessages.next(random), "seed " + SEED + ", message " + i) ? 1 : 0;
    }
    assertThat(clear).isGreaterThan(TRIES / 20);
  }

  /**
   * @return whether it is clear
   */
  private static boolean check(byte[] raw, String name) {
    Optional<Hl7Message.Header> header =
        Hl7Message.header(raw).filter(UsualShapeTest::isOfAKnownKind);
    if (header.isEmpty() || !isClear(raw)) {
      return false;
    }
    assertThat(problems(raw)).as(name).isEmpty();
    return true;
  }
}
