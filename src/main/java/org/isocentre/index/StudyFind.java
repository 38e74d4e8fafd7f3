package org.isocentre.index;

import java.util.List;

/**
 * One query for patients, studies, series or instances.
 *
 * @param level what one row is
 * @param visible who asks
 * @param reach how far an organisation's sight goes
 * @param matches conditions; on a field below the level: something below meets all of these
 * @param returned fields that rows have, none below the level
 * @param page rows to skip, and rows at most
 * @param onePatient whether a Patient ID that several issuers gave stands for the person of the
 *     caller's own issuer, else of its own studies, alone
 */
public record StudyFind(
    QueryLevel level,
    Visibility visible,
    Reach reach,
    List<Match> matches,
    List<StudyField> returned,
    Page page,
    boolean onePatient) {
  /** What an organisation may be answered. */
  public enum Reach {
    /** As its DICOM nodes: its own studies, and those of which objects were transferred to it. */
    HELD,
    /** As its people and apps: whatever its {@link Visibility} leaves. Rows come in an order. */
    VISIBLE
  }

  /**
   * @param offset rows to skip
   * @param limit rows at most
   */
  public record Page(long offset, int limit) {}

  public StudyFind {
    matches = List.copyOf(matches);
    returned = List.copyOf(returned);
    for (StudyField field : returned) {
      if (field.level().compareTo(level) > 0) {
        throw new IllegalArgumentException(
            "ISO-INDEX-010: %s cannot be returned for %s".formatted(field, level));
      }
    }
  }

  /** What a DICOM node is answered, from the first row on. */
  public StudyFind(
      QueryLevel level,
      Visibility visible,
      List<Match> matches,
      List<StudyField> returned,
      int limit,
      boolean onePatient) {
    this(level, visible, Reach.HELD, matches, returned, new Page(0, limit), onePatient);
  }

  /** Of all people that a Patient ID may be of. */
  public StudyFind(
      QueryLevel level,
      Visibility visible,
      List<Match> matches,
      List<StudyField> returned,
      int limit) {
    this(level, visible, matches, returned, limit, false);
  }
}
