package org.isocentre.hl7;

import ca.uhn.hl7v2.model.Segment;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.isocentre.model.MessageStored;
import org.isocentre.model.Patient;
import org.isocentre.model.PatientDemographics;
import org.isocentre.model.PersonName;
import org.isocentre.model.ReportResult;

/** ORU^R01 to reports, one for each OBR with its OBX. */
public final class OruToReport {
  private static final String PDF = "application/pdf";
  private final Function<String, Optional<String>> issuers;
  private final int maxDocumentBytes;

  /**
   * @param issuers ODS code of an assigning authority or facility
   * @param maxDocumentBytes of an embedded document; a larger one is left in the raw message
   */
  public OruToReport(Function<String, Optional<String>> issuers, int maxDocumentBytes) {
    this.issuers = issuers;
    this.maxDocumentBytes = maxDocumentBytes;
  }

  /**
   * A report whose document is still to be stored.
   *
   * @param document bytes, or null
   */
  public record Mapped(ReportResult result, byte[] document) {
    /** With the place that the document was stored at. */
    public ReportResult storedAt(String key) {
      ReportResult r = result;
      return new ReportResult(
          r.custodian(),
          r.placerNumber(),
          r.placerIssuer(),
          r.fillerNumber(),
          r.fillerIssuer(),
          r.accession(),
          r.studyInstanceUid(),
          r.patient(),
          r.procedure(),
          r.status(),
          r.text(),
          key,
          PDF,
          r.reporterCode(),
          r.reporterName(),
          r.issued(),
          r.messageKey(),
          r.messageAt());
    }

    @Override
    public String toString() {
      return "Mapped[" + result + "]";
    }
  }

  public List<Mapped> map(Hl7Message message, MessageStored event) {
    PatientDemographics patient =
        PatientFields.read(message.first("PID"), event.custodian(), issuers, Patient.Source.ORDER);
    Instant sent = Hl7Time.instant(message.header().at());
    Instant at = sent == null ? event.receivedAt() : sent;
    return OrderGroup.of(message).stream()
        .filter(g -> g.obr() != null)
        .map(g -> report(g, event, patient, at))
        .toList();
  }

  private Mapped report(
      OrderGroup g, MessageStored event, PatientDemographics patient, Instant at) {
    String custodian = event.custodian();
    Segment obr = g.obr();
    Instant issued = Hl7Time.instant(Hl7Message.get(obr, 22, 1));
    ReportResult result =
        new ReportResult(
            custodian,
            g.placer(),
            g.placerIssuer(custodian, issuers),
            g.filler(),
            g.fillerIssuer(custodian, issuers),
            g.accession(custodian, issuers),
            g.studyInstanceUid(),
            patient,
            g.procedure(),
            status(Hl7Message.get(obr, 25, 1)),
            text(g.others()),
            null,
            null,
            Hl7Message.get(obr, 32, 1),
            reporter(obr),
            issued == null ? at : issued,
            event.objectKey(),
            at);
    return new Mapped(result, document(g.others()));
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

  /** OBR-25 (HL7 table 0123). */
  private static String status(String code) {
    return switch (code == null ? "" : code) {
      case "F" -> "final";
      case "C" -> "corrected";
      case "A" -> "amended";
      case "P", "R" -> "preliminary";
      case "X" -> "cancelled";
      case "O", "S", "I" -> "registered";
      default -> "unknown";
    };
  }

  /** OBX-5 of TX, FT and ST, in order, a line each; formatting commands of FT as line breaks. */
  private static String text(List<Segment> segments) {
    List<String> lines = new ArrayList<>();
    for (Segment obx : segments) {
      String type = obx.getName().equals("OBX") ? Hl7Message.get(obx, 2, 1) : null;
      if (type == null || !List.of("TX", "FT", "ST").contains(type)) {
        continue;
      }
      for (int i = 0; i < Hl7Message.repetitions(obx, 5); i++) {
        String line = Hl7Message.get(obx, 5, i, 1);
        lines.add(line == null ? "" : line.replace("\\.br\\", "\n").replace("\\.sp\\", "\n"));
      }
    }
    String text = String.join("\n", lines).strip();
    return text.isEmpty() ? null : text;
  }

  /** The first PDF of OBX-5 ED (HL7 v2 §2A.2.23): type in .2/.3, encoding in .4, data in .5. */
  private byte[] document(List<Segment> segments) {
    for (Segment obx : segments) {
      if (!obx.getName().equals("OBX")
          || !"ED".equals(Hl7Message.get(obx, 2, 1))
          || !"Base64".equalsIgnoreCase(Hl7Message.get(obx, 5, 4))) {
        continue;
      }
      String data = Hl7Message.get(obx, 5, 5);
      boolean pdf =
          "PDF".equalsIgnoreCase(Hl7Message.get(obx, 5, 3))
              || PDF.equalsIgnoreCase(Hl7Message.get(obx, 5, 2));
      if (data != null && pdf && data.length() / 4 * 3 <= maxDocumentBytes) {
        try {
          return Base64.getMimeDecoder().decode(data);
        } catch (IllegalArgumentException e) {
          return null;
        }
      }
    }
    return null;
  }
}
