package org.isocentre.hl7;

import ca.uhn.hl7v2.model.Segment;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.isocentre.model.AccessionKey;
import org.isocentre.model.Code;
import org.isocentre.model.MessageStored;
import org.isocentre.model.Patient;
import org.isocentre.model.PersonName;
import org.isocentre.model.ReportResult;

/**
 * MDM^T02 (new), T04 (status), T08 (edited), T11 (cancelled) to the report that TXA (HL7 v2 §9.6.1)
 * names: by the filler order number that it answers, else by its document number.
 */
public final class MdmToReport {
  private static final Set<String> AUTHENTICATED = Set.of("AU", "LA");
  private final MappingRules rules;
  private final int maxDocumentBytes;

  /**
   * @param maxDocumentBytes of an embedded document; a larger one is left in the raw message
   */
  public MdmToReport(MappingRules rules, int maxDocumentBytes) {
    this.rules = rules;
    this.maxDocumentBytes = maxDocumentBytes;
  }

  public MappedReport map(Hl7Message message, MessageStored event) {
    String custodian = event.custodian();
    Segment txa = message.first("TXA");
    OrderGroup order = order(message);
    Instant at = OrderFields.sent(message, event);
    boolean withdrawn = message.header().trigger().equals("T11");
    List<Segment> content = withdrawn ? List.of() : message.segments();
    ReportContent.Document document = ReportContent.document(content, maxDocumentBytes);
    Filler filler = filler(txa, order, custodian);
    AccessionKey accession =
        order == null ? null : order.accession(message.header(), custodian, rules);
    if (accession == null && filler.number() != null && isAccession(message.header())) {
      accession = new AccessionKey(filler.issuer(), filler.number());
    }
    ReportResult result =
        new ReportResult(
            custodian,
            first(Hl7Message.get(txa, 14, 1), order == null ? null : order.placer()),
            rules.issuer(Hl7Message.get(txa, 14, 2)).orElse(custodian),
            filler.number(),
            filler.issuer(),
            accession,
            order == null ? null : order.studyInstanceUid(),
            PatientFields.read(
                message.first("PID"), custodian, rules.issuers(), Patient.Source.ORDER),
            procedure(txa, order),
            status(message.header().trigger(), txa),
            ReportContent.text(content),
            null,
            null,
            first(Hl7Message.get(txa, 22, 1), Hl7Message.get(txa, 9, 1)),
            reporter(txa),
            issued(txa, at),
            event.objectKey(),
            at,
            documentNumber(txa),
            order == null
                ? List.of()
                : order.studyInstanceUids().stream()
                    .filter(uid -> !uid.equals(order.studyInstanceUid()))
                    .toList());
    return new MappedReport(
        result,
        document == null ? null : document.bytes(),
        document == null ? null : document.type());
  }

  /** Since 2.6 an MDM may hold the order; a later one is not this document's. */
  static OrderGroup order(Hl7Message message) {
    return OrderGroup.of(message).stream().findFirst().orElse(null);
  }

  /** TXA-15, else ORC-3 or OBR-3. */
  static String fillerNumber(Hl7Message message) {
    OrderGroup order = order(message);
    return first(
        Hl7Message.get(message.first("TXA"), 15, 1), order == null ? null : order.filler());
  }

  /** Whether the sender's filler number is its accession number, where it sends no other. */
  private boolean isAccession(Hl7Message.Header header) {
    return rules.accession().apply(header).stream()
        .anyMatch(place -> place.is("ORC", 3) || place.is("OBR", 3));
  }

  private record Filler(String number, String issuer) {}

  private Filler filler(Segment txa, OrderGroup order, String custodian) {
    String number = Hl7Message.get(txa, 15, 1);
    return number != null || order == null
        ? new Filler(number, rules.issuer(Hl7Message.get(txa, 15, 2)).orElse(custodian))
        : new Filler(order.filler(), order.fillerIssuer(custodian, rules));
  }

  /** TXA-12 with its namespace, for two systems may use the same number. */
  static String documentNumber(Segment txa) {
    String number = Hl7Message.get(txa, 12, 1);
    String namespace = Hl7Message.get(txa, 12, 2);
    return number == null || namespace == null ? number : number + "^" + namespace;
  }

  /** OBR-4, else TXA-2 document type. */
  private static Code procedure(Segment txa, OrderGroup order) {
    Code procedure = order == null ? null : order.procedure();
    return procedure != null ? procedure : OrderGroup.code(txa, 2);
  }

  /**
   * By trigger event, TXA-17 document completion status (HL7 table 0271) and TXA-19 availability
   * (table 0273). An edit of an authenticated document is a correction.
   */
  private static String status(String trigger, Segment txa) {
    String completion = Hl7Message.get(txa, 17, 1);
    String availability = Hl7Message.get(txa, 19, 1);
    if (trigger.equals("T11") || "CA".equals(availability)) {
      return "cancelled";
    }
    if (completion == null) {
      return "unknown";
    }
    if (!AUTHENTICATED.contains(completion)) {
      return "preliminary";
    }
    return trigger.equals("T08") ? "corrected" : "final";
  }

  /** TXA-22 who authenticated it, else TXA-9 who wrote it. */
  private static PersonName reporter(Segment txa) {
    PersonName authenticator = PatientFields.clinician(txa, 22);
    return authenticator != null ? authenticator : PatientFields.clinician(txa, 9);
  }

  /** TXA-22.15 authenticated, TXA-8 edited, TXA-6 originated, TXA-4 activity. */
  private static Instant issued(Segment txa, Instant otherwise) {
    return Stream.of(
            Hl7Message.get(txa, 22, 15),
            Hl7Message.get(txa, 8, 1),
            Hl7Message.get(txa, 6, 1),
            Hl7Message.get(txa, 4, 1))
        .map(Hl7Time::instant)
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(otherwise);
  }

  private static String first(String a, String b) {
    return a != null ? a : b;
  }
}
