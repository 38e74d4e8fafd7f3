package org.isocentre.dicom.edit;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** PS3.15 Table E.3.10-1 (edition 2026d), from a resource. */
final class SafePrivateTable {
  /** VR by element; empty where the standard gives none. */
  private static final Map<SafePrivate, String> ROWS;

  static {
    try (InputStream in = SafePrivateTable.class.getResourceAsStream("safe-private.tsv");
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      ROWS =
          lines
              .lines()
              .filter(l -> !l.startsWith("#"))
              .map(l -> l.split("\t", -1))
              .collect(Collectors.toUnmodifiableMap(SafePrivateTable::key, cells -> cells[3]));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private SafePrivateTable() {}

  private static SafePrivate key(String[] cells) {
    return new SafePrivate(
        Integer.parseInt(cells[0], 16), cells[2], Integer.parseInt(cells[1], 16));
  }

  static Set<SafePrivate> elements() {
    return ROWS.keySet();
  }

  /** As the table says, such as {@code OW/OB}; null for what is not in it. */
  static String vr(SafePrivate element) {
    return ROWS.get(element);
  }
}
