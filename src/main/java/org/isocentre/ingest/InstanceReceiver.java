package org.isocentre.ingest;

import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.TransferSyntax;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.dimse.DataSetInfo;
import org.isocentre.dicom.dimse.DimseStatusException;
import org.isocentre.dicom.dimse.ReceivedDataSet;
import org.isocentre.dicom.dimse.Status;
import org.isocentre.dicom.io.DataSetReader;
import org.isocentre.dicom.io.DicomParseException;
import org.isocentre.dicom.io.ReaderLimits;
import org.isocentre.model.InstanceStored;
import org.isocentre.store.ObjectStore.StoredObject;
import org.isocentre.store.StoreFullException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The first step of an object: is it what its command says, whose is it, is it durable. */
public final class InstanceReceiver {
  private static final Logger LOG = LoggerFactory.getLogger(InstanceReceiver.class);
  private static final int AFTER_IDENTIFIERS = 0x0020000f;

  /** Bytes up to which an object is described here; what is longer is read once it is filed. */
  private static final long MAX_DESCRIBED = 1024 * 1024;

  private final BiFunction<String, String, Optional<String>> custodians;
  private final Function<InstanceStored, byte[]> format;
  private final InstanceMapper mapper;
  private final RecentInstances recent;

  /**
   * @param custodians ODS code of the trust that an AE title at an address belongs to
   * @param format the event as it is noted with the object
   * @param recent is told what objects say of themselves
   */
  public InstanceReceiver(
      BiFunction<String, String, Optional<String>> custodians,
      Function<InstanceStored, byte[]> format,
      InstanceMapper mapper,
      RecentInstances recent) {
    this.custodians = custodians;
    this.mapper = mapper;
    this.recent = recent;
    this.format = format;
  }

  /**
   * Checks the object's identifiers, and makes it durable together with its event. Once this
   * returns, success may be told: the store hands the event on, whatever dies.
   *
   * @throws DimseStatusException 0124 unknown sender, A900 another class or instance than the
   *     command's, C000 not readable or without the UIDs that file it, A700 the store cannot take
   *     it now
   */
  public InstanceStored receive(ReceivedDataSet object) {
    DataSetInfo info = object.info();
    return receiveFrom(
        custodians
            .apply(info.callingAeTitle(), info.remoteAddress())
            .orElseThrow(
                () ->
                    new DimseStatusException(
                        Status.NOT_AUTHORIZED,
                        "calling AE title belongs to no trust of the directory")),
        object);
  }

  /**
   * As {@link #receive}, of a trust that is known otherwise than by its AE title.
   *
   * @param custodian ODS code
   */
  public InstanceStored receiveFrom(String custodian, ReceivedDataSet object) {
    DataSetInfo info = object.info();
    Head head = head(object);
    String studyInstanceUid = checked(info, head.set());
    String eventId = UUID.randomUUID().toString();
    Instant now = Instant.now();
    Function<StoredObject, InstanceStored> event =
        stored ->
            new InstanceStored(
                eventId,
                custodian,
                info.callingAeTitle(),
                studyInstanceUid,
                info.sopInstanceUid(),
                info.sopClassUid(),
                info.transferSyntaxUid(),
                stored.key(),
                stored.sha256(),
                stored.size(),
                now);
    InstanceStored done = event.apply(commit(object, event.andThen(format)));
    if (head.described()) {
      describe(done, head.set());
    }
    return done;
  }

  private void describe(InstanceStored event, DataSet set) {
    try {
      recent.put(event, mapper.map(event, set));
    } catch (RuntimeException e) {
      // It is stored. What is wrong with it is said when it is read to be filed.
      LOG.debug("Object {} is not described", event.objectKey(), e);
    }
  }

  /**
   * Whether an object is what it was announced as, and can be filed.
   *
   * @param head at least up to its Series Instance UID
   * @return its Study Instance UID
   * @throws DimseStatusException A900 another class or instance, C000 without the UIDs that file it
   */
  public static String checked(DataSetInfo info, DataSet head) {
    if (!info.sopClassUid().equals(head.string(Tag.SOPClassUID))
        || !info.sopInstanceUid().equals(head.string(Tag.SOPInstanceUID))) {
      throw new DimseStatusException(
          Status.DATA_SET_DOES_NOT_MATCH_SOP_CLASS,
          "SOP class or instance differs from the command's");
    }
    String study = head.string(Tag.StudyInstanceUID);
    String series = head.string(Tag.SeriesInstanceUID);
    if (!Uid.isTolerable(info.sopInstanceUid())
        || !Uid.isTolerable(study)
        || !Uid.isTolerable(series)) {
      throw new DimseStatusException(
          Status.CANNOT_UNDERSTAND, "SOP, Study or Series Instance UID missing or no UID");
    }
    return study;
  }

  /**
   * Elements at the front of an object.
   *
   * @param described whether all that the index takes is among them
   */
  private record Head(DataSet set, boolean described) {}

  private static Head head(ReceivedDataSet object) {
    if (object.dataSetLength() <= MAX_DESCRIBED) {
      try {
        return new Head(read(object, Tag.PixelData), true);
      } catch (DimseStatusException e) {
        // Perhaps behind what it needs to be stored.
        LOG.debug("An object is not described", e);
      }
    }
    return new Head(read(object, AFTER_IDENTIFIERS), false);
  }

  private static DataSet read(ReceivedDataSet object, int until) {
    try (InputStream in = object.openDataSet()) {
      return new DataSetReader(
              in, TransferSyntax.of(object.info().transferSyntaxUid()), ReaderLimits.DEFAULT)
          .readUntil(until);
    } catch (DicomParseException e) {
      throw new DimseStatusException(
          Status.CANNOT_UNDERSTAND, "not readable in its transfer syntax: " + e.code(), e);
    } catch (IOException e) {
      throw new DimseStatusException(
          Status.OUT_OF_RESOURCES, "could not be read back, send again", e);
    }
  }

  private static StoredObject commit(ReceivedDataSet object, Function<StoredObject, byte[]> note) {
    if (!(object instanceof SpoolingSink.Spooled spooled)) {
      throw new IllegalStateException(
          "ISO-INGEST-001: objects must come through SpoolingSink; set sinkFactory on the endpoint");
    }
    try {
      return spooled.commit(note);
    } catch (StoreFullException e) {
      throw SpoolingSink.full(e);
    } catch (IOException e) {
      throw new DimseStatusException(
          Status.OUT_OF_RESOURCES, "could not be stored now, send again", e);
    }
  }
}
