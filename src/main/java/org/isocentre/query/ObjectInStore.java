package org.isocentre.query;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.isocentre.dicom.dimse.StoredObject;
import org.isocentre.dicom.io.FileMetaInformation;
import org.isocentre.store.ObjectStore;

/** An object of the store that can be sent: its Part 10 file without File Meta Information. */
record ObjectInStore(
    String sopClassUid,
    String sopInstanceUid,
    String transferSyntaxUid,
    String objectKey,
    ObjectStore store,
    LosslessForms forms)
    implements StoredObject {
  private static final int BUFFER = 1 << 16;

  @Override
  public List<String> losslessAlternatives() {
    return forms.of(transferSyntaxUid);
  }

  @Override
  public InputStream openDataSet(String asked) throws IOException {
    InputStream in = new BufferedInputStream(store.open(objectKey), BUFFER);
    try {
      FileMetaInformation.read(in);
      return asked.equals(transferSyntaxUid) ? in : forms.convert(in, transferSyntaxUid, asked);
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
