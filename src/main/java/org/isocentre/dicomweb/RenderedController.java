package org.isocentre.dicomweb;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.image.Frames;
import org.isocentre.dicom.image.ImageException;
import org.isocentre.dicom.image.ImageObject;
import org.isocentre.dicom.image.ObjectReference;
import org.isocentre.dicom.image.PresentationState;
import org.isocentre.dicomweb.StudyDoor.Retrieved;
import org.isocentre.dicomweb.StudyDoor.Wanted;
import org.springframework.http.HttpStatus;
import org.springframework.util.MultiValueMap;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/** WADO-RS of rendered resources and thumbnails (PS3.18 §10.4.1.1.3, §10.4.1.1.4). */
@RestController
@RequestMapping("/dicomweb/studies/{study}")
public final class RenderedController {
  private static final String HTML = "text/html";
  private static final String PDF = "application/pdf";
  private static final String ENCAPSULATED_PDF = "1.2.840.10008.5.1.4.1.1.104.1";
  private static final List<Acceptable.Form> PICTURE =
      List.of(
          Acceptable.Form.of(Renderer.JPEG),
          Acceptable.Form.of(Renderer.PNG),
          Acceptable.Form.of(Renderer.GIF));
  private static final List<Acceptable.Form> PICTURES =
      List.of(
          Acceptable.Form.parts(Renderer.JPEG),
          Acceptable.Form.parts(Renderer.PNG),
          Acceptable.Form.of(Renderer.GIF));

  private static final String KEY_OBJECT_SELECTION = "1.2.840.10008.5.1.4.1.1.88.59";

  /** Of what one object names: the first alone, or all. */
  private static final List<Acceptable.Form> SELECTION =
      List.of(PICTURE.get(0), PICTURE.get(1), PICTURES.get(0), PICTURES.get(1));

  private final StudyDoor door;
  private final StoredFiles files;
  private final Renderer renderer;

  public RenderedController(StudyDoor door, StoredFiles files, Renderer renderer) {
    this.door = door;
    this.files = files;
    this.renderer = renderer;
  }

  /** Each object that can be shown is a part. */
  @GetMapping({"/rendered", "/series/{series}/rendered"})
  public void several(
      @PathVariable String study,
      @PathVariable(required = false) String series,
      @RequestParam MultiValueMap<String, String> parameters,
      @RequestHeader(name = "Accept", required = false) String accept,
      HttpServletResponse response)
      throws IOException {
    RenderingRequest request = RenderingRequest.of(parameters);
    Acceptable.Form form =
        Acceptable.of(accept, parameters.getFirst("accept")).need(PICTURES.subList(0, 2));
    Retrieved retrieved = door.retrieve(new Wanted(study, series, null));
    PictureParts parts = new PictureParts(form.type(), response);
    for (HeldObject object : retrieved.objects()) {
      try (ImageObject image = files.image(object, retrieved.watch())) {
        if (image.dataSet().contains(Tag.PixelData)) {
          parts.add(renderer.picture(image, representative(image), form.type(), request));
        }
      }
    }
    parts.end();
  }

  /** Pictures as parts of an answer, which begins with the first. */
  private static final class PictureParts {
    private final String type;
    private final HttpServletResponse response;
    private Multipart parts;

    PictureParts(String type, HttpServletResponse response) {
      this.type = type;
      this.response = response;
    }

    void add(byte[] picture) throws IOException {
      if (parts == null) {
        parts = Multipart.begin(response, type, null);
      }
      parts.part(type, picture.length, null);
      parts.out().write(picture);
    }

    /**
     * @throws ResponseStatusException 406 if there was none
     */
    void end() throws IOException {
      if (parts == null) {
        throw nothingToShow();
      }
      parts.end();
    }
  }

  @GetMapping("/series/{series}/instances/{instance}/rendered")
  public void one(
      @PathVariable String study,
      @PathVariable String series,
      @PathVariable String instance,
      @RequestParam MultiValueMap<String, String> parameters,
      @RequestHeader(name = "Accept", required = false) String accept,
      HttpServletRequest call,
      HttpServletResponse response)
      throws IOException {
    Wanted wanted = new Wanted(study, series, instance);
    Acceptable acceptable = Acceptable.of(accept, parameters.getFirst("accept"));
    send(wanted, null, RenderingRequest.of(parameters), acceptable, call, response);
  }

