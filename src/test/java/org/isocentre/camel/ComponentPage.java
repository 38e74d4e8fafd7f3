package org.isocentre.camel;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriParams;

/** The tables of a component's reference page, made of its annotations. */
public final class ComponentPage {
  private ComponentPage() {}

  /** The page with its tables as they should be. */
  public static String generated(String page, Map<String, String> tables) {
    String made = page;
    for (Map.Entry<String, String> table : tables.entrySet()) {
      String begin = "<!-- generated: " + table.getKey() + " -->\n";
      int from = made.indexOf(begin);
      int to = made.indexOf("<!-- end -->", from);
      if (from < 0 || to < 0) {
        throw new IllegalStateException("the page has no place for " + table.getKey());
      }
      made = made.substring(0, from + begin.length()) + table.getValue() + made.substring(to);
    }
    return made;
  }

  /** One option, as its annotations tell. */
  public record Option(
      String name, String type, String standard, List<String> labels, String text) {
    public boolean is(String label) {
      return labels.contains(label);
    }
  }

  /** Those of a class, by name. */
  public static List<Option> options(Class<?> type) {
    return Arrays.stream(type.getDeclaredFields())
        .filter(field -> field.isAnnotationPresent(UriParam.class))
        .filter(field -> !field.getType().isAnnotationPresent(UriParams.class))
        .map(ComponentPage::option)
        .sorted(Comparator.comparing(Option::name))
        .toList();
  }

  private static Option option(Field field) {
    UriParam param = field.getAnnotation(UriParam.class);
    Metadata metadata = field.getAnnotation(Metadata.class);
    String text = param.description();
    if (text.isEmpty() && metadata != null) {
      text = metadata.description();
    }
    if (text.isEmpty()) {
      throw new IllegalStateException("option " + field.getName() + " has no description");
    }
    return new Option(
        param.prefix() + (param.prefix().isEmpty() ? field.getName() : "*"),
        param.enums().isEmpty() ? type(field) : "`" + param.enums().replace(",", "` `") + "`",
        param.defaultValue(),
        List.of(param.label().split(",")),
        text);
  }

  private static String type(Field field) {
    String javaType = field.getAnnotation(UriParam.class).javaType();
    if (field.getType() == Duration.class || javaType.equals(Duration.class.getName())) {
      return "duration";
    }
    String name = field.getType().getSimpleName();
    return field.getType().isPrimitive() || name.equals("String") ? name.toLowerCase() : name;
  }

  public static String table(List<Option> options) {
    StringBuilder table =
        new StringBuilder("| option | type | default | what it is |\n|---|---|---|---|\n");
    for (Option option : options) {
      table.append(
          "| `%s` | %s | %s | %s |%n"
              .formatted(
                  option.name(),
                  option.type(),
                  option.standard().isEmpty() ? "" : "`" + option.standard() + "`",
                  cell(option.text())));
    }
    return table.toString();
  }

  /** Of a class of constants. */
  public static String headers(Class<?> constants) {
    StringBuilder table = new StringBuilder("| header | type | what it is |\n|---|---|---|\n");
    for (Field field : constants.getDeclaredFields()) {
      Metadata metadata = field.getAnnotation(Metadata.class);
      if (metadata != null && Modifier.isStatic(field.getModifiers())) {
        table.append(
            "| `%s` | %s | %s |%n"
                .formatted(value(field), cell(metadata.javaType()), cell(metadata.description())));
      }
    }
    return table.toString();
  }

  private static Object value(Field field) {
    try {
      return field.get(null);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String cell(String text) {
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ");
  }
}
