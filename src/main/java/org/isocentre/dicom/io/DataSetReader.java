package org.isocentre.dicom.io;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Dictionary;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.Tags;
import org.isocentre.dicom.data.TransferSyntax;
import org.isocentre.dicom.data.Vr;

/**
 * Reads a data set of any transfer syntax (PS3.5 §7, Annex A). Works with a stack of its own, so
 * depth costs no thread stack, and checks every length against {@link ReaderLimits} before memory
 * is taken. A value over the limit, and Pixel Data, stay where they are and become {@link
 * Element.Bulk} or {@link Element.Fragments}.
 *
 * <p>Tolerated and counted: odd lengths, tags out of order, elements in implicit VR among explicit
 * ones, an item or sequence that reaches over the end of the one around it.
 */
public final class DataSetReader {
  private static final long UNDEFINED = 0xffffffffL;
  private static final int NO_STOP = 0;

  private final ByteSource in;
  private final TransferSyntax syntax;
  private final ReaderLimits limits;
  private final Deque<Frame> stack = new ArrayDeque<>();
  private int stopTag = NO_STOP;
  private int elements;
  private long held;
  private int irregularities;

  /** A data set or a sequence that is being read. */
  private static final class Frame {
    final DataSet dataSet;
    final List<DataSet> items;
    final int tag;
    final long end;
    final boolean implicit;
    int lastTag;

    Frame(DataSet dataSet, List<DataSet> items, int tag, long end, boolean implicit) {
      this.dataSet = dataSet;
      this.items = items;
      this.tag = tag;
      this.end = end;
      this.implicit = implicit;
    }

    boolean isSequence() {
      return items != null;
    }

    boolean endsAt(long position) {
      return end >= 0 && position >= end;
    }
  }

  /**
   * @param in first byte of the data set; File Meta Information is not part of it
   */
  public DataSetReader(InputStream in, TransferSyntax syntax, ReaderLimits limits) {
    InputStream bytes = syntax.deflated() ? new InflaterInputStream(in, new Inflater(true)) : in;
    this.in = new ByteSource(bytes, syntax.bigEndian());
    this.syntax = syntax;
    this.limits = limits;
  }

  /** Reads to the end. */
  public DataSet read() throws IOException {
    return readUntil(NO_STOP);
  }

  /** Reads what comes before {@code tag} at the top level, such as {@link Tag#PixelData}. */
  public DataSet readUntil(int tag) throws IOException {
    stopTag = tag;
    DataSet top = new DataSet();
    stack.push(new Frame(top, null, 0, -1, !syntax.explicitVr()));
    try {
      while (!stack.isEmpty() && step()) {
        // Each step reads one element, item or delimiter.
      }
    } catch (EOFException e) {
      throw new DicomParseException(
          "ISO-DICOM-300",
          in.position(),
          "the data set ends within " + path() + "; it is incomplete, send it again");
    } catch (java.util.zip.ZipException e) {
      throw new DicomParseException(
          "ISO-DICOM-309", in.position(), "the deflated data set cannot be inflated (PS3.5 §A.5)");
    }
    return top;
  }

  /** How many tolerated faults were met. */
  public int irregularities() {
    return irregularities;
  }

  /**
   * @return false at the end of what was asked for
   */
  private boolean step() throws IOException {
    Frame frame = stack.peek();
    if (frame.endsAt(in.position())) {
      close(frame);
      return true;
    }
    if (stack.size() == 1 && !in.hasMore()) {
      return false;
    }
    int tag = in.tag();
    if (frame.isSequence()) {
      item(frame, tag);
      return true;
    }
    if (tag == Tags.ITEM_DELIMITATION && stack.size() > 1) {
      in.u32();
      close(frame);
      return true;
    }
    if (stack.size() == 1 && stopTag != NO_STOP && Integer.compareUnsigned(tag, stopTag) >= 0) {
      return false;
    }
    element(frame, tag);
    return true;
  }

  private void close(Frame frame) {
    if (frame.end >= 0 && in.position() > frame.end) {
      irregularities++;
    }
    stack.pop();
    if (frame.isSequence()) {
      stack.peek().dataSet.put(new Element.Sequence(frame.tag, List.copyOf(frame.items)));
    }
  }

