package org.isocentre.dicom.image;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.Tags;
import org.isocentre.dicom.data.TransferSyntax;
import org.isocentre.dicom.data.Vr;
import org.isocentre.dicom.io.DataSetReader;
import org.isocentre.dicom.io.DataSetWriter;

/**
 * One data set on its way to another transfer syntax: a list of parts that are opened one after the
 * other, elements from memory, bulk values from the source, frames as they are decoded and encoded.
 */
final class Transcoding {
  /** Stands for the offset of pixel data that is nowhere yet, but is decoded when it is read. */
  private static final long DECODED = -1;

  private final DataSet dataSet;
  private final TransferSyntax from;
  private final TransferSyntax to;
  private final SeekableSource source;
  private final ImageLimits limits;
  private final Map<Long, Integer> units = new HashMap<>();
  private final List<ConcatenatedInputStream.Parts> parts = new ArrayList<>();
  private InputStream frames;

  /**
   * @param dataSet is changed
   */
  Transcoding(
      DataSet dataSet,
      TransferSyntax from,
      TransferSyntax to,
      SeekableSource source,
      ImageLimits limits) {
    this.dataSet = dataSet;
    this.from = from;
    this.to = to;
    this.source = source;
    this.limits = limits;
  }

  /**
   * @param toClose when the stream is closed, or null
   */
  InputStream stream(java.io.Closeable toClose) throws IOException {
    new Preparation(from, source, limits).prepare(dataSet);
    if (from.bigEndian() != to.bigEndian()) {
      collectUnits(dataSet);
    }
    Element pixels = pixelData();
    if (pixels != null && to.encapsulated()) {
      encapsulate(pixels);
    } else {
      if (pixels instanceof Element.Fragments fragments) {
        decode(fragments);
      }
      write(dataSet);
    }
    int[] next = {0};
    ConcatenatedInputStream all =
        new ConcatenatedInputStream(
            () -> next[0] < parts.size() ? parts.get(next[0]++).next() : null);
    return toClose == null ? all : new Closing(all, toClose);
  }

  /** Pixel Data as its transfer syntax has it, or null if there is none. */
  private Element pixelData() throws ImageException {
    Element pixels = dataSet.get(Tag.PixelData);
    if (pixels != null && from.encapsulated() != pixels instanceof Element.Fragments) {
      throw new ImageException(
          "ISO-IMAGE-403",
          "Pixel Data is %s, against its transfer syntax %s: the object contradicts itself"
              .formatted(from.encapsulated() ? "native" : "encapsulated", from.uid()));
    }
    return pixels;
  }

  private void collectUnits(DataSet set) {
    for (Element element : set.elements()) {
      if (element instanceof Element.Bulk bulk && bulk.vr().unit() > 1) {
        units.put(bulk.offset(), bulk.vr().unit());
      } else if (element instanceof Element.Sequence sequence) {
        sequence.items().forEach(this::collectUnits);
      }
    }
  }

  /** Native pixel data in place of fragments, with the attributes of what they decode to. */
  private void decode(Element.Fragments fragments) throws IOException {
    Frames encoded = Frames.of(dataSet, from, source, limits);
    PixelDecoder decoder = new PixelDecoder(from.uid(), encoded.pixel(), limits);
    Vr vr = decoder.decoded().bitsAllocated() > 8 ? Vr.OW : Vr.OB;
    int swapUnit = to.bigEndian() ? vr.unit() : 1;
    checkWholeBytes(decoder.decoded());
    frames =
        each(
            encoded.count(),
            frame -> {
              byte[] bytes = decoder.decode(encoded.read(frame));
              DataSetReader.swap(bytes, bytes.length, swapUnit);
              return new ByteArrayInputStream(bytes);
            });
    describe(decoder.decoded());
    dataSet.put(new Element.Bulk(fragments.tag(), vr, DECODED, decoder.decoded().totalBytes()));
  }

  /** Makes one frame. */
  @FunctionalInterface
  private interface FrameStream {
    InputStream open(int frame) throws IOException;
  }

