package org.isocentre.fhir.map;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.hl7.fhir.r4.model.Coding;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class BodyPartsTest {
  private static final int[][] PRODUCT = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9},
    {1, 2, 3, 4, 0, 6, 7, 8, 9, 5},
    {2, 3, 4, 0, 1, 7, 8, 9, 5, 6},
    {3, 4, 0, 1, 2, 8, 9, 5, 6, 7},
    {4, 0, 1, 2, 3, 9, 5, 6, 7, 8},
    {5, 9, 8, 7, 6, 0, 4, 3, 2, 1},
    {6, 5, 9, 8, 7, 1, 0, 4, 3, 2},
    {7, 6, 5, 9, 8, 2, 1, 0, 4, 3},
    {8, 7, 6, 5, 9, 3, 2, 1, 0, 4},
    {9, 8, 7, 6, 5, 4, 3, 2, 1, 0}
  };
  private static final int[] TURN = {1, 5, 7, 6, 2, 8, 3, 0, 9, 4};

  static Stream<String> terms() {
    return BodyParts.terms().stream();
  }

  /** Codes of SNOMED CT end with a check digit (Verhoeff's, dihedral group of order ten). */
  @ParameterizedTest
  @MethodSource("terms")
  void eachCodeHasTheCheckDigitOfSnomed(String term) {
    Coding coding = BodyParts.coded(term);
    int check = 0;
    String digits = coding.getCode();
    for (int i = 0; i < digits.length(); i++) {
      int digit = digits.charAt(digits.length() - 1 - i) - '0';
      for (int turns = 0; turns < i % 8; turns++) {
        digit = TURN[digit];
      }
      check = PRODUCT[check][digit];
    }
    assertThat(check).isZero();
    assertThat(term).matches("[A-Z]{3,16}");
    assertThat(coding.getDisplay()).isNotBlank();
    assertThat(BodyParts.of(coding.getCode())).contains(term);
  }

  @ParameterizedTest
  @CsvSource({
    "CHEST, 43799004, Chest",
    "chest, 43799004, Chest",
    "L SPINE, 122496007, Lumbar spine",
    "HEAD_NECK, 774007, Head and Neck",
    "KNEE L, , KNEE L",
    "Thorax p.a., , Thorax p.a."
  })
  void aBodyPartIsCodedIfItIsADefinedTerm(String said, String code, String display) {
    Coding coding = BodyParts.coded(said);
    assertThat(coding.getCode()).isEqualTo(code);
    assertThat(coding.getDisplay()).isEqualTo(display);
    assertThat(coding.getSystem()).isEqualTo(code == null ? null : Systems.SNOMED);
  }

  @Test
  void twoTermsMayBeOneRegion() {
    assertThat(BodyParts.of("43799004")).containsExactlyInAnyOrder("CHEST", "THORAX");
    assertThat(BodyParts.of("1")).isEmpty();
  }
}
