package org.isocentre.dicomweb;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.TransferSyntax;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.dimse.DataSetInfo;
import org.isocentre.dicom.dimse.DataSetSink;
import org.isocentre.dicom.dimse.DimseStatusException;
import org.isocentre.dicom.dimse.ReceivedDataSet;
import org.isocentre.dicom.dimse.Status;
import org.isocentre.dicom.io.DataSetReader;
import org.isocentre.dicom.io.DataSetWriter;
import org.isocentre.dicom.io.DicomJson;
import org.isocentre.dicom.io.DicomParseException;
import org.isocentre.dicom.io.DicomXml;
import org.isocentre.dicom.io.FileMetaInformation;
import org.isocentre.dicom.io.ReaderLimits;
import org.isocentre.dicom.web.MultipartReader;
import org.isocentre.ingest.InstanceReceiver;
import org.isocentre.model.InstanceStored;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/**
 * STOW-RS (PS3.18 §10.5): Part 10 files, streamed to the store as they come, or metadata with bulk
 * data, with the checks and the durability of C-STORE. What the answer names as stored is on disk
 * together with its event.
 */
@RestController
@RequestMapping("/dicomweb/studies")
public final class StoreController {
  private static final Logger LOG = LoggerFactory.getLogger(StoreController.class);
  private static final String DICOM = "application/dicom";
  private static final String CALLER = "STOWRS";
  private static final List<Acceptable.Form> FORMS =
      List.of(
          Acceptable.Form.of(SearchController.DICOM_JSON),
          Acceptable.Form.of("application/json"),
          Acceptable.Form.of(SearchController.DICOM_XML));
  private static final int BUFFER = 128 * 1024;

  private final StoreDoor door;
  private final DataSetSink.Factory sinks;
  private final InstanceReceiver receiver;
  private final Uploads uploads;
  private final Predicate<String> sopClasses;
  private final int maxParts;
  private final ModelLimits limits;

  /**
   * Of bodies of metadata and bulk data.
   *
   * @param maxMetadata bytes of metadata in one call
   * @param spool directory for bulk data until their object is complete
   * @param reserve bytes that stay free there
   */
  public record ModelLimits(long maxMetadata, Path spool, long reserve) {}

  /**
   * @param sopClasses that are taken
   * @param maxParts of one call
   */
  public StoreController(
      StoreDoor door,
      DataSetSink.Factory sinks,
      InstanceReceiver receiver,
      Uploads uploads,
      Predicate<String> sopClasses,
      int maxParts,
      ModelLimits limits) {
    this.door = door;
    this.sinks = sinks;
    this.receiver = receiver;
    this.uploads = uploads;
    this.sopClasses = sopClasses;
    this.maxParts = maxParts;
    this.limits = limits;
  }

  /** What became of the parts (PS3.18 §I.2). */
  private static final class Outcome {
    final DataSet answer = new DataSet().set(Tag.SpecificCharacterSet, "ISO_IR 192");
    final String base;
    int stored;
    int waiting;
    int failed;

    Outcome(String base) {
      this.base = base;
    }

    void stored(InstanceStored object, String series) {
      stored++;
      DataSet item = answer.addItem(Tag.ReferencedSOPSequence);
      item.set(Tag.ReferencedSOPClassUID, object.sopClassUid());
      item.set(Tag.ReferencedSOPInstanceUID, object.sopInstanceUid());
      item.set(
          Tag.RetrieveURL,
          base
              + "/studies/"
              + object.studyInstanceUid()
              + "/series/"
              + series
              + "/instances/"
              + object.sopInstanceUid());
    }

    /** Of a patient: nobody gets it yet. */
    void waits(DataSetInfo object) {
      waiting++;
      DataSet item = answer.addItem(Tag.ReferencedSOPSequence);
      item.set(Tag.ReferencedSOPClassUID, object.sopClassUid());
      item.set(Tag.ReferencedSOPInstanceUID, object.sopInstanceUid());
    }

    String counts() {
      return "%d stored, %d waiting, %d failed".formatted(stored, waiting, failed);
    }

    void failed(FileMetaInformation meta, int reason) {
      failed++;
      DataSet item = answer.addItem(Tag.FailedSOPSequence);
      if (meta != null && Uid.isTolerable(meta.sopClassUid())) {
        item.set(Tag.ReferencedSOPClassUID, meta.sopClassUid());
      }
      if (meta != null && Uid.isTolerable(meta.sopInstanceUid())) {
        item.set(Tag.ReferencedSOPInstanceUID, meta.sopInstanceUid());
      }
      item.setLongs(Tag.FailureReason, reason);
    }
  }

