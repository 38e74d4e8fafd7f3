package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.TransferSyntax;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.io.DataSetWriter;
import org.isocentre.dicom.io.FileMetaInformation;

/** Scheduled procedure steps as the worklist servers of others read them from files. */
final class SampleWorklist {
  /** What DCMTK's dump2dcm puts into files that are no instances of a SOP class. */
  private static final String NO_SOP_CLASS = "1.2.276.0.7230010.3.1.0.1";

  private SampleWorklist() {}

  /** A CT of the head. */
  static DataSet entry(String accession) {
    DataSet entry =
        new DataSet()
            .set(Tag.AccessionNumber, accession)
            .set(Tag.PatientName, "TEST^CASE")
            .set(Tag.PatientID, "T1")
            .set(Tag.StudyInstanceUID, Uid.random())
            .set(Tag.RequestedProcedureID, "R1")
            .set(Tag.RequestedProcedureDescription, "CT HEAD");
    entry
        .addItem(Tag.ScheduledProcedureStepSequence)
        .set(Tag.Modality, "CT")
        .set(Tag.ScheduledStationAETitle, "WORKLIST")
        .set(Tag.ScheduledProcedureStepStartDate, "20261101")
        .set(Tag.ScheduledProcedureStepStartTime, "101500")
        .set(Tag.ScheduledProcedureStepID, "S1");
    return entry;
  }

  /** The same as a Part 10 file. */
  static byte[] file(String accession) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(
        new FileMetaInformation(NO_SOP_CLASS, Uid.random(), Uid.EXPLICIT_VR_LITTLE_ENDIAN, "TEST")
            .encode());
    new DataSetWriter(out, TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN, DataSetWriter.BulkSource.NONE)
        .write(entry(accession));
    return out.toByteArray();
  }

  /** Asks for every CT. */
  static DataSet keys() {
    DataSet keys =
        new DataSet().set(Tag.AccessionNumber, "").set(Tag.PatientID, "").set(Tag.PatientName, "");
    keys.addItem(Tag.ScheduledProcedureStepSequence)
        .set(Tag.Modality, "CT")
        .set(Tag.ScheduledProcedureStepStartDate, "")
        .set(Tag.ScheduledProcedureStepID, "");
    return keys;
  }

  /** These, each once and with what was asked for. */
  static void assertScheduled(Iterator<DataSet> matches, String... accessions) {
    Map<String, DataSet> found = new HashMap<>();
    matches.forEachRemaining(
        match -> assertThat(found.put(match.string(Tag.AccessionNumber), match)).isNull());
    assertThat(found).containsOnlyKeys(accessions);
    for (DataSet match : found.values()) {
      assertThat(match.string(Tag.PatientName)).isEqualTo("TEST^CASE");
      assertThat(match.string(Tag.PatientID)).isEqualTo("T1");
      DataSet step = match.item(Tag.ScheduledProcedureStepSequence).orElseThrow();
      assertThat(step.string(Tag.Modality)).isEqualTo("CT");
      assertThat(step.string(Tag.ScheduledProcedureStepStartDate)).isEqualTo("20261101");
      assertThat(step.string(Tag.ScheduledProcedureStepID)).isEqualTo("S1");
    }
  }
}
