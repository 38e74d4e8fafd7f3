package org.isocentre.index;

/** A value that queries match and return. */
public sealed interface QueryField permits StudyField, WorklistField {
  /** How a value compares. */
  enum Kind {
    /** As it is, with case. */
    TEXT,
    /** A person name: compared as {@link Folding} leaves it. */
    NAME,
    DATE,
    TIME,
    DATE_TIME,
    INTEGER,
    /** Distinct values of what is below, joined by commas; matches if one of them does. */
    SET,
    /** A number taken over all studies of the patient that the caller may see; not matched. */
    COUNT
  }

  String name();

  Kind kind();
}
