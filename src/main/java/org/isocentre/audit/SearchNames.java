package org.isocentre.audit;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What a search asked for, by the names of its parameters: values are left out but of those that
 * shape the answer, because they may tell who somebody is.
 */
public final class SearchNames {
  /** Request attribute in which an interface that reads bodies leaves what was asked for. */
  public static final String ATTRIBUTE = "org.isocentre.audit.query";

  private static final int MOST = 1000;
  private static final Set<String> SHAPING =
      Set.of(
          "_count",
          "_elements",
          "_format",
          "_include",
          "_revinclude",
          "_sort",
          "_summary",
          "_total",
          "fuzzymatching",
          "includefield",
          "limit",
          "offset");

  private SearchNames() {}

  /**
   * @param path such as {@code ImagingStudy}
   * @return such as {@code ImagingStudy?patient&_count=20}, at most 1,000 characters
   */
  public static String of(String path, Map<String, String[]> parameters) {
    List<String> parts = new ArrayList<>();
    parameters.forEach(
        (name, values) -> {
          int modifier = name.indexOf(':');
          String plain = modifier < 0 ? name : name.substring(0, modifier);
          if (values == null || !SHAPING.contains(plain.toLowerCase(Locale.ROOT))) {
            parts.add(name);
          } else {
            for (String value : values) {
              parts.add(name + "=" + value);
            }
          }
        });
    String text = parts.isEmpty() ? path : path + "?" + String.join("&", parts);
    return text.length() > MOST ? text.substring(0, MOST) : text;
  }
}
