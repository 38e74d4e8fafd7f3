package org.isocentre.dicom.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.isocentre.dicom.data.Finding.Rule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A table of values that keep and break the rules of PS3.5 §6.2. */
class DataSetValidatorTest {
  private static List<Finding> validate(DataSet set) {
    return new DataSetValidator(1000).validate(set);
  }

  private static List<Rule> rules(int tag, Vr vr, String value) {
    byte[] bytes = value.getBytes(StandardCharsets.ISO_8859_1);
    if (bytes.length % 2 != 0) {
      bytes = java.util.Arrays.copyOf(bytes, bytes.length + 1);
      bytes[bytes.length - 1] = vr.padding();
    }
    DataSet set = new DataSet();
    set.put(new Element.Value(tag, vr, bytes));
    return validate(set).stream().map(Finding::rule).toList();
  }

  /** In a private block there is no multiplicity: only the VR's rules are at work. */
  private static List<Rule> rules(Vr vr, String value) {
    return rules(0x00291001, vr, value).stream().filter(r -> r != Rule.PRIVATE_BLOCK).toList();
  }

  @ParameterizedTest
  @CsvSource({
    "AE,STORESCP",
    "AS,018M",
    "AS,120Y",
    "CS,ORIGINAL\\PRIMARY",
    "CS,A_B 2",
    "DA,20240229",
    "DS,1.5\\-0.25E+3\\ 7 ",
    "DS,.5",
    "DT,2024",
    "DT,20240229101500.123456+0100",
    "IS,-12\\+7",
    "IS,2147483647",
    "IS,-2147483648",
    "LO,a",
    "PN,Adams^John=a=b",
    "TM,10",
    "TM,1015",
    "TM,101560.123456",
    "UI,1.2.840.10008.1.1",
    "UR,http://example.org/a?b=c#d",
    "SH,0123456789abcdef"
  })
  void valuesThatKeepTheRules(Vr vr, String value) {
    assertThat(rules(vr, value)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "AE,STORESCP_WITH_A_LONG_NAME,LENGTH",
    "AS,18M,FORM",
    "AS,018X,FORM",
    "CS,lower,FORM",
    "CS,ABCDEFGHIJKLMNOPQ,LENGTH",
    "DA,20240230,FORM",
    "DA,2024-02-01,LENGTH",
    "DA,202402,FORM",
    "DS,1.2.3,FORM",
    "DS,1.2345678901234567,LENGTH",
    "DS,x,FORM",
    "DT,20241301,FORM",
    "IS,1.5,FORM",
    "IS,2147483648,RANGE",
    "IS,1234567890123,LENGTH",
    "TM,2400,FORM",
    "TM,10:15,FORM",
    "UI,1.02.3,FORM",
    "UI,1..2,FORM",
    "UI,abc,FORM",
    "UR,http://a b,FORM",
    "SH,0123456789abcdefg,LENGTH",
    "PN,a=b=c=d,FORM"
  })
  void valuesThatBreakOne(Vr vr, String value, Rule rule) {
    assertThat(rules(vr, value)).contains(rule);
  }

  @Test
  void repertoire() {
    assertThat(rules(Vr.LO, "a\u0001b")).containsExactly(Rule.REPERTOIRE);
    assertThat(rules(Vr.LO, "a\nb")).containsExactly(Rule.REPERTOIRE);
    assertThat(rules(Vr.LT, "a\r\nb")).isEmpty();
    assertThat(rules(Vr.AE, "M\u00fcller")).contains(Rule.REPERTOIRE);
    assertThat(rules(Vr.LO, "x".repeat(65))).containsExactly(Rule.LENGTH);
    assertThat(rules(Vr.PN, "x".repeat(65) + "^a")).containsExactly(Rule.LENGTH);
    assertThat(rules(Vr.ST, "x".repeat(1025))).containsExactly(Rule.LENGTH);
    assertThat(rules(Tag.SpecificCharacterSet, Vr.CS, "ISO_IR 999"))
        .containsExactly(Rule.CHARACTER_SET);
  }

  @Test
  void lengthsCountCharactersNotBytes() {
    DataSet set =
        new DataSet()
            .set(Tag.SpecificCharacterSet, "ISO_IR 192")
            .set(Tag.StationName, "山".repeat(16));
    assertThat(validate(set)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "1,1,true",
    "1,2,false",
    "1-n,5,true",
    "2-2n,4,true",
    "2-2n,3,false",
    "1-3,3,true",
    "1-3,4,false",
    "3,2,false",
    "1 or 3,3,true",
    "1 or 3,2,false",
    "2-n,1,false",
    "odd,9,true"
  })
  void multiplicity(String vm, int count, boolean allowed) {
    assertThat(Multiplicity.allows(vm, count)).isEqualTo(allowed);
  }

  @Test
  void tagsVrsSizesAndPadding() {
    assertThat(rules(Tag.PatientID, Vr.LO, "a\\b")).containsExactly(Rule.MULTIPLICITY);
    assertThat(rules(Tag.PixelSpacing, Vr.DS, "1")).containsExactly(Rule.MULTIPLICITY);
    assertThat(rules(Tag.PatientID, Vr.SH, "a")).containsExactly(Rule.VR);
    assertThat(rules(Tag.PatientID, Vr.UN, "a")).isEmpty();
    assertThat(rules(0x00f00010, Vr.LO, "a")).containsExactly(Rule.UNKNOWN_TAG);
    assertThat(rules(0x00291001, Vr.LO, "a")).containsExactly(Rule.PRIVATE_BLOCK);
    DataSet set = new DataSet();
    set.put(new Element.Value(Tag.Rows, Vr.US, new byte[3]));
    set.put(new Element.Value(Tag.PatientID, Vr.LO, new byte[] {'a', 0}));
    assertThat(validate(set))
        .extracting(Finding::rule)
        .containsExactly(Rule.PADDING, Rule.SIZE, Rule.PADDING);
  }

  @Test
  void aFindingNamesThePathAndNeverTheValue() {
    DataSet set = new DataSet();
    set.addItem(Tag.RequestAttributesSequence);
    set.addItem(Tag.RequestAttributesSequence).set(Tag.AccessionNumber, "9990000018-TOO-LONG");
    Finding finding = validate(set).get(0);
    assertThat(finding.toString())
        .isEqualTo("ISO-VR-001 LENGTH at (0040,0275)[2].(0008,0050)")
        .doesNotContain("999");
    assertThat(finding.rule().severity()).isEqualTo(Finding.Severity.ERROR);
  }

  @Test
  void theNumberOfFindingsHasALimit() {
    DataSet set = new DataSet();
    for (int i = 0; i < 100; i++) {
      set.set(0x00f00010 + i, Vr.CS, "lower");
    }
    assertThat(new DataSetValidator(10).validate(set)).hasSizeBetween(10, 12);
  }
}