  @GetMapping("/series/{series}/instances/{instance}/frames/{list}/rendered")
  public void frames(
      @PathVariable String study,
      @PathVariable String series,
      @PathVariable String instance,
      @PathVariable String list,
      @RequestParam MultiValueMap<String, String> parameters,
      @RequestHeader(name = "Accept", required = false) String accept,
      HttpServletRequest call,
      HttpServletResponse response)
      throws IOException {
    List<Integer> numbers = FramesController.numbers(list);
    Wanted wanted = new Wanted(study, series, instance);
    Acceptable acceptable = Acceptable.of(accept, parameters.getFirst("accept"));
    send(wanted, numbers, RenderingRequest.of(parameters), acceptable, call, response);
  }

  /** Of several objects, the one in the middle of the first series with pictures. */
  @GetMapping({
    "/thumbnail",
    "/series/{series}/thumbnail",
    "/series/{series}/instances/{instance}/thumbnail",
    "/series/{series}/instances/{instance}/frames/{list}/thumbnail"
  })
  public void thumbnail(
      @PathVariable String study,
      @PathVariable(required = false) String series,
      @PathVariable(required = false) String instance,
      @PathVariable(required = false) String list,
      @RequestParam MultiValueMap<String, String> parameters,
      @RequestHeader(name = "Accept", required = false) String accept,
      HttpServletRequest call,
      HttpServletResponse response)
      throws IOException {
    RenderingRequest request = RenderingRequest.ofThumbnail(parameters);
    Acceptable.Form form =
        Acceptable.of(accept, parameters.getFirst("accept")).need(PICTURE.subList(0, 2));
    Retrieved retrieved = door.retrieve(new Wanted(study, series, instance));
    for (HeldObject object : inTheMiddle(retrieved.objects())) {
      try (ImageObject image = files.image(object, retrieved.watch())) {
        if (image.dataSet().contains(Tag.PixelData)) {
          int frame =
              list == null ? representative(image) : FramesController.numbers(list).get(0) - 1;
          byte[] picture = renderer.picture(image, frame, form.type(), request);
          bytes(picture, form.type(), object.sha256() + request + frame, call, response);
          return;
        }
      }
    }
    throw nothingToShow();
  }

  /** At most one of each series, the middle one; the first series first. */
  private static List<HeldObject> inTheMiddle(List<HeldObject> objects) {
    List<HeldObject> middle = new ArrayList<>();
    int from = 0;
    for (int i = 1; i <= objects.size(); i++) {
      if (i == objects.size() || !objects.get(i).series().equals(objects.get(from).series())) {
        middle.add(objects.get((from + i - 1) / 2));
        from = i;
      }
    }
    return middle;
  }

  private static int representative(ImageObject image) {
    Integer said = image.dataSet().integer(Tag.RepresentativeFrameNumber);
    Integer frames = image.dataSet().integer(Tag.NumberOfFrames);
    if (said != null && said > 0 && frames != null && said <= frames) {
      return said - 1;
    }
    return frames == null ? 0 : Math.max(0, (frames - 1) / 2);
  }