  private void item(Frame sequence, int tag) throws IOException {
    long length = in.u32();
    if (tag == Tags.SEQUENCE_DELIMITATION) {
      close(sequence);
      return;
    }
    if (tag != Tags.ITEM) {
      throw new DicomParseException(
          "ISO-DICOM-302",
          in.position() - 8,
          "found "
              + Tags.format(tag)
              + " within "
              + path()
              + ", expected an item (FFFE,E000) or the sequence's end (PS3.5 §7.5)");
    }
    count();
    DataSet parent = parentDataSet();
    DataSet item = new DataSet(parent);
    sequence.items.add(item);
    stack.push(new Frame(item, null, sequence.tag, endOf(length), sequence.implicit));
  }

  private DataSet parentDataSet() {
    for (Frame frame : stack) {
      if (!frame.isSequence()) {
        return frame.dataSet;
      }
    }
    return null;
  }

  private long endOf(long length) {
    return length == UNDEFINED ? -1 : in.position() + length;
  }

  private void element(Frame frame, int tag) throws IOException {
    count();
    if (Integer.compareUnsigned(tag, frame.lastTag) <= 0 && frame.lastTag != 0) {
      irregularities++;
    }
    frame.lastTag = tag;
    if (tag == Tags.ITEM || tag == Tags.SEQUENCE_DELIMITATION || tag == Tags.ITEM_DELIMITATION) {
      throw new DicomParseException(
          "ISO-DICOM-303",
          in.position() - 4,
          "found " + Tags.format(tag) + " outside of a sequence, in " + path());
    }
    Vr vr;
    long length;
    Vr explicit = frame.implicit ? null : explicitVr(tag);
    if (explicit == null) {
      vr = Dictionary.vr(tag);
      length = in.u32();
    } else {
      vr = explicit;
      length = explicitLength(vr);
    }
    value(frame, tag, vr, length, explicit == null);
  }

  /**
   * The VR that stands here; null if the element is in implicit VR, against the transfer syntax.
   */
  private Vr explicitVr(int tag) throws IOException {
    int code = in.peekPair();
    Vr vr = Vr.of(code);
    if (vr != null) {
      in.u16();
      return vr;
    }
    if (isLetter(code >> 8) && isLetter(code & 0xff)) {
      // A VR of a later edition: has a long length as all new ones do (PS3.5 §6.2).
      in.u16();
      irregularities++;
      return Vr.UN;
    }
    irregularities++;
    if (irregularities > limits.maxElements() / 10) {
      throw new DicomParseException(
          "ISO-DICOM-304", in.position(), "no VR where one was expected, at " + Tags.format(tag));
    }
    return null;
  }

  private static boolean isLetter(int c) {
    return c >= 'A' && c <= 'Z';
  }

  private long explicitLength(Vr vr) throws IOException {
    if (!vr.hasLongLength()) {
      return in.u16();
    }
    in.u16();
    return in.u32();
  }

  private void value(Frame frame, int tag, Vr vr, long length, boolean implicit)
      throws IOException {
    if (length != UNDEFINED && (length & 1) != 0) {
      irregularities++;
    }
    if (length == UNDEFINED
        && (tag == Tag.PixelData || vr == Vr.OB || vr == Vr.OW)
        && !frame.implicit) {
      fragments(frame.dataSet, tag, vr);
    } else if (vr == Vr.SQ || length == UNDEFINED) {
      // An undefined length with UN is a sequence in implicit VR little endian (PS3.5 §6.2.2 note
      // 2).
      boolean unknown = vr == Vr.UN && !implicit;
      sequence(tag, vr, length, frame.implicit || unknown);
    } else {
      checkEnd(frame, tag, length);
      bytes(frame.dataSet, tag, vr, length);
    }
  }

