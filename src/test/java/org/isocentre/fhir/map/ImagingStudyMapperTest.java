package org.isocentre.fhir.map;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.LocalDateTime;
import java.util.List;
import java.util.UUID;
import org.hl7.fhir.r4.model.Coding;
import org.hl7.fhir.r4.model.ImagingStudy;
import org.hl7.fhir.r4.model.ImagingStudy.ImagingStudySeriesComponent;
import org.hl7.fhir.r4.model.ImagingStudy.ImagingStudyStatus;
import org.isocentre.model.Code;
import org.isocentre.model.Instance;
import org.isocentre.model.PatientIdentity;
import org.isocentre.model.Series;
import org.isocentre.model.Study;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImagingStudyMapperTest {
  private static final UUID ID = new UUID(1, 1);
  private static final Instant NOW = Instant.parse("2026-11-01T10:15:00Z");

  private static ImagingStudy map(String referrer, int instances, Series... series) {
    Study study =
        new Study(
            ID,
            "RTH",
            "1.2.3",
            ID,
            new PatientIdentity(null, null, null),
            null,
            null,
            null,
            null,
            referrer,
            null,
            null,
            List.of("CT"),
            series.length,
            instances,
            NOW,
            NOW);
    return ImagingStudyMapper.map(study, List.of(), List.of(series), List.of());
  }

  private static ImagingStudySeriesComponent series(String laterality, String performer) {
    Series series =
        new Series(ID, ID, "1.2.3.4", "CT", 1, null, null, laterality, performer, null, 1, NOW);
    return map(null, 1, series).getSeriesFirstRep();
  }

  /** What an object says of its zone, and what it is; nothing is made up. */
  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        "2026-07-01T10:15:00, +0100, 2026-07-01T10:15:00+01:00",
        "2026-07-01T10:15:30.123, -0330, 2026-07-01T10:15:30-03:30",
        "2026-01-01T00:00:00, +0000, 2026-01-01T00:00:00Z",
        "2026-07-01T10:15:00, -, 2026-07-01",
        "2026-07-01T00:00:00, -, 2026-07-01",
        "-, +0100, -"
      })
  void startedHasTheZoneThatTheObjectGives(LocalDateTime local, String offset, String started) {
    Study study =
        new Study(
            ID,
            "RTH",
            "1.2.3",
            ID,
            new PatientIdentity(null, null, null),
            null,
            null,
            local,
            offset,
            new Code("CTHEAD", "SCT", "CT head"),
            null,
            null,
            "WHITE^Sam",
            "Headache",
            null,
            null,
            List.of("CT"),
            1,
            1,
            NOW,
            NOW);
    Series series = new Series(ID, ID, "1.2.3.4", "CT", 1, null, null, null, null, local, 1, NOW);
    Instance image =
        new Instance(
            ID, ID, ID, "RTH", "1.2.3.4.5", "1.2", "1.2", 1, null, 1, 1, "AXIAL", "k", "0", 1, NOW);
    ImagingStudy resource =
        ImagingStudyMapper.map(study, List.of(), List.of(series), List.of(image));
    assertThat(resource.getInterpreterFirstRep().getDisplay()).isEqualTo("WHITE Sam");
    assertThat(resource.getReasonCodeFirstRep().getText()).isEqualTo("Headache");
    assertThat(resource.getSeriesFirstRep().getInstanceFirstRep().getTitle()).isEqualTo("AXIAL");
    assertThat(resource.getStartedElement().getValueAsString()).isEqualTo(started);
    assertThat(resource.getProcedureCodeFirstRep().getCodingFirstRep().getSystem())
        .isEqualTo("http://snomed.info/sct");
    assertThat(resource.getSeriesFirstRep().getEndpointFirstRep().getReference())
        .isEqualTo("Endpoint/dicomweb");
    assertThat(resource.getSeriesFirstRep().getStartedElement().getValueAsString())
        .isEqualTo(started);
  }

  /** PS3.16 CID 244. */
  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {"R, 24028007, Right", "L, 7771000, Left", "B, 51440002, Right and left", "U, -, U"})
  void lateralityIsCoded(String said, String code, String display) {
    Coding coding = series(said, null).getLaterality();
    assertThat(coding.getCode()).isEqualTo(code);
    assertThat(coding.getSystem()).isEqualTo(code == null ? null : "http://snomed.info/sct");
    assertThat(coding.getDisplay()).isEqualTo(display);
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        "-, -",
        "'', -",
        "^^, -",
        "EXAMPLE^ANN^^DR, EXAMPLE ANN  DR",
        "EXAMPLE^ANN\\OTHER^BOB, EXAMPLE ANN",
        "=\u4f8b^\u5b50, -"
      })
  void namesAreWrittenAsPeopleReadThem(String said, String shown) {
    ImagingStudySeriesComponent series = series(null, said);
    assertThat(series.hasPerformer()).isEqualTo(shown != null);
    assertThat(map(said, 1).hasReferrer()).isEqualTo(shown != null);
    if (shown != null) {
      assertThat(series.getPerformerFirstRep().getActor().getDisplay()).isEqualTo(shown);
      assertThat(series.getPerformerFirstRep().getFunction().getCodingFirstRep().getCode())
          .isEqualTo("PRF");
      assertThat(map(said, 1).getReferrer().getDisplay()).isEqualTo(shown);
    }
  }

  @Test
  void aStudyWithoutObjectsIsCancelled() {
    assertThat(map(null, 0).getStatus()).isEqualTo(ImagingStudyStatus.CANCELLED);
    assertThat(map(null, 1).getStatus()).isEqualTo(ImagingStudyStatus.AVAILABLE);
  }
}
