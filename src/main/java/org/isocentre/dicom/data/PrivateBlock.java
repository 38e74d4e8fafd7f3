package org.isocentre.dicom.data;

import java.util.List;
import java.util.Optional;

/**
 * The 256 elements of an odd group that a private creator has reserved in a data set or item (PS3.5
 * §7.8.1).
 *
 * @param block 10H to FFH
 */
public record PrivateBlock(DataSet dataSet, int group, int block) {
  private static final int FIRST = 0x10;
  private static final int LAST = 0xff;

  /** The first block of {@code creator}, if it has reserved one. */
  public static Optional<PrivateBlock> find(DataSet dataSet, int group, String creator) {
    for (int block = FIRST; block <= LAST; block++) {
      if (creator.equals(dataSet.string(group << 16 | block))) {
        return Optional.of(new PrivateBlock(dataSet, group, block));
      }
    }
    return Optional.empty();
  }

  /**
   * The block of {@code creator}; if it has none, the first free one is reserved for it.
   *
   * @param group odd, and above 0008
   * @throws IllegalArgumentException if the group is not for private elements
   * @throws IllegalStateException if all 240 blocks are taken
   */
  public static PrivateBlock reserve(DataSet dataSet, int group, String creator) {
    if ((group & 1) == 0 || group <= 8 || group >= 0xffff) {
      throw new IllegalArgumentException(
          "ISO-DICOM-207: group %04x is not for private elements (PS3.5 §7.8)".formatted(group));
    }
    return find(dataSet, group, creator).orElseGet(() -> reserveNew(dataSet, group, creator));
  }

  private static PrivateBlock reserveNew(DataSet dataSet, int group, String creator) {
    for (int block = FIRST; block <= LAST; block++) {
      PrivateBlock free = new PrivateBlock(dataSet, group, block);
      if (!dataSet.contains(group << 16 | block) && free.elements().isEmpty()) {
        dataSet.set(group << 16 | block, Vr.LO, creator);
        return free;
      }
    }
    throw new IllegalStateException(
        "ISO-DICOM-208: all 240 blocks of group %04x are taken".formatted(group));
  }

  /** The creator of a private element, or null if its block is not reserved. */
  public static String creator(DataSet dataSet, int tag) {
    int block = tag >>> 8 & 0xff;
    return Tags.isPrivate(tag) && block >= FIRST ? dataSet.string(tag & 0xffff0000 | block) : null;
  }

  /**
   * The whole tag of an element.
   *
   * @param element the last two hex digits, 00H to FFH
   */
  public int tag(int element) {
    return group << 16 | block << 8 | element & 0xff;
  }

  /** The element, or null. */
  public Element get(int element) {
    return dataSet.get(tag(element));
  }

  /** Sets text values, or numbers written in decimal. */
  public PrivateBlock set(int element, Vr vr, String... values) {
    dataSet.set(tag(element), vr, values);
    return this;
  }

  /** Removes an element, and the reservation with the last one. */
  public void remove(int element) {
    dataSet.remove(tag(element));
    if (elements().isEmpty()) {
      dataSet.remove(group << 16 | block);
    }
  }

  /** What the block has. */
  public List<Element> elements() {
    return dataSet.elements().stream()
        .filter(e -> e.tag() >>> 16 == group && (e.tag() >>> 8 & 0xff) == block)
        .toList();
  }

  @Override
  public String toString() {
    return "PrivateBlock[(%04x,%02xxx)]".formatted(group, block);
  }
}
