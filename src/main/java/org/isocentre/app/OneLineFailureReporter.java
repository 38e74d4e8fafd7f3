package org.isocentre.app;

import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.validation.BindValidationException;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalysisReporter;
import org.springframework.core.ResolvableType;
import org.springframework.validation.FieldError;
import org.springframework.validation.ObjectError;

/**
 * Says why the start failed in one line on standard error: the property, what it was set to, what
 * to do.
 */
public final class OneLineFailureReporter implements FailureAnalysisReporter {
  @Override
  public void report(FailureAnalysis analysis) {
    lines(analysis).forEach(System.err::println);
  }

  private static List<String> lines(FailureAnalysis analysis) {
    List<String> lines = new ArrayList<>();
    BindException bind = null;
    for (Throwable t = analysis.getCause(); t != null; t = t.getCause()) {
      if (t instanceof BindValidationException invalid) {
        invalid
            .getValidationErrors()
            .getAllErrors()
            .forEach(e -> lines.add(line(invalid.getValidationErrors().getName().toString(), e)));
        return lines;
      }
      if (t instanceof BindException b) {
        bind = b;
      }
    }
    if (bind != null && bind.getProperty() != null) {
      lines.add(
          "ISO-CONFIG-001: %s = %s is not %s; set it to one and start again"
              .formatted(
                  bind.getName(),
                  shown(bind.getName().toString(), bind.getProperty().getValue()),
                  wanted(bind.getTarget().getType())));
    } else {
      lines.add(
          "ISO-CONFIG-002: "
              + oneLine(analysis.getDescription())
              + "; "
              + oneLine(analysis.getAction()));
    }
    return lines;
  }

  private static String line(String prefix, ObjectError error) {
    if (error instanceof FieldError field) {
      String name =
          prefix
              + "."
              + field
                  .getField()
                  .replaceAll("([a-z])([A-Z])", "$1-$2")
                  .toLowerCase(java.util.Locale.ROOT);
      return "ISO-CONFIG-001: %s = %s %s; set it and start again"
          .formatted(name, shown(name, field.getRejectedValue()), error.getDefaultMessage());
    }
    return "ISO-CONFIG-001: " + prefix + " " + error.getDefaultMessage();
  }

  private static String wanted(ResolvableType target) {
    Class<?> type = target.resolve(Object.class);
    if (java.util.Collection.class.isAssignableFrom(type)) {
      Class<?> element = target.getGeneric(0).resolve(Object.class);
      return element.isEnum()
          ? "a list of some of " + java.util.Arrays.toString(element.getEnumConstants())
          : "a list";
    }
    if (type == int.class || type == Integer.class || type == long.class) {
      return "a whole number";
    } else if (type == double.class) {
      return "a number";
    } else if (type == boolean.class) {
      return "true or false";
    } else if (type == java.time.Duration.class) {
      return "a duration such as 500ms, 60s or 5m";
    } else if (type == org.springframework.util.unit.DataSize.class) {
      return "a size such as 32MB or 1GB";
    } else if (type.isEnum()) {
      return "one of " + java.util.Arrays.toString(type.getEnumConstants());
    }
    return "a " + type.getSimpleName();
  }

  private static Object shown(String name, Object value) {
    return name.matches(".*(password|secret|token|credential).*")
        ? "(hidden)"
        : value == null ? "(not set)" : value;
  }

  private static String oneLine(String text) {
    return text == null ? "" : text.strip().replaceAll("\\s*\\R\\s*", " ");
  }
}