  private static InputStream each(int count, FrameStream stream) {
    int[] next = {0};
    return new ConcatenatedInputStream(() -> next[0] < count ? stream.open(next[0]++) : null);
  }

  private static void checkWholeBytes(ImagePixel pixel) throws ImageException {
    if (pixel.numberOfFrames() > 1 && pixel.frameBits() % 8 != 0) {
      throw new ImageException(
          "ISO-IMAGE-401",
          "encapsulated frames of %d bits cannot be made native: they do not end on a byte"
              .formatted(pixel.frameBits()));
    }
  }

  private void describe(ImagePixel decoded) {
    if (dataSet.contains(Tag.PhotometricInterpretation)) {
      dataSet.set(Tag.PhotometricInterpretation, decoded.photometricInterpretation());
    }
  }

  /** Each frame one fragment, as RLE has it, after an empty Basic Offset Table (PS3.5 §A.4.2). */
  private void encapsulate(Element pixels) throws IOException {
    Frames encoded = Frames.of(dataSet, from, source, limits);
    PixelDecoder decoder = new PixelDecoder(from.uid(), encoded.pixel(), limits);
    ImagePixel pixel = decoder.decoded();
    describe(pixel);
    DataSet before = new DataSet();
    DataSet after = new DataSet();
    for (Element element : dataSet.elements()) {
      if (element.tag() != Tag.PixelData) {
        boolean early = Integer.compareUnsigned(element.tag(), Tag.PixelData) < 0;
        (early ? before : after).put(element);
      }
    }
    write(before);
    memory(pixelDataHead());
    frames =
        each(
            encoded.count(),
            frame -> item(RleEncoder.encode(decoder.decode(encoded.read(frame)), pixel)));
    parts.add(() -> frames);
    memory(littleEndian(8, Tags.SEQUENCE_DELIMITATION, 0).array());
    write(after);
  }

  private static byte[] pixelDataHead() {
    return littleEndian(20, Tag.PixelData, 'O' | 'B' << 8)
        .putInt(-1)
        .putShort((short) (Tags.ITEM >>> 16))
        .putShort((short) Tags.ITEM)
        .putInt(0)
        .array();
  }

  private static ByteBuffer littleEndian(int size, int tag, int second) {
    return ByteBuffer.allocate(size)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putShort((short) (tag >>> 16))
        .putShort((short) tag)
        .putInt(second);
  }

  private static InputStream item(byte[] encoded) {
    int[] next = {0};
    return new ConcatenatedInputStream(
        () ->
            switch (next[0]++) {
              case 0 ->
                  new ByteArrayInputStream(littleEndian(8, Tags.ITEM, encoded.length).array());
              case 1 -> new ByteArrayInputStream(encoded);
              default -> null;
            });
  }

  /** Encodes elements now; remembers for each value that is not in memory where it belongs. */
  private void write(DataSet set) throws IOException {
    ByteArrayOutputStream encoded = new ByteArrayOutputStream();
    TransferSyntax plain =
        new TransferSyntax(to.uid(), to.explicitVr(), to.bigEndian(), false, to.encapsulated());
    DataSetWriter.BulkSource later =
        (offset, length, out) -> {
          memory(encoded.toByteArray());
          encoded.reset();
          parts.add(() -> bulk(offset, length));
        };
    new DataSetWriter(encoded, plain, later).write(set);
    memory(encoded.toByteArray());
  }

  private void memory(byte[] bytes) {
    parts.add(() -> new ByteArrayInputStream(bytes));
  }

  private InputStream bulk(long offset, long length) throws IOException {
    if (offset == DECODED) {
      return frames;
    }
    InputStream in = new BoundedInputStream(source.open(offset), length);
    Integer unit = units.get(offset);
    return unit == null ? in : new ByteSwap(in, unit);
  }

  /** Closes the source along with the stream that reads from it. */
  private static final class Closing extends FilterInputStream {
    private final java.io.Closeable source;

    Closing(InputStream in, java.io.Closeable source) {
      super(in);
      this.source = source;
    }

    @Override
    public void close() throws IOException {
      try {
        super.close();
      } finally {
        source.close();
      }
    }
  }
}
