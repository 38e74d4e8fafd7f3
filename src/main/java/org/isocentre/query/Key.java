package org.isocentre.query;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.isocentre.index.QueryField;

/**
 * An attribute that can be matched and returned.
 *
 * @param tag attribute
 * @param field where its value is, or null for a constant or a sequence
 * @param constant its value, or null
 * @param items keys of the items, where the attribute is a sequence
 */
record Key(int tag, QueryField field, String constant, List<Key> items) {
  static Key of(int tag, QueryField field) {
    return new Key(tag, field, null, List.of());
  }

  static Key constant(int tag, String value) {
    return new Key(tag, null, value, List.of());
  }

  static Key sequence(int tag, Key... items) {
    return new Key(tag, null, null, List.of(items));
  }

  static Map<Integer, Key> byTag(Key... keys) {
    return List.of(keys).stream()
        .collect(Collectors.toUnmodifiableMap(Key::tag, Function.identity()));
  }

  boolean isSequence() {
    return !items.isEmpty();
  }

  /** Every field that the answer needs for it. */
  List<QueryField> fields() {
    List<QueryField> fields = new ArrayList<>();
    if (field != null) {
      fields.add(field);
    }
    items.forEach(item -> fields.addAll(item.fields()));
    return fields;
  }
}
