package org.isocentre.dicom.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.Consumer;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.TransferSyntax;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.data.Vr;
import org.isocentre.dicom.io.DataSetWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** PS3.3 §C.11 and §C.7.6.3, by the numbers that they give. */
class FrameRendererTest {
  /** One row of pixels of 16 bits. */
  private static int[] greys(int[] values, Consumer<DataSet> more) throws IOException {
    return greys(values, more, null);
  }

  private static int[] greys(int[] values, Consumer<DataSet> more, Window window)
      throws IOException {
    ByteBuffer pixels = ByteBuffer.allocate(2 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    Arrays.stream(values).forEach(v -> pixels.putShort((short) v));
    BufferedImage picture = render(16, 1, values.length, pixels.array(), more, window);
    return picture.getData().getSamples(0, 0, values.length, 1, 0, (int[]) null);
  }

  private static BufferedImage render(
      int bits, int samples, int columns, byte[] pixels, Consumer<DataSet> more, Window window)
      throws IOException {
    DataSet set =
        new DataSet()
            .set(Tag.SOPClassUID, Uid.CT_IMAGE_STORAGE)
            .set(Tag.Rows, "1")
            .set(Tag.Columns, Integer.toString(columns))
            .set(Tag.SamplesPerPixel, Integer.toString(samples))
            .set(Tag.PhotometricInterpretation, samples == 3 ? "RGB" : "MONOCHROME2")
            .set(Tag.BitsAllocated, Integer.toString(bits))
            .set(Tag.BitsStored, Integer.toString(bits))
            .set(Tag.HighBit, Integer.toString(bits - 1))
            .set(Tag.PixelRepresentation, "0");
    more.accept(set);
    set.put(
        new Element.Value(
            Tag.PixelData, Vr.OW, Arrays.copyOf(pixels, pixels.length + pixels.length % 2)));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new DataSetWriter(out, TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN, DataSetWriter.BulkSource.NONE)
        .write(set);
    try (ImageObject object =
        ImageObject.open(
            SeekableSource.of(out.toByteArray()),
            Uid.EXPLICIT_VR_LITTLE_ENDIAN,
            ImageLimits.DEFAULT)) {
      return FrameRenderer.render(object, 0, window);
    }
  }

  /** §C.11.2.1.2.1: c 2048, w 4096 leaves 12 bits as they are; w 1 is a threshold. */
  @ParameterizedTest
  @CsvSource({
    "LINEAR, 2048, 4096, 0, 0",
    "LINEAR, 2048, 4096, 4095, 255",
    "LINEAR, 2048, 4096, 2048, 128",
    "LINEAR, 2048, 4096, 60000, 255",
    "LINEAR, 2048, 1, 2047, 0",
    "LINEAR, 2048, 1, 2048, 255",
    "LINEAR, 100, 2, 99, 0",
    "LINEAR, 100, 2, 100, 255",
    "LINEAR_EXACT, 100, 2, 99, 0",
    "LINEAR_EXACT, 100, 2, 100, 128",
    "LINEAR_EXACT, 100, 2, 101, 255",
    "SIGMOID, 100, 50, 100, 128",
    "SIGMOID, 100, 50, 1000, 255",
    "SIGMOID, 1000, 50, 0, 0"
  })
  void aWindowMapsAsTheStandardSays(
      Window.Function function, double center, double width, int value, int grey)
      throws IOException {
    Consumer<DataSet> said =
        set ->
            set.set(Tag.WindowCenter, Double.toString(center))
                .set(Tag.WindowWidth, Double.toString(width))
                .set(Tag.VOILUTFunction, function.name());
    assertThat(greys(new int[] {value}, said)).containsExactly(grey);
    assertThat(greys(new int[] {value}, set -> {}, new Window(center, width, function)))
        .containsExactly(grey);
  }

  @Property
  void aWindowNeverTurnsBrightnessAround(
      @ForAll @DoubleRange(min = -5000, max = 5000) double center,
      @ForAll @DoubleRange(min = 1, max = 10_000) double width,
      @ForAll Window.Function function,
      @ForAll @DoubleRange(min = -10_000, max = 10_000) double x,
      @ForAll @DoubleRange(min = 0, max = 1000) double more) {
    var grey = new Window(center, width, function).grey();
    assertThat(grey.applyAsDouble(x)).isBetween(0.0, 1.0);
    assertThat(grey.applyAsDouble(x + more)).isGreaterThanOrEqualTo(grey.applyAsDouble(x));
  }

  @Test
  void withoutAWindowAllValuesAreShownButPadding() throws IOException {
    assertThat(greys(new int[] {100, 150, 200}, set -> {})).containsExactly(0, 128, 255);
    assertThat(
            greys(
                new int[] {100, 150, 200, 9000, 9001},
                set ->
                    set.set(Tag.PixelPaddingValue, "9000").set(Tag.PixelPaddingRangeLimit, "9001")))
        .containsExactly(0, 128, 255, 0, 0);
    assertThat(greys(new int[] {7, 7}, set -> {})).containsExactly(0, 0);
  }

  @Test
  void rescaledSignedAndTurnedAround() throws IOException {
    Consumer<DataSet> signed = set -> set.set(Tag.PixelRepresentation, "1");
    assertThat(greys(new int[] {-1000, 0, 1000}, signed)).containsExactly(0, 128, 255);
    assertThat(
            greys(
                new int[] {0, 1000}, set -> set.set(Tag.PhotometricInterpretation, "MONOCHROME1")))
        .containsExactly(255, 0);
    // -24 and 24 Hounsfield units in a window of 0 to 48 around 24.
    assertThat(
            greys(
                new int[] {1000, 1024, 1048, 1072},
                set ->
                    set.set(Tag.RescaleSlope, "1")
                        .set(Tag.RescaleIntercept, "-1024")
                        .set(Tag.WindowCenter, "24.5")
                        .set(Tag.WindowWidth, "49")))
        .containsExactly(0, 0, 128, 255);
    // Twelve bits in the upper part of sixteen.
    assertThat(
            greys(
                new int[] {0x000f, 0x8000, 0xffff},
                set -> set.set(Tag.BitsStored, "12").set(Tag.HighBit, "15")))
        .containsExactly(0, 128, 255);
  }

  @Test
  void lookUpTables() throws IOException {
    Consumer<DataSet> voi =
        set ->
            set.addItem(Tag.VOILUTSequence)
                .set(Tag.LUTDescriptor, Vr.US, "3", "10", "8")
                .set(Tag.LUTData, Vr.US, "0", "100", "255");
    assertThat(greys(new int[] {0, 10, 11, 12, 500}, voi)).containsExactly(0, 0, 100, 255, 255);
    Consumer<DataSet> modality =
        set ->
            set.addItem(Tag.ModalityLUTSequence)
                .set(Tag.LUTDescriptor, Vr.US, "3", "0", "16")
                .set(Tag.LUTData, Vr.US, "1000", "3000", "2000");
    assertThat(greys(new int[] {0, 1, 2}, modality)).containsExactly(0, 255, 128);
  }

  @Test
  void aPaletteOfWordsAndOneOfSegments() throws IOException {
    byte[] pixels = {0, 1, 2, 3};
    Consumer<DataSet> words =
        set -> {
          set.set(Tag.PhotometricInterpretation, "PALETTE COLOR");
          palette(set, "4", "16", "0", "65535", "32768", "0");
        };
    BufferedImage picture = render(8, 1, 4, pixels, words, null);
    assertThat(picture.getData().getSamples(0, 0, 4, 1, 0, (int[]) null))
        .containsExactly(0, 255, 128, 0);
    // One value, then a line of three to 255.
    Consumer<DataSet> segments =
        set -> {
          set.set(Tag.PhotometricInterpretation, "PALETTE COLOR");
          for (int[] tags :
              new int[][] {
                {
                  Tag.RedPaletteColorLookupTableDescriptor,
                  Tag.SegmentedRedPaletteColorLookupTableData
                },
                {
                  Tag.GreenPaletteColorLookupTableDescriptor,
                  Tag.SegmentedGreenPaletteColorLookupTableData
                },
                {
                  Tag.BluePaletteColorLookupTableDescriptor,
                  Tag.SegmentedBluePaletteColorLookupTableData
                }
              }) {
            set.set(tags[0], Vr.US, "4", "0", "16");
            ByteBuffer data = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
            for (int word : new int[] {0, 1, 0, 1, 3, 65535}) {
              data.putShort((short) word);
            }
            set.put(new Element.Value(tags[1], Vr.OW, data.array()));
          }
        };
    assertThat(
            render(8, 1, 4, pixels, segments, null)
                .getData()
                .getSamples(0, 0, 4, 1, 2, (int[]) null))
        .containsExactly(0, 85, 170, 255);
  }

  private static void palette(DataSet set, String count, String bits, String... entries) {
    ByteBuffer data = ByteBuffer.allocate(2 * entries.length).order(ByteOrder.LITTLE_ENDIAN);
    for (String entry : entries) {
      data.putShort((short) Integer.parseInt(entry));
    }
    for (int[] tags :
        new int[][] {
          {Tag.RedPaletteColorLookupTableDescriptor, Tag.RedPaletteColorLookupTableData},
          {Tag.GreenPaletteColorLookupTableDescriptor, Tag.GreenPaletteColorLookupTableData},
          {Tag.BluePaletteColorLookupTableDescriptor, Tag.BluePaletteColorLookupTableData}
        }) {
      set.set(tags[0], Vr.US, count, "0", bits);
      set.put(new Element.Value(tags[1], Vr.OW, data.array()));
    }
  }

  @Test
  void coloursByPixelAndByPlane() throws IOException {
    byte[] byPixel = {1, 2, 3, 4, 5, 6};
    byte[] byPlane = {1, 4, 2, 5, 3, 6};
    BufferedImage first =
        render(8, 3, 2, byPixel, set -> set.set(Tag.PlanarConfiguration, "0"), null);
    BufferedImage second =
        render(8, 3, 2, byPlane, set -> set.set(Tag.PlanarConfiguration, "1"), null);
    for (BufferedImage picture : new BufferedImage[] {first, second}) {
      assertThat(picture.getData().getPixel(0, 0, (int[]) null)).containsExactly(1, 2, 3);
      assertThat(picture.getData().getPixel(1, 0, (int[]) null)).containsExactly(4, 5, 6);
    }
    // Pure red in YBR_FULL (§C.7.6.3.1.2).
    byte[] red = {76, 85, (byte) 255};
    int[] rgb =
        render(
                8,
                3,
                1,
                red,
                set ->
                    set.set(Tag.PlanarConfiguration, "0")
                        .set(Tag.PhotometricInterpretation, "YBR_FULL"),
                null)
            .getData()
            .getPixel(0, 0, (int[]) null);
    assertThat(rgb[0]).isBetween(253, 255);
    assertThat(rgb[1]).isBetween(0, 2);
    assertThat(rgb[2]).isBetween(0, 2);
  }

  @Test
  void overlaysAreWhite() throws IOException {
    Consumer<DataSet> overlay =
        set -> {
          set.put(value(0x60000010, Vr.US, 1));
          set.put(value(0x60000011, Vr.US, 2));
          set.put(new Element.Value(0x60000050, Vr.SS, new byte[] {1, 0, 2, 0}));
          set.put(new Element.Value(0x60003000, Vr.OW, new byte[] {0b01, 0}));
        };
    assertThat(greys(new int[] {0, 0, 0, 1000}, overlay)).containsExactly(0, 255, 0, 255);
    // In a bit that is not stored.
    Consumer<DataSet> embedded =
        set -> {
          set.set(Tag.BitsStored, "12").set(Tag.HighBit, "11");
          set.put(value(0x60000010, Vr.US, 1));
          set.put(value(0x60000011, Vr.US, 3));
          set.put(value(0x60000102, Vr.US, 15));
        };
    assertThat(greys(new int[] {0, 0x8000, 0x0fff}, embedded)).containsExactly(0, 255, 255);
  }

  /** A plane of 65,535 by 65,535 at 16 places: only what is on the image is looked at. */
  @Test
  void aPlaneThatSaysItIsHugeCostsNothing() {
    Consumer<DataSet> planes =
        set -> {
          for (int group = 0; group < 0x200000; group += 0x20000) {
            set.put(value(0x60000010 + group, Vr.US, 65535));
            set.put(value(0x60000011 + group, Vr.US, 65535));
            set.put(
                new Element.Value(0x60000050 + group, Vr.SS, new byte[] {0, (byte) 0x80, 1, 0}));
            set.put(new Element.Value(0x60003000 + group, Vr.OW, new byte[] {1, 0}));
          }
        };
    assertTimeoutPreemptively(
        Duration.ofSeconds(30),
        () -> assertThat(greys(new int[] {0, 1000}, planes)).containsExactly(0, 255));
  }

  @Test
  void pixelsThatAreNotSquareBecomeSo() throws IOException {
    for (String[] row :
        new String[][] {{"2\\1", "4", "2"}, {"1\\2", "8", "1"}, {"1\\1", "4", "1"}}) {
      BufferedImage shown = show(4, row[0]);
      assertThat(shown.getWidth()).isEqualTo(Integer.parseInt(row[1]));
      assertThat(shown.getHeight()).isEqualTo(Integer.parseInt(row[2]));
    }
    // Would be 30,000 columns.
    assertThat(show(6000, "1\\5").getWidth()).isEqualTo(6000);
  }

  private static BufferedImage show(int columns, String aspect) throws IOException {
    DataSet set =
        new DataSet()
            .set(Tag.Rows, "1")
            .set(Tag.Columns, Integer.toString(columns))
            .set(Tag.PhotometricInterpretation, "MONOCHROME2")
            .set(Tag.PixelAspectRatio, aspect.split("\\\\"))
            .set(Tag.BitsAllocated, "8");
    set.put(new Element.Value(Tag.PixelData, Vr.OW, new byte[columns]));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new DataSetWriter(out, TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN, DataSetWriter.BulkSource.NONE)
        .write(set);
    try (ImageObject object =
        ImageObject.open(
            SeekableSource.of(out.toByteArray()),
            Uid.EXPLICIT_VR_LITTLE_ENDIAN,
            ImageLimits.DEFAULT)) {
      return FrameRenderer.show(object, 0, null, null);
    }
  }

  @Test
  void aPictureInColourIsBoundedBeforeItIsMade() throws IOException {
    DataSet set =
        new DataSet()
            .set(Tag.Rows, "10")
            .set(Tag.Columns, "100")
            .set(Tag.PhotometricInterpretation, "PALETTE COLOR")
            .set(Tag.BitsAllocated, "8");
    set.put(new Element.Value(Tag.PixelData, Vr.OW, new byte[1000]));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new DataSetWriter(out, TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN, DataSetWriter.BulkSource.NONE)
        .write(set);
    try (ImageObject object =
        ImageObject.open(
            SeekableSource.of(out.toByteArray()),
            Uid.EXPLICIT_VR_LITTLE_ENDIAN,
            ImageLimits.DEFAULT.withMaxFrameBytes(2000))) {
      assertThatThrownBy(() -> FrameRenderer.render(object, 0, null))
          .hasMessageStartingWith("ISO-IMAGE-202");
    }
  }

  private static Element value(int tag, Vr vr, int number) {
    return new Element.Value(tag, vr, new byte[] {(byte) number, (byte) (number >> 8)});
  }

  @Test
  void whatCannotBeShownIsSaid() {
    for (String photometric : new String[] {"CMYK", "HSV", "PALETTE COLOR", ""}) {
      assertThatThrownBy(
              () ->
                  greys(new int[] {1}, set -> set.set(Tag.PhotometricInterpretation, photometric)))
          .isInstanceOf(ImageException.class);
    }
    assertThatThrownBy(() -> new Window(0, 0, Window.Function.SIGMOID))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Window(0, 0.5, Window.Function.LINEAR))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
