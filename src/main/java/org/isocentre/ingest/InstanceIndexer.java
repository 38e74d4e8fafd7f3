package org.isocentre.ingest;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.TransferSyntax;
import org.isocentre.dicom.io.DataSetReader;
import org.isocentre.dicom.io.FileMetaInformation;
import org.isocentre.dicom.io.ReaderLimits;
import org.isocentre.index.StudyIndex;
import org.isocentre.model.InstanceStored;
import org.isocentre.model.ReceivedInstance;
import org.isocentre.model.RejectionNote;
import org.isocentre.model.StudyChanged;
import org.isocentre.store.ObjectStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Files stored objects in the index. Idempotent: the same event may come any number of times. */
public final class InstanceIndexer {
  private static final Logger LOG = LoggerFactory.getLogger(InstanceIndexer.class);
  private final ObjectStore store;
  private final StudyIndex studies;
  private final InstanceMapper mapper;
  private final RecentInstances recent;
  private final Rejections rejections;

  /** Hears of each note that rejects objects, after it was filed; of one, perhaps several times. */
  @FunctionalInterface
  public interface Rejections {
    void reject(RejectionNote note);
  }

  public InstanceIndexer(
      ObjectStore store,
      StudyIndex studies,
      InstanceMapper mapper,
      RecentInstances recent,
      Rejections rejections) {
    this.rejections = rejections;
    this.recent = recent;
    this.store = store;
    this.studies = studies;
    this.mapper = mapper;
  }

  /**
   * Files some objects in one transaction.
   *
   * @return what linking has to look at
   */
  public List<StudyChanged> index(List<InstanceStored> events) throws IOException {
    List<ReceivedInstance> objects = new ArrayList<>();
    for (InstanceStored event : events) {
      Optional<ReceivedInstance> known = recent.take(event);
      objects.add(known.isPresent() ? known.get() : mapper.map(event, read(event.objectKey())));
    }
    List<StudyIndex.Recorded> recorded = studies.record(objects);
    Set<StudyChanged> changed = new LinkedHashSet<>();
    for (int i = 0; i < recorded.size(); i++) {
      InstanceStored event = events.get(i);
      if (recorded.get(i).outcome() != StudyIndex.Outcome.CONFLICT
          && event.sopClassUid().equals(RejectionNotes.KEY_OBJECT_SELECTION)) {
        RejectionNotes.read(event, read(event.objectKey())).ifPresent(rejections::reject);
      }
      switch (recorded.get(i).outcome()) {
        case CONFLICT ->
            LOG.warn(
                "Object {} of {} conflicts with what is filed; it is kept and waits on the review"
                    + " list",
                event.sopInstanceUid(),
                event.custodian());
        // A duplicate may be the second delivery of an event whose first delivery died before it
        // was passed on.
        case NEW_STUDY, DUPLICATE ->
            changed.add(new StudyChanged(recorded.get(i).studyId(), event.studyInstanceUid()));
        case ADDED -> {
          // Linking has looked at its study.
        }
      }
    }
    return List.copyOf(changed);
  }

  private DataSet read(String key) throws IOException {
    try (InputStream in = store.open(key)) {
      FileMetaInformation meta = FileMetaInformation.read(in).meta();
      return new DataSetReader(
              in, TransferSyntax.of(meta.transferSyntaxUid()), ReaderLimits.DEFAULT)
          .readUntil(Tag.PixelData);
    }
  }
}
