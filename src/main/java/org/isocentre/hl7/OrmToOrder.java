package org.isocentre.hl7;

import ca.uhn.hl7v2.model.Segment;
import java.time.Instant;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.isocentre.model.MessageStored;
import org.isocentre.model.OrderRequest;
import org.isocentre.model.OrderStatus;
import org.isocentre.model.Patient;
import org.isocentre.model.PatientDemographics;
import org.isocentre.model.PersonName;
import org.isocentre.model.ScheduledStep;

/** ORM^O01 to orders, one for each ORC/OBR group. */
public final class OrmToOrder {
  /** OBR-24 diagnostic service section to DICOM modality; DICOM codes stay as they are. */
  private static final Map<String, String> MODALITIES =
      Map.of(
          "RAD", "CR", "XR", "DX", "XRC", "DX", "US", "US", "RUS", "US", "NMR", "MR", "MRI", "MR",
          "NMS", "NM", "MAMMO", "MG", "CTH", "CT");

  private final Function<String, Optional<String>> issuers;

  /**
   * @param issuers ODS code of an assigning authority, facility or organisation
   */
  public OrmToOrder(Function<String, Optional<String>> issuers) {
    this.issuers = issuers;
  }

  public List<OrderRequest> map(Hl7Message message, MessageStored event) {
    PatientDemographics patient =
        PatientFields.read(message.first("PID"), event.custodian(), issuers, Patient.Source.ORDER);
    Instant sent = Hl7Time.instant(message.header().at());
    Instant at = sent == null ? event.receivedAt() : sent;
    Segment visit = message.first("PV1");
    return OrderGroup.of(message).stream().map(g -> order(g, event, patient, visit, at)).toList();
  }

  private OrderRequest order(
      OrderGroup g, MessageStored event, PatientDemographics patient, Segment visit, Instant at) {
    String custodian = event.custodian();
    Segment referrer =
        Hl7Message.get(g.obr(), 16, 1) != null || Hl7Message.get(g.obr(), 16, 2) != null
            ? g.obr()
            : g.orc();
    int referrerField = referrer == g.obr() ? 16 : 12;
    Instant authored = firstTime(Hl7Message.get(g.orc(), 9, 1), Hl7Message.get(g.obr(), 6, 1), at);
    return new OrderRequest(
        custodian,
        g.placer(),
        g.placerIssuer(custodian, issuers),
        g.filler(),
        g.fillerIssuer(custodian, issuers),
        g.accession(custodian, issuers),
        g.studyInstanceUid(),
        patient,
        g.procedure(),
        modality(Hl7Message.get(g.obr(), 24, 1)),
        priority(g),
        reason(g.obr()),
        Hl7Message.get(referrer, referrerField, 1),
        PatientFields.clinician(referrer, referrerField),
        referringOrganisation(g.orc(), visit),
        status(Hl7Message.get(g.orc(), 1, 1), Hl7Message.get(g.orc(), 5, 1)),
        authored,
        event.objectKey(),
        at,
        step(g, visit, authored));
  }

  /**
   * Start from ORC-7.4, TQ1-7 or OBR-36; OBR-18 to OBR-21 as IHE Scheduled Workflow uses them:
   * accession number, Requested Procedure ID, Scheduled Procedure Step ID, station. OBR-20 is the
   * accession number of a sender that leaves OBR-18 out. OBR-34 is who performs it, and where.
   */
  private static ScheduledStep step(OrderGroup g, Segment visit, Instant authored) {
    LocalDateTime start = Hl7Time.local(Hl7Message.get(g.orc(), 7, 4));
    start = start != null ? start : Hl7Time.local(Hl7Message.get(g.other("TQ1"), 7, 1));
    start = start != null ? start : Hl7Time.local(Hl7Message.get(g.obr(), 36, 1));
    boolean ihe = Hl7Message.get(g.obr(), 18, 1) != null;
    return new ScheduledStep(
        start,
        Hl7Time.local(authored),
        Hl7Message.get(g.obr(), 21, 1),
        performer(g.obr()),
        ihe ? Hl7Message.get(g.obr(), 20, 1) : null,
        Hl7Message.get(g.obr(), 19, 1),
        Hl7Message.get(g.obr(), 34, 5),
        Hl7Message.get(visit, 19, 1),
        Hl7Message.get(visit, 3, 1));
  }

