package org.isocentre.dicom.data;

/** What a tag's number says by itself (PS3.5 §7.1, §7.8). */
public final class Tags {
  public static final int ITEM = 0xfffee000;
  public static final int ITEM_DELIMITATION = 0xfffee00d;
  public static final int SEQUENCE_DELIMITATION = 0xfffee0dd;

  private Tags() {}

  /** Such as {@code (0010,0020)}. */
  public static String format(int tag) {
    return "(%04x,%04x)".formatted(tag >>> 16, tag & 0xffff);
  }

  /** Odd group number. */
  public static boolean isPrivate(int tag) {
    return (tag & 0x10000) != 0;
  }

  /** (gggg,0010) to (gggg,00FF) of an odd group. */
  public static boolean isPrivateCreator(int tag) {
    int element = tag & 0xffff;
    return isPrivate(tag) && element >= 0x10 && element <= 0xff;
  }

  public static boolean isGroupLength(int tag) {
    return (tag & 0xffff) == 0;
  }
}
