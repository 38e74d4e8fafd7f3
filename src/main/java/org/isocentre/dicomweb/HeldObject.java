package org.isocentre.dicomweb;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.isocentre.index.StudyField;

/**
 * One object that a call may be answered with.
 *
 * @param record of its study in the index
 * @param patient record of its patient
 * @param objectKey in the object store
 * @param sha256 hex digest of the data set
 * @param size of the Part 10 file, bytes
 */
record HeldObject(
    UUID record,
    UUID patient,
    String study,
    String series,
    String instance,
    String sopClassUid,
    String transferSyntaxUid,
    String objectKey,
    String sha256,
    long size) {
  static final List<StudyField> FIELDS =
      List.of(
          StudyField.STUDY_RECORD,
          StudyField.PATIENT_RECORD,
          StudyField.STUDY_INSTANCE_UID,
          StudyField.SERIES_INSTANCE_UID,
          StudyField.SOP_INSTANCE_UID,
          StudyField.SOP_CLASS_UID,
          StudyField.TRANSFER_SYNTAX_UID,
          StudyField.OBJECT_KEY,
          StudyField.OBJECT_SHA256,
          StudyField.OBJECT_SIZE);

  static HeldObject of(Map<StudyField, Object> row) {
    return new HeldObject(
        UUID.fromString((String) row.get(StudyField.STUDY_RECORD)),
        UUID.fromString((String) row.get(StudyField.PATIENT_RECORD)),
        (String) row.get(StudyField.STUDY_INSTANCE_UID),
        (String) row.get(StudyField.SERIES_INSTANCE_UID),
        (String) row.get(StudyField.SOP_INSTANCE_UID),
        (String) row.get(StudyField.SOP_CLASS_UID),
        (String) row.get(StudyField.TRANSFER_SYNTAX_UID),
        (String) row.get(StudyField.OBJECT_KEY),
        (String) row.get(StudyField.OBJECT_SHA256),
        (Long) row.get(StudyField.OBJECT_SIZE));
  }

  /** Below the service's base. */
  String path() {
    return "/studies/" + study + "/series/" + series + "/instances/" + instance;
  }
}
