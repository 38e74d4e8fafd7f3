package org.isocentre.dicom.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import javax.imageio.ImageIO;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JpegHeaderTest {
  private static JpegHeader read(byte[] stream) throws Exception {
    return JpegHeader.read(new ByteArrayInputStream(stream));
  }

  private static byte[] picture(int type) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(20, 10, type), "jpeg", out);
    return out.toByteArray();
  }

  @ParameterizedTest
  @CsvSource({
    // 5 is BufferedImage.TYPE_3BYTE_BGR, 10 TYPE_BYTE_GRAY
    "5, 3, YBR_FULL_422",
    "10, 1, MONOCHROME2"
  })
  void describesWhatAnEncoderMakes(int type, int samples, String photometric) throws Exception {
    JpegHeader header = read(picture(type));
    assertThat(header.transferSyntaxUid()).isEqualTo("1.2.840.10008.1.2.4.50");
    DataSet set = new DataSet();
    header.describe(set);
    assertThat(set.integer(Tag.Rows)).isEqualTo(10);
    assertThat(set.integer(Tag.Columns)).isEqualTo(20);
    assertThat(set.integer(Tag.SamplesPerPixel)).isEqualTo(samples);
    assertThat(set.string(Tag.PhotometricInterpretation)).isEqualTo(photometric);
    assertThat(set.integer(Tag.BitsStored)).isEqualTo(8);
    assertThat(set.integer(Tag.HighBit)).isEqualTo(7);
    assertThat(set.contains(Tag.PlanarConfiguration)).isEqualTo(samples == 3);
  }

  /** SOI, Adobe APP14, a frame of 1 by 2, a scan. */
  private static byte[] stream(String sof, String precision, String predictor, String transform) {
    return HexFormat.of()
        .parseHex(
            "ffd8ffee000e41646f6265006400000000"
                + transform
                + "ffff"
                + sof
                + "0011"
                + precision
                + "00010002"
                + "03"
                + "011100021100031100"
                + "ffda000c03010002000300"
                + predictor
                + "0000");
  }

  @ParameterizedTest
  @CsvSource({
    "c0, 08, 00, 01, 1.2.840.10008.1.2.4.50, YBR_FULL_422, 8",
    "c0, 08, 00, 00, 1.2.840.10008.1.2.4.50, RGB, 8",
    "c1, 0c, 00, 01, 1.2.840.10008.1.2.4.51, YBR_FULL_422, 16",
    "c3, 10, 01, 00, 1.2.840.10008.1.2.4.70, RGB, 16",
    "c3, 10, 06, 00, 1.2.840.10008.1.2.4.57, RGB, 16",
    "c2, 08, 00, 01, , YBR_FULL_422, 8"
  })
  void eachProcessHasItsTransferSyntax(
      String sof,
      String precision,
      String predictor,
      String transform,
      String syntax,
      String photometric,
      int allocated)
      throws Exception {
    JpegHeader header = read(stream(sof, precision, predictor, transform));
    assertThat(header.transferSyntaxUid()).isEqualTo(syntax);
    DataSet set = new DataSet();
    header.describe(set);
    assertThat(set.string(Tag.PhotometricInterpretation)).isEqualTo(photometric);
    assertThat(set.integer(Tag.BitsAllocated)).isEqualTo(allocated);
  }

  @Test
  void whatEndsTooSoonIsNoJpeg() throws Exception {
    byte[] whole = stream("c0", "08", "00", "01");
    // The last two bytes of the scan header are not needed.
    for (int length = 0; length < whole.length - 2; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> read(cut))
          .isInstanceOf(ImageException.class)
          .hasMessageStartingWith("ISO-IMAGE-320");
    }
    assertThatThrownBy(() -> read("\u0089PNG\r\n".getBytes())).isInstanceOf(ImageException.class);
  }
}
