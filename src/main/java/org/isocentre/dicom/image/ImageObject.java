package org.isocentre.dicom.image;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.TransferSyntax;
import org.isocentre.dicom.io.DataSetReader;

/**
 * The attributes of an object, and its frames where it has some, of any transfer syntax. A deflated
 * one is inflated as it is read; {@link #close} ends that. For one thread at a time.
 */
public final class ImageObject implements Closeable {
  private final DataSet dataSet;
  private final TransferSyntax syntax;
  private final SeekableSource source;
  private final ImageLimits limits;
  private final InflatedSource inflated;
  private Frames frames;
  private PixelDecoder decoder;

  private ImageObject(
      DataSet dataSet,
      TransferSyntax syntax,
      SeekableSource source,
      ImageLimits limits,
      InflatedSource inflated) {
    this.dataSet = dataSet;
    this.syntax = syntax;
    this.source = source;
    this.limits = limits;
    this.inflated = inflated;
  }

  /**
   * @param source the data set's bytes, without File Meta Information; has to stay open
   */
  public static ImageObject open(
      SeekableSource source, String transferSyntaxUid, ImageLimits limits) throws IOException {
    TransferSyntax syntax = TransferSyntax.of(transferSyntaxUid);
    InflatedSource inflated = syntax.deflated() ? new InflatedSource(source) : null;
    SeekableSource plain = inflated == null ? source : inflated;
    TransferSyntax as =
        new TransferSyntax(
            syntax.uid(), syntax.explicitVr(), syntax.bigEndian(), false, syntax.encapsulated());
    try (InputStream in = plain.open(0)) {
      return new ImageObject(
          new DataSetReader(in, as, limits.reader()).read(), as, plain, limits, inflated);
    } catch (IOException | RuntimeException e) {
      if (inflated != null) {
        inflated.close();
      }
      throw e;
    }
  }

  /** With values over the limit, and Pixel Data, left in their place. */
  public DataSet dataSet() {
    return dataSet;
  }

  public String transferSyntaxUid() {
    return syntax.uid();
  }

  ImageLimits limits() {
    return limits;
  }

  /** Where values lie that were left in their place. */
  public SeekableSource source() {
    return source;
  }

  public boolean isBigEndian() {
    return syntax.bigEndian();
  }

  /**
   * @throws ImageException if there is no Pixel Data, or its frames cannot be told apart
   */
  public Frames frames() throws IOException {
    if (frames == null) {
      frames = Frames.of(dataSet, syntax, source, limits);
    }
    return frames;
  }

  /** How {@link #decode} lays pixels out. */
  public ImagePixel decoded() throws IOException {
    return decoder().decoded();
  }

  /**
   * A frame's native samples, little endian.
   *
   * @param frame from 0
   * @throws UnsupportedTransferSyntaxException if nothing here decodes it
   */
  public byte[] decode(int frame) throws IOException {
    return decoder().decode(frames().read(frame));
  }

  private PixelDecoder decoder() throws IOException {
    if (decoder == null) {
      decoder = new PixelDecoder(syntax.uid(), frames().pixel(), limits);
    }
    return decoder;
  }

  @Override
  public void close() throws IOException {
    if (inflated != null) {
      inflated.close();
    }
  }
}
