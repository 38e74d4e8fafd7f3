package org.isocentre.dicomweb;

import java.io.IOException;
import java.util.List;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.springframework.web.util.HtmlUtils;

/** A structured report (PS3.3 §C.17.3) as a page that people read, with nothing that runs. */
final class ReportPage {
  private static final int DEEPEST_HEADING = 6;

  private final Appendable out;

  ReportPage(Appendable out) {
    this.out = out;
  }

  void write(DataSet report) throws IOException {
    String title = meaning(report, Tag.ConceptNameCodeSequence);
    out.append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
        .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>")
        .append(escaped(title == null ? "Report" : title))
        .append("</title></head><body>\n");
    state(report);
    item(report, 1);
    out.append("</body></html>\n");
  }

  /** Whether it is whole, and whether somebody stands for it. */
  private void state(DataSet report) throws IOException {
    String complete = report.string(Tag.CompletionFlag);
    String verified = report.string(Tag.VerificationFlag);
    if (complete != null || verified != null) {
      out.append("<p>")
          .append(escaped(String.join(", ", List.of(said(complete), said(verified)))))
          .append("</p>\n");
    }
  }

  private static String said(String flag) {
    return flag == null ? "unsaid" : flag.toLowerCase(java.util.Locale.ROOT);
  }

  private void item(DataSet item, int depth) throws IOException {
    String type = item.string(Tag.ValueType);
    String name = meaning(item, Tag.ConceptNameCodeSequence);
    boolean container = "CONTAINER".equals(type);
    if (container && name != null) {
      String heading = "h" + Math.min(depth, DEEPEST_HEADING);
      out.append('<' + heading + '>').append(escaped(name)).append("</" + heading + ">\n");
    } else if (!container) {
      out.append("<p>");
      if (name != null) {
        out.append("<strong>").append(escaped(name)).append(":</strong> ");
      }
      out.append(escaped(value(item, type)).replace("\r\n", "<br>").replace("\n", "<br>"))
          .append("</p>\n");
    }
    List<DataSet> below = item.items(Tag.ContentSequence);
    if (!below.isEmpty()) {
      out.append("<div style=\"margin-left:1em\">\n");
      for (DataSet one : below) {
        item(one, depth + 1);
      }
      out.append("</div>\n");
    }
  }

  private static String value(DataSet item, String type) {
    if (type == null) {
      return "refers to another item";
    }
    return switch (type) {
      case "TEXT" -> text(item, Tag.TextValue);
      case "CODE" -> String.valueOf(meaning(item, Tag.ConceptCodeSequence));
      case "NUM" ->
          item.item(Tag.MeasuredValueSequence)
              .map(
                  measured -> {
                    String unit = meaning(measured, Tag.MeasurementUnitsCodeSequence);
                    return text(measured, Tag.NumericValue) + (unit == null ? "" : " " + unit);
                  })
              .orElse("not measured");
      case "PNAME" -> text(item, Tag.PersonName).split("=", 2)[0].replace('^', ' ').strip();
      case "DATE" -> text(item, Tag.Date);
      case "TIME" -> text(item, Tag.Time);
      case "DATETIME" -> text(item, Tag.DateTime);
      case "UIDREF" -> text(item, Tag.UID);
      case "IMAGE", "COMPOSITE", "WAVEFORM" ->
          item.item(Tag.ReferencedSOPSequence)
              .map(object -> "object " + text(object, Tag.ReferencedSOPInstanceUID))
              .orElse("an object");
      default -> "(" + type + ")";
    };
  }

  private static String text(DataSet set, int tag) {
    String text = set.string(tag);
    return text == null ? "" : text;
  }

  private static String meaning(DataSet set, int codes) {
    return set.item(codes)
        .map(
            code -> {
              String meaning = code.string(Tag.CodeMeaning);
              return meaning == null ? code.string(Tag.CodeValue) : meaning;
            })
        .orElse(null);
  }

  private static String escaped(String text) {
    return HtmlUtils.htmlEscape(text, "UTF-8");
  }
}
