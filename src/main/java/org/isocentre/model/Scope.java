package org.isocentre.model;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A SMART scope (SMART App Launch 2.2 §3.0.2), of version 1 ({@code patient/*.read}) or 2 ({@code
 * patient/ImagingStudy.rs}).
 *
 * @param context patient, user or system
 * @param type FHIR resource type, or {@code *}
 * @param rights letters of {@code cruds}
 * @param part which of the type, as a query such as {@code modality=CT}; null for all of it
 */
public record Scope(String context, String type, String rights, String part) {
  private static final Pattern FORM =
      Pattern.compile(
          "(patient|user|system)/(\\*|[A-Z][A-Za-z]{1,63})\\.(?:(\\*|read|write)|((?=\\w)c?r?u?d?s?)(?:\\?(\\S{1,500}))?)");

  /**
   * @return empty for what is no scope of resources, such as {@code openid}
   */
  public static Optional<Scope> of(String text) {
    Matcher form = FORM.matcher(text);
    return form.matches()
        ? Optional.of(
            new Scope(
                form.group(1),
                form.group(2),
                form.group(3) == null ? form.group(4) : letters(form.group(3)),
                form.group(5)))
        : Optional.empty();
  }

  private static String letters(String right) {
    return switch (right) {
      case "*" -> "cruds";
      case "read" -> "rs";
      default -> "cud";
    };
  }

  boolean opens(Right right, String wanted) {
    return rights.indexOf(right.letter()) >= 0 && (type.equals("*") || type.equals(wanted));
  }
}
