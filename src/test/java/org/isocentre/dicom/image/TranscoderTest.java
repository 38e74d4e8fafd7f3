package org.isocentre.dicom.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.TransferSyntax;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.data.Vr;
import org.isocentre.dicom.io.DicomJson;
import org.isocentre.dicom.io.ReaderLimits;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Every lossless way from syntax to syntax keeps elements and pixels. */
class TranscoderTest {
  private static final String RLE = "1.2.840.10008.1.2.5";
  private static final List<String> SYNTAXES =
      List.of(
          Uid.EXPLICIT_VR_LITTLE_ENDIAN,
          Uid.IMPLICIT_VR_LITTLE_ENDIAN,
          Uid.DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN,
          Uid.EXPLICIT_VR_BIG_ENDIAN,
          RLE);
  private static final byte[] BULK = TestImages.pixels(20_000, 8);
  private static final Transcoder TRANSCODER =
      new Transcoder(
          new ImageLimits(1 << 24, 1000, ReaderLimits.DEFAULT.withMaxValueBytes(BULK.length - 1)));

  private static final List<ImagePixel> IMAGES =
      List.of(
          TestImages.pixel(7, 5, 1, 8, false, 1),
          TestImages.pixel(7, 5, 1, 8, false, 3),
          TestImages.pixel(5, 9, 3, 8, false, 2),
          TestImages.pixel(5, 9, 3, 8, true, 3),
          TestImages.pixel(6, 4, 1, 16, false, 4),
          TestImages.pixel(3, 3, 3, 16, true, 2),
          TestImages.pixel(4, 4, 1, 32, false, 2),
          TestImages.pixel(4, 4, 3, 32, false, 1));

  static byte[] transcode(byte[] bytes, String from, String to) throws IOException {
    try (InputStream in = TRANSCODER.transcode(SeekableSource.of(bytes), from, to)) {
      return in.readAllBytes();
    }
  }

  /** Decoded frames of what may be deflated. */
  static List<byte[]> frames(byte[] bytes, String syntax) throws IOException {
    TransferSyntax of = TransferSyntax.of(syntax);
    SeekableSource source = SeekableSource.of(bytes);
    Frames frames =
        Frames.of(
            TestImages.read(bytes, syntax),
            of,
            of.deflated() ? new InflatedSource(source) : source,
            ImageLimits.DEFAULT);
    PixelDecoder decoder = new PixelDecoder(syntax, frames.pixel(), ImageLimits.DEFAULT);
    List<byte[]> decoded = new ArrayList<>();
    for (int i = 0; i < frames.count(); i++) {
      decoded.add(decoder.decode(frames.read(i)));
    }
    return decoded;
  }

  private static String elements(byte[] bytes, String syntax) throws IOException {
    DataSet set = TestImages.read(bytes, syntax);
    set.remove(Tag.PixelData);
    StringBuilder text = new StringBuilder();
    new DicomJson(text, DicomJson.BulkUri.NONE).write(set);
    return text.toString();
  }

  /** With an icon, words, numbers, private elements and a value that is left in its place. */
  private static DataSet object(ImagePixel pixel, byte[] pixels) {
    DataSet set = TestImages.withPixels(pixel, pixels);
    set.set(Tag.LossyImageCompression, "00");
    set.set(Tag.FrameTimeVector, "1.5", "2");
    DataSet icon = set.addItem(Tag.IconImageSequence);
    TestImages.withPixels(TestImages.pixel(2, 3, 1, 16, false, 1), TestImages.pixels(12, 7))
        .elements()
        .forEach(icon::put);
    set.put(new Element.Value(0x00091010, Vr.OW, BULK));
    set.put(new Element.Value(0x00091011, Vr.OF, TestImages.pixels(64, 8)));
    set.set(0x00090010, Vr.LO, "TEST");
    set.put(new Element.Value(0xfffcfffc, Vr.OB, new byte[6]));
    return set;
  }

  @TestFactory
  Stream<DynamicTest> eachPairOfSyntaxesKeepsElementsAndPixels() {
    return SYNTAXES.stream()
        .flatMap(
            from ->
                SYNTAXES.stream()
                    .map(to -> DynamicTest.dynamicTest(from + " to " + to, () -> check(from, to))));
  }

