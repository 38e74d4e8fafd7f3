package org.isocentre.dicom.dimse;

/** SOP classes of services other than storage (PS3.4 Annexes A, C, F, J, K, R). */
public final class ServiceSopClass {
  public static final String PATIENT_ROOT_FIND = "1.2.840.10008.5.1.4.1.2.1.1";
  public static final String PATIENT_ROOT_MOVE = "1.2.840.10008.5.1.4.1.2.1.2";
  public static final String PATIENT_ROOT_GET = "1.2.840.10008.5.1.4.1.2.1.3";
  public static final String STUDY_ROOT_FIND = "1.2.840.10008.5.1.4.1.2.2.1";
  public static final String STUDY_ROOT_MOVE = "1.2.840.10008.5.1.4.1.2.2.2";
  public static final String STUDY_ROOT_GET = "1.2.840.10008.5.1.4.1.2.2.3";
  public static final String MODALITY_WORKLIST_FIND = "1.2.840.10008.5.1.4.31";
  public static final String MODALITY_PERFORMED_PROCEDURE_STEP = "1.2.840.10008.3.1.2.3.3";
  public static final String MODALITY_PERFORMED_PROCEDURE_STEP_RETRIEVE = "1.2.840.10008.3.1.2.3.4";
  public static final String STORAGE_COMMITMENT_PUSH_MODEL = "1.2.840.10008.1.20.1";

  /** The one SOP instance of Storage Commitment (PS3.4 §J.3.5). */
  public static final String STORAGE_COMMITMENT_PUSH_MODEL_INSTANCE = "1.2.840.10008.1.20.1.1";

  public static final String INSTANCE_AVAILABILITY_NOTIFICATION = "1.2.840.10008.5.1.4.33";

  private ServiceSopClass() {}
}
