package org.isocentre.query;

import java.util.Collection;
import java.util.Map;
import org.isocentre.dicom.data.Tag;
import org.isocentre.index.StudyField;

/** The attributes of the Patient Root and Study Root models that the hub knows (PS3.4 §C.6). */
final class StudyKeys {
  private static final Map<Integer, Key> KEYS =
      Key.byTag(
          Key.of(Tag.PatientName, StudyField.PATIENT_NAME),
          Key.of(Tag.PatientID, StudyField.PATIENT_ID),
          Key.of(Tag.IssuerOfPatientID, StudyField.ISSUER_OF_PATIENT_ID),
          Key.of(Tag.OtherPatientIDs, StudyField.OTHER_PATIENT_ID),
          Key.sequence(
              Tag.OtherPatientIDsSequence,
              Key.of(Tag.PatientID, StudyField.OTHER_PATIENT_ID),
              Key.constant(Tag.IssuerOfPatientID, "NHS")),
          Key.of(Tag.PatientBirthDate, StudyField.PATIENT_BIRTH_DATE),
          Key.of(Tag.PatientSex, StudyField.PATIENT_SEX),
          Key.of(Tag.NumberOfPatientRelatedStudies, StudyField.NUMBER_OF_PATIENT_RELATED_STUDIES),
          Key.of(Tag.NumberOfPatientRelatedSeries, StudyField.NUMBER_OF_PATIENT_RELATED_SERIES),
          Key.of(
              Tag.NumberOfPatientRelatedInstances, StudyField.NUMBER_OF_PATIENT_RELATED_INSTANCES),
          Key.of(Tag.StudyInstanceUID, StudyField.STUDY_INSTANCE_UID),
          Key.of(Tag.StudyID, StudyField.STUDY_ID),
          Key.of(Tag.StudyDate, StudyField.STUDY_DATE),
          Key.of(Tag.StudyTime, StudyField.STUDY_TIME),
          Key.of(Tag.AccessionNumber, StudyField.ACCESSION_NUMBER),
          Key.sequence(
              Tag.IssuerOfAccessionNumberSequence,
              Key.of(Tag.LocalNamespaceEntityID, StudyField.ISSUER_OF_ACCESSION_NUMBER)),
          Key.of(Tag.StudyDescription, StudyField.STUDY_DESCRIPTION),
          Key.of(Tag.ReferringPhysicianName, StudyField.REFERRING_PHYSICIAN_NAME),
          Key.sequence(
              Tag.ProcedureCodeSequence,
              Key.of(Tag.CodeValue, StudyField.PROCEDURE_CODE),
              Key.of(Tag.CodingSchemeDesignator, StudyField.PROCEDURE_SYSTEM),
              Key.of(Tag.CodeMeaning, StudyField.PROCEDURE_MEANING)),
          Key.of(Tag.ModalitiesInStudy, StudyField.MODALITIES_IN_STUDY),
          Key.of(Tag.SOPClassesInStudy, StudyField.SOP_CLASSES_IN_STUDY),
          Key.of(Tag.NumberOfStudyRelatedSeries, StudyField.NUMBER_OF_STUDY_RELATED_SERIES),
          Key.of(Tag.NumberOfStudyRelatedInstances, StudyField.NUMBER_OF_STUDY_RELATED_INSTANCES),
          Key.of(Tag.SeriesInstanceUID, StudyField.SERIES_INSTANCE_UID),
          Key.of(Tag.Modality, StudyField.MODALITY),
          Key.of(Tag.SeriesNumber, StudyField.SERIES_NUMBER),
          Key.of(Tag.SeriesDescription, StudyField.SERIES_DESCRIPTION),
          Key.of(Tag.BodyPartExamined, StudyField.BODY_PART_EXAMINED),
          Key.of(Tag.Laterality, StudyField.LATERALITY),
          Key.of(Tag.PerformingPhysicianName, StudyField.PERFORMING_PHYSICIAN_NAME),
          Key.of(Tag.PerformedProcedureStepStartDate, StudyField.PERFORMED_START_DATE),
          Key.of(Tag.PerformedProcedureStepStartTime, StudyField.PERFORMED_START_TIME),
          Key.sequence(
              Tag.RequestAttributesSequence,
              Key.of(Tag.RequestedProcedureID, StudyField.REQUESTED_PROCEDURE_ID),
              Key.of(Tag.ScheduledProcedureStepID, StudyField.SCHEDULED_STEP_ID)),
          Key.of(Tag.NumberOfSeriesRelatedInstances, StudyField.NUMBER_OF_SERIES_RELATED_INSTANCES),
          Key.of(Tag.SOPInstanceUID, StudyField.SOP_INSTANCE_UID),
          Key.of(Tag.SOPClassUID, StudyField.SOP_CLASS_UID),
          Key.of(Tag.InstanceNumber, StudyField.INSTANCE_NUMBER),
          Key.of(Tag.NumberOfFrames, StudyField.NUMBER_OF_FRAMES),
          Key.of(Tag.Rows, StudyField.ROWS),
          Key.of(Tag.Columns, StudyField.COLUMNS),
          Key.of(Tag.AvailableTransferSyntaxUID, StudyField.TRANSFER_SYNTAX_UID),
          Key.constant(Tag.InstanceAvailability, "ONLINE"));

  private StudyKeys() {}

  static Collection<Key> all() {
    return KEYS.values();
  }

  /** The key of an attribute, or null. */
  static Key of(int tag) {
    return KEYS.get(tag);
  }
}
