package org.isocentre.dicomweb;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.junit.jupiter.api.Test;

class ReportPageTest {
  @Test
  void everyKindOfValueIsReadableAndNothingRuns() throws IOException {
    DataSet report =
        new DataSet()
            .set(Tag.SpecificCharacterSet, "ISO_IR 192")
            .set(Tag.ValueType, "CONTAINER")
            .set(Tag.CompletionFlag, "COMPLETE")
            .set(Tag.VerificationFlag, "VERIFIED");
    named(report, "Imaging Report");
    named(item(report, "TEXT"), "Finding").set(Tag.TextValue, "Größe <b>5</b> & more\r\nnext line");
    DataSet size = named(item(report, "NUM"), "Diameter");
    size.addItem(Tag.MeasuredValueSequence)
        .set(Tag.NumericValue, "5.2")
        .addItem(Tag.MeasurementUnitsCodeSequence)
        .set(Tag.CodeMeaning, "millimeter");
    named(item(report, "CODE"), "Side")
        .addItem(Tag.ConceptCodeSequence)
        .set(Tag.CodeMeaning, "Left");
    named(item(report, "PNAME"), "Observer").set(Tag.PersonName, "EXAMPLE^RADIOLOGIST");
    named(item(report, "NUM"), "Not taken");
    DataSet section = named(item(report, "CONTAINER"), "Images");
    item(section, "IMAGE")
        .addItem(Tag.ReferencedSOPSequence)
        .set(Tag.ReferencedSOPInstanceUID, "1.2.3");
    item(section, "SCOORD");
    report.addItem(Tag.ContentSequence);
    StringBuilder page = new StringBuilder();
    new ReportPage(page).write(report);
    assertThat(page.toString())
        .contains("<title>Imaging Report</title>")
        .contains("<h1>Imaging Report</h1>")
        .contains("complete, verified")
        .contains("<strong>Finding:</strong> Größe &lt;b&gt;5&lt;/b&gt; &amp; more<br>next line")
        .contains("<strong>Diameter:</strong> 5.2 millimeter")
        .contains("<strong>Side:</strong> Left")
        .contains("<strong>Observer:</strong> EXAMPLE RADIOLOGIST")
        .contains("<strong>Not taken:</strong> not measured")
        .contains("<h2>Images</h2>")
        .contains("object 1.2.3")
        .contains("(SCOORD)")
        .doesNotContain("<script");
  }

  private static DataSet item(DataSet report, String type) {
    return report.addItem(Tag.ContentSequence).set(Tag.ValueType, type);
  }

  private static DataSet named(DataSet item, String name) {
    item.addItem(Tag.ConceptNameCodeSequence).set(Tag.CodeMeaning, name);
    return item;
  }
}
