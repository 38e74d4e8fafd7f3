package org.isocentre.hl7;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.isocentre.hl7.OutboundMessage.Head;
import org.isocentre.model.AccessionKey;
import org.isocentre.model.Code;
import org.isocentre.model.OrderRequest;
import org.isocentre.model.Patient;
import org.isocentre.model.PatientKey;
import org.isocentre.model.PersonName;
import org.isocentre.model.ReportResult;

/** Segments that several messages share. */
final class OutboundSegments {
  private static final ZoneId ZONE = ZoneId.of("Europe/London");
  private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("yyyyMMdd");
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMddHHmmss");
  private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("yyyyMMddHHmmssZ");

  private OutboundSegments() {}

  /** MSH (HL7 v2 §2.14.9). MSH-15 and MSH-16 are empty in original mode. */
  static void header(
      OutboundMessage m, Head head, OutboundKind kind, String trigger, String structure) {
    m.add("MSH")
        .field(3, head.sendingApplication())
        .field(4, head.sendingFacility())
        .field(5, head.receivingApplication())
        .field(6, head.receivingFacility())
        .field(7, time(head.at()))
        .field(9, kind.name(), trigger, head.since("2.3.1") ? structure : null)
        .field(10, head.controlId())
        .field(11, "P")
        .field(12, head.version())
        .field(15, head.accept())
        .field(16, head.application())
        .field(18, head.charset());
  }

  /** EVN (§3.4.1). */
  static void event(OutboundMessage m, Head head, String trigger) {
    m.add("EVN").field(1, trigger).field(2, time(head.at()));
  }

  /** PV1 of a message that is about no visit: class N, not applicable. */
  static void noVisit(OutboundMessage m) {
    m.add("PV1").field(1, "1").field(2, "N");
  }

  /** PID (§3.4.2). */
  static void patient(OutboundMessage m, Patient patient) {
    patient(m, 1, patient);
  }

  /**
   * @param set PID-1
   */
  static void patient(OutboundMessage m, int set, Patient patient) {
    OutboundSegment pid = m.add("PID").field(1, Integer.toString(set));
    identifiers(pid, 3, patient.identity().nhsNumber(), patient.keys());
    name(pid, 5, patient.name());
    if (patient.identity().birthDate() != null) {
      pid.field(7, DATE.format(patient.identity().birthDate()));
    }
    pid.field(8, sex(patient.sex()));
    pid.field(11, patient.addressLine(), null, null, null, patient.postalCode());
  }

  /** CX: the NHS number as type NH of authority NHS, local numbers as MR of who issued them. */
  static void identifiers(
      OutboundSegment segment, int field, String nhsNumber, Collection<PatientKey> keys) {
    Set<PatientKey> distinct = new LinkedHashSet<>(keys);
    int repetition = 1;
    if (nhsNumber != null) {
      segment.repetition(field, repetition++, nhsNumber, null, null, "NHS", "NH");
    }
    for (PatientKey key : distinct) {
      segment.repetition(field, repetition++, key.value(), null, null, key.issuer(), "MR");
    }
  }

  private static void name(OutboundSegment segment, int field, PersonName name) {
    if (name != null) {
      segment.field(field, name.family(), name.given(), null, null, name.prefix(), null, "L");
    }
  }

  /** XCN: id, family, given, prefix. */
  static void clinician(OutboundSegment segment, int field, String code, PersonName name) {
    PersonName n = name == null ? new PersonName(null, null, null) : name;
    segment.field(field, code, n.family(), n.given(), null, null, n.prefix());
  }

  /** EI of both order numbers, in ORC or OBR. */
  static void numbers(OutboundSegment segment, OrderRequest o) {
    numbers(segment, o.placerNumber(), o.placerIssuer(), o.fillerNumber(), o.fillerIssuer());
  }

  static void numbers(OutboundSegment segment, ReportResult r) {
    numbers(segment, r.placerNumber(), r.placerIssuer(), r.fillerNumber(), r.fillerIssuer());
  }

  private static void numbers(
      OutboundSegment segment, String placer, String placerIssuer, String filler, String issuer) {
    if (placer != null) {
      segment.field(2, placer, placerIssuer);
    }
    if (filler != null) {
      segment.field(3, filler, issuer);
    }
  }

  /** OBR-4: CE. */
  static void procedure(OutboundSegment obr, Code procedure) {
    if (procedure != null) {
      obr.field(4, procedure.value(), procedure.display(), procedure.system());
    }
  }

  static String value(AccessionKey accession) {
    return accession == null ? null : accession.value();
  }

  /** HL7 table 0001. */
  private static String sex(String code) {
    return code == null
        ? null
        : switch (code) {
          case "male" -> "M";
          case "female" -> "F";
          case "other" -> "O";
          default -> "U";
        };
  }

  /** TS or DTM with offset, in UK time; null for null. */
  static String time(Instant instant) {
    return instant == null ? null : STAMP.format(instant.atZone(ZONE));
  }

  /** A time of the hub's zone, without offset; null for null. */
  static String time(LocalDateTime local) {
    return local == null ? null : TIME.format(local);
  }

  /** Report text as one OBX of FT, a document as one of ED (§2A.2.23), in this order. */
  static void content(OutboundMessage m, ReportResult report, String base64, String status) {
    int set = 1;
    Code code = new Code("R", "LOCAL", "Report");
    for (String type : List.of("FT", "ED")) {
      String value = type.equals("FT") ? report.text() : base64;
      if (value == null || value.isEmpty()) {
        continue;
      }
      OutboundSegment obx =
          m.add("OBX")
              .field(1, Integer.toString(set++))
              .field(2, type)
              .field(3, code.value(), code.display(), code.system())
              .field(11, status);
      if (type.equals("FT")) {
        obx.field(5, value);
      } else {
        obx.field(5, null, "application", "pdf", "Base64", value);
      }
    }
  }
}
