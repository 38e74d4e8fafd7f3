package org.isocentre.index;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.isocentre.model.AccessionKey;
import org.isocentre.model.ReportResult;

/**
 * What messages about one report add up to: each is put upon what those before it made, in the
 * order in which the sender made them.
 */
final class ReportVersions {
  /** Released by a person. */
  private static final Set<String> AUTHENTICATED =
      Set.of("final", "amended", "corrected", "appended");

  private static final Set<String> WITHDRAWN = Set.of("cancelled", "entered-in-error");

  private ReportVersions() {}

  /** Whether what was said before is not to be read any more. */
  static boolean isWithdrawn(ReportResult result) {
    return WITHDRAWN.contains(result.status());
  }

  /**
   * @param current null for the first message
   * @param said what the next message says
   */
  static ReportResult next(ReportResult current, ReportResult said) {
    if (current == null) {
      return said;
    }
    if (isWithdrawn(said) && isOther(current, said)) {
      return current;
    }
    String status = status(current, said);
    Content content = content(current, said, status);
    Set<String> studies = new LinkedHashSet<>();
    add(studies, said.studyInstanceUid() != null ? said : current);
    String study = studies.stream().findFirst().orElse(null);
    studies.remove(study);
    return new ReportResult(
        said.custodian(),
        said.placerNumber() != null ? said.placerNumber() : current.placerNumber(),
        said.placerNumber() != null ? said.placerIssuer() : current.placerIssuer(),
        said.fillerNumber() != null ? said.fillerNumber() : current.fillerNumber(),
        said.fillerNumber() != null ? said.fillerIssuer() : current.fillerIssuer(),
        accession(current, said),
        study,
        said.patient(),
        said.procedure() != null ? said.procedure() : current.procedure(),
        status,
        content.text(),
        content.documentKey(),
        content.documentType(),
        content.from().reporterCode(),
        content.from().reporterName(),
        said.issued() != null ? said.issued() : current.issued(),
        said.messageKey(),
        said.messageAt(),
        said.documentNumber() != null ? said.documentNumber() : current.documentNumber(),
        List.copyOf(studies));
  }

  /** A filler number that stands in for an accession number never replaces a real one. */
  private static AccessionKey accession(ReportResult current, ReportResult said) {
    boolean standsIn =
        said.accession() == null || said.accession().value().equals(said.fillerNumber());
    return standsIn && current.accession() != null ? current.accession() : said.accession();
  }

  private static void add(Set<String> studies, ReportResult r) {
    if (r.studyInstanceUid() != null) {
      studies.add(r.studyInstanceUid());
      studies.addAll(r.otherStudyInstanceUids());
    }
  }

  /** A document that was replaced by another one of the same order is withdrawn without effect. */
  private static boolean isOther(ReportResult current, ReportResult said) {
    return said.documentNumber() != null
        && current.documentNumber() != null
        && !said.documentNumber().equals(current.documentNumber());
  }

  /**
   * Some results after the final ones are an addendum. A final one with other content is amended;
   * with the same it stays what it was. A message that says no status leaves it.
   */
  private static String status(ReportResult current, ReportResult said) {
    boolean authenticated = AUTHENTICATED.contains(current.status());
    return switch (said.status()) {
      case "unknown" -> current.status();
      case "partial" -> authenticated ? "appended" : "partial";
      case "final" ->
          !authenticated ? "final" : saysElse(current, said) ? "amended" : current.status();
      default -> said.status();
    };
  }

  private static boolean saysElse(ReportResult current, ReportResult said) {
    return hasContent(said)
        && !(java.util.Objects.equals(current.text(), said.text())
            && java.util.Objects.equals(current.documentKey(), said.documentKey()));
  }

  private static boolean hasContent(ReportResult r) {
    return r.text() != null || r.documentKey() != null;
  }

  private record Content(String text, String documentKey, String documentType, ReportResult from) {}

  /**
   * Text and document count together: a text without the document of before would leave that stale.
   * What is withdrawn is shown no more. An addendum that does not repeat the report follows it.
   */
  private static Content content(ReportResult current, ReportResult said, String status) {
    if (WITHDRAWN.contains(status) || hasContent(said) && !status.equals("appended")) {
      return new Content(said.text(), said.documentKey(), said.documentType(), said);
    }
    if (!hasContent(said)) {
      return new Content(current.text(), current.documentKey(), current.documentType(), current);
    }
    boolean repeats =
        current.text() == null
            || said.text() != null && squeeze(said.text()).contains(squeeze(current.text()));
    String text =
        repeats
            ? said.text()
            : said.text() == null ? current.text() : current.text() + "\n\n" + said.text();
    return said.documentKey() != null
        ? new Content(text, said.documentKey(), said.documentType(), said)
        : new Content(text, current.documentKey(), current.documentType(), said);
  }

  private static String squeeze(String text) {
    return text.replaceAll("\\s+", " ").strip();
  }
}