  /**
   * @param asked frames from 1, or null for the object: all frames as a film, or one of them
   */
  void send(
      Wanted wanted,
      List<Integer> asked,
      RenderingRequest request,
      Acceptable acceptable,
      HttpServletRequest call,
      HttpServletResponse response)
      throws IOException {
    Retrieved retrieved = door.retrieve(wanted);
    HeldObject object = retrieved.first();
    try (ImageObject image = files.image(object, retrieved.watch())) {
      if (asked == null && object.sopClassUid().equals(ENCAPSULATED_PDF)) {
        acceptable.need(List.of(Acceptable.Form.of(PDF)));
        pdf(image, object, call, response);
        return;
      }
      if (asked == null && PresentationState.is(object.sopClassUid())) {
        PresentationState state = new PresentationState(image.dataSet());
        selection(
            object, state.references(), state, acceptable.need(SELECTION), request, call, response);
        return;
      }
      if (asked == null && isReport(image)) {
        List<Acceptable.Form> forms = new ArrayList<>(List.of(Acceptable.Form.of(HTML)));
        List<ObjectReference> keys =
            object.sopClassUid().equals(KEY_OBJECT_SELECTION)
                ? ObjectReference.ofContent(image.dataSet())
                : List.of();
        if (!keys.isEmpty()) {
          forms.addAll(SELECTION);
        }
        Acceptable.Form form = acceptable.need(forms);
        if (form.type().equals(HTML)) {
          report(image, response);
        } else {
          selection(object, keys, null, form, request, call, response);
        }
        return;
      }
      if (!image.dataSet().contains(Tag.PixelData)) {
        throw nothingToShow();
      }
      Frames frames = FramesController.framesOf(image);
      boolean several = asked != null && asked.size() > 1;
      Acceptable.Form form = acceptable.need(several ? PICTURES : PICTURE);
      List<Integer> numbers = numbers(asked, frames, form, image);
      if (form.type().equals(Renderer.GIF)) {
        response.setContentType(form.type());
        response.setHeader("Cache-Control", "private, no-cache");
        renderer.film(image, numbers, request, response.getOutputStream());
      } else if (form.multipart()) {
        parts(image, numbers, form, request, response);
      } else {
        byte[] picture = renderer.picture(image, numbers.get(0), form.type(), request);
        bytes(picture, form.type(), object.sha256() + request + numbers, call, response);
      }
    }
  }

  /**
   * An image as a presentation state says (PS3.18 §9.4.8).
   *
   * @param frame from 1
   * @param stateWanted the state, of the same study
   */
  void presented(
      Wanted wanted,
      int frame,
      Wanted stateWanted,
      RenderingRequest request,
      Acceptable acceptable,
      HttpServletRequest call,
      HttpServletResponse response)
      throws IOException {
    Acceptable.Form form = acceptable.need(PICTURE.subList(0, 2));
    Retrieved ofState = door.retrieve(stateWanted);
    Retrieved retrieved = door.retrieve(wanted);
    try (ImageObject said = files.image(ofState.first(), ofState.watch());
        ImageObject image = files.image(retrieved.first(), retrieved.watch())) {
      PresentationState state = new PresentationState(said.dataSet());
      if (!PresentationState.is(ofState.first().sopClassUid())
          || !state.isFor(wanted.instance(), frame - 1)) {
        throw new ResponseStatusException(
            HttpStatus.NOT_FOUND,
            "ISO-WADO-020: this is no presentation state for the image (PS3.18 §9.4.8)");
      }
      numbers(List.of(frame), FramesController.framesOf(image), form, image);
      byte[] picture =
          renderer.picture(image, wanted.instance(), frame - 1, state, form.type(), request);
      bytes(
          picture,
          form.type(),
          retrieved.first().sha256() + ofState.first().sha256() + request + frame,
          call,
          response);
    }
  }

  /**
   * The images that an object names, of its study, which the caller may see; of one that is no
   * multipart answer, the first.
   *
   * @param state that they are shown by, or null
   */
  private void selection(
      HeldObject of,
      List<ObjectReference> references,
      PresentationState state,
      Acceptable.Form form,
      RenderingRequest request,
      HttpServletRequest call,
      HttpServletResponse response)
      throws IOException {
    Retrieved study = door.retrieve(new Wanted(of.study(), null, null));
    Map<String, HeldObject> objects = new HashMap<>();
    study.objects().forEach(o -> objects.put(o.instance(), o));
    PictureParts parts = new PictureParts(form.type(), response);
    for (ObjectReference reference : references) {
      HeldObject object = objects.get(reference.sopInstanceUid());
      if (object == null) {
        continue;
      }
      try (ImageObject image = files.image(object, study.watch())) {
        if (!image.dataSet().contains(Tag.PixelData)) {
          continue;
        }
        int frames = FramesController.framesOf(image).count();
        List<Integer> shown =
            reference.frames().isEmpty()
                ? List.of(representative(image))
                : reference.frames().stream().filter(f -> f < frames).toList();
        for (int frame : shown) {
          byte[] picture =
              state == null
                  ? renderer.picture(image, frame, form.type(), request)
                  : renderer.picture(image, object.instance(), frame, state, form.type(), request);
          if (!form.multipart()) {
            bytes(
                picture,
                form.type(),
                of.sha256() + object.sha256() + request + frame,
                call,
                response);
            return;
          }
          parts.add(picture);
        }
      }
    }
    parts.end();
  }

