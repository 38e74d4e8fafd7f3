package org.isocentre.dicom.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import javax.imageio.ImageIO;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** JPEG: a lossless vector, baseline beside the JDK's decoder, damage. */
class JpegDecoderTest {
  private static byte[] baseline(int rows, int columns, long seed) throws IOException {
    BufferedImage image = new BufferedImage(columns, rows, BufferedImage.TYPE_BYTE_GRAY);
    byte[] pixels = TestImages.pixels(rows * columns, seed);
    image.getRaster().setDataElements(0, 0, columns, rows, pixels);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertThat(ImageIO.write(image, "jpeg", out)).isTrue();
    return out.toByteArray();
  }

  private static byte[] decode(byte[] encoded, ImagePixel pixel, boolean lossless)
      throws ImageException {
    return new JpegDecoder(lossless).decode(encoded, pixel, (int) pixel.frameBytes());
  }

  @Test
  void theLosslessVectorDecodesExactly() throws ImageException {
    assertThat(decode(CodeStreams.JPEG_LOSSLESS, CodeStreams.RAMP, true))
        .isEqualTo(CodeStreams.ramp());
  }

  @Property(tries = 60)
  void baselineIsWithinOneGreyLevelOfTheJdk(
      @ForAll @IntRange(min = 1, max = 40) int rows,
      @ForAll @IntRange(min = 1, max = 40) int columns,
      @ForAll long seed)
      throws IOException {
    byte[] encoded = baseline(rows, columns, seed);
    byte[] decoded = decode(encoded, TestImages.pixel(rows, columns, 1, 8, false, 1), false);
    Raster expected = ImageIO.read(new ByteArrayInputStream(encoded)).getRaster();
    for (int i = 0; i < decoded.length; i++) {
      int difference = (decoded[i] & 0xff) - expected.getSample(i % columns, i / columns, 0);
      assertThat(Math.abs(difference)).isLessThanOrEqualTo(1);
    }
  }

  @Test
  void aLossyFrameInALosslessSyntaxIsRefused() throws IOException {
    byte[] encoded = baseline(8, 8, 1);
    assertThatThrownBy(() -> decode(encoded, TestImages.pixel(8, 8, 1, 8, false, 1), true))
        .hasMessageContaining("ISO-IMAGE-321");
  }

  @Test
  void anotherSizeThanTheAttributesSayIsRefused() {
    ImagePixel wider = TestImages.pixel(4, 7, 1, 16, false, 1);
    assertThatThrownBy(() -> decode(CodeStreams.JPEG_LOSSLESS, wider, true))
        .hasMessageContaining("ISO-IMAGE-302");
  }

  @Test
  void moreBitsThanAreAllocatedAreRefused() {
    ImagePixel narrow = TestImages.pixel(4, 6, 1, 8, false, 1);
    assertThatThrownBy(() -> decode(CodeStreams.JPEG_LOSSLESS, narrow, true))
        .hasMessageContaining("ISO-IMAGE-302");
  }

  @Test
  void signedSamplesThatFillBitsStoredGetTheirSign() throws ImageException {
    byte[] encoded = CodeStreams.JPEG_LOSSLESS.clone();
    ImagePixel wide = new ImagePixel(4, 6, 1, 32, 16, true, false, "MONOCHROME2", 1);
    byte[] decoded = decode(encoded, wide, true);
    byte[] narrow = CodeStreams.ramp();
    for (int i = 0; i < 24; i++) {
      byte sign = (byte) (narrow[2 * i + 1] < 0 ? -1 : 0);
      assertThat(decoded[4 * i + 1]).isEqualTo(narrow[2 * i + 1]);
      assertThat(decoded[4 * i + 2]).isEqualTo(sign);
      assertThat(decoded[4 * i + 3]).isEqualTo(sign);
    }
  }

  @Property(tries = 1000)
  void damageToALosslessFrameIsAnErrorOrAFrame(@ForAll long seed) {
    damage(CodeStreams.JPEG_LOSSLESS, CodeStreams.RAMP, true, seed);
  }

  @Property(tries = 500)
  void damageToABaselineFrameIsAnErrorOrAFrame(
      @ForAll @IntRange(max = 50) int image, @ForAll long seed) throws IOException {
    damage(baseline(17, 20, image), TestImages.pixel(17, 20, 1, 8, false, 1), false, seed);
  }

  @Property(tries = 300)
  void noiseIsAnError(@ForAll @Size(max = 200) byte[] noise) {
    assertThatThrownBy(() -> decode(noise, CodeStreams.RAMP, false))
        .isInstanceOf(ImageException.class);
  }

  private static void damage(byte[] encoded, ImagePixel pixel, boolean lossless, long seed) {
    try {
      assertThat(decode(CodeStreams.damaged(encoded, seed), pixel, lossless))
          .hasSize((int) pixel.frameBytes());
    } catch (ImageException e) {
      assertThat(e.code()).matches("ISO-IMAGE-(302|320|321)");
    }
  }
}
