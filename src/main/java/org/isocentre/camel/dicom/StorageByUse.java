package org.isocentre.camel.dicom;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.isocentre.dicom.data.Dictionary;
import org.isocentre.dicom.data.SopClass;

/**
 * Storage SOP classes that are not retired, those that archives hold most of first: one association
 * cannot propose all of them.
 */
final class StorageByUse {
  /** Within PS3.4 Table B.5-1, from the UID root 1.2.840.10008.5.1.4.1.1. */
  private static final String ROOT = "1.2.840.10008.5.1.4.1.1.";

  private static final List<String> COMMON =
      List.of(
          // CT, MR, CR, DX, MG
          "2 4 1 1.1 1.2 13.1.3",
          // US, SC, XA, RF, NM, PT
          "6.1 3.1 7 7.1 7.2 7.3 7.4 12.1 12.2 20 128",
          // enhanced CT, MR, XA, RF, PT, US and 3D
          "2.1 4.1 4.3 12.1.1 12.2.1 130 6.2 13.1.1 13.1.2 2.2 4.4 128.1",
          // structured reports, key objects, dose
          "88.11 88.22 88.33 88.34 88.35 88.59 88.67 88.68 88.50 88.65 88.69 88.40 88.76 88.73",
          // presentation states
          "11.1 11.2 11.3 11.4 11.5 11.8",
          // encapsulated documents
          "104.1 104.2 104.3",
          // waveforms
          "9.1.1 9.1.2 9.1.3 9.2.1 9.3.1 9.4.1 9.4.2 9.5.1 9.6.1",
          // segmentation, registration, maps, raw data
          "66.4 66.5 66.1 66.3 66.2 67 30 66 4.2",
          // radiotherapy
          "481.1 481.2 481.3 481.5 481.8 481.4 481.6 481.7 481.9",
          // visible light, whole slides, ophthalmology
          "77.1.1 77.1.1.1 77.1.2 77.1.3 77.1.4 77.1.4.1 77.1.6 77.1.7",
          "77.1.5.1 77.1.5.2 77.1.5.4 77.1.5.7 79.1 80.1 81.1 82.1 78.7 78.8",
          // dental, breast, for processing
          "1.3 13.1.4 1.1.1 1.2.1 1.3.1 13.1.5 14.1 14.2");

  private StorageByUse() {}

  static List<String> uids() {
    Set<String> uids = new LinkedHashSet<>();
    COMMON.forEach(line -> Arrays.stream(line.split(" ")).map(ROOT::concat).forEach(uids::add));
    SopClass.storage().stream().filter(StorageByUse::isInUse).forEach(uids::add);
    return List.copyOf(uids);
  }

  private static boolean isInUse(String uid) {
    return Dictionary.uid(uid).filter(e -> !e.retired()).isPresent();
  }
}
