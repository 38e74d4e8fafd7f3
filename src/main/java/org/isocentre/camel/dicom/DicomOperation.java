package org.isocentre.camel.dicom;

import java.util.List;
import java.util.Locale;
import org.isocentre.dicom.data.SopClass;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.dimse.ServiceSopClass;

/** What an endpoint does or offers, by the names of its options. */
enum DicomOperation {
  ECHO,
  STORE,
  FIND,
  WORKLIST,
  MOVE,
  GET,
  COMMIT,
  MPPS,
  IAN,
  EVENT;

  /** Those with extended negotiation of query options. */
  static final List<DicomOperation> QUERIES = List.of(FIND, WORKLIST, MOVE, GET);

  static DicomOperation of(String name) {
    for (DicomOperation operation : values()) {
      if (operation.option().equals(name)) {
        return operation;
      }
    }
    throw new IllegalArgumentException(
        "ISO-DICOM-604: operation %s is none of echo, store, find, worklist, move, get, commit, mpps, ian, event"
            .formatted(name));
  }

  String option() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether a consumer can offer it. */
  boolean isOffered() {
    return this != ECHO && this != EVENT;
  }

  /** Those that it is about unless others are named. */
  List<String> sopClasses() {
    return switch (this) {
      case ECHO -> List.of(Uid.VERIFICATION);
      case STORE -> SopClass.storage();
      case FIND -> List.of(ServiceSopClass.STUDY_ROOT_FIND, ServiceSopClass.PATIENT_ROOT_FIND);
      case WORKLIST -> List.of(ServiceSopClass.MODALITY_WORKLIST_FIND);
      case MOVE -> List.of(ServiceSopClass.STUDY_ROOT_MOVE, ServiceSopClass.PATIENT_ROOT_MOVE);
      case GET -> List.of(ServiceSopClass.STUDY_ROOT_GET, ServiceSopClass.PATIENT_ROOT_GET);
      case COMMIT, EVENT -> List.of(ServiceSopClass.STORAGE_COMMITMENT_PUSH_MODEL);
      case MPPS ->
          List.of(
              ServiceSopClass.MODALITY_PERFORMED_PROCEDURE_STEP,
              ServiceSopClass.MODALITY_PERFORMED_PROCEDURE_STEP_RETRIEVE);
      case IAN -> List.of(ServiceSopClass.INSTANCE_AVAILABILITY_NOTIFICATION);
    };
  }
}