  private void sequence(int tag, Vr vr, long length, boolean implicit) throws DicomParseException {
    if (vr != Vr.SQ && vr != Vr.UN) {
      throw new DicomParseException(
          "ISO-DICOM-305",
          in.position(),
          "undefined length with VR "
              + vr
              + " at "
              + Tags.format(tag)
              + ", allowed only for SQ, UN and encapsulated Pixel Data (PS3.5 §7.1.1)");
    }
    if (stack.size() >= 2 * limits.maxDepth()) {
      throw new DicomParseException(
          "ISO-DICOM-306",
          in.position(),
          "sequences are nested deeper than the limit of " + limits.maxDepth());
    }
    stack.push(new Frame(null, new ArrayList<>(), tag, endOf(length), implicit));
  }

  private void checkEnd(Frame frame, int tag, long length) throws DicomParseException {
    if (frame.end >= 0 && in.position() + length > frame.end) {
      throw new DicomParseException(
          "ISO-DICOM-307",
          in.position(),
          "the value of %s is %d bytes long, but the item around it ends %d bytes on"
              .formatted(Tags.format(tag), length, frame.end - in.position()));
    }
  }

  private void bytes(DataSet target, int tag, Vr vr, long length) throws IOException {
    if (length > limits.maxValueBytes() || tag == Tag.PixelData) {
      target.put(new Element.Bulk(tag, vr, in.position(), length));
      in.skip(length);
      return;
    }
    held += length;
    if (held > limits.maxTotalBytes()) {
      throw new DicomParseException(
          "ISO-DICOM-308",
          in.position(),
          "values add up to more than the limit of " + limits.maxTotalBytes() + " bytes");
    }
    byte[] value = in.bytes((int) length);
    if (syntax.bigEndian()) {
      swap(value, vr == Vr.AT ? 2 : vr.unit());
    }
    target.put(new Element.Value(tag, vr, value));
  }

  static void swap(byte[] value, int unit) {
    swap(value, value.length, unit);
  }

  /**
   * Turns numbers of one byte order into the other, in place.
   *
   * @param length bytes of {@code value} that are numbers; what is left over stays as it is
   * @param unit bytes of a number; 1 changes nothing
   */
  public static void swap(byte[] value, int length, int unit) {
    for (int from = 0; unit > 1 && from + unit <= length; from += unit) {
      for (int i = 0; i < unit / 2; i++) {
        byte b = value[from + i];
        value[from + i] = value[from + unit - 1 - i];
        value[from + unit - 1 - i] = b;
      }
    }
  }

  private void fragments(DataSet target, int tag, Vr vr) throws IOException {
    List<Element.Place> places = new ArrayList<>();
    while (true) {
      int itemTag = in.tag();
      long length = in.u32();
      if (itemTag == Tags.SEQUENCE_DELIMITATION) {
        break;
      }
      if (itemTag != Tags.ITEM || length == UNDEFINED) {
        throw new DicomParseException(
            "ISO-DICOM-302",
            in.position() - 8,
            "found "
                + Tags.format(itemTag)
                + " among the fragments of "
                + Tags.format(tag)
                + ", expected an item of defined length (PS3.5 §A.4)");
      }
      if (places.size() > limits.maxFragments()) {
        throw new DicomParseException(
            "ISO-DICOM-310",
            in.position(),
            "more fragments than the limit of " + limits.maxFragments());
      }
      places.add(new Element.Place(in.position(), length));
      in.skip(length);
    }
    Element.Place table = places.isEmpty() ? new Element.Place(in.position(), 0) : places.get(0);
    target.put(
        new Element.Fragments(
            tag,
            vr,
            table,
            List.copyOf(places.subList(Math.min(1, places.size()), places.size()))));
  }

  private void count() throws DicomParseException {
    if (++elements > limits.maxElements()) {
      throw new DicomParseException(
          "ISO-DICOM-311",
          in.position(),
          "more elements than the limit of " + limits.maxElements());
    }
  }

  private String path() {
    StringBuilder path = new StringBuilder("the data set");
    int shown = 0;
    for (Frame frame : stack) {
      if (frame.isSequence() && shown++ < 8) {
        path.insert(0, Tags.format(frame.tag) + " of ");
      }
    }
    return path.toString();
  }
}
