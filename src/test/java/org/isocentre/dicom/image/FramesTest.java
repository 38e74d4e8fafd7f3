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
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.TransferSyntax;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.data.Vr;
import org.isocentre.dicom.io.DataSetReader;
import org.isocentre.dicom.io.ReaderLimits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Frames by their place: native, packed, by offset tables, by fragments, beyond 2 GiB. */
class FramesTest {
  private static final String JPEG = "1.2.840.10008.1.2.4.50";

  private static Frames frames(byte[] bytes, String syntax) throws IOException {
    return Frames.of(
        TestImages.read(bytes, syntax),
        TransferSyntax.of(syntax),
        SeekableSource.of(bytes),
        ImageLimits.DEFAULT);
  }

  private static boolean bit(byte[] bytes, long index) {
    return (bytes[(int) (index / 8)] >> index % 8 & 1) == 1;
  }

  @Property(tries = 200)
  void packedFramesAreFoundWhereverTheirBitsBegin(
      @ForAll @IntRange(min = 1, max = 9) int rows,
      @ForAll @IntRange(min = 1, max = 13) int columns,
      @ForAll @IntRange(min = 1, max = 7) int count,
      @ForAll boolean bigEndian,
      @ForAll long seed)
      throws IOException {
    ImagePixel pixel = TestImages.pixel(rows, columns, 1, 1, false, count);
    byte[] all = TestImages.pixels((int) (pixel.totalBytes() + 1) & ~1, seed);
    DataSet set = TestImages.attributes(pixel);
    set.put(new Element.Value(Tag.PixelData, Vr.OW, all));
    String syntax = bigEndian ? Uid.EXPLICIT_VR_BIG_ENDIAN : Uid.EXPLICIT_VR_LITTLE_ENDIAN;
    Frames frames = frames(TestImages.write(set, syntax), syntax);
    for (int f = 0; f < count; f++) {
      byte[] frame = frames.read(f);
      assertThat(frame).hasSize((int) pixel.frameBytes());
      for (int i = 0; i < frame.length * 8; i++) {
        boolean expected = i < pixel.frameBits() && bit(all, f * pixel.frameBits() + i);
        assertThat(bit(frame, i)).isEqualTo(expected);
      }
      assertThat(frames.open(f).readAllBytes()).isEqualTo(frame);
    }
  }

  @Property(tries = 100)
  void nativeFramesComeInLittleEndian(
      @ForAll @IntRange(min = 1, max = 9) int rows,
      @ForAll @IntRange(min = 1, max = 9) int columns,
      @ForAll @IntRange(min = 0, max = 1) int width,
      @ForAll boolean colour,
      @ForAll boolean bigEndian,
      @ForAll long seed)
      throws IOException {
    ImagePixel pixel = TestImages.pixel(rows, columns, colour ? 3 : 1, 8 << width, true, 3);
    int size = (int) pixel.frameBytes();
    byte[] all = TestImages.pixels((3 * size + 1) & ~1, seed);
    DataSet set = TestImages.attributes(pixel);
    set.put(new Element.Value(Tag.PixelData, Vr.OW, all));
    String syntax = bigEndian ? Uid.EXPLICIT_VR_BIG_ENDIAN : Uid.EXPLICIT_VR_LITTLE_ENDIAN;
    Frames frames = frames(TestImages.write(set, syntax), syntax);
    for (int f = 0; f < 3; f++) {
      byte[] expected = Arrays.copyOfRange(all, f * size, (f + 1) * size);
      assertThat(frames.read(f)).isEqualTo(expected);
      assertThat(frames.open(f).readAllBytes()).isEqualTo(expected);
    }
  }

  @Test
  void nativeChrominanceThatPixelsShareCountsOnce() throws IOException {
    ImagePixel pixel =
        TestImages.pixel(2, 4, 3, 8, false, 2).withPhotometricInterpretation("YBR_FULL_422");
    byte[] all = TestImages.pixels(32, 3);
    Frames frames =
        frames(
            TestImages.write(TestImages.withPixels(pixel, all), Uid.EXPLICIT_VR_LITTLE_ENDIAN),
            Uid.EXPLICIT_VR_LITTLE_ENDIAN);
    assertThat(frames.read(1)).isEqualTo(Arrays.copyOfRange(all, 16, 32));
  }

