package org.isocentre.dicom.dimse;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import org.isocentre.dicom.association.Association;
import org.isocentre.dicom.association.AssociationException;
import org.isocentre.dicom.association.AssociationException.Kind;
import org.isocentre.dicom.association.AssociationRequestor;
import org.isocentre.dicom.association.PresentationContext;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.Uid;

/**
 * The service class user's end of one association: C-ECHO, C-STORE, C-FIND, C-MOVE, C-GET (PS3.7
 * §9.1) and DIMSE-N (§10.1). May be used by several threads; as many operations are under way at
 * once as the asynchronous operations window takes, others wait their turn.
 */
public final class ServiceUser implements AutoCloseable {
  private final DimseChannel channel;

  private ServiceUser(DimseChannel channel) {
    this.channel = channel;
  }

  /** On an association that the peer made: C-GET sub-operations, N-EVENT-REPORT. */
  static ServiceUser on(DimseChannel channel) {
    return new ServiceUser(channel);
  }

  /**
   * Associates, and refuses whatever the peer should ask.
   *
   * @throws AssociationException of the kind that tells why there is no association
   */
  public static ServiceUser connect(
      AssociationRequestor requestor,
      String host,
      int port,
      String callingAet,
      String calledAet,
      List<AssociationRequestor.Proposal> proposals,
      Duration responseTimeout) {
    return connect(
        handler -> requestor.connect(host, port, callingAet, calledAet, proposals, handler),
        ForkJoinPool.commonPool(),
        Services.NONE,
        DimseSettings.DEFAULT.withResponseTimeout(responseTimeout));
  }

  /** Makes the association; {@link AssociationRequestor} does. */
  @FunctionalInterface
  public interface Connector {
    Association connect(org.isocentre.dicom.association.AssociationHandler handler);
  }

  /**
   * Associates.
   *
   * @param workers carries out what the peer asks: a task may wait
   * @param services what is done when the peer asks: C-STORE within a C-GET, N-EVENT-REPORT
   * @throws AssociationException of the kind that tells why there is no association
   */
  public static ServiceUser connect(
      Connector connector, Executor workers, Services services, DimseSettings settings) {
    DimseChannel channel =
        new DimseChannel(workers, ServiceProvider.requests(workers, services, settings), settings);
    connector.connect(channel);
    return new ServiceUser(channel);
  }

  public Association association() {
    return channel.association();
  }

  /** Operations that may be under way at once. */
  public int maxOperationsInvoked() {
    int limit = association().maxOperationsInvoked();
    return limit == 0 ? channel.settings().maxOperationsInvoked() : limit;
  }

  /** The accepted context for this SOP class and this very transfer syntax. */
  public Optional<PresentationContext> context(String sopClassUid, String transferSyntaxUid) {
    return find(
        c ->
            c.abstractSyntax().equals(sopClassUid) && c.transferSyntax().equals(transferSyntaxUid));
  }

  private Optional<PresentationContext> find(Predicate<PresentationContext> wanted) {
    return association().presentationContexts().stream()
        .filter(wanted.and(c -> association().mayBeScu(c.abstractSyntax())))
        .findFirst();
  }

  /** An N-EVENT-REPORT is the provider's to send, all else the user's (PS3.7 §10.1). */
  private PresentationContext context(NormalizedRequest request)
      throws NoPresentationContextException {
    if (request.operation() != NormalizedRequest.Operation.N_EVENT_REPORT) {
      return context(request.sopClassUid());
    }
    return association().presentationContexts().stream()
        .filter(c -> c.abstractSyntax().equals(request.sopClassUid()))
        .filter(c -> association().mayBeScp(c.abstractSyntax()))
        .findFirst()
        .orElseThrow(
            () ->
                new NoPresentationContextException(
                    association().calledAeTitle(), request.sopClassUid(), null));
  }

  private PresentationContext context(String sopClassUid) throws NoPresentationContextException {
    return find(c -> c.abstractSyntax().equals(sopClassUid))
        .orElseThrow(
            () ->
                new NoPresentationContextException(
                    association().calledAeTitle(), sopClassUid, null));
  }

  /** C-ECHO. @return the response's status */
  public int echo() throws NoPresentationContextException {
    Answer answer = new Answer();
    invoke(
        context(Uid.VERIFICATION), id -> Command.echoRequest(id, Uid.VERIFICATION), null, answer);
    return await(answer.last).command().status();
  }

  /**
   * C-STORE of one data set, bit for bit in its own transfer syntax. The data set is never held
   * whole.
   *
   * @param dataSet first byte after the File Meta Information; read to its end
   * @return the response, whatever its status
   * @throws AssociationException if the association ended before the response; whether the peer has
   *     the object is then not known
   */
  public Command store(
      String sopClassUid, String sopInstanceUid, String transferSyntaxUid, InputStream dataSet)
      throws IOException, NoPresentationContextException {
    return await(storing(sopClassUid, sopInstanceUid, transferSyntaxUid, dataSet));
  }

  /**
   * The same, but returns when the object is sent: the next may follow while the peer still works
   * on this one, as far as the asynchronous operations window goes (PS3.7 §D.3.3.3).
   *
   * @return the response to be; ends with an {@link AssociationException} if there will be none
   */
  public CompletableFuture<Command> storing(
      String sopClassUid, String sopInstanceUid, String transferSyntaxUid, InputStream dataSet)
      throws IOException, NoPresentationContextException {
    PresentationContext context =
        context(sopClassUid, transferSyntaxUid)
            .orElseThrow(
                () ->
                    new NoPresentationContextException(
                        association().calledAeTitle(), sopClassUid, transferSyntaxUid));
    return storing(context, id -> Command.storeRequest(id, sopClassUid, sopInstanceUid), dataSet);
  }

