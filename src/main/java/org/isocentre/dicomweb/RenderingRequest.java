package org.isocentre.dicomweb;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.isocentre.dicom.image.Viewport;
import org.isocentre.dicom.image.Window;
import org.springframework.http.HttpStatus;
import org.springframework.util.MultiValueMap;
import org.springframework.web.server.ResponseStatusException;

/**
 * The parameters of a rendered resource (PS3.18 §8.3.5).
 *
 * @param window or null for what the object says
 * @param viewport or null for as many pixels as the frame has
 * @param quality of JPEG, 1 to 100
 * @param annotations of {@code patient} and {@code technique}; nothing is burned in unasked
 * @param profile whether the object's ICC profile goes along
 */
record RenderingRequest(
    Window window, Viewport viewport, int quality, Set<String> annotations, boolean profile) {
  /** As the object says. */
  static final RenderingRequest PLAIN = new RenderingRequest(null, null, 90, Set.of(), true);

  private static final Set<String> ANNOTATIONS = Set.of("patient", "technique");
  private static final int QUALITY = 90;
  private static final int THUMBNAIL = 256;
  private static final int MAX_SIDE = 4096;

  /**
   * @throws ResponseStatusException 400 that says which parameter and why
   */
  static RenderingRequest of(MultiValueMap<String, String> parameters) {
    return new RenderingRequest(
        window(parameters.getFirst("window")),
        viewport(parameters.getFirst("viewport")),
        quality(parameters.getFirst("quality")),
        annotations(parameters.getFirst("annotation")),
        !"no".equals(parameters.getFirst("iccprofile")));
  }

  /** A thumbnail has a viewport of its own, and nothing burned in (PS3.18 §10.4.1.1.4). */
  static RenderingRequest ofThumbnail(MultiValueMap<String, String> parameters) {
    Viewport asked = viewport(parameters.getFirst("viewport"));
    return new RenderingRequest(
        null, asked == null ? new Viewport(THUMBNAIL, THUMBNAIL) : asked, QUALITY, Set.of(), false);
  }

  /** For looking at: at most so many pixels a side. */
  static RenderingRequest within(int side) {
    return new RenderingRequest(null, new Viewport(side, side), QUALITY, Set.of(), true);
  }

  /** As WADO-URI has its parameters (PS3.18 §9.4). */
  static RenderingRequest ofUri(MultiValueMap<String, String> parameters) {
    String center = parameters.getFirst("windowCenter");
    String width = parameters.getFirst("windowWidth");
    if ((center == null) != (width == null)) {
      throw bad("windowCenter and windowWidth belong together");
    }
    String columns = parameters.getFirst("columns");
    String rows = parameters.getFirst("rows");
    Viewport viewport =
        columns == null && rows == null
            ? null
            : viewport(
                (columns == null ? MAX_SIDE : columns) + "," + (rows == null ? MAX_SIDE : rows));
    return new RenderingRequest(
        center == null ? null : window(center + "," + width + ",linear"),
        viewport,
        quality(parameters.getFirst("imageQuality")),
        annotations(parameters.getFirst("annotation")),
        true);
  }

  private static Window window(String text) {
    if (text == null) {
      return null;
    }
    String[] parts = text.split(",", -1);
    try {
      if (parts.length == 2 || parts.length == 3) {
        Window.Function function =
            parts.length == 2
                ? Window.Function.LINEAR
                : Window.Function.valueOf(parts[2].toUpperCase(Locale.ROOT).replace('-', '_'));
        return new Window(Double.parseDouble(parts[0]), Double.parseDouble(parts[1]), function);
      }
    } catch (IllegalArgumentException e) {
      // Said below.
    }
    throw bad(
        "window must be center,width,function: two numbers, a width of 1 or more, and linear, linear-exact or sigmoid");
  }

  private static Viewport viewport(String text) {
    if (text == null) {
      return null;
    }
    String[] parts = text.split(",", -1);
    if (parts.length == 2 || parts.length == 6) {
      int[] numbers = new int[6];
      boolean good = true;
      for (int i = 0; i < parts.length; i++) {
        String number = parts[i].strip();
        boolean signed = i >= 4;
        good &= number.isEmpty() && i >= 2 || number.matches(signed ? "-?\\d{1,6}" : "\\d{1,6}");
        numbers[i] = good && !number.isEmpty() ? Integer.parseInt(number) : 0;
      }
      if (good && numbers[0] > 0 && numbers[1] > 0) {
        return new Viewport(
            Math.min(numbers[0], MAX_SIDE),
            Math.min(numbers[1], MAX_SIDE),
            numbers[2],
            numbers[3],
            numbers[4],
            numbers[5]);
      }
    }
    throw bad("viewport must be vw,vh or vw,vh,sx,sy,sw,sh: whole numbers of pixels");
  }

  private static int quality(String text) {
    if (text == null) {
      return QUALITY;
    }
    if (!text.matches("[1-9][0-9]?|100")) {
      throw bad("quality must be a whole number from 1 to 100");
    }
    return Integer.parseInt(text);
  }

  private static Set<String> annotations(String text) {
    if (text == null || text.isEmpty()) {
      return Set.of();
    }
    List<String> asked = List.of(text.split(","));
    if (!ANNOTATIONS.containsAll(asked)) {
      throw bad("annotation must be of patient and technique");
    }
    return Set.copyOf(asked);
  }

  private static ResponseStatusException bad(String what) {
    return new ResponseStatusException(HttpStatus.BAD_REQUEST, "ISO-WADO-013: " + what);
  }
}
