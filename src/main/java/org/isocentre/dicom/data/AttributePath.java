package org.isocentre.dicom.data;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where an element is in nested sequences: items on the way, then its tag. Written such as {@code
 * (0040,0275)[1].(0008,0050)}, or with keywords: {@code
 * RequestAttributesSequence[1].AccessionNumber}.
 *
 * @param items from the outermost on; empty at the top level
 */
public record AttributePath(List<Item> items, int tag) {
  private static final Pattern STEP =
      Pattern.compile("\\(?([0-9a-fA-F]{4}),?([0-9a-fA-F]{4})\\)?|([A-Za-z][A-Za-z0-9]*)");
  private static final Pattern ITEM = Pattern.compile("(.+)\\[([1-9][0-9]{0,8})]");
  private static final int MAX_DEPTH = 64;

  /**
   * An item on the way.
   *
   * @param sequence tag
   * @param number from 1 on (PS3.5 §7.5)
   */
  public record Item(int sequence, int number) {
    public Item {
      if (number < 1) {
        throw new IllegalArgumentException("ISO-DICOM-205: items are counted from 1");
      }
    }
  }

  public AttributePath {
    items = List.copyOf(items);
  }

  /** At the top level. */
  public static AttributePath of(int tag) {
    return new AttributePath(List.of(), tag);
  }

  /** The element {@code tag} in an item of the sequence that this path leads to. */
  public AttributePath item(int number, int tag) {
    List<Item> deeper = new ArrayList<>(items);
    deeper.add(new Item(this.tag, number));
    return new AttributePath(deeper, tag);
  }

  /**
   * Reads a path from a setting.
   *
   * @throws IllegalArgumentException if it is no path of at most 64 steps
   */
  public static AttributePath parse(String text) {
    String[] steps = text.split("\\.", MAX_DEPTH + 1);
    if (steps.length > MAX_DEPTH) {
      throw malformed(text);
    }
    List<Item> items = new ArrayList<>();
    for (int i = 0; i < steps.length - 1; i++) {
      Matcher item = ITEM.matcher(steps[i]);
      if (!item.matches()) {
        throw malformed(text);
      }
      items.add(new Item(tag(item.group(1), text), Integer.parseInt(item.group(2))));
    }
    return new AttributePath(items, tag(steps[steps.length - 1], text));
  }

  private static int tag(String step, String text) {
    Matcher matcher = STEP.matcher(step);
    if (!matcher.matches()) {
      throw malformed(text);
    }
    if (matcher.group(3) == null) {
      return Integer.parseUnsignedInt(matcher.group(1) + matcher.group(2), 16);
    }
    Dictionary.Entry entry =
        Dictionary.element(step)
            .filter(e -> e.tag().indexOf('x') < 0)
            .orElseThrow(() -> malformed(text));
    return Integer.parseUnsignedInt(entry.tag(), 16);
  }

  private static IllegalArgumentException malformed(String text) {
    return new IllegalArgumentException(
        "ISO-DICOM-206: \""
            + text
            + "\" is no attribute path; write tags or keywords of PS3.6, such as"
            + " RequestAttributesSequence[1].AccessionNumber");
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (Item item : items) {
      text.append(Tags.format(item.sequence())).append('[').append(item.number()).append("].");
    }
    return text.append(Tags.format(tag)).toString();
  }
}
