package org.isocentre.dicom.dimse;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.isocentre.dicom.association.AssociationException;
import org.isocentre.dicom.association.AssociationRequestor.Proposal;
import org.isocentre.dicom.association.PresentationContext;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The C-STORE sub-operations of one C-MOVE or C-GET (PS3.4 §C.4.2.3.1, §C.4.3.3.1). Every object is
 * counted exactly once: completed, with a warning, failed, or remaining when cancelled. As many are
 * under way as the association's window takes.
 */
final class SubOperations {
  private static final Logger LOG = LoggerFactory.getLogger(SubOperations.class);
  private final RetrieveHandler.Retrieval retrieval;
  private final Cancellation cancelled;
  private final Consumer<Progress> pending;
  private final Deque<UnderWay> underWay = new ArrayDeque<>();
  private final List<String> failed = new ArrayList<>();
  private int completed;
  private int warning;

  /** Promised by the count, and not among the objects. */
  private int missing;

  private record UnderWay(
      ServiceUser user, String sopInstanceUid, CompletableFuture<Command> response) {}

  /**
   * How it ended.
   *
   * @param failedUids Failed SOP Instance UID List (0008,0058)
   */
  record Outcome(int status, String comment, Progress progress, List<String> failedUids) {
    /** The data set of the final response, or null where nothing failed. */
    DataSet failedList() {
      return failedUids.isEmpty()
          ? null
          : new DataSet().set(Tag.FailedSOPInstanceUIDList, failedUids.toArray(String[]::new));
    }
  }

  /** Where the objects go. */
  interface Target {
    /**
     * An association that has accepted a context for the object as it is or in a lossless
     * alternative.
     *
     * @param following the object and some that come after it, to associate once for all
     * @throws AssociationException if there is no association
     */
    ServiceUser user(List<StoredObject> following);

    /** The request of one sub-operation. */
    Command request(int messageId, StoredObject object);

    /** A sub-operation was answered, with whatever status. */
    default void answered() {}

    /**
     * An association ended before the answer to a sub-operation, or could not be made.
     *
     * @param user on which the sub-operation was, or null
     */
    default void lost(ServiceUser user, AssociationException cause) {}

    /** Whether a data set that breaks off would take more than itself with it. */
    default boolean isShared() {
      return false;
    }

    /** After the last. */
    void close();
  }

  SubOperations(
      RetrieveHandler.Retrieval retrieval, Cancellation cancelled, Consumer<Progress> pending) {
    this.retrieval = retrieval;
    this.cancelled = cancelled;
    this.pending = pending;
  }

  Outcome run(Target target) {
    Lookahead objects = new Lookahead(retrieval.objects());
    String trouble = null;
    try {
      while (!cancelled.isCancelled() && objects.hasNext()) {
        List<StoredObject> following = objects.view();
        StoredObject object = objects.next();
        ServiceUser user = null;
        try {
          user = target.user(following);
          begin(target, user, object);
        } catch (AssociationException e) {
          trouble = unreachable(e);
          target.lost(user, e);
          fail(object.sopInstanceUid());
        }
        pending.accept(progress());
      }
      while (!underWay.isEmpty()) {
        settleOldest(target);
      }
    } finally {
      target.close();
    }
    return outcome(trouble);
  }

  private void begin(Target target, ServiceUser user, StoredObject object) {
    Optional<PresentationContext> context = context(user, object);
    if (context.isEmpty()) {
      LOG.warn(
          "Object {} cannot be sent to {}: no presentation context for SOP class {} in transfer syntax {} or {}",
          object.sopInstanceUid(),
          user.association(),
          object.sopClassUid(),
          object.transferSyntaxUid(),
          object.losslessAlternatives());
      fail(object.sopInstanceUid());
      return;
    }
    while (underWay.size() >= user.maxOperationsInvoked()) {
      settleOldest(target);
    }
    String syntax = context.get().transferSyntax();
    if (!syntax.equals(object.transferSyntaxUid())) {
      LOG.info(
          "Object {} is transcoded without loss from {} to {} for {}",
          object.sopInstanceUid(),
          object.transferSyntaxUid(),
          syntax,
          user.association());
    }
    try (InputStream in = opened(target, object, syntax)) {
      underWay.add(
          new UnderWay(
              user,
              object.sopInstanceUid(),
              user.storing(context.get(), id -> target.request(id, object), in)));
    } catch (AssociationException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      LOG.warn("Object {} cannot be read, or not be transcoded", object.sopInstanceUid(), e);
      fail(object.sopInstanceUid());
    }
    if (user.maxOperationsInvoked() == 1) {
      settleOldest(target);
    }
  }

