package org.isocentre.ingest;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.function.Function;
import org.isocentre.dicom.dimse.DataSetInfo;
import org.isocentre.dicom.dimse.DataSetSink;
import org.isocentre.dicom.dimse.DimseStatusException;
import org.isocentre.dicom.dimse.ReceivedDataSet;
import org.isocentre.dicom.dimse.Status;
import org.isocentre.dicom.io.FileMetaInformation;
import org.isocentre.store.ObjectStore;
import org.isocentre.store.ObjectStore.ObjectWriter;
import org.isocentre.store.ObjectStore.StoredObject;
import org.isocentre.store.StoreFullException;

/**
 * Streams an incoming data set into the object store as a Part 10 file, bit for bit. The object is
 * invisible until {@link Spooled#commit}, and forgotten if that is not called.
 */
public final class SpoolingSink implements DataSetSink {
  /** Kind of DICOM objects in the store. */
  public static final String KIND = "dcm";

  private final DataSetInfo info;
  private final ObjectWriter writer;
  private final int metaLength;

  /**
   * @throws DimseStatusException A700 if the store is full
   * @throws IOException if the store takes no object now
   */
  public SpoolingSink(ObjectStore store, DataSetInfo info) throws IOException {
    this(store, info, KIND);
  }

  /**
   * @param kind of objects that are not filed as they come
   * @throws DimseStatusException A700 if the store is full
   * @throws IOException if the store takes no object now
   */
  public SpoolingSink(ObjectStore store, DataSetInfo info, String kind) throws IOException {
    this.info = info;
    this.writer = create(store, kind);
    byte[] meta =
        new FileMetaInformation(
                info.sopClassUid(),
                info.sopInstanceUid(),
                info.transferSyntaxUid(),
                info.callingAeTitle())
            .encode();
    this.metaLength = meta.length;
    writer.writeUndigested(ByteBuffer.wrap(meta));
  }

  private static ObjectWriter create(ObjectStore store, String kind) throws IOException {
    try {
      return store.create(kind);
    } catch (StoreFullException e) {
      throw full(e);
    }
  }

  /** For the peer, who is to send the object again when there is space. */
  static DimseStatusException full(StoreFullException e) {
    return new DimseStatusException(Status.OUT_OF_RESOURCES, "the store is full", e);
  }

  @Override
  public void write(ByteBuffer bytes) throws IOException {
    try {
      writer.write(bytes);
    } catch (StoreFullException e) {
      throw full(e);
    }
  }

  @Override
  public ReceivedDataSet complete() {
    return new Spooled();
  }

  @Override
  public void abandon() {
    writer.close();
  }

  /** A whole object that is not yet part of the store. */
  public final class Spooled implements ReceivedDataSet {
    /** Makes the object durable and visible, and with it a note of it. */
    public StoredObject commit(Function<StoredObject, byte[]> note) throws IOException {
      return writer.commit(note);
    }

    /** Makes the object durable and visible, and nobody hears of it. */
    public StoredObject commit() throws IOException {
      return writer.commit();
    }

    @Override
    public DataSetInfo info() {
      return info;
    }

    @Override
    public long dataSetLength() {
      return writer.length() - metaLength;
    }

    @Override
    public long part10Length() {
      return writer.length();
    }

    @Override
    public InputStream openPart10() throws IOException {
      return writer.openWritten();
    }

    @Override
    public InputStream openDataSet() throws IOException {
      InputStream in = writer.openWritten();
      in.skipNBytes(metaLength);
      return in;
    }

    @Override
    public void close() {
      writer.close();
    }
  }
}
