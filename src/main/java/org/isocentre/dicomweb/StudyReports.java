package org.isocentre.dicomweb;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.isocentre.audit.AuditTrail;
import org.isocentre.consent.Access;
import org.isocentre.consent.BreakGlass;
import org.isocentre.index.PageRequest;
import org.isocentre.index.ReportIndex;
import org.isocentre.index.ReportQuery;
import org.isocentre.index.TimeRange;
import org.isocentre.model.Caller;
import org.isocentre.model.Report;
import org.isocentre.model.Right;
import org.isocentre.store.ObjectStore;

/** Reports that go along with the objects of a study, under the rules of those at {@code /fhir}. */
public final class StudyReports {
  private static final String REPORT = "DiagnosticReport";
  private final Supplier<Caller> callers;
  private final Access access;
  private final AuditTrail audit;
  private final ReportIndex reports;
  private final ObjectStore store;
  private final BiConsumer<UUID, String> seen;

  /**
   * @param seen told of each report that a clinician takes along, and of the clinician
   */
  public StudyReports(
      Supplier<Caller> callers,
      Access access,
      AuditTrail audit,
      ReportIndex reports,
      ObjectStore store,
      BiConsumer<UUID, String> seen) {
    this.callers = callers;
    this.access = access;
    this.audit = audit;
    this.reports = reports;
    this.store = store;
    this.seen = seen;
  }

  /**
   * A report, or its document, as a file.
   *
   * @param extension such as {@code PDF}
   */
  record File(String extension, Content content) {}

  /** Opened when its turn comes. */
  @FunctionalInterface
  interface Content {
    InputStream open() throws IOException;
  }

  /**
   * Those of studies that the caller may read now: the document where there is one and the scopes
   * open Binary, else the text. Each is noted as read.
   *
   * @param studies records of the index
   */
  List<File> of(Set<UUID> studies) {
    Caller caller = callers.get();
    if (!access.may(caller, Right.READ, REPORT)) {
      return List.of();
    }
    boolean documents = access.may(caller, Right.READ, "Binary");
    List<File> files = new ArrayList<>();
    for (Report report : reports.search(query(caller, studies))) {
      File file = file(report, documents);
      if (file != null) {
        audit.note(
            caller.subject(),
            caller.organisation(),
            "R",
            "retrieve",
            REPORT,
            report.id().toString(),
            report.patientId(),
            true,
            "with the objects of its study");
        if (BreakGlass.may(caller)) {
          seen.accept(report.id(), caller.subject());
        }
        files.add(file);
      }
    }
    return files;
  }

  private File file(Report report, boolean documents) {
    String key = report.result().documentKey();
    if (key != null && documents) {
      return new File(extension(report.result().documentType()), () -> store.open(key));
    }
    String text = report.result().text();
    return text == null
        ? null
        : new File(
            "TXT",
            () ->
                new ByteArrayInputStream(
                    text.replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8)));
  }

  private static String extension(String mediaType) {
    return switch (mediaType == null ? "" : mediaType) {
      case "application/pdf" -> "PDF";
      case "text/plain" -> "TXT";
      case "text/html" -> "HTM";
      case "application/rtf", "text/rtf" -> "RTF";
      case "image/jpeg" -> "JPG";
      case "image/png" -> "PNG";
      case "image/tiff" -> "TIF";
      default -> "BIN";
    };
  }

  private ReportQuery query(Caller caller, Set<UUID> studies) {
    return new ReportQuery(
        access.of(caller, Right.READ, REPORT),
        Set.of(),
        Set.of(),
        List.of(),
        Set.of(),
        studies,
        List.of(),
        List.of(),
        List.of(),
        Set.of(),
        TimeRange.ANY,
        TimeRange.ANY,
        new PageRequest(0, PageRequest.MAX_LIMIT));
  }
}
