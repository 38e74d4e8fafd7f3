package org.isocentre.dicomweb;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.TransferSyntax;
import org.isocentre.dicom.data.Vr;
import org.isocentre.dicom.image.ImageObject;
import org.isocentre.dicom.io.DicomJson;
import org.isocentre.dicom.io.DicomXml;
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
 * WADO-RS of metadata (PS3.18 §10.4.1.1.2), and of the values that it names by URI (§10.4.1.1.5).
 */
@RestController
@RequestMapping("/dicomweb/studies/{study}")
public final class MetadataController {
  private static final String OCTETS = "application/octet-stream";
  private static final List<Acceptable.Form> FORMS =
      List.of(
          Acceptable.Form.of(SearchController.DICOM_JSON),
          Acceptable.Form.of("application/json"),
          Acceptable.Form.parts(SearchController.DICOM_XML));
  private static final List<Acceptable.Form> VALUES =
      List.of(Acceptable.Form.parts(OCTETS), Acceptable.Form.of(OCTETS));

  private final StudyDoor door;
  private final StoredFiles files;

  public MetadataController(StudyDoor door, StoredFiles files) {
    this.door = door;
    this.files = files;
  }

  @GetMapping({
    "/metadata",
    "/series/{series}/metadata",
    "/series/{series}/instances/{instance}/metadata"
  })
  public void metadata(
      @PathVariable String study,
      @PathVariable(required = false) String series,
      @PathVariable(required = false) String instance,
      @RequestHeader(name = "Accept", required = false) String accept,
      @RequestParam(name = "accept", required = false) String parameter,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    Acceptable.Form form = Acceptable.of(accept, parameter).need(FORMS);
    Retrieved retrieved = door.retrieve(new Wanted(study, series, instance));
    String base = Addresses.base(request);
    response.setHeader("Cache-Control", "private, no-cache");
    if (form.multipart()) {
      Multipart parts = Multipart.begin(response, SearchController.DICOM_XML, null);
      for (HeldObject object : retrieved.objects()) {
        DataSet set = attributes(object, retrieved);
        parts.part(SearchController.DICOM_XML, -1, null);
        Writer out = new OutputStreamWriter(parts.out(), StandardCharsets.UTF_8);
        new DicomXml(out, uris(base, object)).write(set);
        out.flush();
      }
      parts.end();
      return;
    }
    Writer out = null;
    for (HeldObject object : retrieved.objects()) {
      DataSet set = attributes(object, retrieved);
      if (out == null) {
        response.setContentType(form.type());
        out = new OutputStreamWriter(response.getOutputStream(), StandardCharsets.UTF_8);
        out.append('[');
      } else {
        out.append(",\n");
      }
      new DicomJson(out, uris(base, object)).write(set);
    }
    out.append(']');
    out.flush();
  }

  /** All but what may be long; Pixel Data, where the object has them, by URI. */
  private DataSet attributes(HeldObject object, Retrieved retrieved) throws IOException {
    DataSet set = files.attributes(object, retrieved.watch());
    if (set.contains(Tag.Rows)
        && set.contains(Tag.BitsAllocated)
        && !set.contains(Tag.FloatPixelData)
        && !set.contains(Tag.DoubleFloatPixelData)) {
      Integer bits = set.integer(Tag.BitsAllocated);
      boolean encapsulated = TransferSyntax.of(object.transferSyntaxUid()).encapsulated();
      Vr vr = encapsulated || bits != null && bits <= 8 ? Vr.OB : Vr.OW;
      set.put(new Element.Bulk(Tag.PixelData, vr, 0, 0));
    }
    return set;
  }

  private static DicomJson.BulkUri uris(String base, HeldObject object) {
    boolean bigEndian = TransferSyntax.of(object.transferSyntaxUid()).bigEndian();
    String instance = base + object.path();
    return element -> {
      if (element.tag() == Tag.PixelData) {
        return instance + "/bulkdata/7FE00010";
      }
      // Bulk data is served little endian: of a big endian object it is left out.
      return element instanceof Element.Bulk value && !bigEndian
          ? instance + "/bulkdata/" + value.offset() + "/" + value.length()
          : null;
    };
  }

  /** A value that metadata named by its place. */
  @GetMapping("/series/{series}/instances/{instance}/bulkdata/{offset}/{length}")
  public void value(
      @PathVariable String study,
      @PathVariable String series,
      @PathVariable String instance,
      @PathVariable long offset,
      @PathVariable long length,
      @RequestHeader(name = "Accept", required = false) String accept,
      @RequestParam(name = "accept", required = false) String parameter,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    Acceptable.Form form = Acceptable.of(accept, parameter).need(VALUES);
    Retrieved retrieved = door.retrieve(new Wanted(study, series, instance));
    HeldObject object = retrieved.first();
    // The file is longer than its data set, so nothing that lies in it is refused here.
    boolean deflated = TransferSyntax.of(object.transferSyntaxUid()).deflated();
    if (offset < 0 || length < 0 || !deflated && length > object.size() - offset) {
      throw new ResponseStatusException(HttpStatus.NOT_FOUND, "ISO-WADO-005: no such bulk data");
    }
    try (ImageObject image = files.image(object, retrieved.watch())) {
      if (!names(image.dataSet(), offset, length)) {
        throw new ResponseStatusException(HttpStatus.NOT_FOUND, "ISO-WADO-005: no such bulk data");
      }
      Download download = new Download(form.toString() + offset + "/" + length);
      Download.Source source = from -> image.source().open(offset + from);
      if (!form.multipart()) {
        download.piece(length, source, object.sha256()).send(OCTETS, request, response);
        return;
      }
      String boundary = "isocentre-" + object.sha256().substring(0, 32);
      download
          .text("--" + boundary + "\r\nContent-Type: " + OCTETS + "\r\nContent-Length: " + length)
          .text("\r\n\r\n")
          .piece(length, source, object.sha256())
          .text("\r\n--" + boundary + "--\r\n")
          .send(
              "multipart/related; type=\"" + OCTETS + "\"; boundary=" + boundary,
              request,
              response);
    }
  }

  /** Whether a value of the object lies there, within sequences, too. */
  private static boolean names(DataSet set, long offset, long length) {
    for (Element element : set.elements()) {
      if (element instanceof Element.Bulk bulk
          && bulk.offset() == offset
          && bulk.length() == length) {
        return true;
      }
      if (element instanceof Element.Sequence sequence
          && sequence.items().stream().anyMatch(item -> names(item, offset, length))) {
        return true;
      }
    }
    return false;
  }
}