  CompletableFuture<Command> storing(
      PresentationContext context, IntFunction<Command> request, InputStream dataSet)
      throws IOException {
    Answer answer = new Answer();
    channel.invoke(context, request, dataSet, answer);
    return answer
        .last
        .thenApply(Received::command)
        .orTimeout(channel.settings().responseTimeout().toMillis(), TimeUnit.MILLISECONDS)
        .exceptionallyCompose(e -> CompletableFuture.failedFuture(lost(e)));
  }

  /**
   * C-FIND. Matches come as they are asked for; closing them early cancels the query.
   *
   * @param identifier matching and return keys (PS3.4 §C.4.1.1.3); {@code next()} fails with {@link
   *     DimseStatusException} where the peer ends with a failure
   */
  public Matches find(String sopClassUid, DataSet identifier)
      throws NoPresentationContextException {
    PresentationContext context = context(sopClassUid);
    FoundMatches matches = new FoundMatches(channel, context);
    matches.messageId(
        invoke(
            context, id -> Command.findRequest(id, sopClassUid), identifier, matches.responses()));
    return matches;
  }

  /** Is told of each pending response of a C-MOVE or C-GET. */
  @FunctionalInterface
  public interface Watch {
    /**
     * @return false to cancel (C-CANCEL); the operation still ends with a response
     */
    boolean goOn(Progress progress);

    /** Lets it run. */
    Watch PATIENT = progress -> true;
  }

  /**
   * How a C-MOVE or C-GET ended.
   *
   * @param status of the last response, such as 0000, B000 or FE00
   * @param failedSopInstanceUids that the peer named
   */
  public record Retrieved(
      int status, String comment, Progress progress, List<String> failedSopInstanceUids) {}

  /** C-MOVE to {@code destination}; waits for the last response. */
  public Retrieved move(String sopClassUid, DataSet identifier, String destination, Watch watch)
      throws NoPresentationContextException {
    return retrieve(
        context(sopClassUid),
        id -> Command.moveRequest(id, sopClassUid, destination),
        identifier,
        watch);
  }

  /**
   * C-GET; the objects come to the {@link Services#storage} that this end was made with. Waits for
   * the last response.
   */
  public Retrieved get(String sopClassUid, DataSet identifier, Watch watch)
      throws NoPresentationContextException {
    return retrieve(
        context(sopClassUid), id -> Command.getRequest(id, sopClassUid), identifier, watch);
  }

  private Retrieved retrieve(
      PresentationContext context, IntFunction<Command> request, DataSet identifier, Watch watch) {
    try (FoundMatches responses = new FoundMatches(channel, context)) {
      responses.messageId(invoke(context, request, identifier, responses.responses()));
      boolean cancelled = false;
      Received next = responses.take();
      while (Status.isPending(next.command().status())) {
        if (!cancelled && !watch.goOn(next.command().progress())) {
          cancelled = true;
          responses.cancel();
        }
        next = responses.take();
      }
      return retrieved(next);
    }
  }

  private static Retrieved retrieved(Received last) {
    Command response = last.command();
    return new Retrieved(
        response.status(),
        response.errorComment(),
        response.progress(),
        last.dataSet() == null ? List.of() : last.dataSet().strings(Tag.FailedSOPInstanceUIDList));
  }

  /** A DIMSE-N request. @return the response, whatever its status */
  public NormalizedResponse request(NormalizedRequest request)
      throws NoPresentationContextException {
    Answer answer = new Answer();
    invoke(
        context(request), id -> Command.normalizedRequest(id, request), request.dataSet(), answer);
    Received received = await(answer.last);
    return new NormalizedResponse(
        received.command().status(),
        received.command().errorComment(),
        received.command().sopInstanceUid(),
        received.dataSet());
  }

  private int invoke(
      PresentationContext context,
      IntFunction<Command> request,
      DataSet dataSet,
      DimseChannel.Responses responses) {
    try {
      return channel.invoke(context, request, DimseChannel.stream(dataSet, context), responses);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One response. */
  record Received(Command command, DataSet dataSet) {}

  /** Of an operation with one response. */
  private static final class Answer implements DimseChannel.Responses {
    private final CompletableFuture<Received> last = new CompletableFuture<>();

    @Override
    public void response(Command response, DataSet dataSet) {
      if (!Status.isPending(response.status())) {
        last.complete(new Received(response, dataSet));
      }
    }

    @Override
    public void failed(AssociationException cause) {
      last.completeExceptionally(cause);
    }
  }

  private <T> T await(CompletableFuture<T> answer) {
    try {
      return answer.get(channel.settings().responseTimeout().toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw lost(e).again();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      association().abort();
      throw new AssociationException(Kind.ABORTED, "interrupted while waiting for a response", e);
    }
  }

  private AssociationException lost(Throwable e) {
    Throwable cause = e;
    while (cause.getCause() != null && !(cause instanceof AssociationException)) {
      cause = cause.getCause();
    }
    return cause instanceof AssociationException known ? known : timeout(association(), channel);
  }

  static AssociationException timeout(Association association, DimseChannel channel) {
    association.abort();
    return new AssociationException(
        Kind.TIMEOUT,
        "no response from %s within %s; whether it did what was asked is not known"
            .formatted(association.calledAeTitle(), channel.settings().responseTimeout()));
  }

  public boolean isOpen() {
    return association().isOpen();
  }

  /** Releases the association. */
  @Override
  public void close() {
    if (association().isOpen()) {
      association().release();
    }
  }
}
