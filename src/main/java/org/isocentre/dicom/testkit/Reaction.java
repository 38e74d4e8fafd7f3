package org.isocentre.dicom.testkit;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.isocentre.dicom.association.AssociationRequest;
import org.isocentre.dicom.association.AssociationRequestor.Proposal;
import org.isocentre.dicom.association.PresentationContext;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.dimse.Command;
import org.isocentre.dicom.dimse.NormalizedRequest;
import org.isocentre.dicom.dimse.Progress;
import org.isocentre.dicom.dimse.ServiceSopClass;
import org.isocentre.dicom.dimse.Status;
import org.isocentre.dicom.pdu.Pdu;

/**
 * What a {@link ScriptedScp} does with a request, right or wrong. Must not wait: what is to come
 * later is said with {@link #after} and {@link Conversation#after}.
 */
@FunctionalInterface
public interface Reaction {
  void to(Message request, Conversation conversation);

  /** The same, later. */
  default Reaction after(Duration delay) {
    return (request, conversation) -> conversation.after(delay, () -> to(request, conversation));
  }

  /** This, then that. */
  default Reaction then(Reaction next) {
    return (request, conversation) -> {
      to(request, conversation);
      next.to(request, conversation);
    };
  }

  /** One response without a data set. */
  static Reaction status(int status) {
    return with(status, null);
  }

  /** One response. @param dataSet null for none */
  static Reaction with(int status, DataSet dataSet) {
    return (request, conversation) ->
        conversation.send(
            request.context(), request.command().response(status, null, dataSet != null), dataSet);
  }

  /** C-FIND: each match pending, then the final status. */
  static Reaction matches(List<DataSet> matches, int status) {
    return matches.stream()
        .map(match -> with(Status.PENDING, match))
        .reduce(silence(), Reaction::then)
        .then(status(status));
  }

  /** C-MOVE or C-GET: one response with such counts, true or not. */
  static Reaction progress(int status, Progress counts) {
    return (request, conversation) ->
        conversation.send(
            request.context(), request.command().response(status, null, counts, false), null);
  }

  /** No response at all. */
  static Reaction silence() {
    return (request, conversation) -> {};
  }

  static Reaction abort() {
    return (request, conversation) -> conversation.abort();
  }

  /** Closes the connection without a word. */
  static Reaction close() {
    return (request, conversation) -> conversation.close();
  }

  /** A-RELEASE-RQ while a response is due. */
  static Reaction release() {
    return (request, conversation) -> conversation.release();
  }

  /** A response whose command is cut by a data-set fragment (against PS3.8 Annex E.2). */
  static Reaction interleaved() {
    return (request, conversation) -> {
      byte[] command = request.command().response(Status.SUCCESS, null).encode();
      int half = command.length / 2;
      int id = request.context().id();
      conversation.pdv(id, true, false, java.util.Arrays.copyOf(command, half));
      conversation.pdv(id, false, true, new byte[8]);
      conversation.pdv(id, true, true, java.util.Arrays.copyOfRange(command, half, command.length));
    };
  }

  /** A command set of so many bytes that never ends. */
  static Reaction oversizedCommand(int bytes) {
    return (request, conversation) -> {
      for (int sent = 0; sent < bytes; sent += 4096) {
        conversation.pdv(request.context().id(), true, false, new byte[4096]);
      }
    };
  }

  /**
   * Storage commitment: takes the N-ACTION, and reports all as committed on the same association.
   */
  static Reaction commitment(Duration after) {
    Reaction report =
        (request, conversation) ->
            conversation.send(request.context(), reportRequest(request), report(request.parsed()));
    return status(Status.SUCCESS).then(report.after(after));
  }

  /**
   * The same, on a new association with the requestor at that address, as its provider (PS3.4
   * §J.3.3), also when the first is closed by then. Released when the report was answered.
   */
  static Reaction commitment(Duration after, String host, int port, String calledAet) {
    Reaction report =
        (request, conversation) ->
            CompletableFuture.delayedExecutor(after.toMillis(), TimeUnit.MILLISECONDS)
                .execute(() -> reportTo(host, port, calledAet, request));
    return status(Status.SUCCESS).then(report);
  }

  private static void reportTo(String host, int port, String calledAet, Message request) {
    String sopClass = ServiceSopClass.STORAGE_COMMITMENT_PUSH_MODEL;
    AssociationRequest association =
        new AssociationRequest(
                host,
                port,
                "SCRIPTED",
                calledAet,
                List.of(new Proposal(sopClass, List.of(Uid.EXPLICIT_VR_LITTLE_ENDIAN))))
            .withRoles(List.of(new Pdu.RoleSelection(sopClass, false, true)));
    try (ScriptedScu scu = ScriptedScu.connect(association)) {
      PresentationContext context = scu.conversation().context(sopClass);
      scu.conversation().send(context, reportRequest(request), report(request.parsed()));
      scu.await();
      scu.conversation().release();
      scu.conversation().end().join();
    }
  }

  private static Command reportRequest(Message action) {
    return Command.normalizedRequest(
        1,
        new NormalizedRequest(
            NormalizedRequest.Operation.N_EVENT_REPORT,
            action.command().sopClassUid(),
            action.command().sopInstanceUid(),
            1,
            List.of(),
            new DataSet(),
            null));
  }

  private static DataSet report(DataSet action) {
    DataSet report = new DataSet();
    report.set(Tag.TransactionUID, action.string(Tag.TransactionUID));
    report.put(action.get(Tag.ReferencedSOPSequence));
    return report;
  }
}
