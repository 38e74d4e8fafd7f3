package org.isocentre.ingest;

import java.io.IOException;
import java.io.InputStream;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.TransferSyntax;
import org.isocentre.dicom.io.DataSetReader;
import org.isocentre.dicom.io.FileMetaInformation;
import org.isocentre.dicom.io.ReaderLimits;
import org.isocentre.index.StudyIndex;
import org.isocentre.model.InstanceStored;
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

  public InstanceIndexer(ObjectStore store, StudyIndex studies, InstanceMapper mapper) {
    this.store = store;
    this.studies = studies;
    this.mapper = mapper;
  }

  /**
   * @return what linking has to look at, or null if nothing changed that it looks at
   */
  public StudyChanged index(InstanceStored event) throws IOException {
    StudyIndex.Recorded recorded = studies.record(mapper.map(event, read(event.objectKey())));
    if (recorded.outcome() == StudyIndex.Outcome.CONFLICT) {
      LOG.warn(
          "Object {} of {} conflicts with what is filed; it is kept and waits on the review list",
          event.sopInstanceUid(),
          event.custodian());
    }
    // A duplicate may be the second delivery of an event whose first delivery died before it was
    // passed on.
    return recorded.outcome() == StudyIndex.Outcome.ADDED
            || recorded.outcome() == StudyIndex.Outcome.CONFLICT
        ? null
        : new StudyChanged(recorded.studyId(), event.studyInstanceUid());
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
