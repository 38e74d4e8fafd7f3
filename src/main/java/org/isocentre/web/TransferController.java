package org.isocentre.web;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.isocentre.exchange.Forwarder;
import org.isocentre.exchange.Forwarder.TransferRequested;
import org.isocentre.index.TimeRange;
import org.isocentre.index.TransferCommitmentIndex;
import org.isocentre.index.TransferIndex;
import org.isocentre.index.TransferQuery;
import org.isocentre.index.Visibility;
import org.isocentre.model.Transfer;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/** Transfers as those who run the hub see them; FHIR shows the same as Task. */
@RestController
@RequestMapping("/api/transfers")
public final class TransferController {
  private final StaffDoor door;
  private final TransferIndex transfers;
  private final TransferCommitmentIndex commitments;
  private final Forwarder forwarder;
  private final Consumer<TransferRequested> queue;

  public TransferController(
      StaffDoor door,
      TransferIndex transfers,
      TransferCommitmentIndex commitments,
      Forwarder forwarder,
      Consumer<TransferRequested> queue) {
    this.door = door;
    this.transfers = transfers;
    this.commitments = commitments;
    this.forwarder = forwarder;
    this.queue = queue;
  }

  @GetMapping
  public List<Transfer> search(
      @RequestParam(required = false) String state,
      @RequestParam(required = false) String destination,
      @RequestParam(defaultValue = "0") int offset,
      @RequestParam(defaultValue = "100") int limit) {
    door.reading("transfer-list");
    return transfers.search(
        new TransferQuery(
            Visibility.ALL,
            null,
            null,
            null,
            state == null ? null : Set.of(state(state)),
            destination == null ? null : Set.of(destination),
            TimeRange.ANY,
            ReviewController.Pages.page(offset, limit)));
  }

  private static Transfer.State state(String name) {
    try {
      return Transfer.State.valueOf(name.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new ResponseStatusException(
          HttpStatus.BAD_REQUEST,
          "ISO-WEB-002: state must be one of " + List.of(Transfer.State.values()),
          e);
    }
  }

  @GetMapping("/{id}")
  public Transfer read(@PathVariable UUID id) {
    door.reading("transfer-read");
    return transfers
        .find(id)
        .orElseThrow(
            () ->
                new ResponseStatusException(
                    HttpStatus.NOT_FOUND, "ISO-WEB-004: there is no transfer with this id"));
  }

  /** What became of each object that the destination was asked to commit to. */
  @GetMapping("/{id}/commitment")
  public List<TransferCommitmentIndex.Fate> commitment(@PathVariable UUID id) {
    return commitments.fates(read(id).id());
  }

  /**
   * Runs a transfer again that failed or was cancelled; what was confirmed is not sent again,
   * unless the destination does not commit to it.
   */
  @PostMapping("/{id}/retry")
  @ResponseStatus(HttpStatus.ACCEPTED)
  public Transfer retry(@PathVariable UUID id) {
    door.acting("transfer-retry", id.toString());
    Transfer transfer = read(id);
    TransferRequested event = forwarder.retry(id);
    if (event == null) {
      throw new ResponseStatusException(
          HttpStatus.CONFLICT,
          "ISO-WEB-005: the transfer is "
              + transfer.state()
              + "; only one that FAILED or was CANCELLED can be run again");
    }
    queue.accept(event);
    return read(id);
  }
}
