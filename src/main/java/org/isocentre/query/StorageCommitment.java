package org.isocentre.query;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.dimse.DimseStatusException;
import org.isocentre.dicom.dimse.NormalizedHandler;
import org.isocentre.dicom.dimse.NormalizedRequest;
import org.isocentre.dicom.dimse.NormalizedResponse;
import org.isocentre.dicom.dimse.Status;
import org.isocentre.exchange.TransferCommitment;
import org.isocentre.index.CommitmentIndex;
import org.isocentre.index.CommitmentIndex.Commitment;
import org.isocentre.index.CommitmentIndex.Item;
import org.isocentre.index.CommitmentIndex.Side;
import org.isocentre.index.StudyIndex;
import org.isocentre.model.Instance;
import org.isocentre.store.ObjectStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Storage Commitment Push Model (PS3.4 §J.3), both roles. As SCP it commits objects of the calling
 * trust that are in the index under the SOP class named and whose bytes are in the store, whole; as
 * SCU it notes what others commit to.
 */
public final class StorageCommitment implements NormalizedHandler {
  private static final int MAX_OBJECTS = 50_000;
  private static final int LOOK_UP = 500;
  private static final int MAX_RETOLD = 100;
  private static final Logger LOG = LoggerFactory.getLogger(StorageCommitment.class);

  private final CommitmentIndex index;
  private final StudyIndex studies;
  private final ObjectStore store;
  private final CallingTrust trusts;
  private final CommitmentReporter reporter;
  private final TransferCommitment transfers;
  private final Patience patience;
  private final Clock clock;

  /**
   * How long a request is worked on.
   *
   * @param filing after the request, an object that the index does not know may still come: it may
   *     be stored and wait to be filed
   * @param retelling before a result that the peer did not take is told again
   * @param keeping after the request, the result is told again; later only if the peer asks for
   *     something
   */
  public record Patience(Duration filing, Duration retelling, Duration keeping) {}

  /**
   * @param transfers is told what others commit to
   */
  public StorageCommitment(
      CommitmentIndex index,
      StudyIndex studies,
      ObjectStore store,
      CallingTrust trusts,
      CommitmentReporter reporter,
      TransferCommitment transfers,
      Patience patience,
      Clock clock) {
    this.index = index;
    this.studies = studies;
    this.store = store;
    this.trusts = trusts;
    this.reporter = reporter;
    this.transfers = transfers;
    this.patience = patience;
    this.clock = clock;
  }

  @Override
  public NormalizedResponse handle(NormalizedRequest request) {
    return switch (request.operation()) {
      case N_ACTION -> action(request);
      case N_EVENT_REPORT -> event(request);
      default ->
          throw new DimseStatusException(
              Status.UNRECOGNIZED_OPERATION, "ISO-QUERY-031: not an operation of this SOP class");
    };
  }

  private NormalizedResponse action(NormalizedRequest request) {
    String organisation = trusts.of(request.peer());
    if (request.typeId() != 1) {
      throw new DimseStatusException(
          Status.NO_SUCH_ACTION, "ISO-QUERY-040: Action Type ID must be 1");
    }
    RequiredAttributes.check(request.dataSet(), Tag.TransactionUID, Tag.ReferencedSOPSequence);
    List<Item> items = items(request.dataSet(), Tag.ReferencedSOPSequence);
    UUID id =
        index.open(
            Side.PROVIDER,
            request.dataSet().string(Tag.TransactionUID),
            request.callingAeTitle(),
            organisation,
            null,
            items);
    trusts.note(
        request.peer(),
        organisation,
        "E",
        "storage-commitment",
        "ImagingStudy",
        true,
        items.size() + " objects");
    reporter.requested(id, request.peer().associationId());
    // It is there now, and takes results on this association: what it missed comes with it.
    index
        .untoldOf(request.callingAeTitle(), again(), MAX_RETOLD)
        .forEach(missed -> reporter.requested(missed, request.peer().associationId()));
    return NormalizedResponse.SUCCESS;
  }

  private Instant again() {
    return clock.instant().plus(patience.retelling());
  }

  /** Each object once. */
  private static List<Item> items(DataSet set, int sequence) {
    Map<String, Item> items = new LinkedHashMap<>();
    for (DataSet item : set.items(sequence)) {
      RequiredAttributes.check(item, Tag.ReferencedSOPClassUID, Tag.ReferencedSOPInstanceUID);
      String uid = item.string(Tag.ReferencedSOPInstanceUID);
      boolean failed = sequence == Tag.FailedSOPSequence;
      Integer reason = failed ? item.integer(Tag.FailureReason) : null;
      items.put(
          uid,
          new Item(
              item.string(Tag.ReferencedSOPClassUID),
              uid,
              failed && reason == null ? Integer.valueOf(Status.PROCESSING_FAILURE) : reason));
      if (items.size() > MAX_OBJECTS) {
        throw new DimseStatusException(
            Status.RESOURCE_LIMITATION, "ISO-QUERY-041: more than 50000 objects in one request");
      }
    }
    return List.copyOf(items.values());
  }

