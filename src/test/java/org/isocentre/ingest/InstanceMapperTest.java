package org.isocentre.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Optional;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.model.InstanceStored;
import org.isocentre.model.ProcedureContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What of an object describes the procedure that it came from. */
class InstanceMapperTest {
  private static ProcedureContext map(DataSet set) {
    InstanceStored event =
        new InstanceStored(
            "e",
            "RTH",
            "RTHPACS",
            "1.2.3",
            "1.2.3.1",
            "1.2",
            "1.2.840.10008.1.2.1",
            "dcm/1",
            "00",
            1,
            Instant.EPOCH);
    return new InstanceMapper(Optional::of, ods -> false).map(event, set).procedure();
  }

  @Test
  void whoReadItAndWhyItWasAskedFor() {
    DataSet set = new DataSet().set(Tag.NameOfPhysiciansReadingStudy, "WHITE^Sam^^Dr", "BLACK^Jo");
    set.addItem(
        Tag.RequestAttributesSequence,
        new DataSet().set(Tag.ReasonForTheRequestedProcedure, "Headache"));
    assertThat(map(set).readingPhysician()).isEqualTo("WHITE^Sam^^Dr");
    assertThat(map(set).reason()).isEqualTo("Headache");
    assertThat(map(new DataSet()).reason()).isNull();
    assertThat(map(new DataSet()).readingPhysician()).isNull();
  }

  /** In the order in which FHIR R4 maps it. */
  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        "LABEL, Concept, Document, LABEL",
        "-, Concept, Document, Concept",
        "-, -, Document, Document",
        "-, -, -, ORIGINAL\\PRIMARY\\AXIAL"
      })
  void theTitleIsTheFirstThatIsThere(String label, String concept, String document, String title) {
    DataSet set = new DataSet().set(Tag.ImageType, "ORIGINAL", "PRIMARY", "AXIAL");
    if (label != null) {
      set.set(Tag.ContentLabel, label);
    }
    if (concept != null) {
      set.addItem(Tag.ConceptNameCodeSequence, new DataSet().set(Tag.CodeMeaning, concept));
    }
    if (document != null) {
      set.set(Tag.DocumentTitle, document);
    }
    assertThat(map(set).title()).isEqualTo(title);
    assertThat(map(new DataSet()).title()).isNull();
  }
}
