package org.isocentre.dicom.image;

import java.util.Map;
import java.util.Optional;

/**
 * What is known of the pixel data of a transfer syntax.
 *
 * @param decoder of one frame
 * @param exact whether the standard leaves no choice in what is decoded, so that decoding loses
 *     nothing: not so for JPEG baseline and for wavelets that are not reversible
 * @param resamples whether chrominance that pixels share comes out with one for each pixel
 */
record PixelCodec(FrameDecoder decoder, boolean exact, boolean resamples) {
  static final String ENCAPSULATED_UNCOMPRESSED = "1.2.840.10008.1.2.1.98";
  static final String DEFLATED_IMAGE_FRAME = "1.2.840.10008.1.2.8.1";
  static final String RLE_LOSSLESS = "1.2.840.10008.1.2.5";

  private static final FrameDecoder JPEG = new JpegDecoder(false);
  private static final FrameDecoder JPEG_LOSSLESS = new JpegDecoder(true);

  private static final Map<String, PixelCodec> BY_UID =
      Map.of(
          ENCAPSULATED_UNCOMPRESSED,
          new PixelCodec(PlainFrames::copy, true, false),
          DEFLATED_IMAGE_FRAME,
          new PixelCodec(PlainFrames::inflate, true, false),
          RLE_LOSSLESS,
          new PixelCodec(new RleDecoder(), true, true),
          "1.2.840.10008.1.2.4.50",
          new PixelCodec(JPEG, false, true),
          "1.2.840.10008.1.2.4.51",
          new PixelCodec(JPEG, false, true),
          "1.2.840.10008.1.2.4.57",
          new PixelCodec(JPEG_LOSSLESS, true, true),
          "1.2.840.10008.1.2.4.70",
          new PixelCodec(JPEG_LOSSLESS, true, true),
          "1.2.840.10008.1.2.4.80",
          new PixelCodec(new JpegLsDecoder(true), true, true),
          "1.2.840.10008.1.2.4.81",
          new PixelCodec(new JpegLsDecoder(false), true, true));

  static Optional<PixelCodec> of(String transferSyntaxUid) {
    return Optional.ofNullable(BY_UID.get(transferSyntaxUid));
  }

  /** How the decoded pixels are laid out. */
  ImagePixel decoded(ImagePixel pixel) {
    return switch (pixel.photometricInterpretation()) {
      case "YBR_RCT", "YBR_ICT" -> pixel.withPhotometricInterpretation("RGB");
      case "YBR_FULL_422", "YBR_PARTIAL_422", "YBR_PARTIAL_420" ->
          resamples ? pixel.withPhotometricInterpretation("YBR_FULL") : pixel;
      default -> pixel;
    };
  }
}
