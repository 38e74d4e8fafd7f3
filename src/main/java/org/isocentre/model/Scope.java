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
 */
public record Scope(String context, String type, String rights) {
  private static final Pattern FORM =
      Pattern.compile(
          "(patient|user|system)/(\\*|[A-Z][A-Za-z]{1,63})\\.(\\*|read|write|(?=.)c?r?u?d?s?)");

  /**
   * @return empty for what is no scope of resources, such as {@code openid}; and for one that asks
   *     for a part of a type ({@code ?modality=CT}), which nothing here narrows to: all of it would
   *     be more than was granted
   */
  public static Optional<Scope> of(String text) {
    Matcher form = FORM.matcher(text);
    return form.matches()
        ? Optional.of(new Scope(form.group(1), form.group(2), letters(form.group(3))))
        : Optional.empty();
  }

  private static String letters(String right) {
    return switch (right) {
      case "*" -> "cruds";
      case "read" -> "rs";
      case "write" -> "cud";
      default -> right;
    };
  }

  boolean opens(Right right, String wanted) {
    return rights.indexOf(right.letter()) >= 0 && (type.equals("*") || type.equals(wanted));
  }
}
