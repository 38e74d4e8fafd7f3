package org.isocentre.web;

import java.util.List;
import java.util.UUID;
import org.isocentre.index.RejectionIndex;
import org.isocentre.index.RejectionIndex.Rejection;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/** What custodians rejected by a note, and taking such a note back. */
@RestController
@RequestMapping("/api/rejections")
public final class RejectionController {
  private final StaffDoor door;
  private final RejectionIndex rejections;

  public RejectionController(StaffDoor door, RejectionIndex rejections) {
    this.door = door;
    this.rejections = rejections;
  }

  /** The newest first. */
  @GetMapping
  public List<Rejection> list(
      @RequestParam(defaultValue = "0") int offset, @RequestParam(defaultValue = "100") int limit) {
    door.reading("rejection-list");
    return rejections.list(ReviewController.Pages.page(offset, limit));
  }

  /** The objects are shown again. */
  @PostMapping("/{id}/undo")
  public Rejection undo(@PathVariable UUID id) {
    String by = door.acting("rejection-undo", id.toString()).subject();
    return rejections
        .undo(id, by)
        .orElseThrow(
            () ->
                new ResponseStatusException(
                    HttpStatus.NOT_FOUND,
                    "ISO-WEB-020: there is no rejection note with this id that is in force"));
  }
}
