package org.isocentre.dicom.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MultipartReaderTest {
  private static final String TYPE = "multipart/related; type=\"application/dicom\"; boundary=b-1";

  /** Whatever the parts hold, and however the bytes come: they are what they were. */
  @Property(tries = 300)
  void partsAreWhatTheyWere(
      @ForAll @Size(max = 5) List<@IntRange(max = 200_000) Integer> lengths,
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 70_000) int chunk)
      throws IOException {
    Random random = new Random(seed);
    List<byte[]> parts = new ArrayList<>();
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (int length : lengths) {
      byte[] part = new byte[length];
      random.nextBytes(part);
      for (int i = 0; i + 8 < length; i += 1 + random.nextInt(5000)) {
        // What looks like a delimiter, and is none.
        System.arraycopy("\r\n--b-0".getBytes(StandardCharsets.US_ASCII), 0, part, i, 7);
      }
      parts.add(part);
      body.write(
          "--b-1\r\nContent-Type: application/dicom\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      body.write(part);
      body.write("\r\n".getBytes(StandardCharsets.US_ASCII));
    }
    body.write("--b-1--\r\n".getBytes(StandardCharsets.US_ASCII));
    MultipartReader reader = MultipartReader.of(new Chunks(body.toByteArray(), chunk), TYPE);
    for (byte[] part : parts) {
      MultipartReader.Part read = reader.next();
      assertThat(read.header("content-type")).isEqualTo("application/dicom");
      assertThat(read.readAllBytes()).isEqualTo(part);
    }
    assertThat(reader.next()).isNull();
  }

  /** Gives so many bytes at a time. */
  private static final class Chunks extends ByteArrayInputStream {
    private final int chunk;

    Chunks(byte[] bytes, int chunk) {
      super(bytes);
      this.chunk = chunk;
    }

    @Override
    public synchronized int read(byte[] into, int offset, int length) {
      return super.read(into, offset, Math.min(length, chunk));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "--b-1",
        "--b-1\r\n",
        "--b-1\r\nContent-Type: a\r\n",
        "--b-1\r\nContent-Type: a\r\n\r\nabc",
        "--b-1\r\nContent-Type: a\r\n\r\nabc\r\n--b-1",
        "--b-1 x\r\n\r\nabc\r\n--b-1--",
        "--b-1\r\nno colon\r\n\r\nabc\r\n--b-1--",
        "--other\r\n\r\nabc\r\n--other--"
      })
  void whatIsMalformedIsSaid(String body) {
    InputStream in = new ByteArrayInputStream(body.getBytes(StandardCharsets.US_ASCII));
    assertThatThrownBy(
            () -> {
              MultipartReader reader = MultipartReader.of(in, TYPE);
              for (MultipartReader.Part p = reader.next(); p != null; p = reader.next()) {
                p.readAllBytes();
              }
            })
        .isInstanceOf(MultipartReader.MalformedException.class)
        .hasMessageStartingWith("ISO-MULTIPART-001");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "multipart/related",
        "multipart/related; boundary=",
        "multipart/related; boundary=\"\""
      })
  void aBoundaryIsNeeded(String type) {
    assertThatThrownBy(() -> MultipartReader.of(InputStream.nullInputStream(), type))
        .isInstanceOf(MultipartReader.MalformedException.class);
  }
}
