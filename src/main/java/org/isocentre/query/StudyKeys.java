package org.isocentre.query;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.isocentre.dicom.data.Tag;
import org.isocentre.index.StudyField;

/** The attributes of the Patient Root and Study Root models that the hub knows (PS3.4 §C.6). */
final class StudyKeys {
  /**
   * @param tag attribute
   * @param field where its value is, or null for a constant or a sequence
   * @param constant its value, or null
   * @param items keys of the items, where the attribute is a sequence
   */
  record Key(int tag, StudyField field, String constant, List<Key> items) {
    boolean isSequence() {
      return !items.isEmpty();
    }

    /** Every field that the answer needs for it. */
    List<StudyField> fields() {
      List<StudyField> fields = new ArrayList<>();
      if (field != null) {
        fields.add(field);
      }
      items.forEach(item -> fields.addAll(item.fields()));
      return fields;
    }
  }

  private static final Map<Integer, Key> KEYS =
      List.of(
              key(Tag.PatientName, StudyField.PATIENT_NAME),
              key(Tag.PatientID, StudyField.PATIENT_ID),
              key(Tag.IssuerOfPatientID, StudyField.ISSUER_OF_PATIENT_ID),
              key(Tag.OtherPatientIDs, StudyField.OTHER_PATIENT_ID),
              sequence(
                  Tag.OtherPatientIDsSequence,
                  key(Tag.PatientID, StudyField.OTHER_PATIENT_ID),
                  constant(Tag.IssuerOfPatientID, "NHS")),
              key(Tag.PatientBirthDate, StudyField.PATIENT_BIRTH_DATE),
              key(Tag.PatientSex, StudyField.PATIENT_SEX),
              key(Tag.NumberOfPatientRelatedStudies, StudyField.NUMBER_OF_PATIENT_RELATED_STUDIES),
              key(Tag.NumberOfPatientRelatedSeries, StudyField.NUMBER_OF_PATIENT_RELATED_SERIES),
              key(
                  Tag.NumberOfPatientRelatedInstances,
                  StudyField.NUMBER_OF_PATIENT_RELATED_INSTANCES),
              key(Tag.StudyInstanceUID, StudyField.STUDY_INSTANCE_UID),
              key(Tag.StudyID, StudyField.STUDY_ID),
              key(Tag.StudyDate, StudyField.STUDY_DATE),
              key(Tag.StudyTime, StudyField.STUDY_TIME),
              key(Tag.AccessionNumber, StudyField.ACCESSION_NUMBER),
              sequence(
                  Tag.IssuerOfAccessionNumberSequence,
                  key(Tag.LocalNamespaceEntityID, StudyField.ISSUER_OF_ACCESSION_NUMBER)),
              key(Tag.StudyDescription, StudyField.STUDY_DESCRIPTION),
              key(Tag.ReferringPhysicianName, StudyField.REFERRING_PHYSICIAN_NAME),
              sequence(
                  Tag.ProcedureCodeSequence,
                  key(Tag.CodeValue, StudyField.PROCEDURE_CODE),
                  key(Tag.CodingSchemeDesignator, StudyField.PROCEDURE_SYSTEM),
                  key(Tag.CodeMeaning, StudyField.PROCEDURE_MEANING)),
              key(Tag.ModalitiesInStudy, StudyField.MODALITIES_IN_STUDY),
              key(Tag.SOPClassesInStudy, StudyField.SOP_CLASSES_IN_STUDY),
              key(Tag.NumberOfStudyRelatedSeries, StudyField.NUMBER_OF_STUDY_RELATED_SERIES),
              key(Tag.NumberOfStudyRelatedInstances, StudyField.NUMBER_OF_STUDY_RELATED_INSTANCES),
              key(Tag.SeriesInstanceUID, StudyField.SERIES_INSTANCE_UID),
              key(Tag.Modality, StudyField.MODALITY),
              key(Tag.SeriesNumber, StudyField.SERIES_NUMBER),
              key(Tag.SeriesDescription, StudyField.SERIES_DESCRIPTION),
              key(Tag.BodyPartExamined, StudyField.BODY_PART_EXAMINED),
              key(Tag.Laterality, StudyField.LATERALITY),
              key(Tag.PerformingPhysicianName, StudyField.PERFORMING_PHYSICIAN_NAME),
              key(Tag.PerformedProcedureStepStartDate, StudyField.PERFORMED_START_DATE),
              key(Tag.PerformedProcedureStepStartTime, StudyField.PERFORMED_START_TIME),
              sequence(
                  Tag.RequestAttributesSequence,
                  key(Tag.RequestedProcedureID, StudyField.REQUESTED_PROCEDURE_ID),
                  key(Tag.ScheduledProcedureStepID, StudyField.SCHEDULED_STEP_ID)),
              key(
                  Tag.NumberOfSeriesRelatedInstances,
                  StudyField.NUMBER_OF_SERIES_RELATED_INSTANCES),
              key(Tag.SOPInstanceUID, StudyField.SOP_INSTANCE_UID),
              key(Tag.SOPClassUID, StudyField.SOP_CLASS_UID),
              key(Tag.InstanceNumber, StudyField.INSTANCE_NUMBER),
              key(Tag.NumberOfFrames, StudyField.NUMBER_OF_FRAMES),
              key(Tag.Rows, StudyField.ROWS),
              key(Tag.Columns, StudyField.COLUMNS),
              key(Tag.AvailableTransferSyntaxUID, StudyField.TRANSFER_SYNTAX_UID),
              constant(Tag.InstanceAvailability, "ONLINE"))
          .stream()
          .collect(Collectors.toUnmodifiableMap(Key::tag, Function.identity()));

  private StudyKeys() {}

  private static Key key(int tag, StudyField field) {
    return new Key(tag, field, null, List.of());
  }

  private static Key constant(int tag, String value) {
    return new Key(tag, null, value, List.of());
  }

  private static Key sequence(int tag, Key... items) {
    return new Key(tag, null, null, List.of(items));
  }

  /** The key of an attribute, or null. */
  static Key of(int tag) {
    return KEYS.get(tag);
  }
}
