package org.isocentre.web;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.isocentre.index.MessageIndex;
import org.isocentre.index.MessageIndex.State;
import org.isocentre.index.TrackedMessage;
import org.isocentre.model.Caller;
import org.isocentre.web.MessageRepair.Outcome;
import org.isocentre.web.MessageRepair.Problem;
import org.isocentre.web.MessageRepair.Replay;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/** Has messages done again, or shows what would change if they were. */
@RestController
@RequestMapping("/api/messages")
public final class ReplayController {
  private static final Set<State> FAILURES = EnumSet.of(State.FAILED, State.REFUSED, State.PARKED);
  private final IntegrationDoor door;
  private final MessageController search;
  private final MessageIndex messages;
  private final MessageRepair repair;

  public ReplayController(
      IntegrationDoor door, MessageController search, MessageIndex messages, MessageRepair repair) {
    this.door = door;
    this.search = search;
    this.messages = messages;
    this.repair = repair;
  }

  /**
   * Which messages to do again.
   *
   * @param filter criteria as in a search, one at least; without a state, those that failed
   * @param max of them, the oldest first
   * @param dryRun must be given: what is left out or misspelled must not be done
   * @param reason without patient data; not needed for a dry run
   */
  record Bulk(Map<String, Object> filter, Integer max, Boolean dryRun, String reason) {}

  /**
   * @param more whether the filter finds messages beyond max
   */
  record BulkAnswer(boolean dryRun, boolean more, List<Replay> replays) {}

  /** One message: 202 when it is queued, 200 for a dry run. */
  @PostMapping("/{id}/replay")
  public ResponseEntity<Replay> replay(
      @PathVariable UUID id,
      @RequestParam(defaultValue = "false") boolean dryRun,
      @RequestParam(required = false) String reason) {
    List<TrackedMessage> message = List.of(search.find(door.caller(), id));
    Caller by =
        door.enter(dryRun ? "R" : "E", dryRun ? "message-dry-run" : "message-replay", id, null);
    if (dryRun) {
      return ResponseEntity.ok(repair.preview(message).get(0));
    }
    Replay replay = repair.replay(message, MessageController.reason(reason), by).get(0);
    if (replay.outcome() == Outcome.NOT_FILEABLE) {
      throw new MessageRepair.NotFileable(
          "ISO-MESSAGE-020: the message still cannot be filed; correct it first",
          List.of(new Problem(replay.code(), replay.note())));
    }
    if (replay.outcome() != Outcome.QUEUED) {
      throw new ResponseStatusException(
          replay.outcome() == Outcome.WAITING
              ? HttpStatus.CONFLICT
              : HttpStatus.SERVICE_UNAVAILABLE,
          replay.code() + ": " + replay.note());
    }
    return ResponseEntity.accepted().body(replay);
  }

  /** Many messages, in the order in which their senders made them. */
  @PostMapping("/replay")
  public ResponseEntity<BulkAnswer> replay(@RequestBody Bulk bulk) {
    Caller caller = door.caller();
    MessageCriteria criteria = MessageCriteria.of(bulk.filter() == null ? Map.of() : bulk.filter());
    if (criteria.isEmpty()) {
      throw new ResponseStatusException(
          HttpStatus.BAD_REQUEST,
          "ISO-MESSAGE-021: say which messages with at least one criterion in filter");
    }
    if (bulk.dryRun() == null) {
      throw new ResponseStatusException(
          HttpStatus.BAD_REQUEST, "ISO-MESSAGE-025: say whether it is a dry run (dryRun)");
    }
    int most = repair.most(bulk.dryRun());
    int max = bulk.max() == null ? 0 : bulk.max();
    if (max < 1 || max > most) {
      throw new ResponseStatusException(
          HttpStatus.BAD_REQUEST, "ISO-MESSAGE-022: max must be given and be 1 to " + most);
    }
    String reason = bulk.dryRun() ? null : MessageController.reason(bulk.reason());
    List<TrackedMessage> found =
        messages.oldest(
            criteria.query(caller.organisation(), FAILURES, search::numbersOf), max + 1);
    List<TrackedMessage> chosen = found.subList(0, Math.min(max, found.size()));
    String what = bulk.dryRun() ? "message-dry-run" : "message-replay";
    chosen.forEach(m -> door.enter(bulk.dryRun() ? "R" : "E", what, m.id(), null));
    List<Replay> replays =
        bulk.dryRun() ? repair.preview(chosen) : repair.replay(chosen, reason, caller);
    return ResponseEntity.status(bulk.dryRun() ? HttpStatus.OK : HttpStatus.ACCEPTED)
        .body(new BulkAnswer(bulk.dryRun(), found.size() > max, replays));
  }
}
