package org.isocentre.dicom.data;

import java.util.List;

/**
 * A person's name (PS3.5 §6.2.1): up to three groups, which write the same name in different ways.
 */
public record PersonName(Group alphabetic, Group ideographic, Group phonetic) {

  /** Five components (PS3.5 §6.2.1.1); empty if not there, never null. */
  public record Group(
      String familyName, String givenName, String middleName, String prefix, String suffix) {
    public static final Group EMPTY = new Group("", "", "", "", "");

    /** Reads components with {@code ^} between them; what is beyond the fifth stays with it. */
    public static Group parse(String text) {
      String[] parts = text.split("\\^", 5);
      return new Group(
          part(parts, 0), part(parts, 1), part(parts, 2), part(parts, 3), part(parts, 4));
    }

    public boolean isEmpty() {
      return equals(EMPTY);
    }

    public List<String> components() {
      return List.of(familyName, givenName, middleName, prefix, suffix);
    }

    /** With {@code ^} between components, none at the end. */
    public String format() {
      return withoutEnd(String.join("^", components()), '^');
    }

    /** Never shows the name. */
    @Override
    public String toString() {
      return isEmpty() ? "Group[empty]" : "Group";
    }
  }

  /** Reads one value of VR PN. */
  public static PersonName parse(String text) {
    String[] groups = text.split("=", 3);
    return new PersonName(
        Group.parse(part(groups, 0)), Group.parse(part(groups, 1)), Group.parse(part(groups, 2)));
  }

  /** As a value of VR PN. */
  public String format() {
    return withoutEnd(
        alphabetic.format() + "=" + ideographic.format() + "=" + phonetic.format(), '=');
  }

  private static String part(String[] parts, int index) {
    return index < parts.length ? parts[index].strip() : "";
  }

  private static String withoutEnd(String text, char delimiter) {
    int end = text.length();
    while (end > 0 && text.charAt(end - 1) == delimiter) {
      end--;
    }
    return text.substring(0, end);
  }

  /** Never shows the name. */
  @Override
  public String toString() {
    return "PersonName";
  }
}
