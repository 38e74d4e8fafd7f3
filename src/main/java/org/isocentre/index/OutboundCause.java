package org.isocentre.index;

import java.util.Optional;
import java.util.UUID;
import org.isocentre.model.IndexChanged;
import org.isocentre.model.IndexChanged.Kind;

/**
 * What a message is about, as the text that is unique in a destination's queue: {@code
 * message|subject|version}, or for two patients {@code ADT|subject|what|other|event}.
 */
public final class OutboundCause {
  /** No version and no number of an event is so. */
  private static final String WITHHELD = "|withheld|";

  private OutboundCause() {}

  /**
   * @param message such as {@code ORU}
   * @param version in which the subject is told
   */
  public static String of(String message, UUID subject, String version) {
    return message + "|" + subject + "|" + version;
  }

  /** What causes of messages about two patients begin with; the number of the event follows. */
  public static String pair(Kind what, UUID subject, UUID other) {
    return of("ADT", subject, word(what) + "|" + other + "|");
  }

  private static String word(Kind what) {
    return what.name().toLowerCase(java.util.Locale.ROOT);
  }

  /** The same cause, put aside. */
  static String withheld(String cause, UUID message) {
    return cause + WITHHELD + message;
  }

  /** The change that a message tells; empty if the text is no such cause. */
  public static Optional<IndexChanged> change(String cause) {
    String[] parts = cause.split("\\|", -1);
    try {
      UUID subject = UUID.fromString(parts[1]);
      return switch (parts[0]) {
        case "ORM", "OMI" -> Optional.of(new IndexChanged(0, Kind.ORDER, subject, null, null));
        case "ORU", "MDM" -> Optional.of(new IndexChanged(0, Kind.REPORT, subject, null, null));
        case "ADT" -> Optional.of(adt(parts, subject));
        default -> Optional.empty();
      };
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      return Optional.empty();
    }
  }

  private static IndexChanged adt(String[] parts, UUID subject) {
    for (Kind kind : Kind.values()) {
      if (kind.isOfTwo() && word(kind).equals(parts[2])) {
        return new IndexChanged(
            Long.parseLong(parts[4]), kind, subject, UUID.fromString(parts[3]), null);
      }
    }
    return new IndexChanged(0, Kind.PATIENT, subject, null, null);
  }
}
