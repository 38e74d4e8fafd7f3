package org.isocentre.query;

import java.util.Arrays;
import java.util.List;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.dimse.DimseStatusException;
import org.isocentre.dicom.dimse.Status;
import org.isocentre.index.QueryLevel;

/** The query/retrieve information models (PS3.4 §C.6). */
enum InformationModel {
  PATIENT_ROOT("1.2.840.10008.5.1.4.1.2.1."),
  STUDY_ROOT("1.2.840.10008.5.1.4.1.2.2.");

  private final String prefix;

  InformationModel(String prefix) {
    this.prefix = prefix;
  }

  /** Of a FIND, MOVE or GET SOP class. */
  static InformationModel of(String sopClassUid) {
    for (InformationModel model : values()) {
      if (sopClassUid.startsWith(model.prefix)) {
        return model;
      }
    }
    throw new DimseStatusException(
        Status.SOP_CLASS_NOT_SUPPORTED, "ISO-QUERY-001: no such information model here");
  }

  /** The level that the identifier asks for. */
  QueryLevel level(DataSet identifier) {
    String text = identifier.string(Tag.QueryRetrieveLevel);
    if (text == null) {
      throw wrong("ISO-QUERY-002: QueryRetrieveLevel (0008,0052) is missing");
    }
    for (QueryLevel level : QueryLevel.values()) {
      if (level.name().equals(text) && level.compareTo(top()) >= 0) {
        return level;
      }
    }
    throw wrong("ISO-QUERY-003: no such QueryRetrieveLevel in this model");
  }

  QueryLevel top() {
    return this == PATIENT_ROOT ? QueryLevel.PATIENT : QueryLevel.STUDY;
  }

  /** Unique key of a level (PS3.4 §C.3.2). */
  static int uniqueKey(QueryLevel level) {
    return switch (level) {
      case PATIENT -> Tag.PatientID;
      case STUDY -> Tag.StudyInstanceUID;
      case SERIES -> Tag.SeriesInstanceUID;
      case IMAGE -> Tag.SOPInstanceUID;
    };
  }

  /** Without relational queries, each level above is named by one value (PS3.4 §C.4.1.2.1). */
  void checkHierarchy(DataSet identifier, QueryLevel level) {
    for (QueryLevel above : above(level)) {
      var values = identifier.strings(uniqueKey(above));
      if (values.size() != 1 || values.get(0).isEmpty() || isWild(values.get(0))) {
        throw wrong("ISO-QUERY-004: the unique key of level " + above + " must be one value");
      }
    }
  }

  /** The levels of this model above one, from the top. */
  List<QueryLevel> above(QueryLevel level) {
    return Arrays.stream(QueryLevel.values())
        .filter(above -> above.compareTo(top()) >= 0 && above.compareTo(level) < 0)
        .toList();
  }

  private static boolean isWild(String value) {
    return value.indexOf('*') >= 0 || value.indexOf('?') >= 0;
  }

  static DimseStatusException wrong(String comment) {
    return new DimseStatusException(Status.DATA_SET_DOES_NOT_MATCH_SOP_CLASS, comment);
  }
}
