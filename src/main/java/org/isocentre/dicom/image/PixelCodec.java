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

  private static final String JPEG = "1.2.840.10008.1.2.4.";

  private static final Map<String, PixelCodec> BY_UID =
      Map.ofEntries(
          Map.entry(ENCAPSULATED_UNCOMPRESSED, new PixelCodec(PlainFrames::copy, true, false)),
          Map.entry(DEFLATED_IMAGE_FRAME, new PixelCodec(PlainFrames::inflate, true, false)),
          Map.entry(RLE_LOSSLESS, new PixelCodec(new RleDecoder(), true, true)),
          Map.entry(JPEG + 50, new PixelCodec(new JpegDecoder(false), false, true)),
          Map.entry(JPEG + 51, new PixelCodec(new JpegDecoder(false), false, true)),
          Map.entry(JPEG + 57, new PixelCodec(new JpegDecoder(true), true, true)),
          Map.entry(JPEG + 70, new PixelCodec(new JpegDecoder(true), true, true)),
          Map.entry(JPEG + 80, new PixelCodec(new JpegLsDecoder(true), true, true)),
          Map.entry(JPEG + 81, new PixelCodec(new JpegLsDecoder(false), true, true)),
          Map.entry(JPEG + 90, new PixelCodec(new Jpeg2000Decoder(true), true, true)),
          Map.entry(JPEG + 91, new PixelCodec(new Jpeg2000Decoder(false), false, true)));

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