  /**
   * @param study that all objects have to be of, or null
   */
  @PostMapping({"", "/{study}"})
  public void store(
      @PathVariable(required = false) String study,
      @RequestHeader(name = "Accept", required = false) String accept,
      @RequestHeader(name = "Content-Type", required = false) String contentType,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    Acceptable.Form form = Acceptable.of(accept, request.getParameter("accept")).need(FORMS);
    if (study != null) {
      Uids.checked(study);
    }
    Body body = Body.of(contentType);
    Call call =
        new Call(
            study, door.enter(), request.getRemoteAddr(), new Outcome(Addresses.base(request)));
    Outcome outcome = call.outcome();
    InputStream in = request.getInputStream();
    try {
      switch (body) {
        case ONE -> part(in, call);
        case MANY -> parts(MultipartReader.of(in, contentType), call);
        case JSON, XML -> models(MultipartReader.of(in, contentType), body == Body.XML, call);
        default -> throw new IllegalStateException(body.name());
      }
    } catch (MultipartReader.MalformedException | DicomParseException e) {
      door.note(false, outcome.counts() + ", then malformed");
      throw new ResponseStatusException(
          HttpStatus.BAD_REQUEST,
          "ISO-STOW-001: %s; %d objects before were stored, send all again"
              .formatted(e.getMessage(), outcome.stored + outcome.waiting),
          e);
    } catch (IOException e) {
      // What was stored before stays stored.
      door.note(false, outcome.counts() + ", then broken off");
      throw e;
    }
    door.note(outcome.stored + outcome.waiting > 0, outcome.counts());
    if (study != null && outcome.waiting == 0) {
      outcome.answer.set(Tag.RetrieveURL, outcome.base + "/studies/" + study);
    }
    answer(outcome, form, response);
  }

  /** How objects come. */
  private enum Body {
    ONE,
    MANY,
    JSON,
    XML;

    static Body of(String contentType) {
      String type = contentType == null ? "" : contentType.toLowerCase(Locale.ROOT);
      boolean multipart = type.startsWith("multipart/related");
      if (multipart && type.contains(SearchController.DICOM_JSON)) {
        return JSON;
      }
      if (multipart && type.contains(SearchController.DICOM_XML)) {
        return XML;
      }
      String media = type.split(";", 2)[0].strip();
      if (media.equals(DICOM) || multipart && type.contains(DICOM)) {
        return multipart ? MANY : ONE;
      }
      throw new ResponseStatusException(
          HttpStatus.UNSUPPORTED_MEDIA_TYPE,
          "ISO-STOW-003: objects are taken as multipart/related of type application/dicom,"
              + " application/dicom+json or application/dicom+xml, or one as application/dicom");
    }
  }

  /**
   * @param study that all objects have to be of, or null
   * @param sender whose they are
   */
  private record Call(
      String study, StoreDoor.Sender sender, String remoteAddress, Outcome outcome) {}

  private void models(MultipartReader parts, boolean xml, Call call) throws IOException {
    try (ModelBody body =
        new ModelBody(
            parts, xml, maxParts, limits.maxMetadata(), limits.spool(), limits.reserve())) {
      body.read(
          new ModelBody.Objects() {
            @Override
            public void take(DataSet set, TransferSyntax syntax, DataSetWriter.BulkSource bulk)
                throws IOException {
              FileMetaInformation meta = meta(set, syntax.uid());
              check(meta);
              spool(
                  out -> {
                    OutputStream pieces = new BufferedOutputStream(out, BUFFER);
                    new DataSetWriter(pieces, syntax, bulk).write(set);
                    pieces.flush();
                  },
                  meta,
                  call);
            }

            @Override
            public void refuse(DataSet set, int reason) {
              call.outcome().failed(set == null ? null : meta(set, null), reason);
            }
          });
    }
  }

  private static FileMetaInformation meta(DataSet set, String syntax) {
    return new FileMetaInformation(
        set.string(Tag.SOPClassUID), set.string(Tag.SOPInstanceUID), syntax, null);
  }