  /**
   * The data set. If it is transcoded on the way, and the association carries more than it, it is
   * read once before: a frame that is corrupt is then this object's failure alone.
   */
  private static InputStream opened(Target target, StoredObject object, String syntax)
      throws IOException {
    if (target.isShared() && !syntax.equals(object.transferSyntaxUid())) {
      try (InputStream trial = object.openDataSet(syntax)) {
        trial.transferTo(OutputStream.nullOutputStream());
      }
    }
    return object.openDataSet(syntax);
  }

  private static Optional<PresentationContext> context(ServiceUser user, StoredObject object) {
    Optional<PresentationContext> own =
        user.context(object.sopClassUid(), object.transferSyntaxUid());
    if (own.isPresent()) {
      return own;
    }
    return object.losslessAlternatives().stream()
        .flatMap(syntax -> user.context(object.sopClassUid(), syntax).stream())
        .findFirst();
  }

  private void settleOldest(Target target) {
    UnderWay oldest = underWay.poll();
    if (oldest == null) {
      return;
    }
    try {
      int status = oldest.response().join().status();
      target.answered();
      if (Status.isSuccess(status)) {
        completed++;
      } else if (Status.isWarning(status)) {
        warning++;
      } else {
        LOG.warn("Object {} was refused with {}", oldest.sopInstanceUid(), Status.text(status));
        fail(oldest.sopInstanceUid());
      }
    } catch (CompletionException e) {
      LOG.warn("Object {} was not answered: {}", oldest.sopInstanceUid(), e.getMessage());
      if (e.getCause() instanceof AssociationException lost) {
        target.lost(oldest.user(), lost);
      }
      fail(oldest.sopInstanceUid());
    }
  }

  private String unreachable(AssociationException e) {
    LOG.warn("{}: {}", retrieval.destination(), e.getMessage());
    return "destination: " + e.kind().name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
  }

  private void fail(String sopInstanceUid) {
    failed.add(sopInstanceUid);
  }

  private Progress progress() {
    int notSent = failed.size() + missing;
    int done = completed + notSent + warning;
    return new Progress(Math.max(retrieval.count() - done, 0), completed, notSent, warning);
  }

  private Outcome outcome(String trouble) {
    Progress progress = progress();
    if (cancelled.isCancelled() && progress.remaining() > 0) {
      return new Outcome(Status.CANCEL, null, progress, failed);
    }
    if (progress.remaining() > 0) {
      LOG.warn("{} of {} objects were not found", progress.remaining(), retrieval.count());
      missing = progress.remaining();
      progress = progress();
    }
    if (progress.failed() == 0) {
      int status = warning > 0 ? Status.SUB_OPERATIONS_WITH_FAILURES : Status.SUCCESS;
      return new Outcome(status, null, progress, failed);
    }
    boolean none = completed + warning == 0;
    return new Outcome(
        none ? Status.UNABLE_TO_PERFORM_SUB_OPERATIONS : Status.SUB_OPERATIONS_WITH_FAILURES,
        trouble,
        progress,
        failed);
  }

  /** The objects, with a view of some that are still to come. */
  private static final class Lookahead {
    private static final int DEPTH = 256;
    private final Iterator<StoredObject> source;
    private final Deque<StoredObject> ahead = new ArrayDeque<>();

