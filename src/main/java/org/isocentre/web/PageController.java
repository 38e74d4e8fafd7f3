package org.isocentre.web;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.Resource;
import org.springframework.core.io.UrlResource;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.MediaTypeFactory;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Pages for people: their studies, the viewer, and what is said where something is not to be. */
@RestController
public final class PageController {
  private static final String START = page("start.html");
  private static final String MESSAGE = page("message.html");
  private static final int MAX_STUDIES = 20;

  private final ViewerFiles viewer;
  private final Predicate<List<String>> mayOpen;
  private final Function<HttpServletRequest, String> csrf;

  /**
   * @param mayOpen whether the caller may see all studies of these UIDs; notes that it was asked
   * @param csrf what forms of a page have to send back
   */
  public PageController(
      ViewerFiles viewer,
      Predicate<List<String>> mayOpen,
      Function<HttpServletRequest, String> csrf) {
    this.viewer = viewer;
    this.mayOpen = mayOpen;
    this.csrf = csrf;
  }

  private static String page(String name) {
    try (InputStream in = new ClassPathResource("pages/" + name).getInputStream()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("ISO-WEB-011: a page is missing", e);
    }
  }

  @GetMapping("/")
  public ResponseEntity<String> start(HttpServletRequest request) {
    return html(
        HttpStatus.OK,
        START
            .replace("{csrf}", csrf.apply(request))
            .replace("{viewer}", Boolean.toString(viewer.index().isPresent())));
  }

  /** The viewer, for studies that the person may see, and nothing else. */
  @GetMapping("/viewer")
  public ResponseEntity<String> viewer(
      @RequestParam(name = "StudyInstanceUIDs", required = false) List<String> studies) {
    if (viewer.index().isEmpty()) {
      return message(
          HttpStatus.NOT_FOUND,
          "The viewer is not here",
          "This hub was built without the viewer. You can download your scans.");
    }
    if (studies == null || studies.isEmpty() || studies.size() > MAX_STUDIES) {
      return message(
          HttpStatus.BAD_REQUEST,
          "No scan was named",
          "Choose a scan from your list to look at it.");
    }
    if (!mayOpen.test(studies)) {
      return message(
          HttpStatus.NOT_FOUND,
          "This scan cannot be shown",
          "There is no such scan that you may see. It may be somebody else's, or may not be released yet.");
    }
    return html(HttpStatus.OK, viewer.index().orElseThrow());
  }

  @GetMapping("/pages/refused")
  public ResponseEntity<String> refused() {
    return message(
        HttpStatus.FORBIDDEN,
        "You are not logged in",
        "You could not be logged in, or what you sent was from an older page. Please try again.");
  }

  @GetMapping("/logged-out")
  public ResponseEntity<String> loggedOut() {
    return message(
        HttpStatus.OK, "You are logged out", "Close this window if others use this device.");
  }

  @GetMapping({"/pages/{name:[a-z-]+\\.(?:css|js)}"})
  public ResponseEntity<Resource> own(@PathVariable String name) {
    return file(new ClassPathResource("pages/" + name), CacheControl.noCache());
  }

  @GetMapping("/app-config.js")
  public ResponseEntity<Resource> viewerSettings() {
    return file(new ClassPathResource("pages/app-config.js"), CacheControl.noCache());
  }

  /** Names of the viewer's files change with their content, but for a few. */
  @GetMapping({"/{name:.+\\..+}", "/assets/**", "/dicom-microscopy-viewer/**"})
  public ResponseEntity<Resource> viewerFile(HttpServletRequest request) {
    URL file = viewer.file(request.getServletPath());
    return file == null
        ? ResponseEntity.notFound().build()
        : file(new UrlResource(file), CacheControl.maxAge(Duration.ofHours(1)).cachePublic());
  }

  private static ResponseEntity<Resource> file(Resource file, CacheControl cache) {
    if (!file.exists()) {
      return ResponseEntity.notFound().build();
    }
    String name = String.valueOf(file.getFilename());
    MediaType type =
        name.endsWith(".wasm")
            ? MediaType.valueOf("application/wasm")
            : MediaTypeFactory.getMediaType(file).orElse(MediaType.APPLICATION_OCTET_STREAM);
    return ResponseEntity.ok().cacheControl(cache).contentType(type).body(file);
  }

  private static ResponseEntity<String> message(HttpStatus status, String title, String text) {
    return html(status, MESSAGE.replace("{title}", title).replace("{text}", text));
  }

  private static ResponseEntity<String> html(HttpStatus status, String page) {
    return ResponseEntity.status(status)
        .cacheControl(CacheControl.noStore())
        .contentType(new MediaType(MediaType.TEXT_HTML, StandardCharsets.UTF_8))
        .body(page);
  }
}
