package org.isocentre.ingest;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.model.InstanceStored;
import org.isocentre.model.RejectionNote;
import org.isocentre.model.RejectionReason;

/** Reads Key Object Selections that reject what they name (PS3.3 §C.17.6, IHE RAD TF-2 §4.66). */
final class RejectionNotes {
  static final String KEY_OBJECT_SELECTION = "1.2.840.10008.5.1.4.1.1.88.59";

  private RejectionNotes() {}

  /**
   * @return empty if it is selected for another reason
   */
  static Optional<RejectionNote> read(InstanceStored event, DataSet note) {
    return note.items(Tag.ConceptNameCodeSequence).stream()
        .findFirst()
        .filter(title -> "DCM".equals(title.string(Tag.CodingSchemeDesignator)))
        .flatMap(title -> RejectionReason.of(title.string(Tag.CodeValue)))
        .map(
            reason ->
                new RejectionNote(
                    event.custodian(),
                    event.callingAeTitle(),
                    event.sopInstanceUid(),
                    event.studyInstanceUid(),
                    reason,
                    named(note, event.studyInstanceUid())));
  }

  /** Objects of the note's own study; one about several studies comes in each of them. */
  private static Set<String> named(DataSet note, String study) {
    Set<String> uids = new LinkedHashSet<>();
    for (DataSet of : note.items(Tag.CurrentRequestedProcedureEvidenceSequence)) {
      if (!study.equals(of.string(Tag.StudyInstanceUID))) {
        continue;
      }
      for (DataSet series : of.items(Tag.ReferencedSeriesSequence)) {
        List<DataSet> objects = series.items(Tag.ReferencedSOPSequence);
        objects.forEach(o -> uids.add(o.string(Tag.ReferencedSOPInstanceUID)));
      }
    }
    uids.remove(null);
    return uids;
  }
}
