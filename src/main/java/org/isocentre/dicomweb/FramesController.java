package org.isocentre.dicomweb;

import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.isocentre.dicom.image.Frames;
import org.isocentre.dicom.image.ImageException;
import org.isocentre.dicom.image.ImageObject;
import org.isocentre.dicomweb.StudyDoor.Retrieved;
import org.isocentre.dicomweb.StudyDoor.Wanted;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/**
 * WADO-RS of frames (PS3.18 §10.4.1.1.6), each read from its place; decoded only for a client that
 * does not take what is stored.
 */
@RestController
@RequestMapping("/dicomweb/studies/{study}/series/{series}/instances/{instance}")
public final class FramesController {
  private static final int MAX_FRAMES_NAMED = 10_000;

  private final StudyDoor door;
  private final StoredFiles files;

  public FramesController(StudyDoor door, StoredFiles files) {
    this.door = door;
    this.files = files;
  }

  @GetMapping("/frames/{list}")
  public void frames(
      @PathVariable String study,
      @PathVariable String series,
      @PathVariable String instance,
      @PathVariable String list,
      @RequestHeader(name = "Accept", required = false) String accept,
      @RequestParam(name = "accept", required = false) String parameter,
      HttpServletResponse response)
      throws IOException {
    List<Integer> frames = numbers(list);
    send(new Wanted(study, series, instance), frames, Acceptable.of(accept, parameter), response);
  }

  /** All frames: what metadata names in place of Pixel Data (PS3.18 §10.4.1.1.5). */
  @GetMapping("/bulkdata/7FE00010")
  public void pixelData(
      @PathVariable String study,
      @PathVariable String series,
      @PathVariable String instance,
      @RequestHeader(name = "Accept", required = false) String accept,
      @RequestParam(name = "accept", required = false) String parameter,
      HttpServletResponse response)
      throws IOException {
    send(new Wanted(study, series, instance), null, Acceptable.of(accept, parameter), response);
  }

  /**
   * @param asked from 1, or null for all
   */
  private void send(
      Wanted wanted, List<Integer> asked, Acceptable acceptable, HttpServletResponse response)
      throws IOException {
    Retrieved retrieved = door.retrieve(wanted);
    HeldObject object = retrieved.first();
    try (ImageObject image = files.image(object, retrieved.watch())) {
      Frames frames = framesOf(image);
      List<Integer> numbers =
          asked == null ? IntStream.rangeClosed(1, frames.count()).boxed().toList() : asked;
      for (int number : numbers) {
        if (number > frames.count()) {
          throw new ResponseStatusException(
              HttpStatus.NOT_FOUND,
              "ISO-WADO-010: frame %d asked of an object of %d".formatted(number, frames.count()));
        }
      }
      Acceptable.Form form =
          acceptable.need(FrameForms.of(object.transferSyntaxUid(), numbers.size() == 1));
      write(image, numbers, form, response);
    }
  }

  private static void write(
      ImageObject image, List<Integer> numbers, Acceptable.Form form, HttpServletResponse response)
      throws IOException {
    // Once before anything is sent: what cannot be decoded is an error, no broken answer.
    byte[] first = isStored(image, form) ? null : image.decode(numbers.get(0) - 1);
    response.setHeader("Cache-Control", "private, no-cache");
    if (!form.multipart()) {
      response.setHeader("Content-Type", form.contentType());
      try (InputStream in = open(image, numbers.get(0), form, first)) {
        Bytes.copy(in, response.getOutputStream());
      }
      return;
    }
    Multipart parts = Multipart.begin(response, form.type(), form.transferSyntax());
    for (int i = 0; i < numbers.size(); i++) {
      try (InputStream in = open(image, numbers.get(i), form, i == 0 ? first : null)) {
        parts.part(form.contentType(), -1, null);
        parts.write(in);
      }
    }
    parts.end();
  }

  private static boolean isStored(ImageObject image, Acceptable.Form form) throws IOException {
    return !image.frames().isEncapsulated()
        || form.transferSyntax().equals(image.transferSyntaxUid());
  }

  private static InputStream open(
      ImageObject image, int number, Acceptable.Form form, byte[] decoded) throws IOException {
    if (decoded != null) {
      return new ByteArrayInputStream(decoded);
    }
    return isStored(image, form)
        ? image.frames().open(number - 1)
        : new ByteArrayInputStream(image.decode(number - 1));
  }

  static Frames framesOf(ImageObject image) throws IOException {
    try {
      return image.frames();
    } catch (ImageException e) {
      throw new ResponseStatusException(
          HttpStatus.NOT_FOUND, "ISO-WADO-011: the object has no frames: " + e.getMessage(), e);
    }
  }

  /**
   * @throws ResponseStatusException 400 for what is no list of frame numbers
   */
  static List<Integer> numbers(String list) {
    List<Integer> numbers = new ArrayList<>();
    for (String text : list.split(",", MAX_FRAMES_NAMED + 1)) {
      if (!text.matches("[1-9][0-9]{0,8}") || numbers.size() == MAX_FRAMES_NAMED) {
        throw new ResponseStatusException(
            HttpStatus.BAD_REQUEST,
            "ISO-WADO-012: frames are a list of numbers from 1, with commas between, %d at most"
                .formatted(MAX_FRAMES_NAMED));
      }
      numbers.add(Integer.valueOf(text));
    }
    return numbers;
  }
}
