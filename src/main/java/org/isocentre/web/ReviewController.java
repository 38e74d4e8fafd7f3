package org.isocentre.web;

import java.util.List;
import java.util.UUID;
import org.isocentre.index.PageRequest;
import org.isocentre.index.ReviewList;
import org.isocentre.model.ReviewItem;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/** What waits for a person: pairs that disagree, ambiguous matches, conflicting objects. */
@RestController
@RequestMapping("/api/reviews")
public final class ReviewController {
  private final StaffDoor door;
  private final ReviewList reviews;

  public ReviewController(StaffDoor door, ReviewList reviews) {
    this.door = door;
    this.reviews = reviews;
  }

  /** Open items, oldest first. */
  @GetMapping
  public List<ReviewItem> open(
      @RequestParam(defaultValue = "0") int offset, @RequestParam(defaultValue = "100") int limit) {
    door.reading("review-list");
    return reviews.open(Pages.page(offset, limit));
  }

  /** A person has dealt with it. */
  @PostMapping("/{id}/resolve")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  public void resolve(@PathVariable UUID id) {
    String by = door.acting("review-resolve", id.toString()).subject();
    if (!reviews.resolve(id, by)) {
      throw new ResponseStatusException(
          HttpStatus.NOT_FOUND,
          "ISO-WEB-003: there is no open review item with this id that is resolved here; a merge is decided by Patient/[id]/$confirm-merge or $undo-merge");
    }
  }

  /** Reads paging parameters of a call. */
  static final class Pages {
    private Pages() {}

    static PageRequest page(int offset, int limit) {
      try {
        return new PageRequest(offset, limit);
      } catch (IllegalArgumentException e) {
        throw new ResponseStatusException(HttpStatus.BAD_REQUEST, e.getMessage(), e);
      }
    }
  }
}
