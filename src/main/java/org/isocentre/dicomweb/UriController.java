package org.isocentre.dicomweb;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import org.isocentre.dicomweb.StudyDoor.Wanted;
import org.springframework.http.HttpStatus;
import org.springframework.util.MultiValueMap;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/** WADO-URI (PS3.18 §9) for older viewers: the same objects and pictures, named by parameters. */
@RestController
public final class UriController {
  private final RetrieveController objects;
  private final RenderedController pictures;

  public UriController(RetrieveController objects, RenderedController pictures) {
    this.objects = objects;
    this.pictures = pictures;
  }

  @GetMapping("/dicomweb/wado")
  public void wado(
      @RequestParam MultiValueMap<String, String> parameters,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    if (!"WADO".equals(parameters.getFirst("requestType"))) {
      throw bad("requestType must be WADO");
    }
    Wanted wanted =
        new Wanted(
            needed(parameters, "studyUID"),
            needed(parameters, "seriesUID"),
            needed(parameters, "objectUID"));
    String type = parameters.getFirst("contentType");
    if (type != null && type.startsWith(RetrieveController.DICOM)) {
      String syntax = parameters.getFirst("transferSyntax");
      objects.objects(
          wanted.study(),
          wanted.series(),
          wanted.instance(),
          null,
          RetrieveController.DICOM + (syntax == null ? "" : "; transfer-syntax=" + syntax),
          false,
          false,
          request,
          response);
      return;
    }
    String frame = parameters.getFirst("frameNumber");
    String state = parameters.getFirst("presentationUID");
    if (state != null) {
      pictures.presented(
          wanted,
          frame == null ? 1 : FramesController.numbers(frame).get(0),
          new Wanted(wanted.study(), needed(parameters, "presentationSeriesUID"), state),
          RenderingRequest.ofUri(parameters),
          Acceptable.of(type == null ? Renderer.JPEG : type, null),
          request,
          response);
      return;
    }
    pictures.send(
        wanted,
        frame == null ? null : List.of(FramesController.numbers(frame).get(0)),
        RenderingRequest.ofUri(parameters),
        Acceptable.of(type == null ? Renderer.JPEG : type, null),
        request,
        response);
  }

  private static String needed(MultiValueMap<String, String> parameters, String name) {
    String value = parameters.getFirst(name);
    if (value == null) {
      throw bad(name + " is missing");
    }
    return value;
  }

  private static ResponseStatusException bad(String what) {
    return new ResponseStatusException(
        HttpStatus.BAD_REQUEST, "ISO-WADO-017: " + what + " (PS3.18 §9.1)");
  }
}
