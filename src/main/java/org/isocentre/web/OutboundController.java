package org.isocentre.web;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.isocentre.index.OutboundIndex;
import org.isocentre.index.OutboundIndex.DestinationState;
import org.isocentre.index.OutboundIndex.Rebuilt;
import org.isocentre.index.OutboundQuery;
import org.isocentre.model.OutboundEntry;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/** HL7 v2 out as those who run the hub see it: destinations, messages, what waits for a person. */
@RestController
@RequestMapping("/api/outbound")
public final class OutboundController {
  private final StaffDoor door;
  private final OutboundIndex queue;
  private final BiFunction<UUID, String, Rebuilt> rebuild;
  private final Supplier<String> who;

  /**
   * @param rebuild makes a message anew, by its id and who wants it
   * @param who calls
   */
  public OutboundController(
      StaffDoor door,
      OutboundIndex queue,
      BiFunction<UUID, String, Rebuilt> rebuild,
      Supplier<String> who) {
    this.door = door;
    this.queue = queue;
    this.rebuild = rebuild;
    this.who = who;
  }

  @GetMapping("/destinations")
  public List<DestinationState> destinations() {
    door.reading("outbound-destinations");
    return queue.destinations();
  }

  /** Nothing more is sent until it is resumed, also after a restart. */
  @PostMapping("/destinations/{name}/pause")
  public DestinationState pause(@PathVariable String name) {
    door.acting("outbound-pause", name);
    queue.pause(name, who.get());
    return state(name);
  }

  @PostMapping("/destinations/{name}/resume")
  public DestinationState resume(@PathVariable String name) {
    door.acting("outbound-resume", name);
    queue.resume(name);
    return state(name);
  }

  private DestinationState state(String name) {
    return queue.destinations().stream()
        .filter(d -> d.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new ResponseStatusException(
                    HttpStatus.NOT_FOUND,
                    "ISO-OUTBOUND-021: there is no destination of this name; see /api/outbound/destinations"));
  }

  @GetMapping("/messages")
  public List<OutboundEntry> search(
      @RequestParam(required = false) String destination,
      @RequestParam(required = false) String state,
      @RequestParam(required = false) String controlId,
      @RequestParam(defaultValue = "0") int offset,
      @RequestParam(defaultValue = "100") int limit) {
    door.reading("outbound-list");
    return queue.search(
        new OutboundQuery(
            destination,
            state == null ? null : Set.of(state(state, List.of(OutboundEntry.State.values()))),
            controlId,
            ReviewController.Pages.page(offset, limit)));
  }

  private static OutboundEntry.State state(String name, List<OutboundEntry.State> all) {
    return all.stream()
        .filter(s -> s.name().equals(name.toUpperCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(
            () ->
                new ResponseStatusException(
                    HttpStatus.BAD_REQUEST, "ISO-OUTBOUND-022: state must be one of " + all));
  }

  @GetMapping("/messages/{id}")
  public OutboundEntry read(@PathVariable UUID id) {
    door.reading("outbound-read");
    return find(id);
  }

  private OutboundEntry find(UUID id) {
    return queue
        .find(id)
        .orElseThrow(
            () ->
                new ResponseStatusException(
                    HttpStatus.NOT_FOUND, "ISO-OUTBOUND-023: there is no message with this id"));
  }

  /** Sends a parked message again, as it is and with the same control ID. */
  @PostMapping("/messages/{id}/retry")
  public OutboundEntry retry(@PathVariable UUID id) {
    door.acting("outbound-retry", id.toString());
    return parked(id, queue.retry(id));
  }

  /**
   * Makes a parked message anew and sends it in its place: as the rules of its destination and the
   * index are now, with another control ID.
   */
  @PostMapping("/messages/{id}/rebuild")
  public OutboundEntry rebuild(@PathVariable UUID id) {
    door.acting("outbound-rebuild", id.toString());
    find(id);
    String refused =
        switch (rebuild.apply(id, who.get())) {
          case DONE, NOT_MADE -> null;
          case NOT_PARKED -> "ISO-OUTBOUND-025: only a message that is PARKED can be made anew";
          case NOTHING_TO_SAY ->
              "ISO-OUTBOUND-026: there is nothing to tell any more; give the message up";
          case HELD_BACK ->
              "ISO-OUTBOUND-027: the patient's consent, or a question about who they are, stands against it";
          case NOT_KNOWN ->
              "ISO-OUTBOUND-028: its destination is not in isocentre.trusts any more, or it was queued by an older version";
        };
    if (refused != null) {
      throw new ResponseStatusException(HttpStatus.CONFLICT, refused);
    }
    return find(id);
  }

  /** Gives a parked message up, so that those of its patient behind it are sent. */
  @PostMapping("/messages/{id}/give-up")
  public OutboundEntry giveUp(@PathVariable UUID id) {
    door.acting("outbound-give-up", id.toString());
    return parked(id, queue.giveUp(id, who.get()));
  }

  private OutboundEntry parked(UUID id, boolean done) {
    OutboundEntry entry = find(id);
    if (!done) {
      throw new ResponseStatusException(
          HttpStatus.CONFLICT,
          "ISO-OUTBOUND-024: the message is "
              + entry.state()
              + "; only one that is PARKED, and of which there are bytes to send, can be handled so");
    }
    return entry;
  }
}
