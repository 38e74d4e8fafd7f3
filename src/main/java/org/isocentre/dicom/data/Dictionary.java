package org.isocentre.dicom.data;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The data dictionary of PS3.6: elements and UIDs. Read once, when first asked. */
public final class Dictionary {
  private Dictionary() {}

  /**
   * One row of PS3.6 §6 to §9.
   *
   * @param tag hex digits; {@code x} stands for any digit of a repeating group
   * @param vr as printed, such as {@code US or SS}
   * @param vm value multiplicity as printed, such as {@code 1-n}
   */
  public record Entry(
      String tag, String vr, String vm, boolean retired, String keyword, String name) {
    /** The VR to read implicit encoding with: of alternatives, the one that loses nothing. */
    public Vr firstVr() {
      if (vr.contains("OW")) {
        return Vr.OW;
      }
      return vr.length() < 2 ? Vr.UN : Optional.ofNullable(Vr.of(vr.substring(0, 2))).orElse(Vr.UN);
    }
  }

  /** One row of PS3.6 Annex A. */
  public record UidEntry(String uid, String kind, boolean retired, String keyword, String name) {}

  private static final class Elements {
    static final Map<Integer, Entry> BY_TAG = new HashMap<>(8192);
    static final Map<String, Entry> BY_KEYWORD = new HashMap<>(8192);
    static final List<Entry> REPEATING = new ArrayList<>();
    static final Map<Integer, Vr> VRS = new HashMap<>(8192);

    static {
      for (String[] row : rows("elements.tsv", 6)) {
        Entry entry = new Entry(row[0], row[1], row[2], !row[3].isEmpty(), row[4], row[5]);
        BY_KEYWORD.put(entry.keyword(), entry);
        if (row[0].indexOf('x') >= 0) {
          REPEATING.add(entry);
        } else {
          int tag = Integer.parseUnsignedInt(row[0], 16);
          BY_TAG.put(tag, entry);
          VRS.put(tag, entry.firstVr());
        }
      }
    }
  }

  private static final class Uids {
    static final Map<String, UidEntry> BY_UID = new HashMap<>(1024);

    static {
      for (String[] row : rows("uids.tsv", 5)) {
        BY_UID.put(row[0], new UidEntry(row[0], row[1], !row[2].isEmpty(), row[3], row[4]));
      }
    }
  }

  private static List<String[]> rows(String resource, int columns) {
    List<String[]> rows = new ArrayList<>();
    try (InputStream in = Dictionary.class.getResourceAsStream(resource);
        BufferedReader reader =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        if (!line.startsWith("#")) {
          rows.add(line.split("\t", columns));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return rows;
  }

  /** The entry of a standard tag, also in a repeating group. */
  public static Optional<Entry> element(int tag) {
    Entry entry = Elements.BY_TAG.get(tag);
    return entry != null ? Optional.of(entry) : repeating(tag);
  }

  public static Optional<Entry> element(String keyword) {
    return Optional.ofNullable(Elements.BY_KEYWORD.get(keyword));
  }

  private static Optional<Entry> repeating(int tag) {
    String digits = "%08x".formatted(tag);
    return Elements.REPEATING.stream().filter(e -> matches(e.tag(), digits)).findFirst();
  }

  private static boolean matches(String mask, String digits) {
    for (int i = 0; i < digits.length(); i++) {
      if (mask.charAt(i) != 'x' && mask.charAt(i) != digits.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /**
   * The VR that implicit encoding leaves unsaid (PS3.5 §7.1.3): UL for group lengths, LO for
   * private creators, UN if unknown.
   */
  public static Vr vr(int tag) {
    Vr vr = Elements.VRS.get(tag);
    if (vr != null) {
      return vr;
    }
    if ((tag & 0xffff) == 0) {
      return Vr.UL;
    }
    if (Tags.isPrivate(tag)) {
      return Tags.isPrivateCreator(tag) ? Vr.LO : Vr.UN;
    }
    return repeating(tag).map(Entry::firstVr).orElse(Vr.UN);
  }

  public static Optional<UidEntry> uid(String uid) {
    return Optional.ofNullable(Uids.BY_UID.get(uid));
  }

  /**
   * Every UID of this kind, such as {@code Storage SOP Class} or {@code Transfer Syntax}, in the
   * order of the table.
   */
  public static List<UidEntry> uids(String kind) {
    return Uids.BY_UID.values().stream()
        .filter(e -> e.kind().equals(kind))
        .sorted(java.util.Comparator.comparing(UidEntry::uid))
        .toList();
  }

  /** The name of a UID for people, or the UID itself. */
  public static String name(String uid) {
    return uid(uid).map(UidEntry::name).orElse(uid);
  }
}