  private static void check(String from, String to) throws IOException {
    for (ImagePixel pixel : IMAGES) {
      byte[] pixels = TestImages.pixels((int) (pixel.totalBytes() + 1) & ~1, 11);
      byte[] original = TestImages.write(object(pixel, pixels), Uid.EXPLICIT_VR_LITTLE_ENDIAN);
      byte[] source = transcode(original, Uid.EXPLICIT_VR_LITTLE_ENDIAN, from);
      byte[] target = transcode(source, from, to);
      assertThat(target.length % 2).isZero();
      assertThat(frames(target, to))
          .usingElementComparator((a, b) -> java.util.Arrays.compare(a, b))
          .isEqualTo(frames(original, Uid.EXPLICIT_VR_LITTLE_ENDIAN));
      byte[] back = transcode(target, to, Uid.EXPLICIT_VR_LITTLE_ENDIAN);
      if (from.equals(Uid.IMPLICIT_VR_LITTLE_ENDIAN) || to.equals(Uid.IMPLICIT_VR_LITTLE_ENDIAN)) {
        // Implicit encoding forgets what a private element is.
        continue;
      }
      assertThat(elements(back, Uid.EXPLICIT_VR_LITTLE_ENDIAN))
          .isEqualTo(elements(original, Uid.EXPLICIT_VR_LITTLE_ENDIAN));
      assertThat(bulkOf(back)).isEqualTo(BULK);
    }
  }

  private static byte[] bulkOf(byte[] bytes) throws IOException {
    return TestImages.read(bytes, Uid.EXPLICIT_VR_LITTLE_ENDIAN).bytes(0x00091010);
  }

  @Test
  void wordsChangePlacesInBigEndianButBytesDoNot() throws IOException {
    ImagePixel pixel = TestImages.pixel(1, 4, 1, 8, false, 1);
    DataSet bytes = TestImages.withPixels(pixel, new byte[] {1, 2, 3, 4});
    DataSet words = TestImages.attributes(pixel);
    words.put(new Element.Value(Tag.PixelData, Vr.OW, new byte[] {1, 2, 3, 4}));
    assertThat(bigEndian(bytes)).endsWith(1, 2, 3, 4);
    assertThat(bigEndian(words)).endsWith(2, 1, 4, 3);
  }

  private static byte[] bigEndian(DataSet set) throws IOException {
    return transcode(
        TestImages.write(set, Uid.EXPLICIT_VR_LITTLE_ENDIAN),
        Uid.EXPLICIT_VR_LITTLE_ENDIAN,
        Uid.EXPLICIT_VR_BIG_ENDIAN);
  }

  @Test
  void implicitNumbersGetTheirSignFromPixelRepresentation() throws IOException {
    DataSet set =
        TestImages.withPixels(
            new ImagePixel(1, 2, 1, 16, 16, true, false, "MONOCHROME2", 1), new byte[4]);
    set.set(Tag.PixelPaddingValue, Vr.SS, "-2000");
    byte[] explicit =
        transcode(
            TestImages.write(set, Uid.IMPLICIT_VR_LITTLE_ENDIAN),
            Uid.IMPLICIT_VR_LITTLE_ENDIAN,
            Uid.EXPLICIT_VR_LITTLE_ENDIAN);
    DataSet read = TestImages.read(explicit, Uid.EXPLICIT_VR_LITTLE_ENDIAN);
    assertThat(read.string(Tag.PixelPaddingValue)).isEqualTo("-2000");
    assertThat(read.get(Tag.PixelData).vr()).isEqualTo(Vr.OW);
  }

  @Test
  void groupLengthsAreLeftOutAsTheyWouldBeWrong() throws IOException {
    DataSet set = new DataSet().set(0x00080000, "18").set(Tag.SOPInstanceUID, "1.2.3.4");
    set.addItem(Tag.ReferencedStudySequence).set(0x00080000, "4");
    byte[] out =
        transcode(
            TestImages.write(set, Uid.EXPLICIT_VR_LITTLE_ENDIAN),
            Uid.EXPLICIT_VR_LITTLE_ENDIAN,
            Uid.IMPLICIT_VR_LITTLE_ENDIAN);
    DataSet read = TestImages.read(out, Uid.IMPLICIT_VR_LITTLE_ENDIAN);
    assertThat(read.contains(0x00080000)).isFalse();
    assertThat(read.items(Tag.ReferencedStudySequence).get(0).size()).isZero();
  }