  @Test
  void pixelDataShorterThanItsAttributesSayIsAnError() throws IOException {
    ImagePixel pixel = TestImages.pixel(4, 4, 1, 8, false, 2);
    byte[] bytes =
        TestImages.write(TestImages.withPixels(pixel, new byte[30]), Uid.EXPLICIT_VR_LITTLE_ENDIAN);
    assertThatThrownBy(() -> frames(bytes, Uid.EXPLICIT_VR_LITTLE_ENDIAN))
        .hasMessageContaining("ISO-IMAGE-201");
  }

  @Test
  void aFrameOverTheLimitIsRefusedBeforeItIsRead() throws IOException {
    ImagePixel pixel = TestImages.pixel(40, 40, 1, 8, false, 1);
    byte[] bytes =
        TestImages.write(
            TestImages.withPixels(pixel, new byte[1600]), Uid.EXPLICIT_VR_LITTLE_ENDIAN);
    Frames frames =
        Frames.of(
            TestImages.read(bytes, Uid.EXPLICIT_VR_LITTLE_ENDIAN),
            TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN,
            SeekableSource.of(bytes),
            ImageLimits.DEFAULT.withMaxFrameBytes(1599));
    assertThatThrownBy(() -> frames.read(0)).hasMessageContaining("ISO-IMAGE-202");
    assertThat(frames.open(0).readAllBytes()).hasSize(1600);
  }

  /** Fragments, with the tables that are given. */
  private static byte[] encapsulated(
      int frames, long[] basic, long[] extended, long[] lengths, List<byte[]> fragments)
      throws IOException {
    DataSet set = TestImages.attributes(TestImages.pixel(8, 8, 1, 8, false, frames));
    if (extended != null) {
      set.put(new Element.Value(Tag.ExtendedOffsetTable, Vr.OV, table(extended, 8)));
      set.put(new Element.Value(Tag.ExtendedOffsetTableLengths, Vr.OV, table(lengths, 8)));
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(TestImages.write(set, JPEG));
    out.write(new byte[] {(byte) 0xe0, 0x7f, 0x10, 0, 'O', 'B', 0, 0, -1, -1, -1, -1});
    item(out, table(basic, 4));
    for (byte[] fragment : fragments) {
      item(out, fragment);
    }
    out.write(new byte[] {(byte) 0xfe, -1, (byte) 0xdd, (byte) 0xe0, 0, 0, 0, 0});
    return out.toByteArray();
  }

  private static byte[] table(long[] offsets, int width) {
    ByteBuffer table = ByteBuffer.allocate(offsets.length * width).order(ByteOrder.LITTLE_ENDIAN);
    for (long offset : offsets) {
      if (width == 4) {
        table.putInt((int) offset);
      } else {
        table.putLong(offset);
      }
    }
    return table.array();
  }

  private static void item(ByteArrayOutputStream out, byte[] value) throws IOException {
    out.write(
        ByteBuffer.allocate(8)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putShort((short) 0xfffe)
            .putShort((short) 0xe000)
            .putInt(value.length)
            .array());
    out.write(value);
  }

  private static byte[] fragment(boolean start, int id) {
    byte[] bytes = new byte[16];
    Arrays.fill(bytes, (byte) id);
    if (start) {
      ByteBuffer.wrap(bytes).putInt(0xffd8ffe0);
    }
    return bytes;
  }

  private static List<byte[]> fragments(boolean... starts) {
    List<byte[]> fragments = new ArrayList<>();
    for (boolean start : starts) {
      fragments.add(fragment(start, fragments.size() + 1));
    }
    return fragments;
  }

  private static byte[] join(List<byte[]> fragments, int from, int to) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    fragments.subList(from, to).forEach(out::writeBytes);
    return out.toByteArray();
  }

  private static void assertTwoFrames(byte[] object, List<byte[]> fragments) throws IOException {
    Frames frames = frames(object, JPEG);
    assertThat(frames.isEncapsulated()).isTrue();
    assertThat(frames.read(0)).isEqualTo(join(fragments, 0, 2));
    assertThat(frames.read(1)).isEqualTo(join(fragments, 2, 3));
    assertThat(frames.open(0).readAllBytes()).isEqualTo(join(fragments, 0, 2));
  }

  private static final long[] NO_TABLE = {};

