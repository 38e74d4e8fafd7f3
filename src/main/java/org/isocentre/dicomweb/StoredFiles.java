package org.isocentre.dicomweb;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.atomic.AtomicReference;
import org.isocentre.consent.Watch;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.TransferSyntax;
import org.isocentre.dicom.image.ImageLimits;
import org.isocentre.dicom.image.ImageObject;
import org.isocentre.dicom.image.SeekableSource;
import org.isocentre.dicom.io.DataSetReader;
import org.isocentre.dicom.io.FileMetaInformation;
import org.isocentre.store.ObjectStore;

/** Opens objects of the store for as long as the call may read them. */
public final class StoredFiles {
  private static final int BUFFER = 32 * 1024;

  /** Most objects have no more before Pixel Data. */
  private static final int ATTRIBUTES = 8 * 1024;

  private final ObjectStore store;
  private final ImageLimits limits;

  public StoredFiles(ObjectStore store, ImageLimits limits) {
    this.store = store;
    this.limits = limits;
  }

  ImageLimits limits() {
    return limits;
  }

  /** The Part 10 file from a byte on. */
  InputStream file(HeldObject object, Watch watch, long offset) throws IOException {
    watch.check();
    return watch.over(
        offset == 0
            ? store.open(object.objectKey())
            : store.open(object.objectKey(), offset, object.size() - offset));
  }

  /**
   * The data set, without File Meta Information. Its first opening from byte 0 goes on where the
   * meta information ends; whoever asks for it has to open it.
   */
  SeekableSource dataSet(HeldObject object, Watch watch) throws IOException {
    InputStream in = new BufferedInputStream(file(object, watch, 0), BUFFER);
    long start;
    try {
      start = FileMetaInformation.read(in).dataSetOffset();
    } catch (IOException | RuntimeException e) {
      in.close();
      throw e;
    }
    AtomicReference<InputStream> begun = new AtomicReference<>(in);
    return offset -> {
      InputStream first = offset == 0 ? begun.getAndSet(null) : null;
      return first != null
          ? first
          : new BufferedInputStream(file(object, watch, start + offset), BUFFER);
    };
  }

  /** All that comes before Pixel Data, in one pass. */
  DataSet attributes(HeldObject object, Watch watch) throws IOException {
    try (InputStream in = new BufferedInputStream(file(object, watch, 0), ATTRIBUTES)) {
      FileMetaInformation.read(in);
      return new DataSetReader(in, TransferSyntax.of(object.transferSyntaxUid()), limits.reader())
          .readUntil(Tag.PixelData);
    }
  }

  ImageObject image(HeldObject object, Watch watch) throws IOException {
    return ImageObject.open(dataSet(object, watch), object.transferSyntaxUid(), limits);
  }
}
