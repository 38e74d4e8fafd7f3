package org.isocentre.it;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.isocentre.dicom.association.AssociationAcceptor;
import org.isocentre.dicom.association.AssociationPolicy.Decision;
import org.isocentre.dicom.association.AssociationRequestor;
import org.isocentre.dicom.association.AssociationSettings;
import org.isocentre.dicom.association.EventLoops;
import org.isocentre.dicom.association.Negotiation;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.TransferSyntax;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.data.Vr;
import org.isocentre.dicom.dimse.Command;
import org.isocentre.dicom.dimse.DimseSettings;
import org.isocentre.dicom.dimse.Matches;
import org.isocentre.dicom.dimse.ServiceProvider;
import org.isocentre.dicom.dimse.ServiceSopClass;
import org.isocentre.dicom.dimse.ServiceUser;
import org.isocentre.dicom.dimse.Services;
import org.isocentre.dicom.dimse.SpoolSink;
import org.isocentre.dicom.dimse.StorageHandler;
import org.isocentre.dicom.io.DataSetWriter;

/** A PACS of the tests: sends images, and takes them with a status that can be chosen. */
final class Pacs implements AutoCloseable {
  private final EventLoops loops = new EventLoops(1);
  private final ExecutorService workers = Executors.newCachedThreadPool();
  final Map<String, byte[]> received = new ConcurrentHashMap<>();
  final AtomicInteger arrivals = new AtomicInteger();
  volatile int status;
  private AssociationAcceptor acceptor;

  static final String KEY_OBJECT_SELECTION = "1.2.840.10008.5.1.4.1.1.88.59";

  /** One object. */
  record Image(String study, String series, String uid, String sopClass, byte[] dataSet) {}

  /** Who is on the image, and for which order. */
  record About(String patientId, String birthDate, String accession) {}

  /** A small CT image in Explicit VR Little Endian. */
  static Image image(String study, String series, About about) {
    return image(study, series, Uid.random(), about, 32, 1);
  }

  /** One whose times are at an offset from UTC, such as {@code +0100}. */
  static Image imageAt(String offset, String study, About about) {
    return imageWith(study, about, set -> set.set(Tag.TimezoneOffsetFromUTC, offset));
  }

  /** One that says more, or something else. */
  static Image imageWith(String study, About about, Consumer<DataSet> more) {
    return image(study, Uid.random(), Uid.random(), about, 32, 1, more);
  }

  static Image image(String study, String series, String uid, About about, int size, long seed) {
    return image(study, series, uid, about, size, seed, set -> {});
  }

  private static Image image(
      String study,
      String series,
      String uid,
      About about,
      int size,
      long seed,
      Consumer<DataSet> more) {
    DataSet set =
        new DataSet()
            .set(Tag.SpecificCharacterSet, "ISO_IR 192")
            .set(Tag.SOPClassUID, Uid.CT_IMAGE_STORAGE)
            .set(Tag.SOPInstanceUID, uid)
            .set(Tag.StudyDate, "20261101")
            .set(Tag.StudyTime, "101500")
            .set(Tag.AccessionNumber, about.accession())
            .set(Tag.Modality, "CT")
            .set(Tag.PatientName, "TEST^CASE")
            .set(Tag.PatientID, about.patientId())
            .set(Tag.PatientBirthDate, about.birthDate())
            .set(Tag.PatientSex, "F")
            .set(Tag.StudyInstanceUID, study)
            .set(Tag.SeriesInstanceUID, series)
            .set(Tag.SeriesNumber, "1")
            .set(Tag.Rows, Integer.toString(size))
            .set(Tag.Columns, Integer.toString(size))
            .set(Tag.SamplesPerPixel, "1")
            .set(Tag.PhotometricInterpretation, "MONOCHROME2")
            .set(Tag.BitsAllocated, "16")
            .set(Tag.BitsStored, "16")
            .set(Tag.HighBit, "15")
            .set(Tag.PixelRepresentation, "0");
    more.accept(set);
    byte[] pixels = new byte[size * size * 2];
    new Random(seed).nextBytes(pixels);
    set.put(new Element.Value(Tag.PixelData, Vr.OW, pixels));
    return new Image(study, series, uid, Uid.CT_IMAGE_STORAGE, bytes(set));
  }

