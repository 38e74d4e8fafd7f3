package org.isocentre.dicom.data;

/**
 * A rule that an element breaks. Never has its value.
 *
 * @param path of the element
 */
public record Finding(AttributePath path, Rule rule) {
  /** How bad it is to break a rule. */
  public enum Severity {
    /** Readers may misread the value or refuse the object. */
    ERROR,
    /** Common in the field, and readers cope. */
    WARNING
  }

  /** Rules of PS3.5 §6.2 and §7, and the multiplicity of PS3.6. */
  public enum Rule {
    /** A value is longer than its VR allows. */
    LENGTH("ISO-VR-001", Severity.ERROR),
    /** A character is not of the VR's repertoire. */
    REPERTOIRE("ISO-VR-002", Severity.ERROR),
    /** The value is not of the form that its VR has, such as a date. */
    FORM("ISO-VR-003", Severity.ERROR),
    /** The number of values is not that of PS3.6. */
    MULTIPLICITY("ISO-VR-004", Severity.WARNING),
    /** The VR is not the one of PS3.6. */
    VR("ISO-VR-005", Severity.ERROR),
    /** The bytes are no whole number of numbers or words. */
    SIZE("ISO-VR-006", Severity.ERROR),
    /** A number is beyond what its VR allows. */
    RANGE("ISO-VR-007", Severity.ERROR),
    /** The value is not padded to an even length, or with the wrong character. */
    PADDING("ISO-VR-008", Severity.WARNING),
    /** No private creator has reserved the element's block (PS3.5 §7.8.1). */
    PRIVATE_BLOCK("ISO-VR-009", Severity.WARNING),
    /** PS3.6 does not know the element. */
    UNKNOWN_TAG("ISO-VR-010", Severity.WARNING),
    /** A term of Specific Character Set is not defined (PS3.3 §C.12.1.1.2). */
    CHARACTER_SET("ISO-VR-011", Severity.ERROR);

    private final String code;
    private final Severity severity;

    Rule(String code, Severity severity) {
      this.code = code;
      this.severity = severity;
    }

    /** Stable. */
    public String code() {
      return code;
    }

    public Severity severity() {
      return severity;
    }
  }

  @Override
  public String toString() {
    return rule.code() + " " + rule + " at " + path;
  }
}
