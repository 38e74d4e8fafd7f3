package org.isocentre.camel.dicom;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriParams;
import org.apache.camel.support.ScheduledPollEndpoint;

/**
 * The tables of the component's reference page, made of the annotations. {@code main} writes them
 * into the page, between its markers.
 */
final class DicomComponentPage {
  static final Path PAGE = Path.of("docs/reference/dicom-component.md");

  private DicomComponentPage() {}

  /** Rewrites the page. */
  public static void main(String[] arguments) throws IOException {
    Files.writeString(PAGE, generated(Files.readString(PAGE)));
  }

  /** The page with its tables as they should be. */
  static String generated(String page) {
    String made = page;
    for (Map.Entry<String, String> table : tables().entrySet()) {
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

  private record Option(
      String name, String type, String standard, List<String> labels, String text) {
    boolean is(String label) {
      return labels.contains(label);
    }
  }

  private static Map<String, String> tables() {
    List<Option> all = new ArrayList<>();
    all.addAll(options(DicomConfiguration.class));
    all.addAll(options(PollConfiguration.class));
    Map<String, String> tables = new LinkedHashMap<>();
    tables.put("common options", table(all.stream().filter(DicomComponentPage::isCommon).toList()));
    tables.put(
        "consumer options",
        table(all.stream().filter(o -> o.is("consumer") && !isSpecial(o)).toList()));
    tables.put(
        "producer options",
        table(all.stream().filter(o -> o.is("producer") && !isSpecial(o)).toList()));
    tables.put("security options", table(all.stream().filter(o -> o.is("security")).toList()));
    tables.put("poll options", table(all.stream().filter(o -> o.is("poll")).toList()));
    tables.put("scheduler options", table(options(ScheduledPollEndpoint.class)));
    tables.put("headers", headers());
    return tables;
  }

  private static boolean isSpecial(Option option) {
    return option.is("poll") || option.is("security");
  }

  private static boolean isCommon(Option option) {
    return !option.is("consumer") && !option.is("producer") && !isSpecial(option);
  }

  private static List<Option> options(Class<?> type) {
    return Arrays.stream(type.getDeclaredFields())
        .filter(field -> field.isAnnotationPresent(UriParam.class))
        .filter(field -> !field.getType().isAnnotationPresent(UriParams.class))
        .map(DicomComponentPage::option)
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

  private static String table(List<Option> options) {
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

  private static String headers() {
    StringBuilder table = new StringBuilder("| header | type | what it is |\n|---|---|---|\n");
    for (Field field : DicomConstants.class.getDeclaredFields()) {
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
