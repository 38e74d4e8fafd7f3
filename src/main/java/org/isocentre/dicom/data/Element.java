package org.isocentre.dicom.data;

import java.util.List;

/** One data element (PS3.5 §7.1). */
public sealed interface Element {
  int tag();

  Vr vr();

  /** A value in memory. Numbers are little endian whatever the encoding was. */
  record Value(int tag, Vr vr, byte[] bytes) implements Element {
    /** Never shows the value. */
    @Override
    public String toString() {
      return Tags.format(tag) + " " + vr + " [" + bytes.length + " bytes]";
    }
  }

  /** A sequence of items. */
  record Sequence(int tag, Vr vr, List<DataSet> items) implements Element {
    public Sequence(int tag, List<DataSet> items) {
      this(tag, Vr.SQ, items);
    }

    @Override
    public String toString() {
      return Tags.format(tag) + " SQ [" + items.size() + " items]";
    }
  }

  /**
   * A value that stayed where it was.
   *
   * @param offset of its first byte from the start of the data set (of the inflated data set, if
   *     that was deflated)
   * @param length bytes
   */
  record Bulk(int tag, Vr vr, long offset, long length) implements Element {}

  /**
   * Encapsulated Pixel Data that stayed where it was (PS3.5 §A.4).
   *
   * @param fragments place of each fragment, without the Basic Offset Table
   * @param offsetTable place of the Basic Offset Table's value
   */
  record Fragments(int tag, Vr vr, Place offsetTable, List<Place> fragments) implements Element {}

  /**
   * A value that is elsewhere, such as one that DICOM JSON gives by BulkDataURI (PS3.18 §F.2.6).
   *
   * @param uri relative or absolute, as it was written
   */
  record Remote(int tag, Vr vr, String uri) implements Element {
    /** Without the URI: its path may name a patient. */
    @Override
    public String toString() {
      return Tags.format(tag) + " " + vr + " [by URI]";
    }
  }

  /** Where bytes lie, from the start of the data set. */
  record Place(long offset, long length) {}
}
