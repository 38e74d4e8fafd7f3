package org.isocentre.demo;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.isocentre.dicom.association.AssociationAcceptor;
import org.isocentre.dicom.association.AssociationPolicy.Decision;
import org.isocentre.dicom.association.AssociationRequestor;
import org.isocentre.dicom.association.AssociationSettings;
import org.isocentre.dicom.association.EventLoops;
import org.isocentre.dicom.association.Negotiation;
import org.isocentre.dicom.data.SopClass;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.dimse.DimseSettings;
import org.isocentre.dicom.dimse.DimseStatusException;
import org.isocentre.dicom.dimse.NoPresentationContextException;
import org.isocentre.dicom.dimse.ServiceProvider;
import org.isocentre.dicom.dimse.ServiceUser;
import org.isocentre.dicom.dimse.Services;
import org.isocentre.dicom.dimse.SpoolSink;
import org.isocentre.dicom.dimse.Status;
import org.isocentre.dicom.dimse.StorageHandler;

/** A trust's PACS: sends studies, and keeps the digest of each object that it was sent. */
final class SimulatedPacs implements AutoCloseable {
  private static final int MOST_OBJECTS = 100_000;
  private static final int IN_MEMORY = 1 << 20;
  private final String aeTitle;
  private final EventLoops loops = new EventLoops(1);
  private final ExecutorService workers =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "simulated-pacs");
            thread.setDaemon(true);
            return thread;
          });
  private final Map<String, String> received = new ConcurrentHashMap<>();
  private AssociationAcceptor acceptor;

  SimulatedPacs(String aeTitle) {
    this.aeTitle = aeTitle;
  }

  /** Listens on loopback and takes every storage SOP class in every transfer syntax. */
  void listen(int port) {
    acceptor =
        new AssociationAcceptor(
            loops,
            "127.0.0.1",
            port,
            AssociationSettings.DEFAULT,
            (request, remote) ->
                new Decision.Accept(
                    Negotiation.negotiate(
                        request.contexts(),
                        uid -> uid.equals(Uid.VERIFICATION) || SopClass.isStorage(uid),
                        syntax -> true,
                        List.of()),
                    ServiceProvider.handler(
                        workers,
                        Services.storage(
                            SpoolSink.factory(IN_MEMORY, null),
                            (association, object) -> {
                              keep(object.info().sopInstanceUid(), object);
                              return StorageHandler.Result.SUCCESS;
                            }),
                        DimseSettings.DEFAULT)));
  }

  private void keep(String sopInstanceUid, org.isocentre.dicom.dimse.ReceivedDataSet object) {
    if (received.size() >= MOST_OBJECTS) {
      throw new DimseStatusException(Status.OUT_OF_RESOURCES, "the simulated archive is full");
    }
    try (var in = object.openDataSet()) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byte[] buffer = new byte[8192];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(ByteBuffer.wrap(buffer, 0, n));
      }
      received.put(sopInstanceUid, HexFormat.of().formatHex(digest.digest()));
    } catch (IOException | NoSuchAlgorithmException e) {
      throw new DimseStatusException(Status.PROCESSING_FAILURE, e.getMessage());
    }
  }

  /** How many of these objects it has, bit for bit. */
  int has(PhantomStudy study) {
    int same = 0;
    for (PhantomStudy.Encoded object : study.objects()) {
      if (sha256(object.dataSet()).equals(received.get(object.sopInstanceUid()))) {
        same++;
      }
    }
    return same;
  }

  static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Sends a study over one association.
   *
   * @return how many objects were answered with 0000
   */
  int send(PhantomStudy study, int hubPort, String hubAeTitle)
      throws IOException, NoPresentationContextException {
    List<AssociationRequestor.Proposal> proposals =
        study.objects().stream()
            .map(PhantomStudy.Encoded::sopClassUid)
            .distinct()
            .map(
                uid ->
                    new AssociationRequestor.Proposal(uid, List.of(Uid.EXPLICIT_VR_LITTLE_ENDIAN)))
            .toList();
    int stored = 0;
    try (ServiceUser user =
        ServiceUser.connect(
            new AssociationRequestor(loops, AssociationSettings.DEFAULT),
            "127.0.0.1",
            hubPort,
            aeTitle,
            hubAeTitle,
            proposals,
            Duration.ofSeconds(60))) {
      for (PhantomStudy.Encoded object : study.objects()) {
        int status =
            user.store(
                    object.sopClassUid(),
                    object.sopInstanceUid(),
                    Uid.EXPLICIT_VR_LITTLE_ENDIAN,
                    new ByteArrayInputStream(object.dataSet()))
                .status();
        stored += Status.isSuccess(status) ? 1 : 0;
      }
    }
    return stored;
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