  private void parts(MultipartReader parts, Call call) throws IOException {
    int count = 0;
    for (MultipartReader.Part part = parts.next(); part != null; part = parts.next()) {
      if (++count > maxParts) {
        throw new MultipartReader.MalformedException(
            "has more than %d parts, which is the limit of one call".formatted(maxParts));
      }
      String type = part.header("content-type");
      if (type != null && !type.toLowerCase(Locale.ROOT).startsWith(DICOM)) {
        call.outcome().failed(null, Status.CANNOT_UNDERSTAND);
      } else {
        part(part, call);
      }
    }
    if (count == 0) {
      throw new MultipartReader.MalformedException("has no part");
    }
  }

  private void part(InputStream body, Call call) throws IOException {
    FileMetaInformation meta = null;
    InputStream in = new BufferedInputStream(body, BUFFER);
    try {
      meta = FileMetaInformation.read(in).meta();
      check(meta);
      spool(out -> Bytes.copy(in, out), meta, call);
    } catch (DicomParseException e) {
      LOG.debug("A part is no Part 10 file: {}", e.code());
      call.outcome().failed(meta, Status.CANNOT_UNDERSTAND);
    } catch (DimseStatusException e) {
      LOG.debug("An object is refused: {}", e.getMessage());
      call.outcome().failed(meta, e.status());
    }
  }

  private void check(FileMetaInformation meta) {
    if (meta.sopClassUid() == null || meta.sopInstanceUid() == null) {
      throw new DimseStatusException(Status.CANNOT_UNDERSTAND, "no SOP UIDs");
    }
    if (!sopClasses.test(meta.sopClassUid())) {
      throw new DimseStatusException(Status.SOP_CLASS_NOT_SUPPORTED, "no storage SOP class");
    }
  }

  /** Writes a data set, from wherever it comes. */
  @FunctionalInterface
  private interface DataSetBytes {
    void writeTo(OutputStream out) throws IOException;
  }

  private void spool(DataSetBytes bytes, FileMetaInformation meta, Call call) throws IOException {
    boolean upload = call.sender().patient() != null;
    DataSetSink sink =
        (upload ? uploads.sinks() : sinks)
            .open(
                new DataSetInfo(
                    CALLER,
                    CALLER,
                    call.remoteAddress(),
                    meta.sopClassUid(),
                    meta.sopInstanceUid(),
                    meta.transferSyntaxUid(),
                    "",
                    ""));
    boolean whole = false;
    try {
      bytes.writeTo(new SinkOutput(sink));
      whole = true;
    } finally {
      if (!whole) {
        sink.abandon();
      }
    }
    try (ReceivedDataSet object = sink.complete()) {
      DataSet head = head(object);
      if (call.study() != null && !call.study().equals(head.string(Tag.StudyInstanceUID))) {
        throw new DimseStatusException(
            Status.DATA_SET_DOES_NOT_MATCH_SOP_CLASS, "of another study than the path's");
      }
      if (upload) {
        uploads.receive(call.sender().patient(), object);
        call.outcome().waits(object.info());
      } else {
        InstanceStored stored = receiver.receiveFrom(call.sender().custodian(), object);
        call.outcome().stored(stored, head.string(Tag.SeriesInstanceUID));
      }
    }
  }

  /** What names the object and what it is of. */
  private static DataSet head(ReceivedDataSet object) throws IOException {
    try (InputStream in = object.openDataSet()) {
      return new DataSetReader(
              in, TransferSyntax.of(object.info().transferSyntaxUid()), ReaderLimits.DEFAULT)
          .readUntil(Tag.SeriesInstanceUID + 1);
    }
  }

  private static void answer(Outcome outcome, Acceptable.Form form, HttpServletResponse response)
      throws IOException {
    // All, some, none (PS3.18 Table 10.5.3-1); what waits is accepted, and no more.
    boolean some = outcome.stored + outcome.waiting > 0;
    response.setStatus(
        !some && outcome.failed > 0
            ? HttpServletResponse.SC_CONFLICT
            : outcome.failed + outcome.waiting > 0
                ? HttpServletResponse.SC_ACCEPTED
                : HttpServletResponse.SC_OK);
    if (outcome.waiting > 0) {
      response.setHeader(
          "Warning",
          "299 isocentre \"%d objects wait until a person has looked at them\""
              .formatted(outcome.waiting));
    }
    response.setContentType(form.type());
    Writer out = new OutputStreamWriter(response.getOutputStream(), StandardCharsets.UTF_8);
    if (form.type().equals(SearchController.DICOM_XML)) {
      new DicomXml(out, DicomJson.BulkUri.NONE).write(outcome.answer);
    } else {
      new DicomJson(out, DicomJson.BulkUri.NONE).write(outcome.answer);
    }
    out.flush();
  }
}
