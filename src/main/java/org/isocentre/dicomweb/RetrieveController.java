package org.isocentre.dicomweb;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import org.isocentre.consent.Watch;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.TransferSyntax;
import org.isocentre.dicom.io.DataSetReader;
import org.isocentre.dicom.io.DicomJson;
import org.isocentre.dicom.io.FileMetaInformation;
import org.isocentre.dicom.io.ReaderLimits;
import org.isocentre.dicomweb.StudyDoor.Wanted;
import org.isocentre.model.Instance;
import org.isocentre.store.ObjectStore;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/**
 * WADO-RS (PS3.18 §10.4): studies, series and instances as they were received, bit for bit, and
 * their metadata. Nothing is transcoded; an object that is not stored in a transfer syntax that the
 * client accepts is not sent.
 */
@RestController
@RequestMapping("/dicomweb/studies/{study}")
public final class RetrieveController {
  private static final int BUFFER = 64 * 1024;
  private static final byte[] CRLF = {'\r', '\n'};
  private final StudyDoor door;
  private final ObjectStore store;

  public RetrieveController(StudyDoor door, ObjectStore store) {
    this.door = door;
    this.store = store;
  }

  @GetMapping({"", "/series/{series}", "/series/{series}/instances/{instance}"})
  public void objects(
      @PathVariable String study,
      @PathVariable(required = false) String series,
      @PathVariable(required = false) String instance,
      @RequestHeader(name = "Accept", required = false) String accept,
      HttpServletResponse response)
      throws IOException {
    Accepted accepted = Accepted.of(accept);
    Wanted wanted = new Wanted(study, series, instance);
    Watch watch = door.watch(wanted);
    List<Instance> found =
        door.retrieve(wanted).stream().filter(i -> accepted.takes(i.transferSyntaxUid())).toList();
    if (found.isEmpty()) {
      throw new ResponseStatusException(
          HttpStatus.NOT_ACCEPTABLE,
          "ISO-WADO-003: nothing is stored in a transfer syntax or media type that Accept names; ask for multipart/related; type=\"application/dicom\"; transfer-syntax=*");
    }
    if (accepted.singlePart() && instance != null && found.size() == 1) {
      single(found.get(0), watch, response);
    } else {
      multipart(found, watch, response);
    }
  }

  private void single(Instance instance, Watch watch, HttpServletResponse response)
      throws IOException {
    try (InputStream in = open(instance, watch)) {
      response.setContentType("application/dicom; transfer-syntax=" + instance.transferSyntaxUid());
      response.setContentLengthLong(instance.size());
      copy(in, response.getOutputStream(), Long.MAX_VALUE);
    }
  }

  private void multipart(List<Instance> found, Watch watch, HttpServletResponse response)
      throws IOException {
    String boundary = "isocentre-" + UUID.randomUUID();
    OutputStream out = null;
    for (Instance i : found) {
      try (InputStream in = open(i, watch)) {
        if (out == null) {
          response.setContentType(
              "multipart/related; type=\"application/dicom\"; boundary=" + boundary);
          out = response.getOutputStream();
        }
        part(
            out, boundary, "application/dicom; transfer-syntax=" + i.transferSyntaxUid(), i.size());
        copy(in, out, Long.MAX_VALUE);
        out.write(CRLF);
      }
    }
    ascii(out, "--" + boundary + "--\r\n");
    out.flush();
  }

  private static void part(OutputStream out, String boundary, String type, long length)
      throws IOException {
    ascii(
        out,
        "--"
            + boundary
            + "\r\nContent-Type: "
            + type
            + "\r\nContent-Length: "
            + length
            + "\r\n\r\n");
  }

