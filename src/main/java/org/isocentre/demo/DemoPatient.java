package org.isocentre.demo;

/**
 * A synthetic person. NHS numbers starting with 999 are never given to anybody.
 *
 * @param birthDate YYYYMMDD
 * @param sex DICOM and HL7 code
 */
record DemoPatient(String nhsNumber, String family, String given, String birthDate, String sex) {
  static final DemoPatient PHANTOM =
      new DemoPatient("9990000018", "PHANTOM", "SHEPP", "19740213", "F");
}
