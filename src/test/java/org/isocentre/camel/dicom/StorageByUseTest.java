package org.isocentre.camel.dicom;

import static org.assertj.core.api.Assertions.assertThat;

import org.isocentre.dicom.data.Dictionary;
import org.isocentre.dicom.data.SopClass;
import org.junit.jupiter.api.Test;

/** The storage SOP classes in the order of their use. */
class StorageByUseTest {
  @Test
  void hasAllThatAreNotRetiredAndNoOthers() {
    assertThat(StorageByUse.uids())
        .containsExactlyInAnyOrderElementsOf(
            SopClass.storage().stream()
                .filter(uid -> !Dictionary.uid(uid).orElseThrow().retired())
                .toList());
  }

  @Test
  void anAssociationProposesReportsAndWaveformsToo() {
    assertThat(StorageByUse.uids().subList(0, 127))
        .contains(
            "1.2.840.10008.5.1.4.1.1.88.33",
            "1.2.840.10008.5.1.4.1.1.88.59",
            "1.2.840.10008.5.1.4.1.1.9.1.1",
            "1.2.840.10008.5.1.4.1.1.77.1.6")
        .startsWith("1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.4");
  }
}
