package org.isocentre.camel.dicom;

import java.util.ArrayList;
import java.util.List;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;

/** What tells matches of one level apart (PS3.4 §C.6, §K.6.1.2), and how many objects they have. */
enum PollLevel {
  PATIENT(Tag.NumberOfPatientRelatedInstances, Tag.PatientID),
  STUDY(Tag.NumberOfStudyRelatedInstances, Tag.StudyInstanceUID),
  SERIES(Tag.NumberOfSeriesRelatedInstances, Tag.StudyInstanceUID, Tag.SeriesInstanceUID),
  IMAGE(0, Tag.StudyInstanceUID, Tag.SeriesInstanceUID, Tag.SOPInstanceUID),
  WORKLIST(0, Tag.StudyInstanceUID);

  private final int count;
  private final int[] keys;

  PollLevel(int count, int... keys) {
    this.count = count;
    this.keys = keys;
  }

  static PollLevel of(DicomConfiguration configuration) {
    if (configuration.getModel().equals("worklist")) {
      return WORKLIST;
    }
    String level = configuration.getLevel();
    try {
      return level == null ? STUDY : valueOf(level);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "ISO-DICOM-641: found level=%s, expected PATIENT, STUDY, SERIES or IMAGE"
              .formatted(level),
          e);
    }
  }

  boolean hasCount() {
    return count != 0;
  }

  /** The number of related instances, or null if the peer gives none. */
  Integer count(DataSet match) {
    return count == 0 ? null : match.integer(count);
  }

  /** Adds the return keys without which a match cannot be told from others, or fetched. */
  void addReturnKeys(DataSet identifier, boolean counted) {
    if (this != WORKLIST) {
      addEmpty(identifier, Tag.PatientID);
    }
    for (int key : keys) {
      addEmpty(identifier, key);
    }
    if (counted) {
      addEmpty(identifier, count);
    }
    if (this == WORKLIST) {
      DataSet step =
          identifier
              .item(Tag.ScheduledProcedureStepSequence)
              .orElseGet(() -> identifier.addItem(Tag.ScheduledProcedureStepSequence));
      addEmpty(step, Tag.ScheduledProcedureStepID);
    } else {
      identifier.set(Tag.QueryRetrieveLevel, name());
    }
  }

  private static void addEmpty(DataSet dataSet, int tag) {
    if (!dataSet.contains(tag)) {
      dataSet.set(tag);
    }
  }

  /** The unique key, or null if the match lacks a part of it. */
  String key(DataSet match) {
    List<String> parts = new ArrayList<>();
    parts.add(match.string(keys[keys.length - 1]));
    if (this == WORKLIST) {
      parts.add(
          match
              .item(Tag.ScheduledProcedureStepSequence)
              .map(step -> step.string(Tag.ScheduledProcedureStepID))
              .orElse(null));
    }
    return parts.contains(null) ? null : String.join("/", parts);
  }

  /**
   * Identifier of a retrieval of one match: the unique keys of its level and those above (PS3.4
   * §C.4.2.1.4).
   */
  DataSet retrieval(DataSet match, boolean patientRoot) {
    DataSet identifier = new DataSet().set(Tag.QueryRetrieveLevel, name());
    if (patientRoot) {
      identifier.set(Tag.PatientID, match.string(Tag.PatientID));
    }
    for (int key : keys) {
      if (match.string(key) != null) {
        identifier.set(key, match.string(key));
      }
    }
    return identifier;
  }
}
