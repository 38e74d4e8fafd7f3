package org.isocentre.dicom.image;

import org.isocentre.dicom.data.TransferSyntax;

/**
 * Decodes the frames of one object to native samples. What each transfer syntax gets is listed in
 * {@code docs/reference/transfer-syntaxes.md}.
 */
public final class PixelDecoder {
  private static final PixelCodec NATIVE = new PixelCodec(PlainFrames::copy, true, false);

  private final PixelCodec codec;
  private final ImagePixel pixel;
  private final ImagePixel decoded;
  private final int length;

  /**
   * @param pixel as the object says
   * @throws UnsupportedTransferSyntaxException if nothing here decodes it
   * @throws ImageException if a frame would be over the limit
   */
  public PixelDecoder(String transferSyntaxUid, ImagePixel pixel, ImageLimits limits)
      throws ImageException {
    if (TransferSyntax.of(transferSyntaxUid).encapsulated()) {
      codec =
          PixelCodec.of(transferSyntaxUid)
              .orElseThrow(
                  () -> new UnsupportedTransferSyntaxException(transferSyntaxUid, "decoded"));
    } else {
      codec = NATIVE;
    }
    this.pixel = pixel;
    this.decoded = codec.decoded(pixel);
    this.length = limits.frameBytes(decoded.frameBytes());
  }

  /** Whether pixel data of this transfer syntax can be decoded. */
  public static boolean canDecode(String transferSyntaxUid) {
    return Transcoder.isUncompressed(transferSyntaxUid)
        || PixelCodec.of(transferSyntaxUid).isPresent();
  }

  /** How decoded frames are laid out: Photometric Interpretation may be another than before. */
  public ImagePixel decoded() {
    return decoded;
  }

  /**
   * @param frame as {@link Frames#read} gives it
   * @return samples of Bits Allocated, little endian, by Planar Configuration of {@link #decoded}
   * @throws ImageException if the frame is corrupt, or contradicts the attributes
   */
  public byte[] decode(byte[] frame) throws ImageException {
    return codec.decoder().decode(frame, pixel, length);
  }
}
