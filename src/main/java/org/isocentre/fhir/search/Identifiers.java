package org.isocentre.fhir.search;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.isocentre.fhir.map.Systems;
import org.isocentre.index.Criterion.Number;
import org.isocentre.index.Criterion.Numbering;

/** Identifiers of searches as numbers of the index. */
final class Identifiers {
  private static final Map<String, Numbering> ISSUED =
      Map.of(
          Systems.CLINICIAN, Numbering.CLINICIAN,
          Systems.LOCAL_PATIENT, Numbering.LOCAL,
          Systems.ACCESSION, Numbering.ACCESSION,
          Systems.PLACER, Numbering.PLACER,
          Systems.FILLER, Numbering.FILLER,
          Systems.DOCUMENT, Numbering.DOCUMENT,
          Systems.APPOINTMENT, Numbering.APPOINTMENT,
          Systems.APPOINTMENT_REQUEST, Numbering.APPOINTMENT_REQUEST);

  private Identifiers() {}

  /**
   * @return none if no number can match
   */
  static Stream<Number> parse(String type, Values.Token token) {
    String value = token.code().isEmpty() ? null : token.code();
    String system = token.system();
    if (system == null) {
      return value == null ? Stream.empty() : bare(type, value).stream();
    }
    if (system.equals(Systems.NHS_NUMBER)) {
      return Stream.of(
          new Number(Numbering.NHS, null, value == null ? null : value.replace(" ", "")));
    }
    if (system.equals(Systems.DICOM_UID)) {
      return Stream.of(new Number(Numbering.STUDY_INSTANCE_UID, null, uid(value)));
    }
    if (system.equals(Systems.GMC)) {
      return Stream.of(new Number(Numbering.GMC, null, value));
    }
    if (system.equals(Systems.SDS_USER)) {
      return Stream.of(new Number(Numbering.SDS, null, value));
    }
    if (system.equals(Systems.UBRN)) {
      return Stream.of(new Number(Numbering.UBRN, null, value));
    }
    for (Map.Entry<String, Numbering> issued : ISSUED.entrySet()) {
      if (system.startsWith(issued.getKey()) && system.length() > issued.getKey().length()) {
        return Stream.of(
            new Number(issued.getValue(), system.substring(issued.getKey().length()), value));
      }
    }
    // An assigning authority that is nobody's in the directory is an issuer as it was said.
    return type.equals("Patient") && !system.isEmpty()
        ? Stream.of(new Number(Numbering.LOCAL, system, value))
        : Stream.empty();
  }

  /** A local number of a patient means nothing without its issuer. */
  private static List<Number> bare(String type, String value) {
    if (type.equals("Patient")) {
      return List.of(new Number(Numbering.NHS, null, value.replace(" ", "")));
    }
    boolean isUid = value.startsWith(Systems.OID) || uid(value).matches("[0-2](\\.[0-9]+){3,}");
    return List.of(
        isUid
            ? new Number(Numbering.STUDY_INSTANCE_UID, null, uid(value))
            : new Number(null, null, value));
  }

  private static String uid(String value) {
    return value != null && value.startsWith(Systems.OID)
        ? value.substring(Systems.OID.length())
        : value;
  }
}
