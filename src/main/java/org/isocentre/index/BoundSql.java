package org.isocentre.index;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;
import org.springframework.jdbc.core.namedparam.NamedParameterUtils;
import org.springframework.jdbc.core.namedparam.ParsedSql;

/** A statement that grows with the values that are bound to its {@code ?}, in their order. */
final class BoundSql {
  private final StringBuilder text = new StringBuilder();
  private final List<Object> values = new ArrayList<>();

  BoundSql add(String sql, Object... bound) {
    text.append(sql);
    values.addAll(Arrays.asList(bound));
    return this;
  }

  /** Each of these conditions, after an {@code and}. */
  BoundSql add(SearchSql conditions) {
    if (!conditions.isEmpty()) {
      ParsedSql parsed = NamedParameterUtils.parseSqlStatement(" and " + conditions.joined());
      MapSqlParameterSource named = new MapSqlParameterSource(conditions.named());
      text.append(NamedParameterUtils.substituteNamedParameters(parsed, named));
      for (Object value : NamedParameterUtils.buildValueArray(parsed, named, null)) {
        if (value instanceof Collection<?> all) {
          values.addAll(all);
        } else {
          values.add(value);
        }
      }
    }
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