  private static void ascii(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static void copy(InputStream in, OutputStream out, long length) throws IOException {
    byte[] buffer = new byte[BUFFER];
    long left = length;
    while (left > 0) {
      int n = in.read(buffer, 0, (int) Math.min(buffer.length, left));
      if (n < 0) {
        break;
      }
      out.write(buffer, 0, n);
      left -= n;
    }
    if (left > 0 && length != Long.MAX_VALUE) {
      throw new IOException("ISO-WADO-004: an object ended before its value did");
    }
  }

  private InputStream open(Instance instance, Watch watch) throws IOException {
    watch.check();
    return watch.over(store.open(instance.objectKey()));
  }

  /** What comes before Pixel Data, in the DICOM JSON model (PS3.18 §10.4.1.1.2). */
  @GetMapping({
    "/metadata",
    "/series/{series}/metadata",
    "/series/{series}/instances/{instance}/metadata"
  })
  public void metadata(
      @PathVariable String study,
      @PathVariable(required = false) String series,
      @PathVariable(required = false) String instance,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    Wanted wanted = new Wanted(study, series, instance);
    Watch watch = door.watch(wanted);
    List<Instance> found = door.retrieve(wanted);
    String base = Addresses.base(request);
    Writer out = null;
    for (Instance i : found) {
      try (InputStream in = open(i, watch)) {
        TransferSyntax syntax = syntax(in);
        DataSet set = new DataSetReader(in, syntax, ReaderLimits.DEFAULT).readUntil(Tag.PixelData);
        if (out == null) {
          response.setContentType(SearchController.DICOM_JSON);
          out = new OutputStreamWriter(response.getOutputStream(), StandardCharsets.UTF_8);
          out.append('[');
        } else {
          out.append(",\n");
        }
        new DicomJson(out, bulk(base, set, syntax)).write(set);
      }
    }
    out.append(']');
    out.flush();
  }

  /** Bulk data is served little endian: of a big endian object it is left out. */
  private static DicomJson.BulkUri bulk(String base, DataSet set, TransferSyntax syntax) {
    String instance =
        base
            + "/studies/"
            + set.string(Tag.StudyInstanceUID)
            + "/series/"
            + set.string(Tag.SeriesInstanceUID)
            + "/instances/"
            + set.string(Tag.SOPInstanceUID)
            + "/bulkdata/";
    return element ->
        element instanceof Element.Bulk value && !syntax.bigEndian()
            ? instance + value.offset() + "/" + value.length()
            : null;
  }

  private static TransferSyntax syntax(InputStream in) throws IOException {
    return TransferSyntax.of(FileMetaInformation.read(in).meta().transferSyntaxUid());
  }

  /** A value that metadata named by BulkDataURI (PS3.18 §10.4.1.1.5). */
  @GetMapping("/series/{series}/instances/{instance}/bulkdata/{offset}/{length}")
  public void bulkData(
      @PathVariable String study,
      @PathVariable String series,
      @PathVariable String instance,
      @PathVariable long offset,
      @PathVariable long length,
      HttpServletResponse response)
      throws IOException {
    Wanted wanted = new Wanted(study, series, instance);
    Watch watch = door.watch(wanted);
    Instance found = door.retrieve(wanted).get(0);
    if (offset < 0 || length < 0) {
      throw new ResponseStatusException(HttpStatus.NOT_FOUND, "ISO-WADO-005: no such bulk data");
    }
    try (InputStream in = open(found, watch)) {
      TransferSyntax syntax = syntax(in);
      InputStream data = syntax.deflated() ? new InflaterInputStream(in, new Inflater(true)) : in;
      if (skip(data, offset) < offset) {
        throw new ResponseStatusException(HttpStatus.NOT_FOUND, "ISO-WADO-005: no such bulk data");
      }
      String boundary = "isocentre-" + UUID.randomUUID();
      response.setContentType(
          "multipart/related; type=\"application/octet-stream\"; boundary=" + boundary);
      OutputStream out = response.getOutputStream();
      part(out, boundary, "application/octet-stream", length);
      copy(data, out, length);
      ascii(out, "\r\n--" + boundary + "--\r\n");
    }
  }

  private static long skip(InputStream in, long offset) throws IOException {
    long skipped = 0;
    while (skipped < offset) {
      long n = in.skip(offset - skipped);
      if (n <= 0) {
        break;
      }
      skipped += n;
    }
    return skipped;
  }
}