  @Test
  void targetsAreThoseThatLoseNothing() throws IOException {
    DataSet grey = TestImages.attributes(TestImages.pixel(4, 4, 1, 16, false, 2));
    assertThat(Transcoder.losslessTargets(Uid.EXPLICIT_VR_LITTLE_ENDIAN, grey))
        .containsExactly(
            Uid.IMPLICIT_VR_LITTLE_ENDIAN,
            Uid.DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN,
            Uid.EXPLICIT_VR_BIG_ENDIAN,
            RLE);
    assertThat(Transcoder.losslessTargets(RLE, grey))
        .containsExactlyElementsOf(SYNTAXES.subList(0, 4));
    assertThat(Transcoder.losslessTargets("1.2.840.10008.1.2.4.50", grey)).isEmpty();
    assertThat(Transcoder.losslessTargets("1.2.840.10008.1.2.4.91", grey)).isEmpty();
    assertThat(Transcoder.losslessTargets("1.2.3.4", grey)).isEmpty();
    DataSet bits = TestImages.attributes(TestImages.pixel(4, 4, 1, 1, false, 2));
    assertThat(Transcoder.losslessTargets(Uid.EXPLICIT_VR_LITTLE_ENDIAN, bits)).doesNotContain(RLE);
    DataSet oddBits = TestImages.attributes(TestImages.pixel(3, 3, 1, 1, false, 2));
    assertThat(Transcoder.losslessTargets("1.2.840.10008.1.2.1.98", oddBits)).isEmpty();
    DataSet report = new DataSet().set(Tag.SOPInstanceUID, "1.2");
    assertThat(Transcoder.losslessTargets(Uid.IMPLICIT_VR_LITTLE_ENDIAN, report))
        .containsExactly(
            Uid.EXPLICIT_VR_LITTLE_ENDIAN,
            Uid.DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN,
            Uid.EXPLICIT_VR_BIG_ENDIAN);
    DataSet large = TestImages.attributes(TestImages.pixel(60000, 60000, 1, 16, false, 2));
    assertThat(Transcoder.losslessTargets(RLE, large)).isEmpty();
  }

  @Test
  void whatIsNoLosslessTargetIsRefused() throws IOException {
    byte[] bytes =
        TestImages.write(
            TestImages.withPixels(TestImages.pixel(1, 2, 1, 8, false, 1), new byte[2]),
            Uid.EXPLICIT_VR_LITTLE_ENDIAN);
    assertThatThrownBy(
            () -> transcode(bytes, Uid.EXPLICIT_VR_LITTLE_ENDIAN, "1.2.840.10008.1.2.4.70"))
        .isInstanceOf(UnsupportedTransferSyntaxException.class)
        .hasMessageContaining("ISO-IMAGE-301");
  }

  @Test
  void nativePixelsInAnEncapsulatedSyntaxAreRefused() throws IOException {
    byte[] bytes =
        TestImages.write(
            TestImages.withPixels(TestImages.pixel(1, 2, 1, 8, false, 1), new byte[2]),
            Uid.EXPLICIT_VR_LITTLE_ENDIAN);
    assertThatThrownBy(() -> transcode(bytes, RLE, Uid.EXPLICIT_VR_LITTLE_ENDIAN))
        .hasMessageContaining("ISO-IMAGE-403");
  }

  @Test
  void aCorruptFrameIsAnErrorWhereItIsRead() throws IOException {
    ImagePixel pixel = TestImages.pixel(16, 16, 1, 8, false, 2);
    byte[] rle =
        transcode(
            TestImages.write(
                TestImages.withPixels(pixel, TestImages.pixels(512, 4)),
                Uid.EXPLICIT_VR_LITTLE_ENDIAN),
            Uid.EXPLICIT_VR_LITTLE_ENDIAN,
            RLE);
    Element.Fragments fragments = (Element.Fragments) TestImages.read(rle, RLE).get(Tag.PixelData);
    rle[(int) fragments.fragments().get(1).offset()] = 9;
    assertThatThrownBy(() -> transcode(rle, RLE, Uid.EXPLICIT_VR_LITTLE_ENDIAN))
        .hasMessageContaining("ISO-IMAGE-310");
  }

