package org.isocentre.dicom.image;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.TransferSyntax;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.io.DataSetReader;

/**
 * Encodes data sets in another transfer syntax without losing anything. Elements keep their values,
 * pixels theirs; what changes is byte order, VRs that implicit encoding left unsaid, group lengths
 * and offset tables (left out), and Photometric Interpretation where decoding changes it. What says
 * that an image once lost something (Lossy Image Compression) stays.
 *
 * <p>Memory: elements within the reader's limits, and one frame, encoded and decoded.
 */
public final class Transcoder {
  private static final List<String> UNCOMPRESSED =
      List.of(
          Uid.EXPLICIT_VR_LITTLE_ENDIAN,
          Uid.IMPLICIT_VR_LITTLE_ENDIAN,
          Uid.DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN,
          Uid.EXPLICIT_VR_BIG_ENDIAN);

  /** Longest value with a defined, even length (PS3.5 §7.1.1). */
  static final long MAX_VALUE_BYTES = 0xfffffffeL;

  private final ImageLimits limits;

  public Transcoder(ImageLimits limits) {
    this.limits = limits;
  }

  /** Whether pixel data of this transfer syntax is native. */
  static boolean isUncompressed(String transferSyntaxUid) {
    return UNCOMPRESSED.contains(transferSyntaxUid);
  }

  /**
   * The transfer syntaxes that an object can be sent in beside its own without losing anything, the
   * best first. Empty if there is none: its pixels cannot be decoded here, or what they decode to
   * is a matter of the decoder, as with JPEG baseline.
   *
   * @param attributes what comes before Pixel Data is enough
   */
  public static List<String> losslessTargets(String fromTransferSyntax, DataSet attributes) {
    boolean uncompressed = isUncompressed(fromTransferSyntax);
    if (!attributes.contains(Tag.BitsAllocated)) {
      return uncompressed ? without(fromTransferSyntax, UNCOMPRESSED) : List.of();
    }
    PixelCodec codec = PixelCodec.of(fromTransferSyntax).orElse(null);
    if (!uncompressed && (codec == null || !codec.exact())) {
      return List.of();
    }
    ImagePixel pixel;
    try {
      pixel = ImagePixel.of(attributes);
    } catch (ImageException e) {
      return uncompressed ? without(fromTransferSyntax, UNCOMPRESSED) : List.of();
    }
    ImagePixel decoded = uncompressed ? pixel : codec.decoded(pixel);
    List<String> targets = new ArrayList<>();
    if (uncompressed || canBeNative(decoded)) {
      targets.addAll(UNCOMPRESSED);
    }
    if (RleEncoder.canEncode(decoded) && hasPixelData(attributes)) {
      targets.add(PixelCodec.RLE_LOSSLESS);
    }
    return without(fromTransferSyntax, targets);
  }

  /** Whether decoded frames can be one value: not too long, each ending on a byte. */
  private static boolean canBeNative(ImagePixel decoded) {
    return decoded.totalBytes() <= MAX_VALUE_BYTES
        && (decoded.numberOfFrames() == 1 || decoded.frameBits() % 8 == 0);
  }

  /** Attributes that end before Pixel Data do not show whether it follows; Float Pixel Data do. */
  private static boolean hasPixelData(DataSet attributes) {
    return !attributes.contains(Tag.FloatPixelData)
        && !attributes.contains(Tag.DoubleFloatPixelData);
  }

  private static List<String> without(String uid, List<String> uids) {
    return uids.stream().filter(u -> !u.equals(uid)).toList();
  }

  /**
   * The data set in another transfer syntax, made as it is read: nothing runs unless somebody
   * reads, and closing early leaves nothing behind. For one thread at a time.
   *
   * @param source the data set's bytes, without File Meta Information; has to stay open while the
   *     answer is read
   * @throws UnsupportedTransferSyntaxException if {@code toSyntax} is none of {@link
   *     #losslessTargets}
   * @throws IOException here or while reading: the data set cannot be read, or a frame is corrupt
   */
  public InputStream transcode(SeekableSource source, String fromSyntax, String toSyntax)
      throws IOException {
    if (fromSyntax.equals(toSyntax)) {
      return source.open(0);
    }
    TransferSyntax from = TransferSyntax.of(fromSyntax);
    InflatedSource inflated = from.deflated() ? new InflatedSource(source) : null;
    try {
      return transcode(inflated == null ? source : inflated, inflated, from, toSyntax);
    } catch (IOException | RuntimeException e) {
      if (inflated != null) {
        inflated.close();
      }
      throw e;
    }
  }

  private InputStream transcode(
      SeekableSource data, InflatedSource toClose, TransferSyntax from, String toSyntax)
      throws IOException {
    TransferSyntax plain =
        new TransferSyntax(
            from.uid(), from.explicitVr(), from.bigEndian(), false, from.encapsulated());
    DataSet dataSet;
    try (InputStream in = data.open(0)) {
      dataSet = new DataSetReader(in, plain, limits.reader()).read();
    }
    if (!losslessTargets(from.uid(), dataSet).contains(toSyntax)) {
      throw new UnsupportedTransferSyntaxException(
          from.uid(), "made %s without loss".formatted(toSyntax));
    }
    TransferSyntax to = TransferSyntax.of(toSyntax);
    Transcoding work = new Transcoding(dataSet, plain, to, data, limits);
    InputStream out = work.stream(toClose);
    return to.deflated() ? new DeflatedStream(out) : out;
  }

  /** As the stream of {@link #transcode(SeekableSource, String, String)}, written at once. */
  public void transcode(SeekableSource source, String fromSyntax, String toSyntax, OutputStream out)
      throws IOException {
    try (InputStream in = transcode(source, fromSyntax, toSyntax)) {
      in.transferTo(out);
    }
  }
}
