package org.isocentre.dicom.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.jaiimageio.jpeg2000.J2KImageWriteParam;
import com.github.jaiimageio.jpeg2000.impl.J2KImageReader;
import com.github.jaiimageio.jpeg2000.impl.J2KImageReaderSpi;
import com.github.jaiimageio.jpeg2000.impl.J2KImageWriter;
import com.github.jaiimageio.jpeg2000.impl.J2KImageWriterSpi;
import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import javax.imageio.IIOImage;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** JPEG 2000: what JJ2000 encodes decodes exactly; what is damaged or too large is refused. */
class Jpeg2000DecoderTest {
  private static final Jpeg2000Decoder DECODER = new Jpeg2000Decoder(true);

  private static final double LOSSY_BITS_PER_PIXEL = 6;

  private static final ImagePixel SMALL = TestImages.pixel(24, 20, 1, 8, false, 1);
  private static final byte[] REVERSIBLE = small(true);
  private static final byte[] IRREVERSIBLE = small(false);

  private static byte[] small(boolean lossless) {
    try {
      return encode(SMALL, TestImages.pixels(480, 3), lossless);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static byte[] encode(ImagePixel pixel, byte[] frame, boolean lossless)
      throws IOException {
    int type =
        pixel.samplesPerPixel() == 3
            ? BufferedImage.TYPE_3BYTE_BGR
            : pixel.bitsAllocated() == 8
                ? BufferedImage.TYPE_BYTE_GRAY
                : BufferedImage.TYPE_USHORT_GRAY;
    BufferedImage image = new BufferedImage(pixel.columns(), pixel.rows(), type);
    int width = pixel.sampleBytes();
    for (int i = 0; i < frame.length / width; i++) {
      int value = frame[i * width] & 0xff | (width == 2 ? (frame[i * width + 1] & 0xff) << 8 : 0);
      int at = i / pixel.samplesPerPixel();
      image
          .getRaster()
          .setSample(
              at % pixel.columns(), at / pixel.columns(), i % pixel.samplesPerPixel(), value);
    }
    J2KImageWriter writer = new J2KImageWriter(new J2KImageWriterSpi());
    J2KImageWriteParam param = (J2KImageWriteParam) writer.getDefaultWriteParam();
    param.setWriteCodeStreamOnly(true);
    param.setLossless(lossless);
    param.setFilter(lossless ? J2KImageWriteParam.FILTER_53 : J2KImageWriteParam.FILTER_97);
    if (!lossless) {
      param.setEncodingRate(LOSSY_BITS_PER_PIXEL);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      writer.setOutput(out);
      writer.write(null, new IIOImage(image, null, null), param);
    }
    return bytes.toByteArray();
  }

  private static byte[] decode(byte[] encoded, ImagePixel pixel) throws ImageException {
    return DECODER.decode(encoded, pixel, (int) pixel.frameBytes());
  }

  /** The encoder itself loses something of 16 bits; then its decoder tells what is left. */
  @Property(tries = 30)
  void whatIsEncodedDecodesToTheSame(
      @ForAll @IntRange(min = 1, max = 80) int rows,
      @ForAll @IntRange(min = 1, max = 80) int columns,
      @ForAll @IntRange(min = 0, max = 2) int kind,
      @ForAll long seed)
      throws IOException {
    ImagePixel pixel =
        TestImages.pixel(rows, columns, kind == 2 ? 3 : 1, kind == 1 ? 16 : 8, false, 1);
    byte[] frame = TestImages.pixels((int) pixel.frameBytes(), seed);
    byte[] encoded = encode(pixel, frame, true);
    assertThat(decode(encoded, pixel)).isEqualTo(kind == 1 ? jj2000(encoded, pixel) : frame);
  }

  /** What JJ2000 makes of a frame of one sample of 16 bits. */
  private static byte[] jj2000(byte[] encoded, ImagePixel pixel) throws IOException {
    J2KImageReader reader = new J2KImageReader(new J2KImageReaderSpi());
    reader.setInput(new MemoryCacheImageInputStream(new ByteArrayInputStream(encoded)));
    Raster raster = reader.readRaster(0, null);
    byte[] frame = new byte[(int) pixel.frameBytes()];
    for (int i = 0; i < frame.length / 2; i++) {
      int value = raster.getSample(i % pixel.columns(), i / pixel.columns(), 0);
      frame[2 * i] = (byte) value;
      frame[2 * i + 1] = (byte) (value >> 8);
    }
    return frame;
  }

  @Test
  void whatIsNotReversibleIsRefusedInTheLosslessSyntaxOnly() throws IOException {
    ImagePixel pixel = TestImages.pixel(32, 32, 1, 8, false, 1);
    byte[] encoded = encode(pixel, TestImages.pixels(1024, 1), false);
    assertThatThrownBy(() -> decode(encoded, pixel)).hasMessageContaining("ISO-IMAGE-341");
    assertThat(new Jpeg2000Decoder(false).decode(encoded, pixel, 1024)).hasSize(1024);
  }

  @Test
  void anIrreversibleWaveletDecodesCloseToTheOriginal() throws IOException {
    ImagePixel pixel = TestImages.pixel(61, 77, 3, 8, false, 1);
    byte[] frame = new byte[(int) pixel.frameBytes()];
    for (int i = 0; i < frame.length; i++) {
      frame[i] = (byte) (128 + 100 * Math.sin(i / 3 % 77 / 9.0 + i % 3) * Math.cos(i / 231 / 7.0));
    }
    byte[] encoded = encode(pixel, frame, false);
    byte[] decoded = new Jpeg2000Decoder(false).decode(encoded, pixel, frame.length);
    for (int i = 0; i < frame.length; i++) {
      assertThat((decoded[i] & 0xff) - (frame[i] & 0xff)).isBetween(-4, 4);
    }
  }

  @Test
  void whatEndsEarlyIsRefused() throws IOException {
    ImagePixel pixel = TestImages.pixel(32, 32, 1, 8, false, 1);
    byte[] encoded = encode(pixel, TestImages.pixels(1024, 1), true);
    byte[] cut = Arrays.copyOf(encoded, encoded.length * 3 / 4);
    assertThatThrownBy(() -> decode(cut, pixel)).hasMessageContaining("ISO-IMAGE-340");
  }

  @Test
  void anotherSizeThanTheAttributesSayIsRefusedBeforeItIsDecoded() throws IOException {
    byte[] encoded =
        encode(TestImages.pixel(32, 32, 1, 8, false, 1), TestImages.pixels(1024, 1), true);
    assertThatThrownBy(() -> decode(encoded, TestImages.pixel(32, 31, 1, 8, false, 1)))
        .hasMessageContaining("ISO-IMAGE-302");
  }

  @Test
  void highThroughputCodingIsNamedInTheError() throws IOException {
    ImagePixel pixel = TestImages.pixel(32, 32, 1, 8, false, 1);
    byte[] encoded = encode(pixel, TestImages.pixels(1024, 1), true);
    for (int i = 0; i < encoded.length; i++) {
      if (encoded[i] == -1 && encoded[i + 1] == 0x52) {
        encoded[i + 12] |= 0x40;
        break;
      }
    }
    assertThatThrownBy(() -> decode(encoded, pixel))
        .hasMessageContaining("ISO-IMAGE-341")
        .hasMessageContaining("high throughput");
  }

  @Property(tries = 500)
  void damageIsAnErrorOrAFrame(@ForAll boolean reversible, @ForAll long seed) {
    byte[] damaged = CodeStreams.damaged(reversible ? REVERSIBLE : IRREVERSIBLE, seed);
    try {
      assertThat(new Jpeg2000Decoder(false).decode(damaged, SMALL, 480)).hasSize(480);
    } catch (ImageException e) {
      assertThat(e.code()).matches("ISO-IMAGE-(302|340|341)");
    }
  }
}
