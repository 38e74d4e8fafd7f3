package org.isocentre.dicom.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** RLE Lossless (PS3.5 Annex G): round trips, the standard's layout, noise. */
class RleTest {
  private static byte[] decode(byte[] encoded, ImagePixel pixel) throws ImageException {
    return new RleDecoder().decode(encoded, pixel, (int) pixel.frameBytes());
  }

  @Property(tries = 300)
  void whatIsEncodedDecodesToTheSame(
      @ForAll @IntRange(min = 1, max = 40) int rows,
      @ForAll @IntRange(min = 1, max = 300) int columns,
      @ForAll @IntRange(min = 0, max = 2) int width,
      @ForAll boolean colour,
      @ForAll boolean planar,
      @ForAll long seed)
      throws ImageException {
    ImagePixel pixel = TestImages.pixel(rows, columns, colour ? 3 : 1, 8 << width, planar, 1);
    byte[] frame = TestImages.pixels((int) pixel.frameBytes(), seed);
    byte[] encoded = RleEncoder.encode(frame, pixel);
    assertThat(encoded.length % 2).isZero();
    assertThat(decode(encoded, pixel)).isEqualTo(frame);
  }

  @Test
  void segmentsAreByteplanesHighestFirstAndEven() throws ImageException {
    ImagePixel pixel = TestImages.pixel(1, 3, 1, 16, false, 1);
    byte[] encoded = RleEncoder.encode(new byte[] {1, 9, 2, 9, 3, 9}, pixel);
    ByteBuffer header = ByteBuffer.wrap(encoded).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(new int[] {header.getInt(), header.getInt(), header.getInt(), header.getInt()})
        .containsExactly(2, 64, 66, 0);
    assertThat(Arrays.copyOfRange(encoded, 64, encoded.length)).containsExactly(-2, 9, 2, 1, 2, 3);
  }

  @Test
  void rowsArePackedEachByItself() throws ImageException {
    byte[] encoded = RleEncoder.encode(new byte[8], TestImages.pixel(2, 4, 1, 8, false, 1));
    assertThat(Arrays.copyOfRange(encoded, 64, encoded.length)).containsExactly(-3, 0, -3, 0);
  }

  @Test
  void noiseGrowsByNoMoreThanOneByteIn128() throws ImageException {
    ImagePixel pixel = TestImages.pixel(64, 512, 1, 8, false, 1);
    byte[] frame = new byte[64 * 512];
    new java.util.Random(1).nextBytes(frame);
    assertThat(RleEncoder.encode(frame, pixel).length).isLessThan(64 + frame.length * 130 / 128);
  }

  @Test
  void aFrameThatEndsEarlyIsAnError() throws ImageException {
    ImagePixel pixel = TestImages.pixel(8, 8, 1, 16, false, 1);
    byte[] encoded = RleEncoder.encode(TestImages.pixels(128, 5), pixel);
    byte[] cut = Arrays.copyOf(encoded, encoded.length - 4);
    assertThatThrownBy(() -> decode(cut, pixel))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("ISO-IMAGE-310")
        .hasMessageContaining("segment 2");
  }

  @Test
  void anotherCountOfSegmentsIsAnError() throws ImageException {
    byte[] encoded = RleEncoder.encode(new byte[8], TestImages.pixel(2, 4, 1, 8, false, 1));
    assertThatThrownBy(() -> decode(encoded, TestImages.pixel(2, 4, 3, 8, false, 1)))
        .hasMessageContaining("1 segments, expected 3");
  }

  @Property(tries = 500)
  void noiseIsAnErrorOrAFrame(@ForAll @Size(max = 200) byte[] noise, @ForAll boolean header) {
    ImagePixel pixel = TestImages.pixel(5, 7, 1, 16, false, 1);
    byte[] bytes = noise;
    if (header) {
      bytes = Arrays.copyOf(noise, noise.length + 64);
      ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(2).putInt(64).putInt(70);
    }
    try {
      assertThat(decode(bytes, pixel)).hasSize(70);
    } catch (ImageException e) {
      assertThat(e.code()).isEqualTo("ISO-IMAGE-310");
    }
  }
}
