package org.isocentre.dicom.image;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.TransferSyntax;
import org.isocentre.dicom.data.Vr;
import org.isocentre.dicom.io.DataSetReader;

/**
 * The frames of an object, each read from its place without what lies before it. Native frames are
 * found by computing; encapsulated ones by the Extended or Basic Offset Table, or by their
 * fragments (PS3.5 §A.4). Offsets are long, so objects may be over 2 GiB.
 */
public final class Frames {
  private final ImagePixel pixel;
  private final SeekableSource source;
  private final ImageLimits limits;
  private final Element element;
  private final FrameFragments fragments;
  private final boolean swapped;

  private Frames(
      ImagePixel pixel,
      Element element,
      TransferSyntax syntax,
      SeekableSource source,
      ImageLimits limits)
      throws IOException {
    this.pixel = pixel;
    this.element = element;
    this.source = source;
    this.limits = limits;
    this.swapped = syntax.bigEndian() && element.vr() != Vr.OB;
    this.fragments = null;
  }

  private Frames(
      ImagePixel pixel,
      Element.Fragments element,
      FrameFragments fragments,
      SeekableSource source,
      ImageLimits limits) {
    this.pixel = pixel;
    this.element = element;
    this.source = source;
    this.limits = limits;
    this.swapped = false;
    this.fragments = fragments;
  }

  /**
   * @param dataSet as {@link org.isocentre.dicom.io.DataSetReader#read} gives it, with Pixel Data
   *     left in its place
   * @param syntax that it was read in; a deflated one cannot be read from the middle, so {@code
   *     source} has to be what it inflates to
   * @param source from the data set's first byte on
   * @throws ImageException if there is no Pixel Data, it is shorter than its attributes say, or the
   *     frames cannot be told apart
   */
  public static Frames of(
      DataSet dataSet, TransferSyntax syntax, SeekableSource source, ImageLimits limits)
      throws IOException {
    ImagePixel pixel = ImagePixel.of(dataSet);
    if (pixel.numberOfFrames() > limits.maxFrames()) {
      throw new ImageException(
          "ISO-IMAGE-205",
          "%d frames, more than the limit of %d"
              .formatted(pixel.numberOfFrames(), limits.maxFrames()));
    }
    Element element = dataSet.get(Tag.PixelData);
    if (element instanceof Element.Fragments encapsulated) {
      FrameFragments fragments =
          FrameFragments.of(dataSet, encapsulated, pixel.numberOfFrames(), source);
      return new Frames(pixel, encapsulated, fragments, source, limits);
    }
    if (!(element instanceof Element.Bulk bulk)) {
      throw new ImageException(
          "ISO-IMAGE-206", "the object has no Pixel Data (7fe0,0010) that was left in its place");
    }
    if (bulk.length() < pixel.totalBytes()) {
      throw new ImageException(
          "ISO-IMAGE-201",
          "Pixel Data of %d bytes, but its attributes say %d: the object is incomplete"
              .formatted(bulk.length(), pixel.totalBytes()));
    }
    return new Frames(pixel, bulk, syntax, source, limits);
  }

  public ImagePixel pixel() {
    return pixel;
  }

  public int count() {
    return pixel.numberOfFrames();
  }

  public boolean isEncapsulated() {
    return fragments != null;
  }

  /**
   * A frame as it is stored: its code stream, or its native pixels in little endian. One that does
   * not begin on a byte is moved so that it does.
   *
   * @param frame from 0
   */
  public byte[] read(int frame) throws IOException {
    check(frame);
    return fragments == null ? readNative(frame) : readEncapsulated(frame);
  }

  /** As {@link #read}, but streams what need not be moved or swapped, whatever its length. */
  public InputStream open(int frame) throws IOException {
    check(frame);
    if (fragments != null) {
      List<Element.Place> places = fragments.of(frame);
      int[] next = {0};
      return new ConcatenatedInputStream(
          () -> next[0] < places.size() ? bounded(places.get(next[0]++)) : null);
    }
    if (swapped || pixel.frameBits() % 8 != 0) {
      return new ByteArrayInputStream(readNative(frame));
    }
    long length = pixel.frameBytes();
    return bounded(new Element.Place(bulk().offset() + frame * length, length));
  }

  private InputStream bounded(Element.Place place) throws IOException {
    return new BoundedInputStream(source.open(place.offset()), place.length());
  }

  private void check(int frame) throws ImageException {
    if (frame < 0 || frame >= count()) {
      throw new ImageException(
          "ISO-IMAGE-207", "frame %d asked of an object of %d".formatted(frame + 1, count()));
    }
  }

  private Element.Bulk bulk() {
    return (Element.Bulk) element;
  }

  private byte[] readEncapsulated(int frame) throws IOException {
    List<Element.Place> places = fragments.of(frame);
    long total = 0;
    for (Element.Place place : places) {
      total += place.length();
    }
    byte[] bytes = new byte[limits.frameBytes(total)];
    int at = 0;
    for (Element.Place place : places) {
      byte[] part = source.read(place.offset(), (int) place.length());
      System.arraycopy(part, 0, bytes, at, part.length);
      at += part.length;
    }
    return bytes;
  }

  private byte[] readNative(int frame) throws IOException {
    int length = limits.frameBytes(pixel.frameBytes());
    long firstBit = frame * pixel.frameBits();
    long from = firstBit / 8;
    long to = (firstBit + pixel.frameBits() + 7) / 8;
    if (swapped) {
      // Words have to be whole before their bytes can change places.
      from &= ~1L;
      to = Math.min(to + (to & 1), bulk().length());
    }
    byte[] bytes = source.read(bulk().offset() + from, (int) (to - from));
    if (swapped) {
      DataSetReader.swap(bytes, bytes.length, 2);
    }
    return PackedBits.move(bytes, (int) (firstBit - from * 8), pixel.frameBits(), length);
  }
}
