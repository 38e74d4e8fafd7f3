package org.isocentre.dicom.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.Tag;

/**
 * Which fragments make up each frame of encapsulated Pixel Data (PS3.5 §A.4). The Extended Offset
 * Table goes before the Basic one; a table that does not point at fragments is passed over, as
 * encoders write such, and the fragments themselves are asked: one a frame, all in one frame, or
 * those that begin like a JPEG code stream.
 */
final class FrameFragments {
  private static final int ITEM_HEAD = 8;
  private static final int OFFSET_BYTES = 4;
  private static final int EXTENDED_OFFSET_BYTES = 8;
  private static final int START_BYTES = 12;

  private final List<Element.Place> fragments;
  private final int[] starts;
  private final long[] lengths;

  /**
   * @param starts first fragment of each frame, and the count of fragments
   * @param lengths of each frame without padding, or null if not known
   */
  private FrameFragments(List<Element.Place> fragments, int[] starts, long[] lengths) {
    this.fragments = fragments;
    this.starts = starts;
    this.lengths = lengths;
  }

  static FrameFragments of(
      DataSet dataSet, Element.Fragments pixels, int frames, SeekableSource source)
      throws IOException {
    List<Element.Place> fragments = pixels.fragments();
    if (fragments.size() < frames) {
      throw new ImageException(
          "ISO-IMAGE-201",
          "%d fragments, but the attributes say %d frames: the object is incomplete"
              .formatted(fragments.size(), frames));
    }
    long[] offsets = extended(dataSet, Tag.ExtendedOffsetTable, frames, source);
    int[] starts = starts(fragments, offsets);
    if (starts != null) {
      return new FrameFragments(
          fragments, starts, extended(dataSet, Tag.ExtendedOffsetTableLengths, frames, source));
    }
    starts = starts(fragments, basic(pixels.offsetTable(), frames, source));
    if (starts == null) {
      starts = counted(fragments, frames, source);
    }
    return new FrameFragments(fragments, starts, null);
  }

  /** Places of a frame's bytes, in order. */
  List<Element.Place> of(int frame) {
    List<Element.Place> places = fragments.subList(starts[frame], starts[frame + 1]);
    if (lengths == null || places.size() != 1) {
      return places;
    }
    Element.Place place = places.get(0);
    return lengths[frame] > 0 && lengths[frame] <= place.length()
        ? List.of(new Element.Place(place.offset(), lengths[frame]))
        : places;
  }

  private static long[] basic(Element.Place table, int frames, SeekableSource source)
      throws IOException {
    return table.length() == (long) frames * OFFSET_BYTES
        ? offsets(source.read(table.offset(), (int) table.length()), OFFSET_BYTES)
        : null;
  }

  private static long[] extended(DataSet dataSet, int tag, int frames, SeekableSource source)
      throws IOException {
    Element element = dataSet.get(tag);
    long expected = (long) frames * EXTENDED_OFFSET_BYTES;
    if (element instanceof Element.Value value && value.bytes().length == expected) {
      return offsets(value.bytes(), EXTENDED_OFFSET_BYTES);
    }
    if (element instanceof Element.Bulk bulk
        && bulk.length() == expected
        && expected <= Integer.MAX_VALUE) {
      return offsets(source.read(bulk.offset(), (int) expected), EXTENDED_OFFSET_BYTES);
    }
    return null;
  }

  private static long[] offsets(byte[] table, int width) {
    ByteBuffer in = ByteBuffer.wrap(table).order(ByteOrder.LITTLE_ENDIAN);
    long[] offsets = new long[table.length / width];
    for (int i = 0; i < offsets.length; i++) {
      offsets[i] = width == OFFSET_BYTES ? Integer.toUnsignedLong(in.getInt()) : in.getLong();
    }
    return offsets;
  }

  /** The fragments that the offsets point at, or null if one points elsewhere. */
  private static int[] starts(List<Element.Place> fragments, long[] offsets) {
    if (offsets == null || offsets[0] != 0) {
      return null;
    }
    int[] starts = new int[offsets.length + 1];
    long first = fragments.get(0).offset();
    int fragment = 0;
    for (int frame = 0; frame < offsets.length; frame++) {
      while (fragment < fragments.size()
          && fragments.get(fragment).offset() - first < offsets[frame]) {
        fragment++;
      }
      if (fragment == fragments.size()
          || fragments.get(fragment).offset() - first != offsets[frame]
          || frame > 0 && fragment == starts[frame - 1]) {
        return null;
      }
      starts[frame] = fragment;
    }
    starts[offsets.length] = fragments.size();
    return starts;
  }

  private static int[] counted(List<Element.Place> fragments, int frames, SeekableSource source)
      throws IOException {
    int[] starts = new int[frames + 1];
    if (frames == fragments.size()) {
      Arrays.setAll(starts, i -> i);
      return starts;
    }
    int frame = 0;
    for (int i = 0; frames > 1 && i < fragments.size(); i++) {
      if (startsCodeStream(fragments.get(i), source)) {
        if (frame < frames) {
          starts[frame] = i;
        }
        frame++;
      }
    }
    if (frames > 1 && (frame != frames || starts[0] != 0)) {
      throw new ImageException(
          "ISO-IMAGE-208",
          "%d frames in %d fragments without a usable offset table, and %d fragments begin a code stream: the frames cannot be told apart (PS3.5 §A.4)"
              .formatted(frames, fragments.size(), frame));
    }
    starts[frames] = fragments.size();
    return starts;
  }

  /**
   * JPEG and JPEG-LS: SOI and a marker; JPEG 2000 and HTJ2K: SOC and SIZ, or the signature box that
   * some encoders keep.
   */
  private static boolean startsCodeStream(Element.Place place, SeekableSource source)
      throws IOException {
    if (place.length() < START_BYTES) {
      return false;
    }
    byte[] start = source.read(place.offset(), START_BYTES);
    int word = ByteBuffer.wrap(start).getInt();
    return word >>> 8 == 0xffd8ff || word == 0xff4fff51 || word == ITEM_HEAD + 4 && start[4] == 'j';
  }
}
