package org.isocentre.camel.dicom;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.isocentre.dicom.association.Association;
import org.isocentre.dicom.dimse.DataSetSink;
import org.isocentre.dicom.dimse.DimseSettings;
import org.isocentre.dicom.dimse.MoveSender;
import org.isocentre.dicom.dimse.NormalizedHandler;
import org.isocentre.dicom.dimse.NormalizedRequest.Operation;
import org.isocentre.dicom.dimse.QueryHandler;
import org.isocentre.dicom.dimse.RetrieveHandler;
import org.isocentre.dicom.dimse.ServiceSopClass;
import org.isocentre.dicom.dimse.ServiceUser;
import org.isocentre.dicom.dimse.Services;
import org.isocentre.dicom.dimse.StorageHandler;

/** What the consumers of one AE title that a caller may use offer together. */
final class ConsumerServices implements Services {
  private final DicomComponent component;
  private final List<DicomConsumer> consumers;

  ConsumerServices(DicomComponent component, List<DicomConsumer> consumers) {
    this.component = component;
    this.consumers = consumers;
  }

  boolean offers(String sopClassUid) {
    return consumers.stream()
        .flatMap(c -> c.sopClasses().values().stream())
        .anyMatch(offered -> offered.contains(sopClassUid));
  }

  private boolean offers(DicomOperation operation) {
    return consumers.stream().anyMatch(c -> c.sopClasses().containsKey(operation));
  }

  /**
   * A requestor may be asked to store within a C-GET, and may tell what became of a Storage
   * Commitment that was asked of it from here.
   */
  boolean mayBeProvider(String sopClassUid) {
    return ServiceSopClass.STORAGE_COMMITMENT_PUSH_MODEL.equals(sopClassUid)
        ? offers(DicomOperation.COMMIT)
        : offers(DicomOperation.GET);
  }

  /** Answers to extended negotiation, by SOP class. */
  Map<String, byte[]> queryOptions() {
    Map<String, byte[]> options = new HashMap<>();
    for (DicomConsumer consumer : consumers) {
      consumer
          .sopClasses()
          .forEach(
              (operation, sopClasses) -> {
                byte[] switches =
                    consumer.getEndpoint().getConfiguration().extendedNegotiation(operation);
                if (switches != null) {
                  sopClasses.forEach(uid -> options.put(uid, switches));
                }
              });
    }
    return options;
  }

  /** Certificate names by calling AE title; all consumers of an AE title have the same. */
  Map<String, List<String>> boundNames() {
    return consumers.get(0).getEndpoint().getConfiguration().boundNames();
  }

  /** Verifies user identities, or null; all consumers of an AE title have the same. */
  DicomConfiguration identities() {
    DicomConfiguration any = consumers.get(0).getEndpoint().getConfiguration();
    return any.getUserIdentityVerifier() == null ? null : any;
  }

  List<String> transferSyntaxes() {
    List<String> preferred = new ArrayList<>();
    consumers.forEach(
        c ->
            preferred.addAll(
                DicomConfiguration.list(c.getEndpoint().getConfiguration().getTransferSyntaxes())));
    return preferred;
  }

  /** The largest limits of all: they share the association. */
  DimseSettings dimseSettings() {
    DicomConfiguration largest = consumers.get(0).getEndpoint().getConfiguration().copy();
    for (DicomConsumer consumer : consumers) {
      DicomConfiguration one = consumer.getEndpoint().getConfiguration();
      largest.setMaxQueryBytes(Math.max(largest.getMaxQueryBytes(), one.getMaxQueryBytes()));
      if (one.getResponseTimeout().compareTo(largest.getResponseTimeout()) > 0) {
        largest.setResponseTimeout(one.getResponseTimeout());
      }
    }
    return largest.dimseSettings();
  }

  private DicomConsumer offering(String sopClassUid, DicomOperation... operations) {
    for (DicomConsumer consumer : consumers) {
      for (DicomOperation operation : operations) {
        if (consumer
            .sopClasses()
            .getOrDefault(operation, java.util.Set.of())
            .contains(sopClassUid)) {
          return consumer;
        }
      }
    }
    return null;
  }

  @Override
  public DataSetSink.Factory sinks(String sopClassUid) {
    return offering(sopClassUid, DicomOperation.STORE).stores().sinks();
  }

  @Override
  public StorageHandler storage(String sopClassUid) {
    DicomConsumer consumer = offering(sopClassUid, DicomOperation.STORE);
    return consumer == null ? null : consumer.stores();
  }

  @Override
  public QueryHandler query(String sopClassUid) {
    return requests(offering(sopClassUid, DicomOperation.FIND, DicomOperation.WORKLIST));
  }

  @Override
  public RetrieveHandler retrieve(String sopClassUid, boolean move) {
    return requests(offering(sopClassUid, move ? DicomOperation.MOVE : DicomOperation.GET));
  }

  private static RequestExchanges requests(DicomConsumer consumer) {
    return consumer == null ? null : consumer.requests();
  }

  @Override
  public MoveSender mover() {
    DicomEndpoint endpoint =
        consumers.stream()
            .filter(c -> c.sopClasses().containsKey(DicomOperation.MOVE))
            .findFirst()
            .orElse(consumers.get(0))
            .getEndpoint();
    return (destination, callingAet, proposals) ->
        endpoint.associate(
            new DicomAddress(destination.aeTitle(), destination.host(), destination.port()),
            callingAet,
            destination.tls(),
            proposals,
            List.of(),
            Services.NONE);
  }

  @Override
  public NormalizedHandler normalized(String sopClassUid, Operation operation) {
    DicomOperation wanted =
        switch (operation) {
          case N_ACTION, N_EVENT_REPORT -> DicomOperation.COMMIT;
          case N_CREATE ->
              ServiceSopClass.INSTANCE_AVAILABILITY_NOTIFICATION.equals(sopClassUid)
                  ? DicomOperation.IAN
                  : DicomOperation.MPPS;
          case N_SET, N_GET -> DicomOperation.MPPS;
          case N_DELETE -> null;
        };
    return wanted == null ? null : requests(offering(sopClassUid, wanted));
  }

  @Override
  public void begun(ServiceUser peer) {
    if (offers(ServiceSopClass.STORAGE_COMMITMENT_PUSH_MODEL)) {
      component.begun(peer);
    }
  }

  @Override
  public void ended(Association association) {
    consumers.forEach(c -> c.stores().ended(association));
    component.ended(association);
  }
}
