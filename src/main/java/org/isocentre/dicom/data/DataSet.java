package org.isocentre.dicom.data;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Elements in order of tag (PS3.5 §7.1), in memory. Not safe for use by several threads while one
 * changes it. Never shows values in {@link #toString()}.
 */
public final class DataSet {
  private final TreeMap<Integer, Element> elements =
      new TreeMap<>(Comparator.comparingInt(tag -> tag ^ Integer.MIN_VALUE));
  private final DataSet parent;
  private SpecificCharacterSet ownCharacterSet;

  public DataSet() {
    this(null);
  }

  /**
   * @param parent the data set whose item this is: gives the character set unless this has its own
   *     (PS3.5 §7.5.3)
   */
  public DataSet(DataSet parent) {
    this.parent = parent;
  }

  public Collection<Element> elements() {
    return Collections.unmodifiableCollection(elements.values());
  }

  /** The element or null. */
  public Element get(int tag) {
    return elements.get(tag);
  }

  public boolean contains(int tag) {
    return elements.containsKey(tag);
  }

  public int size() {
    return elements.size();
  }

  public void put(Element element) {
    elements.put(element.tag(), element);
    ownCharacterSet = null;
  }

  public void remove(int tag) {
    elements.remove(tag);
    ownCharacterSet = null;
  }

  /** The data set that a path's items lead to, if all of them are there. */
  public Optional<DataSet> at(AttributePath path) {
    DataSet at = this;
    for (AttributePath.Item step : path.items()) {
      List<DataSet> items = at.items(step.sequence());
      if (step.number() > items.size()) {
        return Optional.empty();
      }
      at = items.get(step.number() - 1);
    }
    return Optional.of(at);
  }

  /** The element that a path leads to, or null. */
  public Element get(AttributePath path) {
    return at(path).map(d -> d.get(path.tag())).orElse(null);
  }

  /** First value of the element that a path leads to, or null if absent or empty. */
  public String string(AttributePath path) {
    return at(path).map(d -> d.string(path.tag())).orElse(null);
  }

  /**
   * Sets text values where a path leads to. Sequences on the way are made, and an item whose number
   * is the next one.
   *
   * @throws IllegalArgumentException if the path jumps over items that are not there
   */
  public DataSet set(AttributePath path, String... values) {
    DataSet at = this;
    for (AttributePath.Item step : path.items()) {
      int count = at.items(step.sequence()).size();
      if (step.number() > count + 1) {
        throw new IllegalArgumentException(
            "ISO-DICOM-209: %s: the sequence has %d items".formatted(path, count));
      }
      at =
          step.number() > count
              ? at.addItem(step.sequence())
              : at.items(step.sequence()).get(step.number() - 1);
    }
    at.set(path.tag(), values);
    return this;
  }

  /** Removes what a path leads to; nothing happens if it is not there. */
  public void remove(AttributePath path) {
    at(path).ifPresent(d -> d.remove(path.tag()));
  }

  /**
   * Removes an item; the sequence stays, be it empty.
   *
   * @param number from 1 on
   */
  public void removeItem(int tag, int number) {
    List<DataSet> items = new ArrayList<>(items(tag));
    items.remove(number - 1);
    put(new Element.Sequence(tag, items));
  }

  /** The value's bytes, or null if it is absent, a sequence or not in memory. */
  public byte[] bytes(int tag) {
    return elements.get(tag) instanceof Element.Value value ? value.bytes() : null;
  }

  /** First value without padding, or null if absent or empty. */
  public String string(int tag) {
    List<String> all = strings(tag);
    return all.isEmpty() || all.get(0).isEmpty() ? null : all.get(0);
  }

  /**
   * All values without padding; empty if absent. Numbers of binary VRs come as decimal text, AT as
   * eight hex digits.
   */
  public List<String> strings(int tag) {
    if (!(elements.get(tag) instanceof Element.Value value) || value.bytes().length == 0) {
      return List.of();
    }
    return switch (value.vr().kind()) {
      case TEXT, LOCAL_TEXT -> TextValues.split(value.vr(), decode(value));
      case BINARY -> Numbers.texts(value);
      default -> List.of();
    };
  }

  private String decode(Element.Value value) {
    return value.vr().kind() == Vr.Kind.LOCAL_TEXT
        ? characterSet().decode(value.bytes(), value.vr())
        : new String(value.bytes(), StandardCharsets.ISO_8859_1);
  }

  /**
   * All values as numbers, of binary VRs, IS and DS; empty if absent or if one of them is no
   * number.
   */
  public double[] doubles(int tag) {
    try {
      return strings(tag).stream().mapToDouble(Double::parseDouble).toArray();
    } catch (NumberFormatException e) {
      return new double[0];
    }
  }

  /**
   * All values as whole numbers, UV as its 64 bits; empty if absent or if one of them is no whole
   * number.
   */
  public long[] longs(int tag) {
    boolean unsigned = elements.get(tag) instanceof Element.Value value && value.vr() == Vr.UV;
    try {
      return strings(tag).stream()
          .mapToLong(text -> unsigned ? Long.parseUnsignedLong(text) : Long.parseLong(text))
          .toArray();
    } catch (NumberFormatException e) {
      return new long[0];
    }
  }

  /** First value as a person's name, or null if absent or empty. */
  public PersonName personName(int tag) {
    String text = string(tag);
    return text == null ? null : PersonName.parse(text);
  }

  /** First value as a date and time of DT, or null if absent or none. */
  public DateTimeValue dateTime(int tag) {
    String text = string(tag);
    return text == null ? null : DateTimeValue.parse(text).orElse(null);
  }

  /** First value as a whole number, or null if absent or no number. */
  public Integer integer(int tag) {
    String text = string(tag);
    if (text == null) {
      return null;
    }
    try {
      return text.indexOf('.') >= 0
          ? (int) Double.parseDouble(text)
          : Integer.valueOf(text.startsWith("+") ? text.substring(1) : text);
    } catch (NumberFormatException e) {
      return null;
    }
  }

  /**
   * First value as a date (PS3.5 §6.2 DA, and the older yyyy.MM.dd), or null if absent or no whole
   * date.
   */
  public LocalDate date(int tag) {
    String text = string(tag);
    if (text == null) {
      return null;
    }
    String digits = text.replace(".", "");
    if (digits.length() < 8
        || !digits.substring(0, 8).chars().allMatch(c -> c >= '0' && c <= '9')) {
      return null;
    }
    try {
      return LocalDate.of(
          Integer.parseInt(digits.substring(0, 4)),
          Integer.parseInt(digits.substring(4, 6)),
          Integer.parseInt(digits.substring(6, 8)));
    } catch (DateTimeException e) {
      return null;
    }
  }

  /**
   * First value as a time (PS3.5 §6.2 TM: HH, HHMM, HHMMSS, HHMMSS.FFFFFF), or null if absent or no
   * time.
   */
  public LocalTime time(int tag) {
    String text = string(tag);
    if (text == null) {
      return null;
    }
    String digits = text.replace(":", "");
    int dot = digits.indexOf('.');
    String clock = (dot < 0 ? digits : digits.substring(0, dot)) + "0000";
    try {
      int nano =
          dot < 0 ? 0 : Integer.parseInt((digits.substring(dot + 1) + "000000000").substring(0, 9));
      return LocalTime.of(
          Integer.parseInt(clock.substring(0, 2)),
          Integer.parseInt(clock.substring(2, 4)),
          Math.min(59, Integer.parseInt(clock.substring(4, 6))),
          nano);
    } catch (DateTimeException | NumberFormatException | StringIndexOutOfBoundsException e) {
      return null;
    }
  }

  /** Items of a sequence; empty if absent. */
  public List<DataSet> items(int tag) {
    return elements.get(tag) instanceof Element.Sequence sequence ? sequence.items() : List.of();
  }

  /** First item of a sequence. */
  public Optional<DataSet> item(int tag) {
    return items(tag).stream().findFirst();
  }

  /**
   * Specific Character Set (0008,0005) of this data set, else of the one that it is an item of,
   * else the default repertoire.
   */
  public SpecificCharacterSet characterSet() {
    if (!(elements.get(Tag.SpecificCharacterSet) instanceof Element.Value value)) {
      return parent == null ? SpecificCharacterSet.DEFAULT : parent.characterSet();
    }
    if (ownCharacterSet == null) {
      ownCharacterSet =
          SpecificCharacterSet.of(
              TextValues.split(Vr.CS, new String(value.bytes(), StandardCharsets.ISO_8859_1)));
    }
    return ownCharacterSet;
  }

  /**
   * Sets text values with the VR of the dictionary, encoded in this data set's character set.
   *
   * @throws IllegalArgumentException as {@link #set(int, Vr, String...)}
   */
  public DataSet set(int tag, String... values) {
    return set(tag, Dictionary.vr(tag), values);
  }

  /**
   * Sets text values, or numbers written in decimal for a binary VR.
   *
   * @throws IllegalArgumentException {@code ISO-DICOM-202} if the character set has no code for a
   *     character, {@code ISO-DICOM-203} if a text is no number of the VR; nothing is set then
   */
  public DataSet set(int tag, Vr vr, String... values) {
    byte[] bytes =
        vr.isText()
            ? TextValues.bytes(characterSet(), tag, vr, String.join("\\", values))
            : Numbers.bytes(tag, vr, values);
    put(new Element.Value(tag, vr, bytes));
    return this;
  }

  /** Sets whole numbers, with the VR of the dictionary. */
  public DataSet setLongs(int tag, long... values) {
    return set(tag, Arrays.stream(values).mapToObj(Long::toString).toArray(String[]::new));
  }

  /**
   * Sets numbers, with the VR of the dictionary; for DS with the digits that 16 characters hold.
   */
  public DataSet setDoubles(int tag, double... values) {
    boolean decimal = Dictionary.vr(tag) == Vr.DS;
    return set(
        tag,
        Arrays.stream(values)
            .mapToObj(v -> decimal ? Numbers.decimalString(v) : Double.toString(v))
            .toArray(String[]::new));
  }

  /** A deep copy that shares nothing which can change, with no parent. */
  public DataSet copy() {
    DataSet copy = new DataSet();
    if (parent != null && !characterSet().terms().isEmpty()) {
      copy.set(Tag.SpecificCharacterSet, characterSet().terms().toArray(String[]::new));
    }
    copyTo(copy, false);
    return copy;
  }

  /**
   * A deep copy whose text is in another character set, that of its items too.
   *
   * @throws IllegalArgumentException {@code ISO-DICOM-202} if it has no code for a character
   */
  public DataSet inCharacterSet(String... terms) {
    DataSet copy = new DataSet();
    copy.set(Tag.SpecificCharacterSet, terms);
    copyTo(copy, true);
    return copy;
  }

  private void copyTo(DataSet target, boolean recode) {
    for (Element element : elements.values()) {
      if (recode && element.tag() == Tag.SpecificCharacterSet) {
        continue;
      }
      if (element instanceof Element.Sequence sequence) {
        List<DataSet> items = new ArrayList<>(sequence.items().size());
        for (DataSet item : sequence.items()) {
          DataSet copy = new DataSet(target);
          item.copyTo(copy, recode);
          items.add(copy);
        }
        target.put(new Element.Sequence(sequence.tag(), sequence.vr(), items));
      } else if (element instanceof Element.Value value) {
        boolean local = value.vr().kind() == Vr.Kind.LOCAL_TEXT;
        byte[] bytes =
            recode && local
                ? TextValues.bytes(target.characterSet(), value.tag(), value.vr(), decode(value))
                : value.bytes().clone();
        target.put(new Element.Value(value.tag(), value.vr(), bytes));
      } else {
        target.put(element);
      }
    }
  }

  /** Adds an item to a sequence, which is made if it is not there. */
  public DataSet addItem(int tag) {
    List<DataSet> items =
        elements.get(tag) instanceof Element.Sequence s
            ? new ArrayList<>(s.items())
            : new ArrayList<>();
    DataSet item = new DataSet(this);
    items.add(item);
    put(new Element.Sequence(tag, items));
    return item;
  }

  /**
   * Adds a deep copy of an item of any data set; its text is recoded if the character sets differ.
   *
   * @throws IllegalArgumentException {@code ISO-DICOM-202} if this data set's character set has no
   *     code for a character; an empty item has been added then
   */
  public DataSet addItem(int tag, DataSet item) {
    DataSet added = addItem(tag);
    item.copyTo(added, !item.characterSet().terms().equals(characterSet().terms()));
    return added;
  }

  /** A private element of the block that {@code creator} has reserved (PS3.5 §7.8.1), or null. */
  public Element getPrivate(int group, String creator, int element) {
    return PrivateBlock.find(this, group, creator).map(b -> b.get(element)).orElse(null);
  }

  @Override
  public String toString() {
    return "DataSet[" + size() + " elements]";
  }
}
