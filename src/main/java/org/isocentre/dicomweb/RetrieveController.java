package org.isocentre.dicomweb;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.isocentre.dicom.image.SeekableSource;
import org.isocentre.dicom.image.Transcoder;
import org.isocentre.dicom.io.FileMetaInformation;
import org.isocentre.dicomweb.StudyDoor.Retrieved;
import org.isocentre.dicomweb.StudyDoor.Wanted;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * WADO-RS of objects (PS3.18 §10.4): studies, series and instances as they were received, bit for
 * bit, or in a transfer syntax that the client names and that loses nothing.
 */
@RestController
@RequestMapping("/dicomweb/studies/{study}")
public final class RetrieveController {
  static final String DICOM = "application/dicom";
  private static final Acceptable.Form ZIP = Acceptable.Form.of(StudyArchive.ZIP);
  private final StudyDoor door;
  private final StoredFiles files;
  private final Transcoder transcoder;
  private final StudyArchive archive;

  public RetrieveController(
      StudyDoor door, StoredFiles files, Renderer renderer, StudyReports reports) {
    this.archive = new StudyArchive(files, renderer, reports);
    this.door = door;
    this.files = files;
    this.transcoder = new Transcoder(files.limits());
  }

  /** One object and how it is sent. */
  private record Sending(HeldObject object, Acceptable.Form form) {
    boolean asStored() {
      return form.transferSyntax().equals(object.transferSyntaxUid());
    }
  }

  @GetMapping({"", "/series/{series}", "/series/{series}/instances/{instance}"})
  public void objects(
      @PathVariable String study,
      @PathVariable(required = false) String series,
      @PathVariable(required = false) String instance,
      @RequestHeader(name = "Accept", required = false) String accept,
      @RequestParam(name = "accept", required = false) String parameter,
      @RequestParam(required = false) boolean pictures,
      @RequestParam(required = false) boolean reports,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    Acceptable acceptable = Acceptable.of(accept, parameter);
    Retrieved retrieved = door.retrieve(new Wanted(study, series, instance));
    double file =
        stored(retrieved.first(), instance != null).stream()
            .mapToDouble(acceptable::quality)
            .max()
            .orElse(0);
    boolean zip = acceptable.quality(ZIP) > file;
    if (zip) {
      archive.send(retrieved, pictures, reports, response);
      return;
    }
    List<Sending> sendings = new ArrayList<>();
    for (HeldObject object : retrieved.objects()) {
      form(acceptable, object, instance != null, retrieved)
          .ifPresent(form -> sendings.add(new Sending(object, form)));
    }
    if (sendings.isEmpty()) {
      throw Acceptable.none(stored(retrieved.first(), instance != null));
    }
    int missing = retrieved.objects().size() - sendings.size();
    if (missing > 0) {
      response.setStatus(HttpServletResponse.SC_PARTIAL_CONTENT);
      response.setHeader(
          "Warning",
          "299 isocentre \"%d objects cannot be sent in a form that Accept names; ask for transfer-syntax=*\""
              .formatted(missing));
    }
    if (missing == 0 && sendings.stream().allMatch(Sending::asStored)) {
      download(sendings, retrieved, request, response);
    } else {
      transcode(sendings, retrieved, response);
    }
  }

  /** Lengths are known, so a broken download can go on. */
  private void download(
      List<Sending> sendings,
      Retrieved retrieved,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    Sending first = sendings.get(0);
    Download download = new Download(first.form().toString());
    if (!first.form().multipart()) {
      add(download, first.object(), retrieved).send(first.form().contentType(), request, response);
      return;
    }
    String boundary = "isocentre-" + first.object().sha256().substring(0, 32);
    String before = "--";
    for (Sending sending : sendings) {
      download.text(
          before
              + boundary
              + "\r\nContent-Type: "
              + sending.form().contentType()
              + "\r\nContent-Length: "
              + sending.object().size()
              + "\r\n\r\n");
      add(download, sending.object(), retrieved);
      before = "\r\n--";
    }
    download
        .text("\r\n--" + boundary + "--\r\n")
        .send("multipart/related; type=\"" + DICOM + "\"; boundary=" + boundary, request, response);
  }

  private Download add(Download download, HeldObject object, Retrieved retrieved) {
    return download.piece(
        object.size(), offset -> files.file(object, retrieved.watch(), offset), object.sha256());
  }

  private void transcode(List<Sending> sendings, Retrieved retrieved, HttpServletResponse response)
      throws IOException {
    if (!sendings.get(0).form().multipart()) {
      Sending one = sendings.get(0);
      response.setHeader("Content-Type", one.form().contentType());
      try (InputStream in = open(one, retrieved)) {
        response.getOutputStream().write(meta(one));
        Bytes.copy(in, response.getOutputStream());
      }
      return;
    }
    Multipart parts = Multipart.begin(response, DICOM, null);
    for (Sending sending : sendings) {
      parts.part(sending.form().contentType(), -1, null);
      if (sending.asStored()) {
        try (InputStream in = files.file(sending.object(), retrieved.watch(), 0)) {
          parts.write(in);
        }
      } else {
        try (InputStream in = open(sending, retrieved)) {
          parts.out().write(meta(sending));
          parts.write(in);
        }
      }
    }
    parts.end();
  }

  private InputStream open(Sending sending, Retrieved retrieved) throws IOException {
    SeekableSource source = files.dataSet(sending.object(), retrieved.watch());
    return transcoder.transcode(
        source, sending.object().transferSyntaxUid(), sending.form().transferSyntax());
  }

  private static byte[] meta(Sending sending) {
    return new FileMetaInformation(
            sending.object().sopClassUid(),
            sending.object().instance(),
            sending.form().transferSyntax(),
            null)
        .encode();
  }

  /** As it is stored, first; what it would have to be made, only where nothing else is taken. */
  private Optional<Acceptable.Form> form(
      Acceptable acceptable, HeldObject object, boolean alone, Retrieved retrieved)
      throws IOException {
    Optional<Acceptable.Form> stored = acceptable.best(stored(object, alone));
    if (stored.isPresent()) {
      return stored;
    }
    List<Acceptable.Form> made = new ArrayList<>();
    for (String syntax : targets(object, retrieved)) {
      made.add(new Acceptable.Form(DICOM, true, syntax, false));
      if (alone) {
        made.add(new Acceptable.Form(DICOM, false, syntax, false));
      }
    }
    return acceptable.best(made);
  }

  private static List<Acceptable.Form> stored(HeldObject object, boolean alone) {
    Acceptable.Form parts = new Acceptable.Form(DICOM, true, object.transferSyntaxUid(), true);
    return alone
        ? List.of(parts, new Acceptable.Form(DICOM, false, object.transferSyntaxUid(), true))
        : List.of(parts);
  }

  private List<String> targets(HeldObject object, Retrieved retrieved) throws IOException {
    return Transcoder.losslessTargets(
        object.transferSyntaxUid(), files.attributes(object, retrieved.watch()));
  }
}
