package org.isocentre.camel.hl7;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MllpFrameReaderTest {
  /** VT, FS, CR and LF in readable form. */
  private static String bytes(String text) {
    return text.replace('<', '\u000b').replace('>', '\u001c').replace('/', '\r').replace('_', '\n');
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1)
        .replace('\u000b', '<')
        .replace('\u001c', '>')
        .replace('\r', '/')
        .replace('\n', '_');
  }

  private static List<String> read(MllpFrameReader reader, byte[] all, int cut) {
    List<String> frames = new ArrayList<>();
    for (int at = 0; at < all.length; at += cut) {
      ByteBuf part = Unpooled.wrappedBuffer(all, at, Math.min(cut, all.length - at));
      while (part.isReadable()) {
        MllpFrameReader.Frame frame = reader.read(part);
        if (frame != null) {
          frames.add((frame.whole() ? "" : "torn:") + text(frame.bytes()));
        }
      }
    }
    return frames;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "one;<MSH|a/>/;MSH|a/",
        "pipelined;<MSH|a/>/<MSH|b/>/<MSH|c/>/;MSH|a/,MSH|b/,MSH|c/",
        "line ends between;/_ <a>/_/_  <b>/_;a,b",
        "empty;<>/;''",
        "end block twice;<a>/>/<b>/;a,b",
        "without start block;MSH|a/>/<b>/;MSH|a/,b",
        "CR of the end block missing;<a><b>/;a,b",
        "FS is content;<a>b>/;a>b",
        "FS FS CR;<a>>/;a>",
        "VT is content;<OBX|x<y/>/;OBX|x<y/",
        "VT VT;<<MSH|a/>/;MSH|a/",
        "word that begins like a segment;<OBX|x<MSHY/>/;OBX|x<MSHY/",
        "end block missing;<MSH|a/<MSH|b/>/;torn:MSH|a/,MSH|b/",
        "end block missing in mid-segment;<MSH|a/PID|1<MSH|b/>/<c>/;torn:MSH|a/PID|1,MSH|b/,c",
        "a batch after a torn one;<MSH|a/<FHS|b/>/;torn:MSH|a/,FHS|b/",
        "torn twice;<MSH|a<MSH|b<MSH|c>/;torn:MSH|a,torn:MSH|b,MSH|c",
        "block in the look-ahead;<x<MS<MSH|b>/;torn:x<MS,MSH|b",
        "end in the look-ahead;<x<MS>/;x<MS"
      })
  void messagesAreFoundHoweverTheyAreCut(String what, String stream, String frames) {
    byte[] all = bytes(stream).getBytes(StandardCharsets.ISO_8859_1);
    List<String> expected = List.of(frames.split(",", -1));
    for (int cut = 1; cut <= all.length; cut++) {
      MllpFrameReader reader = new MllpFrameReader();
      assertThat(read(reader, all, cut)).as("%s, cut at %d", what, cut).isEqualTo(expected);
      assertThat(reader.isInside()).isFalse();
    }
  }

  @Provide
  Arbitrary<byte[]> content() {
    return Arbitraries.of("M", "S", "H", "|", "\r", "\n", "x", "\u00e9", "\u001c", "\u000b", " ")
        .list()
        .ofMaxSize(40)
        .map(
            parts ->
                ("MSH|" + String.join("", parts) + "\r").getBytes(StandardCharsets.ISO_8859_1));
  }

  /**
   * Nothing that was sent as content is left out, whatever it is: it is in a frame or in a torn
   * one.
   */
  @Property(tries = 3000)
  void noByteOfAMessageIsLost(@ForAll("content") byte[] content, @ForAll long seed) {
    byte[] framed = new byte[content.length + 3];
    framed[0] = 0x0b;
    System.arraycopy(content, 0, framed, 1, content.length);
    framed[framed.length - 2] = 0x1c;
    framed[framed.length - 1] = 0x0d;
    MllpFrameReader reader = new MllpFrameReader();
    List<MllpFrameReader.Frame> frames = new ArrayList<>();
    Random random = new Random(seed);
    for (int at = 0; at < framed.length; ) {
      int count = Math.min(framed.length - at, 1 + random.nextInt(8));
      ByteBuf part = Unpooled.wrappedBuffer(framed, at, count);
      while (part.isReadable()) {
        MllpFrameReader.Frame frame = reader.read(part);
        if (frame != null) {
          frames.add(frame);
        }
      }
      at += count;
    }
    assertThat(frames).isNotEmpty();
    StringBuilder all = new StringBuilder();
    frames.forEach(f -> all.append(text(f.bytes())));
    // What separates is not content; all else is there, in order.
    String sent = text(content).replaceAll("[<>/_ ]", "");
    assertThat(all.toString().replaceAll("[<>/_ ]", "")).isEqualTo(sent);
  }

  @Property(tries = 1000)
  void anyBytesAreReadToTheEnd(@ForAll byte[] bytes) {
    MllpFrameReader reader = new MllpFrameReader();
    ByteBuf in = Unpooled.wrappedBuffer(bytes);
    while (in.isReadable()) {
      reader.read(in);
    }
    assertThat(reader.length()).isLessThanOrEqualTo(bytes.length);
  }
}
