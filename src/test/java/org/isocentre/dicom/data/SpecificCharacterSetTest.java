package org.isocentre.dicom.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The examples of PS3.5 Annexes H, I, J and K, and that no character is ever lost. */
class SpecificCharacterSetTest {
  private static final String ESC = "\u001b";

  private static SpecificCharacterSet of(String terms) {
    return SpecificCharacterSet.of(List.of(terms.split("\\\\", -1)));
  }

  private static byte[] latin(String bytes) {
    return bytes.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static void bothWays(String terms, String text, String bytes) throws Exception {
    assertThat(of(terms).encode(text, Vr.PN)).as(terms).isEqualTo(latin(bytes));
    assertThat(of(terms).decode(latin(bytes), Vr.PN)).as(terms).isEqualTo(text);
  }

  @Test
  void japaneseWithKanjiAsInAnnexH31() throws Exception {
    bothWays(
        "\\ISO 2022 IR 87",
        "Yamada^Tarou=山田^太郎=やまだ^たろう",
        "Yamada^Tarou="
            + (ESC + "$B;3ED" + ESC + "(B^" + ESC + "$BB@O:" + ESC + "(B=")
            + (ESC + "$B$d$^$@" + ESC + "(B^" + ESC + "$B$?$m$&" + ESC + "(B"));
  }

  @Test
  void japaneseWithKatakanaAsInAnnexH32() throws Exception {
    bothWays(
        "ISO 2022 IR 13\\ISO 2022 IR 87",
        "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎",
        "\u00d4\u00cf\u00c0\u00de^\u00c0\u00db\u00b3="
            + (ESC + "$B;3ED" + ESC + "(J^" + ESC + "$BB@O:" + ESC + "(J"));
  }

  @Test
  void koreanAsInAnnexI2() throws Exception {
    String hangul = ESC + "$)C";
    bothWays(
        "\\ISO 2022 IR 149",
        "Hong^Gildong=洪^吉洞=홍^길동",
        ("Hong^Gildong=" + hangul + "\u00fb\u00f3^" + hangul + "\u00d1\u00ce\u00d4\u00d7=")
            + (hangul + "\u00c8\u00ab^" + hangul + "\u00b1\u00e6\u00b5\u00bf"));
  }

  @Test
  void latinAndCyrillicInOneValue() throws Exception {
    bothWays(
        "ISO 2022 IR 100\\ISO 2022 IR 144",
        "Buc^J\u00e9r\u00f4me=Люк",
        "Buc^J\u00e9r\u00f4me=" + ESC + "-L\u00bb\u00ee\u00da" + ESC + "-A");
  }

  @ParameterizedTest
  @CsvSource({
    "ISO_IR 100,Müller",
    "ISO_IR 101,Żółć",
    "ISO_IR 144,Люкceмбypг",
    "ISO_IR 126,Διονυσιος",
    "ISO_IR 127,قباني",
    "ISO_IR 138,שרון",
    "ISO_IR 148,Çavuşoğlu",
    "ISO_IR 203,Œuvre €",
    "ISO_IR 166,นามสกุล",
    "ISO_IR 192,Wang^XiaoDong=王^小東 \uD83E\uDE7B",
    "GB18030,王^小东",
    "GBK,王^小东",
    "\\ISO 2022 IR 58,Zhang^XiaoDong=张^小东",
    "\\ISO 2022 IR 159,鷗"
  })
  void everyTermTakesItsOwnCharacters(String terms, String text) throws Exception {
    assertThat(of(terms).decode(of(terms).encode(text, Vr.PN), Vr.PN)).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "ISO_IR 6", "ISO_IR 100", "ISO_IR 144", "\\ISO 2022 IR 87", "ISO_IR 13"})
  void aCharacterWithoutACodeIsAnError(String terms) {
    assertThatThrownBy(() -> of(terms).encode("\uD83E\uDE7B", Vr.LO))
        .isInstanceOf(CharacterCodingException.class);
  }

  @Test
  void aTermWithoutCodeExtensionsWritesNoEscape() {
    assertThatThrownBy(() -> of("ISO_IR 100").encode("Люк", Vr.LO))
        .isInstanceOf(CharacterCodingException.class);
  }

  @Test
  void theDataSetSaysWhereAndWithWhichTermsButNotWhat() {
    DataSet set = new DataSet().set(Tag.SpecificCharacterSet, "ISO_IR 100");
    assertThatThrownBy(() -> set.set(Tag.PatientName, "Люк"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("ISO-DICOM-202")
        .hasMessageContaining("(0010,0010)")
        .hasMessageContaining("ISO_IR 100")
        .hasMessageNotContaining("Люк");
    assertThat(set.contains(Tag.PatientName)).isFalse();
    assertThatThrownBy(() -> new DataSet().set(Tag.StationName, "Müller"))
        .hasMessageContaining("ISO-DICOM-202");
    assertThatThrownBy(() -> new DataSet().set(Tag.Modality, "Λ"))
        .hasMessageContaining("ISO-DICOM-202");
  }

  @Provide
  Arbitrary<String> mixed() {
    return Arbitraries.strings().withChars("ab^=\\ éüЛюкΛ山田たろう홍길동ﾔﾏ王").ofMaxLength(30);
  }

  @Property(tries = 300)
  void manyCodeElementsInOneValueComeBack(@ForAll("mixed") String text) throws Exception {
    SpecificCharacterSet set =
        of(
            "ISO 2022 IR 100\\ISO 2022 IR 144\\ISO 2022 IR 126\\ISO 2022 IR 87"
                + "\\ISO 2022 IR 149\\ISO 2022 IR 13");
    for (Vr vr : List.of(Vr.PN, Vr.LO, Vr.UT)) {
      assertThat(set.decode(set.encode(text, vr), vr)).isEqualTo(text);
    }
  }
}
