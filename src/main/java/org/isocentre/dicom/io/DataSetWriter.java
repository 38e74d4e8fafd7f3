package org.isocentre.dicom.io;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.Tags;
import org.isocentre.dicom.data.TransferSyntax;
import org.isocentre.dicom.data.Vr;

/**
 * Writes a data set in any transfer syntax (PS3.5 §7, Annex A). Sequences and items are written
 * with undefined length, values with even length. Values that are not in memory are fetched from a
 * {@link BulkSource} as they are needed.
 */
public final class DataSetWriter {
  private static final int UNDEFINED = 0xffffffff;
  private static final int MAX_SHORT_LENGTH = 0xfffe;

  private final OutputStream out;
  private final TransferSyntax syntax;
  private final BulkSource bulk;
  private final ByteBuffer head;

  /** Where values that are not in memory come from: the stream that the data set was read from. */
  @FunctionalInterface
  public interface BulkSource {
    /** Copies a part of the source to {@code out}; numbers are little endian. */
    void copy(long offset, long length, OutputStream out) throws IOException;

    /** For data sets whose values are all in memory. */
    BulkSource NONE =
        (offset, length, out) -> {
          throw new IOException(
              "ISO-DICOM-320: the data set has values that are not in memory, and no source for them was given");
        };
  }

  public DataSetWriter(OutputStream out, TransferSyntax syntax, BulkSource bulk) {
    this.out = out;
    this.syntax = syntax;
    this.bulk = bulk;
    this.head =
        ByteBuffer.allocate(12)
            .order(syntax.bigEndian() ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
  }

  /** Writes the whole data set. Does not close the stream. */
  public void write(DataSet dataSet) throws IOException {
    if (syntax.deflated()) {
      Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
      try {
        DeflaterOutputStream deflated = new DeflaterOutputStream(out, deflater);
        TransferSyntax plain = new TransferSyntax(syntax.uid(), true, false, false, false);
        new DataSetWriter(deflated, plain, bulk).write(dataSet);
        deflated.finish();
        if ((deflater.getBytesWritten() & 1) != 0) {
          // To an even length, which some peers insist on (PS3.5 §A.5).
          out.write(0);
        }
      } finally {
        deflater.end();
      }
      return;
    }
    for (Element element : dataSet.elements()) {
      write(element);
    }
  }

  private void write(Element element) throws IOException {
    if (element instanceof Element.Value value) {
      value(value);
    } else if (element instanceof Element.Sequence sequence) {
      sequence(sequence);
    } else if (element instanceof Element.Bulk b) {
      head(b.tag(), b.vr(), even(b.length()));
      bulk.copy(b.offset(), b.length(), out);
      pad(b.length(), b.vr());
    } else if (element instanceof Element.Fragments fragments) {
      fragments(fragments);
    } else {
      throw new IOException(
          "ISO-DICOM-321: the value of %s is only known by its URI; fetch it and put it in its place"
              .formatted(Tags.format(element.tag())));
    }
  }

  private void value(Element.Value value) throws IOException {
    byte[] bytes = value.bytes();
    head(value.tag(), value.vr(), even(bytes.length));
    if (syntax.bigEndian() && value.vr().unit() > 1) {
      bytes = bytes.clone();
      DataSetReader.swap(bytes, value.vr().unit());
    }
    out.write(bytes);
    pad(bytes.length, value.vr());
  }

  private static long even(long length) {
    return length + (length & 1);
  }

  private void pad(long length, Vr vr) throws IOException {
    if ((length & 1) != 0) {
      out.write(vr.padding());
    }
  }

  private void sequence(Element.Sequence sequence) throws IOException {
    head(sequence.tag(), Vr.SQ, UNDEFINED & 0xffffffffL);
    for (DataSet item : sequence.items()) {
      itemHead(Tags.ITEM, UNDEFINED);
      for (Element element : item.elements()) {
        write(element);
      }
      itemHead(Tags.ITEM_DELIMITATION, 0);
    }
    itemHead(Tags.SEQUENCE_DELIMITATION, 0);
  }

  private void fragments(Element.Fragments pixels) throws IOException {
    head(pixels.tag(), Vr.OB, UNDEFINED & 0xffffffffL);
    fragment(pixels.offsetTable());
    for (Element.Place place : pixels.fragments()) {
      fragment(place);
    }
    itemHead(Tags.SEQUENCE_DELIMITATION, 0);
  }

  private void fragment(Element.Place place) throws IOException {
    itemHead(Tags.ITEM, (int) even(place.length()));
    if (place.length() > 0) {
      bulk.copy(place.offset(), place.length(), out);
      pad(place.length(), Vr.OB);
    }
  }

  private void itemHead(int tag, int length) throws IOException {
    head.clear();
    head.putShort((short) (tag >>> 16)).putShort((short) tag).putInt(length);
    out.write(head.array(), 0, head.position());
  }

  private void head(int tag, Vr vr, long length) throws IOException {
    head.clear();
    head.putShort((short) (tag >>> 16)).putShort((short) tag);
    if (!syntax.explicitVr()) {
      head.putInt((int) length);
    } else if (vr.hasLongLength()) {
      head.put((byte) (vr.code() >> 8))
          .put((byte) vr.code())
          .putShort((short) 0)
          .putInt((int) length);
    } else if (length > MAX_SHORT_LENGTH) {
      // Too long for its VR's 16 bits: UN keeps it whole (PS3.5 §6.2.2).
      head(tag, Vr.UN, length);
      return;
    } else {
      head.put((byte) (vr.code() >> 8)).put((byte) vr.code()).putShort((short) length);
    }
    out.write(head.array(), 0, head.position());
  }
}
