package org.isocentre.dicom.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Paths, private blocks, copies, numbers and names. */
class DataSetEditTest {
  private static final AttributePath ACCESSION =
      AttributePath.parse("RequestAttributesSequence[1].AccessionNumber");

  @Test
  void aPathIsReadFromKeywordsAndTagsAndWrittenWithTags() {
    assertThat(ACCESSION.toString()).isEqualTo("(0040,0275)[1].(0008,0050)");
    assertThat(AttributePath.parse(ACCESSION.toString())).isEqualTo(ACCESSION);
    assertThat(AttributePath.parse("00400275[1].00080050")).isEqualTo(ACCESSION);
    assertThat(AttributePath.of(Tag.RequestAttributesSequence).item(1, Tag.AccessionNumber))
        .isEqualTo(ACCESSION);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", ".", "PatientNom", "A[0].B", "RequestAttributesSequence.AccessionNumber"})
  void aTextThatIsNoPathIsRefused(String text) {
    assertThatThrownBy(() -> AttributePath.parse(text)).hasMessageContaining("ISO-DICOM-20");
  }

  @Test
  void settingByPathMakesTheNextItemOnly() {
    DataSet set = new DataSet().set(ACCESSION, "A1");
    assertThat(set.string(ACCESSION)).isEqualTo("A1");
    set.set(AttributePath.parse("RequestAttributesSequence[2].AccessionNumber"), "A2");
    assertThat(set.items(Tag.RequestAttributesSequence)).hasSize(2);
    assertThatThrownBy(
            () -> set.set(AttributePath.parse("RequestAttributesSequence[4].AccessionNumber"), "A"))
        .hasMessageContaining("ISO-DICOM-209");
    set.removeItem(Tag.RequestAttributesSequence, 1);
    assertThat(set.string(ACCESSION)).isEqualTo("A2");
    set.remove(ACCESSION);
    assertThat(set.get(ACCESSION)).isNull();
    set.remove(AttributePath.parse("RequestAttributesSequence[7].AccessionNumber"));
  }

  @Test
  void privateBlocksAreReservedNextToEachOther() {
    DataSet set = new DataSet();
    PrivateBlock first = PrivateBlock.reserve(set, 0x0029, "ISOCENTRE A").set(1, Vr.LO, "x");
    PrivateBlock second = PrivateBlock.reserve(set, 0x0029, "ISOCENTRE B").set(1, Vr.US, "7");
    assertThat(first.tag(1)).isEqualTo(0x00291001);
    assertThat(second.tag(1)).isEqualTo(0x00291101);
    assertThat(PrivateBlock.reserve(set, 0x0029, "ISOCENTRE B")).isEqualTo(second);
    assertThat(set.getPrivate(0x0029, "ISOCENTRE B", 1)).isEqualTo(second.get(1));
    assertThat(PrivateBlock.creator(set, 0x00291101)).isEqualTo("ISOCENTRE B");
    first.remove(1);
    assertThat(set.contains(0x00290010)).isFalse();
    assertThat(PrivateBlock.find(set, 0x0029, "ISOCENTRE A")).isEmpty();
  }

  @Test
  void aBlockWithElementsButNoCreatorIsNotGivenAway() {
    DataSet set = new DataSet().set(0x00291005, Vr.LO, "orphan");
    assertThat(PrivateBlock.reserve(set, 0x0029, "ISOCENTRE").block()).isEqualTo(0x11);
    assertThatThrownBy(() -> PrivateBlock.reserve(set, 0x0028, "ISOCENTRE"))
        .hasMessageContaining("ISO-DICOM-207");
    for (int block = 0x12; block <= 0xff; block++) {
      set.set(0x00290000 | block, Vr.LO, "C" + block);
    }
    assertThatThrownBy(() -> PrivateBlock.reserve(set, 0x0029, "ONE MORE"))
        .hasMessageContaining("ISO-DICOM-208");
  }

  @Property(tries = 100)
  void aCopyHasEveryBitAndSharesNothing(@ForAll @Size(max = 20) byte[] padded) {
    DataSet set = new DataSet().set(Tag.SpecificCharacterSet, "ISO_IR 100");
    set.put(new Element.Value(Tag.PatientName, Vr.PN, padded));
    set.addItem(Tag.RequestAttributesSequence)
        .put(new Element.Value(Tag.ScheduledProcedureStepID, Vr.SH, padded));
    DataSet copy = set.copy();
    assertThat(copy.bytes(Tag.PatientName)).isEqualTo(padded);
    DataSet item = copy.item(Tag.RequestAttributesSequence).orElseThrow();
    assertThat(item.bytes(Tag.ScheduledProcedureStepID)).isEqualTo(padded);
    copy.set(Tag.PatientName, "Ä");
    item.remove(Tag.ScheduledProcedureStepID);
    assertThat(set.bytes(Tag.PatientName)).isEqualTo(padded);
    assertThat(set.item(Tag.RequestAttributesSequence).orElseThrow().size()).isEqualTo(1);
  }

  @Test
  void anItemThatGoesElsewhereKeepsItsText() {
    DataSet latin = new DataSet().set(Tag.SpecificCharacterSet, "ISO_IR 100");
    DataSet item = latin.addItem(Tag.RequestAttributesSequence);
    item.set(Tag.RequestedProcedureDescription, "Schädel");
    DataSet utf8 = new DataSet().set(Tag.SpecificCharacterSet, "ISO_IR 192");
    DataSet moved = utf8.addItem(Tag.RequestAttributesSequence, item);
    assertThat(moved.string(Tag.RequestedProcedureDescription)).isEqualTo("Schädel");
    assertThat(item.copy().string(Tag.RequestedProcedureDescription)).isEqualTo("Schädel");
    DataSet recoded = latin.inCharacterSet("ISO_IR 192");
    assertThat(
            recoded.string(
                AttributePath.parse("RequestAttributesSequence[1].RequestedProcedureDescription")))
        .isEqualTo("Schädel");
    assertThatThrownBy(() -> latin.inCharacterSet("ISO_IR 144")).hasMessageContaining("202");
  }

  @Test
  void itemsFollowTheCharacterSetOfTheirParentWhenItChanges() {
    DataSet set = new DataSet();
    DataSet item = set.addItem(Tag.RequestAttributesSequence);
    assertThat(item.characterSet().terms()).isEmpty();
    set.set(Tag.SpecificCharacterSet, "ISO_IR 192");
    assertThat(item.characterSet().terms()).containsExactly("ISO_IR 192");
    set.remove(Tag.SpecificCharacterSet);
    assertThat(item.characterSet().terms()).isEmpty();
  }

  @Test
  void numbersOfEveryKind() {
    DataSet set =
        new DataSet()
            .setLongs(Tag.Rows, 65535)
            .setLongs(Tag.InstanceNumber, -3)
            .setDoubles(Tag.PixelSpacing, 0.1, 1 / 3d)
            .set(Tag.ExposureTime, Vr.UV, "18446744073709551615");
    assertThat(set.longs(Tag.Rows)).containsExactly(65535);
    assertThat(set.longs(Tag.InstanceNumber)).containsExactly(-3);
    assertThat(set.doubles(Tag.PixelSpacing)).containsExactly(0.1, 0.33333333333333);
    assertThat(set.longs(Tag.ExposureTime)).containsExactly(-1);
    assertThat(set.doubles(Tag.PatientName)).isEmpty();
    assertThatThrownBy(() -> set.setLongs(Tag.Rows, 65536))
        .hasMessageContaining("ISO-DICOM-203")
        .hasMessageNotContaining("65536");
    assertThatThrownBy(() -> set.setDoubles(Tag.PixelSpacing, Double.NaN))
        .hasMessageContaining("ISO-DICOM-204");
  }

  @Property(tries = 500, shrinking = ShrinkingMode.OFF)
  void aDecimalStringHasAtMostSixteenCharacters(@ForAll double number) {
    if (Double.isFinite(number)) {
      String text = Numbers.decimalString(number);
      assertThat(text.length()).isLessThanOrEqualTo(16);
      assertThat(Math.abs(Double.parseDouble(text) - number))
          .isLessThanOrEqualTo(Math.abs(number) * 1e-7 + Double.MIN_NORMAL);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "Adams^John Robert Quincy^^Rev.^B.A. M.Div.,Adams,John Robert Quincy,'',Rev.,B.A. M.Div.",
    "Morrison-Jones^Susan^^^Ph.D.,Morrison-Jones,Susan,'','',Ph.D.",
    "Doe^John,Doe,John,'','',''"
  })
  void nameComponents(
      String text, String family, String given, String middle, String prefix, String suffix) {
    PersonName name = PersonName.parse(text);
    assertThat(name.alphabetic().components())
        .isEqualTo(List.of(family, given, middle, prefix, suffix));
    assertThat(name.format()).isEqualTo(text);
    assertThat(name.toString() + name.alphabetic()).doesNotContain(family);
  }

  @Test
  void nameGroups() {
    DataSet set =
        new DataSet()
            .set(Tag.SpecificCharacterSet, "ISO_IR 192")
            .set(Tag.PatientName, "=山田^太郎=やまだ^たろう");
    PersonName name = set.personName(Tag.PatientName);
    assertThat(name.alphabetic().isEmpty()).isTrue();
    assertThat(name.ideographic().familyName()).isEqualTo("山田");
    assertThat(name.phonetic().givenName()).isEqualTo("たろう");
    assertThat(name.format()).isEqualTo("=山田^太郎=やまだ^たろう");
  }
}
