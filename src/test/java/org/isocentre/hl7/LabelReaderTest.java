package org.isocentre.hl7;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.isocentre.model.MessageLabels;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a message is found by. */
class LabelReaderTest {
  private static final String MSH = "MSH|^~\\&|RIS|RAD|HUB|ISO|20261101090000+0000||%s|M1|P|2.4\r";
  private final LabelReader reader =
      new LabelReader(
          name -> List.of("RTH", "RJ1").contains(name) ? Optional.of(name) : Optional.empty());

  private MessageLabels read(String type, String segments) {
    return reader.read(
        (MSH.formatted(type) + segments.replace('/', '\r')).getBytes(StandardCharsets.UTF_8),
        "RTH");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "PID|1||L1; PATIENT RTH L1",
        "PID|1||L1^^^RJ1^MR; PATIENT RJ1 L1",
        "PID|1||L1^^^PAS^PI; PATIENT PAS L1",
        "PID|1||L1^^^RTH~L2^^^RTH; PATIENT RTH L1, PATIENT RTH L2",
        "PID|1||999 000 0018^^^NHS^NH; PATIENT NHS 9990000018",
        // A wrong check digit is no NHS number.
        "PID|1||9990000019^^^NHS^NH; ''",
        "PID|1|9990000018|; PATIENT NHS 9990000018, PATIENT RTH 9990000018",
        "PID|1||||||||||||||||||9990000018; PATIENT NHS 9990000018",
        "PID|1||L1/MRG|L9^^^RTH; PATIENT RTH L1, PRIOR RTH L9",
        "ORC|NW|P1|F1; ORDER RTH P1, ORDER RTH F1, ACCESSION RTH F1",
        "OBR|1|P1^RJ1|F1^RIS|||||||||||||||A1||A2;"
            + "ORDER RJ1 P1, ORDER RTH F1, ACCESSION RTH F1, ACCESSION RTH A1, ACCESSION RTH A2",
        "IPC|A1; ACCESSION RTH A1",
        "ZZZ|L1; ''"
      })
  void numbersAreFoundWhereSendersPutThem(String segments, String expected) {
    assertThat(
            read("ORM^O01", segments).numbers().stream()
                .map(n -> n.kind() + " " + n.issuer() + " " + n.value()))
        .containsExactlyInAnyOrderElementsOf(
            expected.isEmpty() ? List.of() : List.of(expected.split(", ")));
  }

  @Test
  void theSenderAndTheTimeComeFromTheHeader() {
    MessageLabels labels = read("XXX^X01", "");
    assertThat(labels.senderApplication()).isEqualTo("RIS");
    assertThat(labels.senderFacility()).isEqualTo("RAD");
    assertThat(labels.sentAt()).isEqualTo(Instant.parse("2026-11-01T09:00:00Z"));
    assertThat(labels).hasToString("MessageLabels[RAD, 0 numbers]");
  }

  @Test
  void aNumberThatIsTooLongIsNoLabel() {
    assertThat(read("ADT^A08", "PID|1||" + "9".repeat(65)).numbers()).isEmpty();
  }

  @Property
  void anyBytesAreReadWithoutAnException(@ForAll @Size(max = 200) byte[] bytes) {
    byte[] head = "MSH|^~\\&|A|B|\rPID|".getBytes(StandardCharsets.UTF_8);
    byte[] all = java.util.Arrays.copyOf(head, head.length + bytes.length);
    System.arraycopy(bytes, 0, all, head.length, bytes.length);
    assertThat(reader.read(all, "RTH")).isNotNull();
    assertThat(reader.read(bytes, "RTH")).isNotNull();
  }
}