  /**
   * What is committed now.
   *
   * @return nothing if there is no such open request, or while an object is not known but may still
   *     be filed: ask again
   */
  public Optional<CommitmentResult> result(UUID commitmentId) {
    Optional<Commitment> open =
        index
            .find(commitmentId)
            .filter(c -> c.side() == Side.PROVIDER && c.state() == CommitmentIndex.State.OPEN);
    if (open.isEmpty()) {
      return Optional.empty();
    }
    Commitment commitment = open.get();
    List<Item> checked = check(commitment.custodian(), index.items(commitmentId));
    boolean mayCome =
        clock.instant().isBefore(commitment.createdAt().plus(patience.filing()))
            && checked.stream()
                .anyMatch(
                    i -> Integer.valueOf(Status.NO_SUCH_SOP_INSTANCE).equals(i.failureReason()));
    return mayCome
        ? Optional.empty()
        : Optional.of(
            new CommitmentResult(commitment.peerAeTitle(), commitment.transactionUid(), checked));
  }

  private List<Item> check(String custodian, List<Item> items) {
    List<Item> checked = new ArrayList<>(items.size());
    for (int from = 0; from < items.size(); from += LOOK_UP) {
      List<Item> some = items.subList(from, Math.min(items.size(), from + LOOK_UP));
      Map<String, Instance> known = new HashMap<>();
      studies
          .instances(custodian, some.stream().map(Item::sopInstanceUid).toList())
          .forEach(i -> known.put(i.sopInstanceUid(), i));
      for (Item item : some) {
        checked.add(
            new Item(
                item.sopClassUid(),
                item.sopInstanceUid(),
                failure(item, known.get(item.sopInstanceUid()))));
      }
    }
    return checked;
  }

  /** Failure Reason (PS3.3 §C.14.1.1), or null where the object is safe. */
  private Integer failure(Item item, Instance instance) {
    if (instance == null) {
      return Status.NO_SUCH_SOP_INSTANCE;
    }
    if (!instance.sopClassUid().equals(item.sopClassUid())) {
      return Status.CLASS_INSTANCE_CONFLICT;
    }
    try {
      boolean whole =
          store.exists(instance.objectKey())
              && store.size(instance.objectKey()) == instance.size()
              && instance.sha256() != null;
      return whole ? null : Integer.valueOf(Status.PROCESSING_FAILURE);
    } catch (IOException e) {
      LOG.warn(
          "ISO-QUERY-042: object {} could not be looked at for storage commitment; check the store",
          instance.objectKey(),
          e);
      return Status.PROCESSING_FAILURE;
    }
  }

  /** Whether a result is still to be told. */
  public boolean isOpen(UUID commitmentId) {
    return index
        .find(commitmentId)
        .filter(c -> c.side() == Side.PROVIDER && c.state() == CommitmentIndex.State.OPEN)
        .isPresent();
  }

  /** The peer has confirmed the result. */
  public void reported(UUID commitmentId, CommitmentResult result) {
    index.close(commitmentId, result.items());
  }

  /**
   * The result could not be told. It is told again later, and when the peer asks for commitment of
   * something else.
   *
   * @return false if that was long ago: only the peer can bring it up again
   */
  public boolean untold(UUID commitmentId) {
    index.tellAfter(commitmentId, again());
    return index.find(commitmentId).filter(c -> c.createdAt().isAfter(oldest())).isPresent();
  }

  /** Requests whose result could not be told and is to be told again now. */
  public List<UUID> toRetell() {
    return index.untold(clock.instant(), oldest(), again(), MAX_RETOLD);
  }

  private Instant oldest() {
    return clock.instant().minus(patience.keeping());
  }

  /**
   * Notes that a peer is about to be asked to commit to objects that a transfer brought to it.
   *
   * @param objects at least one, all of one custodian
   * @return Action Information of the N-ACTION-RQ to send it, action type 1
   */
  public DataSet ask(String peerAeTitle, UUID transferId, List<Instance> objects) {
    String transactionUid = Uid.random();
    List<Item> items =
        objects.stream().map(i -> new Item(i.sopClassUid(), i.sopInstanceUid(), null)).toList();
    index.open(
        Side.USER, transactionUid, peerAeTitle, objects.get(0).custodian(), transferId, items);
    return CommitmentResult.request(transactionUid, items);
  }

  private NormalizedResponse event(NormalizedRequest request) {
    if (request.typeId() != CommitmentResult.SUCCESSFUL
        && request.typeId() != CommitmentResult.FAILURES_EXIST) {
      throw new DimseStatusException(
          Status.NO_SUCH_EVENT_TYPE, "ISO-QUERY-043: Event Type ID must be 1 or 2");
    }
    DataSet set = request.dataSet();
    RequiredAttributes.check(set, Tag.TransactionUID);
    Commitment commitment =
        index
            .asked(set.string(Tag.TransactionUID), peers(request))
            .orElseThrow(
                () ->
                    new DimseStatusException(
                        Status.PROCESSING_FAILURE,
                        "ISO-QUERY-044: this was not asked of this peer"));
    List<Item> results = new ArrayList<>(items(set, Tag.ReferencedSOPSequence));
    results.addAll(items(set, Tag.FailedSOPSequence));
    // The transfer first: should this fail, the peer is told so and tells it again.
    if (commitment.transferId() != null) {
      transfers.told(commitment.transferId(), results);
    }
    index.close(commitment.id(), results);
    return NormalizedResponse.SUCCESS;
  }

  /**
   * Who may answer: some archives report under another AE title than was asked. On the hub's own
   * association the peer is the called AE.
   */
  private List<String> peers(NormalizedRequest request) {
    List<String> peers = new ArrayList<>(trusts.siblings(request.callingAeTitle()));
    peers.addAll(trusts.siblings(request.calledAeTitle()));
    return peers;
  }
}
