package org.isocentre.index;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;

/** A statement that grows with the values that are bound to its {@code ?}, in their order. */
final class BoundSql {
  private final StringBuilder text = new StringBuilder();
  private final List<Object> values = new ArrayList<>();

  BoundSql add(String sql, Object... bound) {
    text.append(sql);
    values.addAll(Arrays.asList(bound));
    return this;
  }

  /** {@code (?, ?, …)}; no row has a value of an empty list. */
  BoundSql list(Collection<?> all) {
    return add(
        all.isEmpty()
            ? "(null)"
            : "(" + String.join(", ", Collections.nCopies(all.size(), "?")) + ")",
        all.toArray());
  }

  String text() {
    return text.toString();
  }

  List<Object> values() {
    return Collections.unmodifiableList(values);
  }
}
