package org.isocentre.outbound;

import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.isocentre.hl7.Answer;
import org.isocentre.index.OutboundIndex;
import org.isocentre.model.OutboundEntry;
import org.isocentre.store.ObjectStore;

/**
 * Application acknowledgements that come apart from the exchange of their message: late, or on a
 * connection of their own. They find it by MSA-2. Idempotent.
 */
public final class ApplicationAnswers {
  private final List<Destination> destinations;
  private final OutboundIndex queue;
  private final Answers answers;

  public ApplicationAnswers(
      List<Destination> destinations, OutboundIndex queue, ObjectStore store, Clock clock) {
    this.destinations = List.copyOf(destinations);
    this.queue = queue;
    this.answers = new Answers(queue, store, clock);
  }

  /**
   * @param odsCode of the trust that it comes from: only a message to that trust is meant
   * @return false if there is no such message
   */
  public boolean receive(Answer answer, byte[] raw, String odsCode) {
    Optional<OutboundEntry> entry = queue.findByControlId(answer.controlId());
    Optional<Destination> to =
        entry.flatMap(
            e ->
                destinations.stream()
                    .filter(d -> d.name().equals(e.destination()) && d.odsCode().equals(odsCode))
                    .findFirst());
    to.ifPresent(destination -> apply(destination, entry.get(), answer, raw));
    return to.isPresent();
  }

  private void apply(Destination to, OutboundEntry entry, Answer answer, byte[] raw) {
    if (answer.isOfAccept()) {
      return;
    }
    boolean taken = answer.verdict() == Answer.Verdict.ACCEPTED;
    switch (entry.state()) {
      case SENT, ACCEPTED -> answers.settle(to, entry, answer, raw);
      case ACKED -> {
        if (!"CA".equals(entry.answer())) {
          return;
        }
        if (taken) {
          answers.settle(to, entry, answer, raw);
        } else {
          answers.regret(to, entry, answer, raw);
        }
      }
      default -> {
        // It was decided otherwise before, or will be sent again.
      }
    }
  }
}