  @Test
  void theBasicOffsetTableTellsFramesApart() throws IOException {
    List<byte[]> fragments = fragments(false, false, false);
    assertTwoFrames(encapsulated(2, new long[] {0, 48}, null, null, fragments), fragments);
  }

  @Test
  void theExtendedOffsetTableTellsFramesApart() throws IOException {
    List<byte[]> fragments = fragments(false, false, false);
    assertTwoFrames(
        encapsulated(2, NO_TABLE, new long[] {0, 48}, new long[] {32, 16}, fragments), fragments);
  }

  @Test
  void extendedLengthsLeaveThePaddingOut() throws IOException {
    List<byte[]> fragments = fragments(false, false);
    Frames frames =
        frames(encapsulated(2, NO_TABLE, new long[] {0, 24}, new long[] {15, 16}, fragments), JPEG);
    assertThat(frames.read(0)).hasSize(15);
    assertThat(frames.read(1)).hasSize(16);
  }

  @Test
  void aTableThatPointsNowhereIsPassedOver() throws IOException {
    List<byte[]> fragments = fragments(true, false, true);
    assertTwoFrames(encapsulated(2, new long[] {0, 47}, null, null, fragments), fragments);
  }

  @Test
  void codeStreamsAreKnownByTheirStart() throws IOException {
    List<byte[]> fragments = fragments(true, false, true);
    assertTwoFrames(encapsulated(2, NO_TABLE, null, null, fragments), fragments);
  }

  @Test
  void aFragmentForEachFrameNeedsNoTable() throws IOException {
    List<byte[]> fragments = fragments(false, false, false);
    Frames frames = frames(encapsulated(3, NO_TABLE, null, null, fragments), JPEG);
    for (int f = 0; f < 3; f++) {
      assertThat(frames.read(f)).isEqualTo(fragments.get(f));
    }
  }

  @Test
  void oneFrameIsAllFragments() throws IOException {
    List<byte[]> fragments = fragments(true, false, false);
    Frames frames = frames(encapsulated(1, NO_TABLE, null, null, fragments), JPEG);
    assertThat(frames.read(0)).isEqualTo(join(fragments, 0, 3));
  }

  @Test
  void framesThatCannotBeToldApartAreAnError() throws IOException {
    byte[] object = encapsulated(2, NO_TABLE, null, null, fragments(true, false, false));
    assertThatThrownBy(() -> frames(object, JPEG)).hasMessageContaining("ISO-IMAGE-208");
  }

  @Test
  void fewerFragmentsThanFramesAreAnError() throws IOException {
    byte[] object = encapsulated(3, NO_TABLE, null, null, fragments(true, true));
    assertThatThrownBy(() -> frames(object, JPEG)).hasMessageContaining("ISO-IMAGE-201");
  }

  /** 3 GiB that take no room: only the frames that are written are on the disk. */
  @Test
  void framesBeyondTwoGibibytesAreReadFromTheirPlace(@TempDir Path directory) throws IOException {
    ImagePixel pixel = TestImages.pixel(1024, 1024, 1, 8, false, 3072);
    byte[] head = TestImages.write(TestImages.attributes(pixel), Uid.EXPLICIT_VR_LITTLE_ENDIAN);
    ByteBuffer element = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
    element.putInt(0x00107fe0).putInt('O' | 'B' << 8).putInt((int) pixel.totalBytes()).flip();
    byte[] last = TestImages.pixels(1 << 20, 9);
    try (FileChannel file =
        FileChannel.open(
            directory.resolve("large.dcm"),
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.SPARSE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      file.write(ByteBuffer.wrap(head), 0);
      file.write(element, head.length);
      file.write(ByteBuffer.wrap(last), head.length + 12 + 3071L * (1 << 20));
      SeekableSource source = SeekableSource.of(file);
      DataSet set;
      try (InputStream in = source.open(0)) {
        set =
            new DataSetReader(in, TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN, ReaderLimits.DEFAULT)
                .read();
      }
      Frames frames =
          Frames.of(set, TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN, source, ImageLimits.DEFAULT);
      assertThat(frames.read(3071)).isEqualTo(last);
      assertThat(frames.open(3071).readAllBytes()).isEqualTo(last);
      assertThat(frames.read(3070)).containsOnly(0);
    }
  }
}