  /** From 0. */
  private static List<Integer> numbers(
      List<Integer> asked, Frames frames, Acceptable.Form form, ImageObject image) {
    if (asked == null) {
      return form.type().equals(Renderer.GIF)
          ? IntStream.range(0, frames.count()).boxed().toList()
          : List.of(representative(image));
    }
    for (int number : asked) {
      if (number > frames.count()) {
        throw new ResponseStatusException(
            HttpStatus.NOT_FOUND,
            "ISO-WADO-010: frame %d asked of an object of %d".formatted(number, frames.count()));
      }
    }
    return asked.stream().map(n -> n - 1).toList();
  }

  private void parts(
      ImageObject image,
      List<Integer> numbers,
      Acceptable.Form form,
      RenderingRequest request,
      HttpServletResponse response)
      throws IOException {
    PictureParts parts = new PictureParts(form.type(), response);
    for (int number : numbers) {
      parts.add(renderer.picture(image, number, form.type(), request));
    }
    parts.end();
  }

  private static void bytes(
      byte[] picture,
      String type,
      String identity,
      HttpServletRequest call,
      HttpServletResponse response)
      throws IOException {
    new Download(type)
        .piece(
            picture.length,
            offset -> new java.io.ByteArrayInputStream(picture, (int) offset, picture.length),
            identity)
        .send(type, call, response);
  }

  private static boolean isReport(ImageObject image) {
    return "CONTAINER".equals(image.dataSet().string(Tag.ValueType))
        && image.dataSet().contains(Tag.ContentSequence);
  }

  private static void report(ImageObject image, HttpServletResponse response) throws IOException {
    response.setContentType(HTML + ";charset=UTF-8");
    response.setHeader("Cache-Control", "private, no-cache");
    response.setHeader(
        "Content-Security-Policy", "sandbox; default-src 'none'; style-src 'unsafe-inline'");
    Writer out = new OutputStreamWriter(response.getOutputStream(), StandardCharsets.UTF_8);
    new ReportPage(out).write(image.dataSet());
    out.flush();
  }

  /** The document as it was encapsulated, without its padding (PS3.3 §C.24.2). */
  private void pdf(
      ImageObject image, HeldObject object, HttpServletRequest call, HttpServletResponse response)
      throws IOException {
    Element document = image.dataSet().get(Tag.EncapsulatedDocument);
    long[] said = image.dataSet().longs(Tag.EncapsulatedDocumentLength);
    Download download = new Download(PDF);
    if (document instanceof Element.Bulk bulk) {
      long length = said.length == 1 ? Math.min(said[0], bulk.length()) : bulk.length();
      download.piece(
          length, offset -> image.source().open(bulk.offset() + offset), object.sha256());
    } else if (document instanceof Element.Value value) {
      int length =
          said.length == 1 ? (int) Math.min(said[0], value.bytes().length) : value.bytes().length;
      download.piece(
          length,
          offset -> new java.io.ByteArrayInputStream(value.bytes(), (int) offset, length),
          object.sha256());
    } else {
      throw new ImageException("ISO-IMAGE-509", "the object has no document");
    }
    // A script in the document may not act as this site's.
    response.setHeader("Content-Security-Policy", "sandbox");
    download.send(PDF, call, response);
  }

  private static ResponseStatusException nothingToShow() {
    return new ResponseStatusException(
        HttpStatus.NOT_ACCEPTABLE,
        "ISO-WADO-015: no picture can be made of it; the object itself is to be had as application/dicom");
  }
}