    Lookahead(Iterator<StoredObject> source) {
      this.source = source;
    }

    boolean hasNext() {
      if (ahead.isEmpty()) {
        while (ahead.size() < DEPTH && source.hasNext()) {
          ahead.add(source.next());
        }
      }
      return !ahead.isEmpty();
    }

    List<StoredObject> view() {
      return List.copyOf(ahead);
    }

    StoredObject next() {
      return ahead.remove();
    }
  }

  /** C-GET: back on the association that asked (PS3.4 §C.4.3.3.1). */
  record ToRequestor(ServiceUser requestor) implements Target {
    @Override
    public ServiceUser user(List<StoredObject> following) {
      return requestor;
    }

    @Override
    public boolean isShared() {
      return true;
    }

    @Override
    public Command request(int messageId, StoredObject object) {
      return Command.storeRequest(messageId, object.sopClassUid(), object.sopInstanceUid());
    }

    @Override
    public void close() {
      // The requestor releases it.
    }
  }

  /**
   * C-MOVE: on an association of its own with the destination, which proposes each object's own
   * transfer syntax and its lossless alternatives (PS3.4 §C.4.2.3.1). Made anew when it broke or
   * when a SOP class comes that it does not propose; given up when three in a row could not be made
   * or broke without an answer.
   */
  static final class ToDestination implements Target {
    private static final int MAX_CONTEXTS = 128;
    private static final int MAX_FAILURES = 3;
    private final MoveSender sender;
    private final RetrieveHandler.Destination destination;
    private final String callingAet;
    private final String originator;
    private final int originatorMessageId;
    private ServiceUser user;
    private Set<Proposal> proposed = Set.of();
    private AssociationException lastFailure;
    private int failures;

    ToDestination(
        MoveSender sender,
        RetrieveHandler.Destination destination,
        String callingAet,
        String originator,
        int originatorMessageId) {
      this.sender = sender;
      this.destination = destination;
      this.callingAet = callingAet;
      this.originator = originator;
      this.originatorMessageId = originatorMessageId;
    }

    @Override
    public ServiceUser user(List<StoredObject> following) {
      Set<Proposal> needed = proposals(following.subList(0, 1));
      if (user != null && user.isOpen() && proposed.containsAll(needed)) {
        return user;
      }
      if (failures >= MAX_FAILURES) {
        throw lastFailure.again();
      }
      close();
      List<Proposal> all = proposals(following).stream().limit(MAX_CONTEXTS).toList();
      try {
        user = sender.connect(destination, callingAet, all);
        proposed = Set.copyOf(all);
        return user;
      } catch (AssociationException e) {
        failed(e);
        throw e;
      }
    }

    private void failed(AssociationException e) {
      lastFailure = e;
      failures++;
    }

    @Override
    public void answered() {
      failures = 0;
    }

    @Override
    public void lost(ServiceUser of, AssociationException cause) {
      if (user != null && user == of) {
        close();
        failed(cause);
      }
    }

    private static Set<Proposal> proposals(List<StoredObject> objects) {
      Map<String, Set<String>> syntaxes = new LinkedHashMap<>();
      for (StoredObject object : objects) {
        Set<String> of = syntaxes.computeIfAbsent(object.sopClassUid(), k -> new LinkedHashSet<>());
        of.add(object.transferSyntaxUid());
        of.addAll(object.losslessAlternatives());
      }
      Set<Proposal> proposals = new LinkedHashSet<>();
      syntaxes.forEach(
          (sopClass, of) -> of.forEach(s -> proposals.add(new Proposal(sopClass, List.of(s)))));
      return proposals;
    }

    @Override
    public Command request(int messageId, StoredObject object) {
      return Command.storeRequest(
          messageId,
          object.sopClassUid(),
          object.sopInstanceUid(),
          originator,
          originatorMessageId);
    }

    @Override
    public void close() {
      if (user != null) {
        user.close();
        user = null;
      }
    }
  }
}
