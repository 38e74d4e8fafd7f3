package org.isocentre.index;

/** What one answer of a query is about (PS3.4 §C.3.1). */
public enum QueryLevel {
  PATIENT,
  STUDY,
  SERIES,
  IMAGE
}
