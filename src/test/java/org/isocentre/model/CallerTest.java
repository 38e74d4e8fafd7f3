package org.isocentre.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CallerTest {
  /** A patient's NHS number, an organisation, a scope, and the rights on ImagingStudy it opens. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      nullValues = "-",
      value = {
        "-; -; system/ImagingStudy.read; rs",
        "-; -; system/ImagingStudy.write; cud",
        "-; -; system/ImagingStudy.*; cruds",
        "-; -; system/*.read; rs",
        "-; -; system/*.rs; rs",
        "-; -; system/*.*; cruds",
        "-; -; system/*.cruds; cruds",
        "-; -; system/ImagingStudy.c; c",
        "-; -; system/ImagingStudy.r; r",
        "-; -; system/ImagingStudy.s; s",
        "-; -; system/ImagingStudy.ud; ud",
        "-; -; system/Patient.read; ''",
        "-; -; system/imagingstudy.read; ''",
        "-; -; system/Imaging*.read; ''",
        "-; -; system/ImagingStudy.Read; ''",
        "-; -; system/ImagingStudy.reads; ''",
        "-; -; system/ImagingStudy.sr; ''",
        "-; -; system/ImagingStudy.rr; ''",
        "-; -; system/ImagingStudy.; ''",
        "-; -; system/ImagingStudy; ''",
        "-; -; system/*; ''",
        "-; -; system/.read; ''",
        "-; -; *.read; ''",
        "-; -; */*.read; ''",
        "-; -; admin/*.read; ''",
        "-; -; system/*/*.read; ''",
        "-; -; ImagingStudy.read; ''",
        "-; -; openid; ''",
        "-; -; user/ImagingStudy.read; ''",
        "-; -; user/*.*; ''",
        "-; -; patient/ImagingStudy.read; ''",
        "-; -; system/*.*?x; ''",
        "-; RTH; system/ImagingStudy.read; rs",
        "-; RTH; user/ImagingStudy.read; rs",
        "-; RTH; user/*.cruds; cruds",
        "-; RTH; patient/ImagingStudy.read; ''",
        "9990000018; -; patient/ImagingStudy.read; rs",
        "9990000018; -; patient/*.*; cruds",
        "9990000018; -; system/ImagingStudy.read; ''",
        "9990000018; -; user/ImagingStudy.read; ''",
        "9990000018; RTH; user/ImagingStudy.read; ''",
        "9990000018; RTH; system/*.*; ''",
        "9990000018; -; patient/ImagingStudy.rs?modality=CT; ''",
        "9990000018; -; patient/ImagingStudy.rs?modality=http://dicom.nema.org/resources/ontology/DCM|CT; ''",
        "9990000018; -; patient/*.*?nonsense=x; ''"
      })
  void aScopeOpensNoMoreThanItSays(String nhs, String organisation, String scope, String opened) {
    assertThat(rights(nhs, organisation, Set.of(scope))).isEqualTo(opened);
  }

  /** Parts are no whole; version 1 and those who write have none. */
  @ParameterizedTest
  @CsvSource({
    "system/ImagingStudy.rs?modality=CT, r, modality=CT",
    "system/*.rs?a=b&c=d|e, s, a=b&c=d|e",
    "system/ImagingStudy.s?modality=CT, r, ''",
    "system/ImagingStudy.rs, r, ''",
    "system/Patient.rs?modality=CT, r, ''",
    "patient/ImagingStudy.rs?modality=CT, r, ''",
    "system/ImagingStudy.read?modality=CT, r, ''",
    "system/ImagingStudy.?modality=CT, r, ''",
    "system/ImagingStudy.rs?, r, ''"
  })
  void aScopeMayOpenAPart(String scope, String right, String part) {
    Caller caller = new Caller("me", null, null, Set.of(scope));
    assertThat(caller.parts(right.equals("r") ? Right.READ : Right.SEARCH, "ImagingStudy"))
        .isEqualTo(part.isEmpty() ? Set.of() : Set.of(part));
  }

  @ParameterizedTest
  @CsvSource({"r, s, rs", "c, r, cr", "rs, d, rds"})
  void scopesAddUp(String one, String other, String opened) {
    Set<String> scopes = Set.of("system/ImagingStudy." + one, "system/*." + other);
    assertThat(rights(null, null, scopes)).isEqualTo(opened);
  }

  @Property
  void whatIsNoScopeOpensNothing(@ForAll String text) {
    if (!text.matches("system/.+\\..+")) {
      assertThat(rights(null, null, Set.of(text))).isEmpty();
    }
  }

  private static String rights(String nhs, String organisation, Set<String> scopes) {
    Caller caller = new Caller("me", nhs, organisation, scopes);
    StringBuilder rights = new StringBuilder();
    for (Right right : Right.values()) {
      if (caller.may(right, "ImagingStudy")) {
        rights.append(right.letter());
      }
    }
    return rights.toString();
  }
}