  @Test
  void deflatedEndsWithinItsPaddingAndInflatesOnce() throws IOException {
    AtomicLong opened = new AtomicLong();
    ImagePixel pixel = TestImages.pixel(512, 512, 1, 16, false, 4);
    byte[] deflated =
        transcode(
            TestImages.write(
                TestImages.withPixels(pixel, TestImages.pixels((int) pixel.totalBytes(), 3)),
                Uid.EXPLICIT_VR_LITTLE_ENDIAN),
            Uid.EXPLICIT_VR_LITTLE_ENDIAN,
            Uid.DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN);
    SeekableSource counted =
        offset -> {
          opened.incrementAndGet();
          return SeekableSource.of(deflated).open(offset);
        };
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    TRANSCODER.transcode(counted, Uid.DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN, RLE, out);
    assertThat(frames(out.toByteArray(), RLE)).hasSize(4);
    assertThat(opened.get()).isEqualTo(2);
  }

  /** 2.1 GiB: the heap of the tests could not hold it. */
  @Test
  void anObjectBeyondTwoGibibytesStreams(@TempDir Path directory) throws IOException {
    ImagePixel pixel = TestImages.pixel(2048, 2048, 1, 16, false, 264);
    byte[] head = TestImages.write(TestImages.attributes(pixel), Uid.EXPLICIT_VR_LITTLE_ENDIAN);
    ByteBuffer element = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
    element.putInt(0x00107fe0).putInt('O' | 'W' << 8).putInt((int) pixel.totalBytes()).flip();
    try (FileChannel file =
        FileChannel.open(
            directory.resolve("large.dcm"),
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.SPARSE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      file.write(ByteBuffer.wrap(head), 0);
      file.write(element, head.length);
      long end = head.length + 12 + pixel.totalBytes();
      file.write(ByteBuffer.wrap(new byte[] {1, 2}), end - 2);
      SeekableSource source = SeekableSource.of(file);
      try (InputStream in =
          TRANSCODER.transcode(
              source, Uid.EXPLICIT_VR_LITTLE_ENDIAN, Uid.IMPLICIT_VR_LITTLE_ENDIAN)) {
        Tail tail = new Tail();
        in.transferTo(tail);
        assertThat(tail.count).isGreaterThan(2L << 30);
        assertThat(tail.last).containsExactly(1, 2);
      }
      try (InputStream in = TRANSCODER.transcode(source, Uid.EXPLICIT_VR_LITTLE_ENDIAN, RLE)) {
        assertThat(in.readNBytes(100_000)).hasSize(100_000);
      }
    }
  }

  /** Counts, and keeps the last two bytes. */
  private static final class Tail extends java.io.OutputStream {
    private long count;
    private byte[] last;

    @Override
    public void write(int b) {
      throw new AssertionError("a stream of single bytes is too slow");
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
      count += length;
      if (length > 1) {
        last = new byte[] {bytes[offset + length - 2], bytes[offset + length - 1]};
      }
    }
  }

  @Test
  void closingEarlyClosesWhatIsOpen() throws IOException {
    AtomicLong open = new AtomicLong();
    byte[] noise = new byte[1 << 19];
    new java.util.Random(1).nextBytes(noise);
    byte[] bytes =
        TestImages.write(
            TestImages.withPixels(TestImages.pixel(512, 512, 1, 16, false, 1), noise),
            Uid.EXPLICIT_VR_LITTLE_ENDIAN);
    SeekableSource source =
        offset -> {
          open.incrementAndGet();
          return new java.io.FilterInputStream(SeekableSource.of(bytes).open(offset)) {
            @Override
            public void close() throws IOException {
              open.decrementAndGet();
              super.close();
            }
          };
        };
    InputStream in =
        TRANSCODER.transcode(
            source, Uid.EXPLICIT_VR_LITTLE_ENDIAN, Uid.DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN);
    assertThat(in.readNBytes(1000)).hasSize(1000);
    assertThat(open.get()).isEqualTo(1);
    in.close();
    assertThat(open.get()).isZero();
  }
}
