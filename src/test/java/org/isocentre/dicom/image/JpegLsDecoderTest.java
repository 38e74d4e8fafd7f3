package org.isocentre.dicom.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** JPEG-LS: the standard's example, a vector of 16 bits, damage. */
class JpegLsDecoderTest {
  private static byte[] decode(byte[] encoded, ImagePixel pixel) throws ImageException {
    return new JpegLsDecoder(true).decode(encoded, pixel, (int) pixel.frameBytes());
  }

  @Test
  void theExampleOfTheStandardDecodesExactly() throws ImageException {
    assertThat(decode(CodeStreams.JPEG_LS_OF_T87, TestImages.pixel(4, 4, 1, 8, false, 1)))
        .isEqualTo(CodeStreams.T87_PIXELS);
  }

  @Test
  void sixteenBitsDecodeExactly() throws ImageException {
    assertThat(decode(CodeStreams.JPEG_LS, CodeStreams.RAMP)).isEqualTo(CodeStreams.ramp());
  }

  @Test
  void aNearLosslessScanInTheLosslessSyntaxIsRefused() {
    byte[] near = CodeStreams.JPEG_LS_OF_T87.clone();
    near[22] = 1;
    assertThatThrownBy(() -> decode(near, TestImages.pixel(4, 4, 1, 8, false, 1)))
        .hasMessageContaining("ISO-IMAGE-331");
  }

  @Test
  void anotherSizeThanTheAttributesSayIsRefused() {
    assertThatThrownBy(() -> decode(CodeStreams.JPEG_LS, TestImages.pixel(5, 6, 1, 16, false, 1)))
        .hasMessageContaining("ISO-IMAGE-302");
  }

  @Property(tries = 1000)
  void damageIsAnErrorOrAFrame(@ForAll long seed) {
    try {
      assertThat(decode(CodeStreams.damaged(CodeStreams.JPEG_LS, seed), CodeStreams.RAMP))
          .hasSize(48);
    } catch (ImageException e) {
      assertThat(e.code()).matches("ISO-IMAGE-(302|330|331)");
    }
  }

  @Property(tries = 300)
  void noiseIsAnError(@ForAll @Size(max = 200) byte[] noise) {
    assertThatThrownBy(() -> decode(noise, CodeStreams.RAMP)).isInstanceOf(ImageException.class);
  }
}
