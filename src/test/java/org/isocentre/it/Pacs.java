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
import org.isocentre.dicom.dimse.ServiceProvider;
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

  /** One object. */
  record Image(String study, String series, String uid, byte[] dataSet) {}

  /** Who is on the image, and for which order. */
  record About(String patientId, String birthDate, String accession) {}

  /** A small CT image in Explicit VR Little Endian. */
  static Image image(String study, String series, About about) {
    return image(study, series, Uid.random(), about, 32, 1);
  }

  static Image image(String study, String series, String uid, About about, int size, long seed) {
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
    byte[] pixels = new byte[size * size * 2];
    new Random(seed).nextBytes(pixels);
    set.put(new Element.Value(Tag.PixelData, Vr.OW, pixels));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      new DataSetWriter(
              out, TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN, DataSetWriter.BulkSource.NONE)
          .write(set);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Image(study, series, uid, out.toByteArray());
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
                Uid.CT_IMAGE_STORAGE, List.of(Uid.EXPLICIT_VR_LITTLE_ENDIAN))),
        Duration.ofSeconds(30));
  }

  static int store(ServiceUser user, Image image) throws Exception {
    Command response =
        user.store(
            Uid.CT_IMAGE_STORAGE,
            image.uid(),
            Uid.EXPLICIT_VR_LITTLE_ENDIAN,
            new ByteArrayInputStream(image.dataSet()));
    return response.status();
  }

  /** One association for all. @return the status of each */
  List<Integer> send(int port, Image... images) throws Exception {
    List<Integer> statuses = new java.util.ArrayList<>();
    try (ServiceUser user = connect(port, "RTHPACS")) {
      for (Image image : images) {
        statuses.add(store(user, image));
      }
    }
    return statuses;
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
