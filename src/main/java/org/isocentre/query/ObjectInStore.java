package org.isocentre.query;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.isocentre.consent.Watch;
import org.isocentre.dicom.dimse.StoredObject;
import org.isocentre.dicom.io.FileMetaInformation;
import org.isocentre.store.ObjectStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An object of the store that can be sent: its Part 10 file without File Meta Information. */
final class ObjectInStore implements StoredObject {
  private static final Logger LOG = LoggerFactory.getLogger(ObjectInStore.class);
  private static final int BUFFER = 1 << 16;
  private final String sopClassUid;
  private final String sopInstanceUid;
  private final String transferSyntaxUid;
  private final String objectKey;
  private final ObjectStore store;
  private final LosslessForms forms;
  private final Watch watch;
  private List<String> alternatives;

  ObjectInStore(
      String sopClassUid,
      String sopInstanceUid,
      String transferSyntaxUid,
      String objectKey,
      ObjectStore store,
      LosslessForms forms,
      Watch watch) {
    this.sopClassUid = sopClassUid;
    this.sopInstanceUid = sopInstanceUid;
    this.transferSyntaxUid = transferSyntaxUid;
    this.objectKey = objectKey;
    this.store = store;
    this.forms = forms;
    this.watch = watch;
  }

  @Override
  public String sopClassUid() {
    return sopClassUid;
  }

  @Override
  public String sopInstanceUid() {
    return sopInstanceUid;
  }

  @Override
  public String transferSyntaxUid() {
    return transferSyntaxUid;
  }

  @Override
  public List<String> losslessAlternatives() {
    if (alternatives == null) {
      try {
        alternatives = forms.of(transferSyntaxUid, this::open);
      } catch (IOException e) {
        LOG.warn(
            "ISO-QUERY-025: {} cannot be read for what it can be transcoded to, it goes out as it is or not at all: {}",
            this,
            e.getMessage());
        alternatives = List.of();
      }
    }
    return alternatives;
  }

  /**
   * @throws Watch.WithdrawnException here and while it is read, if it may not be sent any more
   */
  @Override
  public InputStream openDataSet(String asked) throws IOException {
    return asked.equals(transferSyntaxUid)
        ? open(0)
        : forms.convert(this::open, transferSyntaxUid, asked);
  }

  private InputStream open(long offset) throws IOException {
    watch.check();
    InputStream in = new BufferedInputStream(watch.over(store.open(objectKey)), BUFFER);
    try {
      FileMetaInformation.read(in);
      in.skipNBytes(offset);
      return in;
    } catch (IOException | RuntimeException e) {
      in.close();
      throw e;
    }
  }

  @Override
  public String toString() {
    return "ObjectInStore[" + objectKey + "]";
  }
}
