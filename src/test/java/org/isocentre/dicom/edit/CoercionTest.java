package org.isocentre.dicom.edit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import org.isocentre.dicom.data.AttributePath;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.Vr;
import org.isocentre.dicom.edit.CoercionRule.Copy;
import org.isocentre.dicom.edit.CoercionRule.MapValues;
import org.isocentre.dicom.edit.CoercionRule.Remove;
import org.isocentre.dicom.edit.CoercionRule.SetValues;
import org.junit.jupiter.api.Test;

class CoercionTest {
  private static final OffsetDateTime NOW = OffsetDateTime.parse("2026-01-02T03:04:05+01:00");
  private static final AttributePath ID = AttributePath.of(Tag.PatientID);
  private static final AttributePath STEP =
      AttributePath.parse("RequestAttributesSequence[1].ScheduledProcedureStepID");

  private static DataSet original() {
    DataSet set =
        new DataSet()
            .set(Tag.SpecificCharacterSet, "ISO_IR 100")
            .set(Tag.PatientID, "OLD")
            .set(Tag.AccessionNumber, "ACC")
            .set(Tag.InstitutionName, "Spitäl A")
            .set(Tag.BodyPartExamined, "HEAD", "SKULL");
    set.set(STEP, "S1");
    set.put(new Element.Bulk(Tag.PixelData, Vr.OW, 4096, 1L << 40));
    return set;
  }

  private static Coercion.Result apply(DataSet set, CoercionRule... rules) {
    return new Coercion(List.of(rules), "ISOCENTRE", "TRUST A").apply(set, NOW);
  }

  @Test
  void eachRuleChangesAndKeepsTheOldValue() {
    DataSet original = original();
    Coercion.Result result =
        apply(
            original,
            new SetValues(ID, List.of("NEW")),
            new Remove(AttributePath.of(Tag.InstitutionName)),
            new Copy(AttributePath.of(Tag.AccessionNumber), STEP),
            new MapValues(
                AttributePath.of(Tag.BodyPartExamined), Map.of("SKULL", "HEAD", "X", "Y")),
            new SetValues(AttributePath.of(Tag.IssuerOfPatientID), List.of("RXX")));
    DataSet set = result.dataSet();
    assertThat(result.changed()).isEqualTo(5);
    assertThat(set.string(Tag.PatientID)).isEqualTo("NEW");
    assertThat(set.contains(Tag.InstitutionName)).isFalse();
    assertThat(set.string(STEP)).isEqualTo("ACC");
    assertThat(set.strings(Tag.BodyPartExamined)).containsExactly("HEAD", "HEAD");
    assertThat(set.get(Tag.PixelData)).isEqualTo(original.get(Tag.PixelData));

    DataSet item = set.item(Tag.OriginalAttributesSequence).orElseThrow();
    assertThat(item.string(Tag.ReasonForTheAttributeModification)).isEqualTo("COERCE");
    assertThat(item.string(Tag.ModifyingSystem)).isEqualTo("ISOCENTRE");
    assertThat(item.string(Tag.SourceOfPreviousValues)).isEqualTo("TRUST A");
    assertThat(item.string(Tag.AttributeModificationDateTime)).isEqualTo("20260102030405+0100");
    DataSet previous = item.item(Tag.ModifiedAttributesSequence).orElseThrow();
    assertThat(previous.size()).isEqualTo(5);
    assertThat(previous.string(Tag.PatientID)).isEqualTo("OLD");
    assertThat(previous.string(Tag.InstitutionName)).isEqualTo("Spitäl A");
    assertThat(previous.string(STEP)).isEqualTo("S1");
    assertThat(previous.strings(Tag.BodyPartExamined)).containsExactly("HEAD", "SKULL");
    assertThat(previous.bytes(Tag.IssuerOfPatientID)).isEmpty();

    assertThat(original.string(Tag.PatientID)).isEqualTo("OLD");
    assertThat(original.contains(Tag.OriginalAttributesSequence)).isFalse();
  }

  @Test
  void theNextCoercionAddsAnItem() {
    DataSet once = apply(original(), new SetValues(ID, List.of("B"))).dataSet();
    DataSet twice = apply(once, new SetValues(ID, List.of("C"))).dataSet();
    assertThat(twice.items(Tag.OriginalAttributesSequence)).hasSize(2);
    assertThat(
            twice.string(
                AttributePath.parse(
                    "OriginalAttributesSequence[2].ModifiedAttributesSequence[1].PatientID")))
        .isEqualTo("B");
  }

  @Test
  void withoutAChangeNothingIsRecorded() {
    Coercion.Result result =
        apply(
            original(),
            new SetValues(ID, List.of("OLD")),
            new Remove(AttributePath.of(Tag.StudyID)),
            new Copy(AttributePath.of(Tag.StudyID), ID),
            new MapValues(ID, Map.of("OTHER", "X")));
    assertThat(result.changed()).isZero();
    assertThat(result.dataSet().contains(Tag.OriginalAttributesSequence)).isFalse();
  }

  @Test
  void whatMustNotChangeIsRefusedAndLossIsAnError() {
    for (int tag : List.of(Tag.SpecificCharacterSet, Tag.PixelData, 0x00100000)) {
      assertThatThrownBy(() -> apply(original(), new Remove(AttributePath.of(tag))))
          .hasMessageContaining("ISO-EDIT-010");
    }
    assertThatThrownBy(
            () ->
                apply(original(), new SetValues(AttributePath.of(Tag.PatientName), List.of("山田"))))
        .hasMessageContaining("ISO-DICOM-202");
  }

  @Test
  void rulesNeverShowValues() {
    assertThat(
            new Coercion(
                    List.of(
                        new SetValues(ID, List.of("9991234567")),
                        new MapValues(ID, Map.of("9991234567", "9997654321"))),
                    "A",
                    "B")
                .toString())
        .doesNotContain("999");
  }
}
