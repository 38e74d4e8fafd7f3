package org.isocentre.hl7;

import ca.uhn.hl7v2.model.Segment;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.isocentre.model.MessageStored;
import org.isocentre.model.Patient;
import org.isocentre.model.PatientDemographics;
import org.isocentre.model.PersonName;
import org.isocentre.model.ReportResult;

/**
 * ORU^R01 (R40, R42) to reports, one for each filler order number. Groups with the same number are
 * sections of one report; a combined result (ORC-1 CN, HL7 v2 §4.5.1.1) is the report of each of
 * its orders.
 */
public final class OruToReport {
  private final MappingRules rules;
  private final int maxDocumentBytes;

  /**
   * @param issuers ODS code of an assigning authority or facility
   * @param maxDocumentBytes of an embedded document; a larger one is left in the raw message
   */
  public OruToReport(Function<String, Optional<String>> issuers, int maxDocumentBytes) {
    this(new MappingRules(issuers), maxDocumentBytes);
  }

  public OruToReport(MappingRules rules, int maxDocumentBytes) {
    this.rules = rules;
    this.maxDocumentBytes = maxDocumentBytes;
  }

  public List<MappedReport> map(Hl7Message message, MessageStored event) {
    Instant at = OrderFields.sent(message, event);
    List<OrderGroup> groups = OrderGroup.of(message).stream().filter(g -> g.obr() != null).toList();
    Map<Object, Section> sections = new LinkedHashMap<>();
    for (int i = 0; i < groups.size(); i++) {
      OrderGroup g = groups.get(i);
      record Number(int patient, String issuer, String filler) {}
      sections
          .computeIfAbsent(
              new Number(g.patient(), g.fillerIssuer(event.custodian(), rules), g.filler()),
              n -> new Section(g, new ArrayList<>()))
          .content()
          .addAll(content(groups, i));
    }
    return sections.values().stream().map(s -> report(s, message, event, at)).toList();
  }

  /**
   * A report and all of its segments but ORC and OBR.
   *
   * @param group the first with its number
   */
  private record Section(OrderGroup group, List<Segment> content) {}

  /** Its own, or for a combined result that of the next group of the patient that has any. */
  private static List<Segment> content(List<OrderGroup> groups, int index) {
    OrderGroup group = groups.get(index);
    if (hasObservations(group) || !"CN".equals(Hl7Message.get(group.orc(), 1, 1))) {
      return group.others();
    }
    List<Segment> content = new ArrayList<>(group.others());
    for (OrderGroup next : groups.subList(index + 1, groups.size())) {
      if (next.patient() == group.patient() && hasObservations(next)) {
        next.others().stream().filter(s -> s.getName().equals("OBX")).forEach(content::add);
        break;
      }
    }
    return content;
  }

  private static boolean hasObservations(OrderGroup group) {
    return group.other("OBX") != null;
  }

  private MappedReport report(
      Section section, Hl7Message message, MessageStored event, Instant at) {
    OrderGroup g = section.group();
    String custodian = event.custodian();
    Segment obr = g.obr();
    Instant issued = Hl7Time.instant(Hl7Message.get(obr, 22, 1));
    PatientDemographics patient =
        PatientFields.read(
            g.pid() == null ? message.first("PID") : g.pid(),
            custodian,
            rules.issuers(),
            Patient.Source.ORDER);
    List<String> studies = g.studyInstanceUids();
    String first = g.studyInstanceUid();
    ReportContent.Document document = ReportContent.document(section.content(), maxDocumentBytes);
    ReportResult result =
        new ReportResult(
            custodian,
            g.placer(),
            g.placerIssuer(custodian, rules),
            g.filler(),
            g.fillerIssuer(custodian, rules),
            g.accession(message.header(), custodian, rules),
            first,
            patient,
            g.procedure(),
            ReportContent.status(Hl7Message.get(obr, 25, 1), section.content()),
            ReportContent.text(section.content()),
            null,
            null,
            reporterCode(obr),
            reporter(obr),
            issued == null ? at : issued,
            event.objectKey(),
            at,
            null,
            studies.stream().filter(uid -> !uid.equals(first)).toList());
    return new MappedReport(
        result,
        document == null ? null : document.bytes(),
        document == null ? null : document.type());
  }

  private static String reporterCode(Segment obr) {
    return Hl7Message.get(obr, 32, 1);
  }

  /** OBR-32 is an NDL (its first component a CNN) or, as many send it, an XCN. */
  private static PersonName reporter(Segment obr) {
    String within = Hl7Message.get(obr, 32, 0, 1, 2);
    if (within != null) {
      return new PersonName(within, Hl7Message.get(obr, 32, 0, 1, 3), null);
    }
    String family = Hl7Message.get(obr, 32, 2);
    return family == null || Character.isDigit(family.charAt(0))
        ? null
        : new PersonName(family, Hl7Message.get(obr, 32, 3), null);
  }
}
