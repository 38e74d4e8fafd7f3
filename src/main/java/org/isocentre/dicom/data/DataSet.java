package org.isocentre.dicom.data;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalTime;
import java.util.ArrayList;
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
  private SpecificCharacterSet characterSet;

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
    if (element.tag() == Tag.SpecificCharacterSet) {
      characterSet = null;
    }
  }

  public void remove(int tag) {
    elements.remove(tag);
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
      case TEXT, LOCAL_TEXT -> split(value.vr(), decode(value));
      case BINARY -> numbers(value);
      default -> List.of();
    };
  }

  private String decode(Element.Value value) {
    return value.vr().kind() == Vr.Kind.LOCAL_TEXT
        ? characterSet().decode(value.bytes(), value.vr())
        : new String(value.bytes(), StandardCharsets.ISO_8859_1);
  }

  private static List<String> split(Vr vr, String text) {
    if (vr.isSingleText()) {
      return List.of(trimRight(text));
    }
    List<String> values = new ArrayList<>();
    int from = 0;
    for (int at = text.indexOf('\\'); at >= 0; at = text.indexOf('\\', from)) {
      values.add(trim(text.substring(from, at)));
      from = at + 1;
    }
    values.add(trim(text.substring(from)));
    return values;
  }

  private static String trim(String text) {
    int from = 0;
    while (from < text.length() && text.charAt(from) == ' ') {
      from++;
    }
    return trimRight(text.substring(from));
  }

  private static String trimRight(String text) {
    int end = text.length();
    while (end > 0 && (text.charAt(end - 1) == ' ' || text.charAt(end - 1) == 0)) {
      end--;
    }
    return text.substring(0, end);
  }

  private static List<String> numbers(Element.Value value) {
    ByteBuffer in = ByteBuffer.wrap(value.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    List<String> numbers = new ArrayList<>();
    while (in.remaining() >= value.vr().unit() * (value.vr() == Vr.AT ? 2 : 1)) {
      numbers.add(
          switch (value.vr()) {
            case US -> Integer.toString(Short.toUnsignedInt(in.getShort()));
            case SS -> Short.toString(in.getShort());
            case UL -> Integer.toUnsignedString(in.getInt());
            case SL -> Integer.toString(in.getInt());
            case UV -> Long.toUnsignedString(in.getLong());
            case SV -> Long.toString(in.getLong());
            case FL -> Float.toString(in.getFloat());
            case FD -> Double.toString(in.getDouble());
            default -> "%04X%04X".formatted(in.getShort(), in.getShort());
          });
    }
    return numbers;
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
    if (characterSet == null) {
      if (elements.get(Tag.SpecificCharacterSet) instanceof Element.Value value) {
        characterSet =
            SpecificCharacterSet.of(
                split(Vr.CS, new String(value.bytes(), StandardCharsets.ISO_8859_1)));
      } else {
        characterSet = parent == null ? SpecificCharacterSet.DEFAULT : parent.characterSet();
      }
    }
    return characterSet;
  }

  /** Sets text values with the VR of the dictionary, encoded in this data set's character set. */
  public DataSet set(int tag, String... values) {
    return set(tag, Dictionary.vr(tag), values);
  }

  /** Sets text values, or numbers written in decimal for a binary VR. */
  public DataSet set(int tag, Vr vr, String... values) {
    byte[] bytes = vr.isText() ? text(vr, String.join("\\", values)) : binary(vr, values);
    put(new Element.Value(tag, vr, bytes));
    return this;
  }

  private byte[] text(Vr vr, String text) {
    Charset charset =
        vr.kind() == Vr.Kind.LOCAL_TEXT ? characterSet().encoding() : StandardCharsets.ISO_8859_1;
    byte[] bytes = text.getBytes(charset);
    if (bytes.length % 2 == 0) {
      return bytes;
    }
    byte[] padded = java.util.Arrays.copyOf(bytes, bytes.length + 1);
    padded[bytes.length] = vr.padding();
    return padded;
  }

  private static byte[] binary(Vr vr, String... values) {
    if (vr.kind() != Vr.Kind.BINARY) {
      throw new IllegalArgumentException("ISO-DICOM-201: " + vr + " cannot be set from text");
    }
    int size = vr == Vr.AT ? 4 : vr.unit();
    ByteBuffer out = ByteBuffer.allocate(values.length * size).order(ByteOrder.LITTLE_ENDIAN);
    for (String value : values) {
      switch (vr) {
        case US, SS -> out.putShort((short) Integer.parseInt(value));
        case UL, SL -> out.putInt((int) Long.parseLong(value));
        case UV, SV ->
            out.putLong(vr == Vr.UV ? Long.parseUnsignedLong(value) : Long.parseLong(value));
        case FL -> out.putFloat(Float.parseFloat(value));
        case FD -> out.putDouble(Double.parseDouble(value));
        default -> {
          int tag = Integer.parseUnsignedInt(value, 16);
          out.putShort((short) (tag >>> 16)).putShort((short) tag);
        }
      }
    }
    return out.array();
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

  /** A private element of the block that {@code creator} has reserved (PS3.5 §7.8.1), or null. */
  public Element getPrivate(int group, String creator, int element) {
    for (int block = 0x10; block <= 0xff; block++) {
      if (creator.equals(string(group << 16 | block))) {
        return get(group << 16 | block << 8 | element & 0xff);
      }
    }
    return null;
  }

  @Override
  public String toString() {
    return "DataSet[" + size() + " elements]";
  }
}
