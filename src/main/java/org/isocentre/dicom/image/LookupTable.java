package org.isocentre.dicom.image;

import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tags;

/** A look-up table as an object has it (PS3.3 §C.11.1.1, §C.7.6.3.1.5). */
final class LookupTable {
  private static final int MAX_ENTRIES = 1 << 16;

  private final int[] entries;
  private final int first;
  private final int bits;

  private LookupTable(int[] entries, int first, int bits) {
    this.entries = entries;
    this.first = first;
    this.bits = bits;
  }

  /**
   * @param signed whether the values that are looked up are
   * @return null if the table is not there
   * @throws ImageException if it is not as its descriptor says
   */
  static LookupTable of(DataSet set, int descriptorTag, int dataTag, boolean signed)
      throws ImageException {
    byte[] data = set.bytes(dataTag);
    if (data == null || !set.contains(descriptorTag)) {
      return null;
    }
    long[] descriptor = descriptor(set, descriptorTag);
    int count = descriptor[0] == 0 ? MAX_ENTRIES : (int) descriptor[0];
    boolean bytes = data.length < 2 * count;
    if (data.length < count) {
      throw wrong(descriptorTag, count + " entries in " + data.length + " bytes");
    }
    int[] entries = new int[count];
    for (int i = 0; i < count; i++) {
      entries[i] = bytes ? data[i] & 0xff : data[2 * i] & 0xff | (data[2 * i + 1] & 0xff) << 8;
    }
    return new LookupTable(entries, first(descriptor, signed), (int) descriptor[2]);
  }

  /** A table of segments (PS3.3 §C.7.9.2). */
  static LookupTable segmented(DataSet set, int descriptorTag, int dataTag) throws ImageException {
    byte[] data = set.bytes(dataTag);
    if (data == null || !set.contains(descriptorTag)) {
      return null;
    }
    long[] descriptor = descriptor(set, descriptorTag);
    int count = descriptor[0] == 0 ? MAX_ENTRIES : (int) descriptor[0];
    int[] words;
    if (descriptor[2] <= 8) {
      words = new int[data.length];
      for (int i = 0; i < words.length; i++) {
        words[i] = data[i] & 0xff;
      }
    } else {
      words = new int[data.length / 2];
      for (int i = 0; i < words.length; i++) {
        words[i] = data[2 * i] & 0xff | (data[2 * i + 1] & 0xff) << 8;
      }
    }
    return new LookupTable(
        new PaletteSegments(words, descriptor[2] > 8).expand(count),
        first(descriptor, false),
        (int) descriptor[2]);
  }

  private static int first(long[] descriptor, boolean signed) {
    return signed && descriptor[1] > Short.MAX_VALUE
        ? (int) descriptor[1] - MAX_ENTRIES
        : (int) descriptor[1];
  }

  private static long[] descriptor(DataSet set, int tag) throws ImageException {
    long[] descriptor = set.longs(tag);
    if (descriptor.length != 3
        || descriptor[0] < 0
        || descriptor[0] > MAX_ENTRIES
        || descriptor[2] < 1
        || descriptor[2] > 16) {
      throw wrong(tag, "three numbers were expected, the last from 1 to 16");
    }
    return descriptor;
  }

  private static ImageException wrong(int tag, String what) {
    return new ImageException(
        "ISO-IMAGE-502", "the look-up table of %s cannot be: %s".formatted(Tags.format(tag), what));
  }

  /** The entry of a value; of one beyond the table, that at its end. */
  int entry(long value) {
    return entries[(int) Math.min(entries.length - 1L, Math.max(0, value - first))];
  }

  /** The value whose entry is for a part of the input range, from 0 to 1. */
  long at(double part) {
    return first + Math.round(part * (entries.length - 1));
  }

  /** Of an entry at most. */
  int greatest() {
    return (1 << bits) - 1;
  }

  /** From 0 to 255. */
  int scaled(long value) {
    int entry = entry(value);
    return bits == 8 ? entry & 0xff : (int) Math.round(entry * 255.0 / greatest()) & 0xff;
  }
}