  /**
   * A note that takes back images of one study (PS3.3 §C.17.6).
   *
   * @param reason of CID 7011
   */
  static Image rejection(String uid, String reason, About about, Image... images) {
    DataSet series = new DataSet().set(Tag.SeriesInstanceUID, images[0].series());
    series.put(
        new Element.Sequence(
            Tag.ReferencedSOPSequence,
            java.util.Arrays.stream(images)
                .map(
                    i ->
                        new DataSet()
                            .set(Tag.ReferencedSOPClassUID, i.sopClass())
                            .set(Tag.ReferencedSOPInstanceUID, i.uid()))
                .toList()));
    DataSet evidence = new DataSet().set(Tag.StudyInstanceUID, images[0].study());
    evidence.put(new Element.Sequence(Tag.ReferencedSeriesSequence, List.of(series)));
    String noteSeries = Uid.random();
    DataSet set =
        new DataSet()
            .set(Tag.SOPClassUID, KEY_OBJECT_SELECTION)
            .set(Tag.SOPInstanceUID, uid)
            .set(Tag.StudyDate, "20261101")
            .set(Tag.AccessionNumber, about.accession())
            .set(Tag.Modality, "KO")
            .set(Tag.PatientName, "TEST^CASE")
            .set(Tag.PatientID, about.patientId())
            .set(Tag.PatientBirthDate, about.birthDate())
            .set(Tag.PatientSex, "F")
            .set(Tag.StudyInstanceUID, images[0].study())
            .set(Tag.SeriesInstanceUID, noteSeries)
            .set(Tag.SeriesNumber, "99");
    set.put(
        new Element.Sequence(
            Tag.ConceptNameCodeSequence,
            List.of(
                new DataSet()
                    .set(Tag.CodeValue, reason)
                    .set(Tag.CodingSchemeDesignator, "DCM")
                    .set(Tag.CodeMeaning, "Rejected"))));
    set.put(new Element.Sequence(Tag.CurrentRequestedProcedureEvidenceSequence, List.of(evidence)));
    return new Image(images[0].study(), noteSeries, uid, KEY_OBJECT_SELECTION, bytes(set));
  }

  private static byte[] bytes(DataSet set) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      new DataSetWriter(
              out, TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN, DataSetWriter.BulkSource.NONE)
          .write(set);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  /** Listens; port 0 for any. @return the port */
  int listen(int port) {
    acceptor =
        new AssociationAcceptor(
            loops,
            "127.0.0.1",
            port,
            AssociationSettings.DEFAULT,
            (request, remote) ->
                new Decision.Accept(
                    Negotiation.negotiate(request.contexts(), uid -> true, s -> true, List.of()),
                    ServiceProvider.handler(
                        workers,
                        Services.storage(
                            SpoolSink.factory(1 << 20, null),
                            (association, object) -> {
                              if (status == 0) {
                                arrivals.incrementAndGet();
                                try (var in = object.openDataSet()) {
                                  received.put(object.info().sopInstanceUid(), in.readAllBytes());
                                } catch (IOException e) {
                                  throw new UncheckedIOException(e);
                                }
                              }
                              return new StorageHandler.Result(status, null);
                            }),
                        DimseSettings.DEFAULT)));
    return acceptor.port();
  }

  EventLoops loops() {
    return loops;
  }

  ServiceUser connect(int port, String callingAet) {
    return ServiceUser.connect(
        new AssociationRequestor(loops, AssociationSettings.DEFAULT),
        "127.0.0.1",
        port,
        callingAet,
        "ISOCENTRE",
        List.of(
            new AssociationRequestor.Proposal(
                "1.2.840.10008.5.1.4.1.1.11.1", List.of(Uid.EXPLICIT_VR_LITTLE_ENDIAN)),
            new AssociationRequestor.Proposal(
                Uid.CT_IMAGE_STORAGE, List.of(Uid.EXPLICIT_VR_LITTLE_ENDIAN)),
            new AssociationRequestor.Proposal(
                KEY_OBJECT_SELECTION, List.of(Uid.EXPLICIT_VR_LITTLE_ENDIAN)),
            new AssociationRequestor.Proposal(
                ServiceSopClass.STUDY_ROOT_FIND, List.of(Uid.EXPLICIT_VR_LITTLE_ENDIAN))),
        Duration.ofSeconds(30));
  }

  static int store(ServiceUser user, Image image) throws Exception {
    Command response =
        user.store(
            image.sopClass(),
            image.uid(),
            Uid.EXPLICIT_VR_LITTLE_ENDIAN,
            new ByteArrayInputStream(image.dataSet()));
    return response.status();
  }

  /** One association for all. @return the status of each */
  List<Integer> send(int port, Image... images) throws Exception {
    return sendAs("RTHPACS", port, images);
  }

  List<Integer> sendAs(String callingAet, int port, Image... images) throws Exception {
    List<Integer> statuses = new java.util.ArrayList<>();
    try (ServiceUser user = connect(port, callingAet)) {
      for (Image image : images) {
        statuses.add(store(user, image));
      }
    }
    return statuses;
  }

  /** UIDs of a series' objects, as C-FIND tells them. */
  List<String> instances(int port, String study, String series) throws Exception {
    List<String> uids = new java.util.ArrayList<>();
    DataSet keys =
        new DataSet()
            .set(Tag.QueryRetrieveLevel, "IMAGE")
            .set(Tag.StudyInstanceUID, study)
            .set(Tag.SeriesInstanceUID, series)
            .set(Tag.SOPInstanceUID, "");
    try (ServiceUser user = connect(port, "RTHPACS");
        Matches matches = user.find(ServiceSopClass.STUDY_ROOT_FIND, keys)) {
      matches.forEachRemaining(m -> uids.add(m.string(Tag.SOPInstanceUID)));
    }
    return uids;
  }

  @Override
  public void close() {
    if (acceptor != null) {
      acceptor.close();
    }
    workers.shutdownNow();
    loops.close();
  }
}
