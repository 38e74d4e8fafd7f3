package org.isocentre.web;

import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.function.Predicate;
import org.isocentre.index.UploadIndex;
import org.isocentre.index.UploadIndex.State;
import org.isocentre.index.UploadIndex.Upload;
import org.isocentre.index.UploadIndex.UploadedStudy;
import org.springframework.core.io.InputStreamResource;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/** What patients brought: to look at, and to decide on. */
@RestController
@RequestMapping("/api/uploads")
public final class UploadController {
  private final StaffDoor door;
  private final UploadIndex uploads;
  private final Objects objects;
  private final Predicate<String> trusts;
  private final Clock clock;

  /** The objects themselves. */
  public interface Objects {
    /** A JPEG of the first frame. */
    byte[] picture(Upload upload) throws IOException;

    /** The Part 10 file. */
    java.io.InputStream open(Upload upload) throws IOException;
  }

  /**
   * @param trusts whether an ODS code is that of a trust of the directory
   */
  public UploadController(
      StaffDoor door, UploadIndex uploads, Objects objects, Predicate<String> trusts, Clock clock) {
    this.door = door;
    this.uploads = uploads;
    this.objects = objects;
    this.trusts = trusts;
    this.clock = clock;
  }

  /** Those that wait, or are in another state; the first that came first. */
  @GetMapping
  public List<UploadedStudy> list(
      @RequestParam(defaultValue = "waiting") String state,
      @RequestParam(defaultValue = "0") int offset,
      @RequestParam(defaultValue = "100") int limit) {
    door.reading("upload-list");
    return uploads.studies(state(state), ReviewController.Pages.page(offset, limit));
  }

  private static State state(String name) {
    try {
      return State.valueOf(name.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new ResponseStatusException(
          HttpStatus.BAD_REQUEST,
          "ISO-WEB-030: state is waiting, accepted, filed, refused or failed",
          e);
    }
  }

  /** An object as it is listed: nothing of the patient. */
  public record Listed(
      UUID id, String sopInstanceUid, String seriesInstanceUid, UploadIndex.Says says, long size) {
    static Listed of(Upload u) {
      return new Listed(u.id(), u.sopInstanceUid(), u.seriesInstanceUid(), u.says(), u.size());
    }
  }

  @GetMapping("/{id}")
  public List<Listed> objects(
      @PathVariable UUID id,
      @RequestParam(defaultValue = "0") int offset,
      @RequestParam(defaultValue = "100") int limit) {
    door.reading("upload-objects");
    return uploads.objects(id, ReviewController.Pages.page(offset, limit)).stream()
        .map(Listed::of)
        .toList();
  }

  @GetMapping(path = "/objects/{id}/rendered", produces = MediaType.IMAGE_JPEG_VALUE)
  public ResponseEntity<byte[]> picture(@PathVariable UUID id) throws IOException {
    door.reading("upload-picture");
    return ResponseEntity.ok()
        .header("Cache-Control", "private, no-store")
        .body(objects.picture(upload(id)));
  }

  @GetMapping(path = "/objects/{id}", produces = "application/dicom")
  public ResponseEntity<InputStreamResource> file(@PathVariable UUID id) throws IOException {
    door.reading("upload-object");
    return ResponseEntity.ok()
        .header("Cache-Control", "private, no-store")
        .body(new InputStreamResource(objects.open(upload(id))));
  }

  private Upload upload(UUID id) {
    return uploads.find(id).orElseThrow(UploadController::none);
  }

  private static ResponseStatusException none() {
    return new ResponseStatusException(
        HttpStatus.NOT_FOUND, "ISO-WEB-031: there is no upload with this id that waits");
  }

  /**
   * Files what waits of a study under a trust, as the patient's who brought it.
   *
   * @param others whether objects are meant, too, that say to be of another patient
   */
  @PostMapping("/{id}/accept")
  public Map<String, Object> accept(
      @PathVariable UUID id,
      @RequestParam String custodian,
      @RequestParam(defaultValue = "false") boolean others) {
    String by = door.acting("upload-accept", id.toString()).subject();
    if (!trusts.test(custodian)) {
      throw new ResponseStatusException(
          HttpStatus.BAD_REQUEST, "ISO-WEB-032: custodian is the ODS code of a trust");
    }
    UploadedStudy study = uploads.waitingStudy(id).orElseThrow(UploadController::none);
    if (study.others() > 0 && !others) {
      throw new ResponseStatusException(
          HttpStatus.CONFLICT,
          "ISO-WEB-033: %d of %d objects say that they are of another patient; look at them, and say others=true if they are this patient's all the same"
              .formatted(study.others(), study.objects()));
    }
    return Map.of("accepted", uploads.decide(id, custodian, by, clock.instant()));
  }

  /** What waits of a study is never filed. */
  @PostMapping("/{id}/refuse")
  public Map<String, Object> refuse(@PathVariable UUID id) {
    String by = door.acting("upload-refuse", id.toString()).subject();
    uploads.waitingStudy(id).orElseThrow(UploadController::none);
    return Map.of("refused", uploads.decide(id, null, by, clock.instant()));
  }
}
