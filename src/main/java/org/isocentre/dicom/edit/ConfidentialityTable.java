package org.isocentre.dicom.edit;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** PS3.15 Table E.1-1 (edition 2026d), from a resource. */
final class ConfidentialityTable {
  /** What is done with an element (PS3.15 Table E.1-1a). */
  enum Action {
    /** X: remove. */
    REMOVE,
    /** Z: empty. */
    EMPTY,
    /** D: replace by a dummy. */
    DUMMY,
    /** U: replace the UID. */
    UID,
    /** K: keep; a sequence's items are treated in turn. */
    KEEP,
    /** C: clean. */
    CLEAN
  }

  /** A row: the action of the basic profile, and of the options that have another. */
  record Row(String tag, Action basic, Map<ProfileOption, Action> options) {
    /**
     * Of several options, the one that keeps most is what was asked for. But a date that stayed
     * would tell how far all others were moved.
     */
    Action action(Set<ProfileOption> chosen) {
      if (chosen.contains(ProfileOption.RETAIN_MODIFIED_DATES)
          && options.containsKey(ProfileOption.RETAIN_MODIFIED_DATES)) {
        return options.get(ProfileOption.RETAIN_MODIFIED_DATES);
      }
      List<Action> asked =
          options.entrySet().stream()
              .filter(e -> chosen.contains(e.getKey()))
              .map(Map.Entry::getValue)
              .toList();
      for (Action action : List.of(Action.KEEP, Action.CLEAN)) {
        if (asked.contains(action)) {
          return action;
        }
      }
      return asked.isEmpty() ? basic : asked.get(0);
    }
  }

  private static final List<ProfileOption> COLUMNS =
      List.of(
          ProfileOption.RETAIN_UIDS,
          ProfileOption.RETAIN_DEVICE_IDENTITY,
          ProfileOption.RETAIN_INSTITUTION_IDENTITY,
          ProfileOption.RETAIN_PATIENT_CHARACTERISTICS,
          ProfileOption.RETAIN_FULL_DATES,
          ProfileOption.RETAIN_MODIFIED_DATES,
          ProfileOption.CLEAN_DESCRIPTORS,
          ProfileOption.CLEAN_STRUCTURED_CONTENT,
          ProfileOption.CLEAN_GRAPHICS);

  private static final Map<Integer, Row> ROWS = new HashMap<>();
  private static final List<Row> REPEATING = new ArrayList<>();

  static {
    try (InputStream in = ConfidentialityTable.class.getResourceAsStream("confidentiality.tsv");
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      lines.lines().filter(l -> !l.startsWith("#")).forEach(ConfidentialityTable::add);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ConfidentialityTable() {}

  private static void add(String line) {
    String[] cells = line.split("\t", -1);
    Map<ProfileOption, Action> options = new EnumMap<>(ProfileOption.class);
    for (int i = 0; i < COLUMNS.size(); i++) {
      if (!cells[i + 2].isEmpty()) {
        options.put(COLUMNS.get(i), action(cells[i + 2]));
      }
    }
    Row row = new Row(cells[0], action(cells[1]), options);
    if (cells[0].indexOf('x') >= 0) {
      REPEATING.add(row);
    } else {
      ROWS.put(Integer.parseUnsignedInt(cells[0], 16), row);
    }
  }

  /**
   * Of alternatives by type of the attribute, such as X/Z/D, the last: it fits every type, and
   * tells no more than the others.
   */
  private static Action action(String codes) {
    return switch (codes.substring(codes.lastIndexOf('/') + 1)) {
      case "X" -> Action.REMOVE;
      case "Z" -> Action.EMPTY;
      case "D" -> Action.DUMMY;
      case "U", "U*" -> Action.UID;
      case "K" -> Action.KEEP;
      case "C" -> Action.CLEAN;
      default -> throw new IllegalStateException(codes);
    };
  }

  static int size() {
    return ROWS.size() + REPEATING.size();
  }

  static Optional<Row> row(int tag) {
    Row row = ROWS.get(tag);
    if (row != null) {
      return Optional.of(row);
    }
    String digits = "%08x".formatted(tag);
    return REPEATING.stream().filter(r -> matches(r.tag(), digits)).findFirst();
  }

  private static boolean matches(String mask, String digits) {
    for (int i = 0; i < digits.length(); i++) {
      if (mask.charAt(i) != 'x' && mask.charAt(i) != digits.charAt(i)) {
        return false;
      }
    }
    return true;
  }
}
