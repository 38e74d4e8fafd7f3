package org.isocentre.model;

import java.util.Arrays;
import java.util.Optional;

/** Why objects are rejected by a Key Object Selection (PS3.16 CID 7011, IHE RAD TF-3 §4.66). */
public enum RejectionReason {
  QUALITY("113001"),
  PATIENT_SAFETY("113037"),
  /** They were taken for another person or procedure. */
  INCORRECT_WORKLIST_ENTRY("113038"),
  RETENTION_EXPIRED("113039");

  private final String code;

  RejectionReason(String code) {
    this.code = code;
  }

  /** Of scheme DCM. */
  public String code() {
    return code;
  }

  /**
   * @param code of the document title, of scheme DCM
   */
  public static Optional<RejectionReason> of(String code) {
    return Arrays.stream(values()).filter(r -> r.code.equals(code)).findFirst();
  }
}