  /** OBR-34.1 (NDL): id, family and given name as subcomponents. */
  private static PersonName performer(Segment obr) {
    String family = Hl7Message.get(obr, 34, 0, 1, 2);
    String given = Hl7Message.get(obr, 34, 0, 1, 3);
    return family == null && given == null ? null : new PersonName(family, given, null);
  }

  private static String modality(String section) {
    return section == null ? null : MODALITIES.getOrDefault(section, section);
  }

  /** OBR-27.6, ORC-7.6, OBR-5. */
  private static String priority(OrderGroup g) {
    String code = Hl7Message.get(g.obr(), 27, 6);
    code = code != null ? code : Hl7Message.get(g.orc(), 7, 6);
    code = code != null ? code : Hl7Message.get(g.obr(), 5, 1);
    return code == null
        ? null
        : switch (code.charAt(0)) {
          case 'S' -> "stat";
          case 'A' -> "asap";
          case 'U', 'P', 'C', 'T' -> "urgent";
          default -> "routine";
        };
  }

  /** OBR-31 (text, else code), OBR-13. */
  private static String reason(Segment obr) {
    String text = Hl7Message.get(obr, 31, 2);
    text = text != null ? text : Hl7Message.get(obr, 31, 1);
    return text != null ? text : Hl7Message.get(obr, 13, 1);
  }

  /**
   * ORC-21 (name; its id in component 10 or 3), ORC-17, ORC-13, else PV1-3.4: the first that the
   * directory knows or that looks like an ODS code.
   */
  private String referringOrganisation(Segment orc, Segment visit) {
    String[] candidates = {
      Hl7Message.get(orc, 21, 10), Hl7Message.get(orc, 21, 3), Hl7Message.get(orc, 21, 1),
          Hl7Message.get(orc, 17, 1),
      Hl7Message.get(orc, 17, 2), Hl7Message.get(orc, 13, 4), Hl7Message.get(orc, 13, 1),
          Hl7Message.get(visit, 3, 4)
    };
    for (String candidate : candidates) {
      Optional<String> known = candidate == null ? Optional.empty() : issuers.apply(candidate);
      if (known.isPresent()) {
        return known.get();
      }
    }
    for (String candidate : candidates) {
      if (candidate != null && candidate.matches("[A-Z][A-Z0-9]{2,5}")) {
        return candidate;
      }
    }
    return null;
  }

  /** ORC-1 order control, with ORC-5 order status (HL7 tables 0119, 0038). */
  private static OrderStatus status(String control, String status) {
    if ("CM".equals(status)) {
      return OrderStatus.COMPLETED;
    }
    if ("CA".equals(status) || "DC".equals(status)) {
      return OrderStatus.REVOKED;
    }
    return switch (control == null ? "" : control) {
      case "CA", "DC", "OC", "CR", "DR", "OD" -> OrderStatus.REVOKED;
      case "HD", "OH", "HR" -> OrderStatus.ON_HOLD;
      case "NW",
          "XO",
          "XR",
          "SC",
          "SN",
          "NA",
          "OK",
          "RL",
          "OE",
          "RE",
          "RO",
          "RP",
          "RU",
          "PA",
          "CH" ->
          OrderStatus.ACTIVE;
      default -> "HD".equals(status) ? OrderStatus.ON_HOLD : OrderStatus.ACTIVE;
    };
  }

  private static Instant firstTime(String a, String b, Instant otherwise) {
    Instant time = Hl7Time.instant(a);
    time = time != null ? time : Hl7Time.instant(b);
    return time != null ? time : otherwise;
  }
}
