package org.isocentre.index;

import java.util.HashMap;
import java.util.Map;

/** Values of one statement, each under a name of its own: text of a caller is never part of SQL. */
final class Bindings {
  private final Map<String, Object> values = new HashMap<>();

  /**
   * @return the parameter that stands for it, such as {@code :p3}
   */
  String bind(Object value) {
    String name = "p" + values.size();
    values.put(name, value);
    return ":" + name;
  }

  Map<String, Object> values() {
    return values;
  }
}
