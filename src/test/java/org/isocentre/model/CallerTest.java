package org.isocentre.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CallerTest {
  /** A patient's NHS number, an organisation, a scope, and what it opens of ImagingStudy. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      nullValues = "-",
      value = {
        "-; -; system/ImagingStudy.read; true; false",
        "-; -; system/*.rs; true; false",
        "-; -; system/*.*; true; true",
        "-; -; system/ImagingStudy.c; false; true",
        "-; -; system/Patient.read; false; false",
        "-; -; user/ImagingStudy.read; false; false",
        "-; -; user/*.*; false; false",
        "-; -; patient/ImagingStudy.read; false; false",
        "-; -; ImagingStudy.read; false; false",
        "-; RTH; system/ImagingStudy.read; true; false",
        "-; RTH; user/ImagingStudy.read; true; false",
        "-; RTH; patient/ImagingStudy.read; false; false",
        "9990000018; -; patient/ImagingStudy.read; true; false",
        "9990000018; -; system/ImagingStudy.read; false; false",
        "9990000018; -; user/ImagingStudy.read; false; false",
        "9990000018; -; patient/ImagingStudy.rs?modality=CT; false; false",
        "9990000018; -; patient/ImagingStudy.rs?modality=http://dicom.nema.org/resources/ontology/DCM|CT; false; false",
        "9990000018; -; patient/*.*?nonsense=x; false; false",
        "-; -; system/*.*?x; false; false",
        "-; -; system/ImagingStudy.sr; false; false",
        "-; -; system/ImagingStudy.; false; false"
      })
  void aScopeOpensNoMoreThanItSays(
      String nhs, String organisation, String scope, boolean read, boolean write) {
    Caller caller = new Caller("me", nhs, organisation, Set.of(scope));
    assertThat(caller.mayRead("ImagingStudy")).isEqualTo(read);
    assertThat(caller.mayWrite("ImagingStudy")).isEqualTo(write);
  }
}
