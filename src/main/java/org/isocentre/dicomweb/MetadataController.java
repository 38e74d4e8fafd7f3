package org.isocentre.dicomweb;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.TransferSyntax;
import org.isocentre.dicom.image.ImageObject;
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
  private static final int BUFFER = 64 * 1024;
  private static final List<Acceptable.Form> FORMS =
      List.of(
          Acceptable.Form.of(SearchController.DICOM_JSON),
          Acceptable.Form.of("application/json"),
          Acceptable.Form.parts(SearchController.DICOM_XML));
  private static final List<Acceptable.Form> VALUES =
      List.of(Acceptable.Form.parts(OCTETS), Acceptable.Form.of(OCTETS));

  private final StudyDoor door;
  private final StoredFiles files;
  private final MetadataSheets sheets;

  public MetadataController(StudyDoor door, StoredFiles files, MetadataSheets sheets) {
    this.door = door;
    this.files = files;
    this.sheets = sheets;
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
        DataSet set = Metadata.of(files, object, retrieved.watch());
        parts.part(SearchController.DICOM_XML, -1, null);
        Writer out = new OutputStreamWriter(parts.out(), StandardCharsets.UTF_8);
        new DicomXml(out, Metadata.uris(base, object)).write(set);
        out.flush();
      }
      parts.end();
      return;
    }
    json(form.type(), retrieved, base, request, response);
  }

  private void json(
      String type,
      Retrieved retrieved,
      String base,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    List<List<HeldObject>> all = series(retrieved.objects());
    String tag = tag(type + base, all);
    // Weak, as it is the same whether the answer is compressed or not (RFC 9110 §8.8.1).
    response.setHeader("ETag", "W/" + tag);
    response.addHeader("Vary", "Accept-Encoding");
    if (Download.names(request.getHeader("If-None-Match"), tag)) {
      response.setStatus(HttpServletResponse.SC_NOT_MODIFIED);
      return;
    }
    for (List<HeldObject> one : all) {
      sheets.prepare(one, retrieved.watch());
    }
    response.setContentType(type);
    OutputStream out = compressed(retrieved.objects().size(), request, response);
    out.write('[');
    for (int i = 0; i < all.size(); i++) {
      if (i > 0) {
        out.write(MetadataSheets.SEPARATOR.getBytes(StandardCharsets.US_ASCII));
      }
      sheets.write(all.get(i), base, out, retrieved.watch());
    }
    out.write(']');
    out.close();
  }

  /** In the order in which objects come: of each series all together. */
  private static List<List<HeldObject>> series(List<HeldObject> objects) {
    Map<String, List<HeldObject>> series = new LinkedHashMap<>();
    for (HeldObject object : objects) {
      series.computeIfAbsent(object.series(), s -> new ArrayList<>()).add(object);
    }
    return List.copyOf(series.values());
  }

  private static String tag(String what, List<List<HeldObject>> all) {
    StringBuilder names = new StringBuilder(what);
    all.forEach(one -> names.append(MetadataSheets.name(one)));
    return Download.tag(names.toString());
  }

  /**
   * By the quickest level: objects of a series say nearly the same, so it is small all the same.
   */
  private static OutputStream compressed(
      int objects, HttpServletRequest request, HttpServletResponse response) throws IOException {
    OutputStream out = response.getOutputStream();
    if (objects < MetadataSheets.WORTH || !gzip(request.getHeader("Accept-Encoding"))) {
      return out;
    }
    response.setHeader("Content-Encoding", "gzip");
    return new GZIPOutputStream(out, BUFFER) {
      {
        def.setLevel(Deflater.BEST_SPEED);
      }
    };
  }

  private static boolean gzip(String accepted) {
    for (String one : accepted == null ? new String[0] : accepted.split(",")) {
      String[] coding = one.strip().split("\\s*;\\s*");
      if (coding[0].equalsIgnoreCase("gzip")) {
        return coding.length < 2 || !coding[1].matches("(?i)q=0(\\.0*)?");
      }
    }
    return false;
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
