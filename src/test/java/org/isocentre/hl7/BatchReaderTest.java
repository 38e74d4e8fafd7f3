package org.isocentre.hl7;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.isocentre.hl7.BatchReader.Envelope;
import org.isocentre.hl7.BatchReader.OneMessage;
import org.isocentre.hl7.BatchReader.Part;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BatchReaderTest {
  private static final int MAX = 10_000;

  /** CR as /, LF as _, VT as <, FS as >. */
  private static byte[] bytes(String text) {
    return text.replace('/', '\r')
        .replace('_', '\n')
        .replace('<', '\u000b')
        .replace('>', '\u001c')
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  private static BatchReader reader(byte[] bytes) {
    return new BatchReader(new ByteArrayInputStream(bytes), MAX);
  }

  private static List<String> parts(byte[] bytes) throws IOException {
    BatchReader reader = reader(bytes);
    List<String> parts = new ArrayList<>();
    for (Part part = reader.next(); part != null; part = reader.next()) {
      parts.add(
          part instanceof OneMessage m
              ? new String(m.bytes(), StandardCharsets.ISO_8859_1).strip().replaceAll("\\s+", "+")
              : envelope((Envelope) part));
    }
    return parts;
  }

  private static String envelope(Envelope part) {
    return part.name() + (part.name().endsWith("HS") ? "|" : part.field(1));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "one;MSH|a/PID|1/;MSH|a+PID|1;1",
        "no end of line;MSH|a/PID|1;MSH|a+PID|1;1",
        "LF;MSH|a_PID|1_;MSH|a+PID|1;1",
        "CR LF;MSH|a/_PID|1/_;MSH|a+PID|1;1",
        "several;MSH|a/MSH|b/PID|1/MSH|c/;MSH|a,MSH|b+PID|1,MSH|c;3",
        "blocks of MLLP;<MSH|a/>/<MSH|b/>/;MSH|a,MSH|b;2",
        "blank lines;//_MSH|a//_MSH|b/ /;MSH|a,MSH|b;2",
        "batch;BHS|^/MSH|a/MSH|b/BTS|2/;BHS|,MSH|a,MSH|b,BTS2;2",
        "file;FHS|^/BHS|^/MSH|a/BTS|1/BHS|^/MSH|b/BTS|1/FTS|2/;FHS|,BHS|,MSH|a,BTS1,BHS|,MSH|b,BTS1,FTS2;2",
        "without counts;FHS|^/BHS|^/MSH|a/BTS/FTS;FHS|,BHS|,MSH|a,BTS,FTS;1",
        "leading zeros;BHS|^/MSH|a/BTS|001/;BHS|,MSH|a,BTS001;1",
        "empty batch;BHS|^/BTS|0/;BHS|,BTS0;0",
        "a segment that begins alike;MSH|a/MSHX|1/BTSX|2/;MSH|a+MSHX|1+BTSX|2;1"
      })
  void messagesAreFoundOneByOne(String what, String file, String parts, long count)
      throws IOException {
    assertThat(String.join(",", parts(bytes(file)))).as(what).isEqualTo(parts);
    assertThat(BatchCheck.messages(reader(bytes(file)))).isEqualTo(count);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "BHS|^/MSH|a/MSH|b/BTS|3/;ISO-HL7-132",
        "FHS|^/BHS|^/MSH|a/BTS|1/FTS|2/;ISO-HL7-132",
        "BHS|^/MSH|a/BTS|one/;ISO-HL7-132",
        "BHS|^/MSH|a/;ISO-HL7-133",
        "FHS|^/BHS|^/MSH|a/BTS|1/;ISO-HL7-133",
        "FHS|^/MSH|a/;ISO-HL7-133",
        "MSH|a/BTS|1/;ISO-HL7-133",
        "BHS|^/BHS|^/BTS|0/BTS|0/;ISO-HL7-133",
        "MSH|a/FHS|^/FTS|0/;ISO-HL7-133",
        "FHS|^/FTS|0/MSH|a/;ISO-HL7-133",
        "'';ISO-HL7-133",
        "//;ISO-HL7-133",
        "PID|1/MSH|a/;ISO-HL7-130",
        "hello;ISO-HL7-130"
      })
  void aFileThatIsNotWholeIsRefused(String file, String code) {
    assertThatThrownBy(() -> BatchCheck.messages(reader(bytes(file))))
        .isInstanceOf(BatchException.class)
        .hasMessageStartingWith(code);
  }

  @Test
  void aMessageThatIsTooLongIsRefused() throws IOException {
    assertThat(parts(bytes("MSH|" + "x".repeat(MAX - 5) + "/"))).hasSize(1);
    assertThatThrownBy(() -> parts(bytes("MSH|" + "x".repeat(MAX) + "/")))
        .isInstanceOf(BatchException.class)
        .hasMessageStartingWith("ISO-HL7-131");
  }

  @Provide
  Arbitrary<List<String>> messages() {
    return Arbitraries.of("PID|1", "OBX|1|TX|text", "ZZZ|\u00e9", "NTE", "MSA|AA|1")
        .list()
        .ofMaxSize(5)
        .map(segments -> "MSH|^~\\&|x\r" + String.join("\r", segments) + "\r")
        .list()
        .ofMinSize(1)
        .ofMaxSize(6);
  }

  @Property(tries = 500)
  void whatIsPutTogetherComesApartAsTheSameBytes(@ForAll("messages") List<String> messages)
      throws IOException {
    String file =
        "FHS|^~\\&\rBHS|^~\\&\r"
            + String.join("", messages)
            + "BTS|"
            + messages.size()
            + "\rFTS|1\r";
    BatchReader reader = reader(file.getBytes(StandardCharsets.ISO_8859_1));
    List<String> found = new ArrayList<>();
    for (Part part = reader.next(); part != null; part = reader.next()) {
      if (part instanceof OneMessage m) {
        found.add(new String(m.bytes(), StandardCharsets.ISO_8859_1).replaceAll("\r+", "\r"));
      }
    }
    assertThat(found).isEqualTo(messages.stream().map(m -> m.replaceAll("\r+", "\r")).toList());
  }

  @Property(tries = 1000)
  void anyBytesEnd(@ForAll byte[] bytes) {
    try {
      BatchCheck.messages(reader(bytes));
    } catch (IOException e) {
      assertThat(e).isInstanceOf(BatchException.class);
    }
  }

  /** 1 GB, of which little is held. */
  @Test
  void aLargeBatchIsReadWithoutHoldingIt() throws IOException {
    byte[] message =
        ("MSH|^~\\&|x\rOBX|1|TX|" + "y".repeat(1_000_000) + "\r")
            .getBytes(StandardCharsets.US_ASCII);
    int count = 1000;
    InputStream all =
        new InputStream() {
          private long at;

          @Override
          public int read() {
            throw new UnsupportedOperationException();
          }

          @Override
          public int read(byte[] target, int offset, int length) {
            if (at >= (long) count * message.length) {
              return -1;
            }
            int from = (int) (at % message.length);
            int got = Math.min(length, message.length - from);
            System.arraycopy(message, from, target, offset, got);
            at += got;
            return got;
          }
        };
    assertThat(BatchCheck.messages(new BatchReader(all, 2_000_000))).isEqualTo(count);
  }
}
