package org.isocentre.dicom.dimse;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.isocentre.dicom.association.AssociationException;
import org.isocentre.dicom.association.AssociationRequestor;
import org.isocentre.dicom.association.AssociationSettings;
import org.isocentre.dicom.association.TlsSettings;

/** Services of the tests: takes objects with the status that is set for each, and gives them. */
public class Archive implements Services {
  public final Map<String, byte[]> received = new ConcurrentHashMap<>();
  public final Map<String, String> syntaxes = new ConcurrentHashMap<>();
  public final Map<String, Integer> statuses = new ConcurrentHashMap<>();
  public final AtomicInteger connects = new AtomicInteger();
  public List<? extends StoredObject> objects = List.of();
  public final List<OptionalInt> endings = new CopyOnWriteArrayList<>();
  public Runnable beforeStore = () -> {};
  public int missing;
  public int destinationPort;
  public int moverWindow = 1;
  public Loopback loopback;
  public TlsSettings tls;
  public DimseSettings moverSettings = Loopback.SETTINGS;

  @Override
  public DataSetSink.Factory sinks(String sopClassUid) {
    return SpoolSink.factory(1 << 20, null);
  }

  @Override
  public StorageHandler storage(String sopClassUid) {
    return (association, object) -> {
      beforeStore.run();
      String uid = object.info().sopInstanceUid();
      try (var in = object.openDataSet()) {
        received.put(uid, in.readAllBytes());
        syntaxes.put(uid, object.info().transferSyntaxUid());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return new StorageHandler.Result(statuses.getOrDefault(uid, 0), null);
    };
  }

  @Override
  public RetrieveHandler retrieve(String sopClassUid, boolean move) {
    return request -> {
      if ("NOBODY".equals(request.moveDestination())) {
        throw new DimseStatusException(Status.MOVE_DESTINATION_UNKNOWN, "not in the directory");
      }
      List<StoredObject> all = List.copyOf(objects);
      return new RetrieveHandler.Retrieval(
          request.moveDestination() == null
              ? null
              : new RetrieveHandler.Destination(
                  request.moveDestination(), "127.0.0.1", destinationPort),
          all.size() + missing,
          all.iterator(),
          endings::add);
    };
  }

  @Override
  public MoveSender mover() {
    return (destination, callingAet, proposals) -> {
      connects.incrementAndGet();
      if (destination.port() == 0) {
        throw new AssociationException(AssociationException.Kind.CONNECT, "nobody is there");
      }
      AssociationRequestor requestor =
          new AssociationRequestor(
              loopback.loops, AssociationSettings.DEFAULT.withOperations(moverWindow, 1), tls);
      return ServiceUser.connect(
          handler ->
              requestor.connect(
                  destination.host(),
                  destination.port(),
                  callingAet,
                  destination.aeTitle(),
                  proposals,
                  handler),
          loopback.workers,
          Services.NONE,
          moverSettings);
    };
  }
}
