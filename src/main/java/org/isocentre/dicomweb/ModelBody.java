package org.isocentre.dicomweb;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.TransferSyntax;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.data.Vr;
import org.isocentre.dicom.dimse.DimseStatusException;
import org.isocentre.dicom.dimse.Status;
import org.isocentre.dicom.image.ImageException;
import org.isocentre.dicom.image.JpegHeader;
import org.isocentre.dicom.io.BulkData;
import org.isocentre.dicom.io.DataSetWriter;
import org.isocentre.dicom.io.DicomJsonReader;
import org.isocentre.dicom.io.DicomXmlReader;
import org.isocentre.dicom.io.ReaderLimits;
import org.isocentre.dicom.web.MultipartReader;

/**
 * Objects that come as metadata, in DICOM JSON or XML, with their long values in parts of their own
 * (PS3.18 §10.5.1, §8.7.3). Metadata comes first and is held in memory, up to a limit; values go to
 * one temporary file as they come. An object is handed on when the last of its values is there.
 */
final class ModelBody implements AutoCloseable {
  private static final int BUFFER = 64 * 1024;
  private static final int MAX_VALUE = 1 << 20;
  private static final long ROOM_EVERY = 8L << 20;

  /** Failure Reason (PS3.18 Table I.2-2): the transfer syntax of bulk data cannot be. */
  static final int REFERENCED_TRANSFER_SYNTAX_NOT_SUPPORTED = 0xc122;

  /** Takes what becomes complete. */
  interface Objects {
    /**
     * @param syntax that {@code set} is to be written in
     * @param bulk values of {@code set} that are not in memory
     */
    void take(DataSet set, TransferSyntax syntax, DataSetWriter.BulkSource bulk) throws IOException;

    /**
     * @param set what is known of it; null for a value that no object named
     * @param reason as in Failure Reason (0008,1197)
     */
    void refuse(DataSet set, int reason);
  }

  /** A value that came. */
  private record Part(String mediaType, String transferSyntax, Element.Place place) {}

  private static final class Pending {
    private final DataSet set;
    private final Set<String> awaited;
    private boolean finished;

    Pending(DataSet set) {
      this.set = set;
      this.awaited = new HashSet<>();
      uris(set, awaited);
    }

    private static void uris(DataSet set, Set<String> found) {
      for (Element element : set.elements()) {
        if (element instanceof Element.Remote remote) {
          found.add(remote.uri());
        } else if (element instanceof Element.Sequence sequence) {
          sequence.items().forEach(item -> uris(item, found));
        }
      }
    }
  }

  private final MultipartReader parts;
  private final boolean xml;
  private final int maxParts;
  private final long maxMetadata;
  private final long reserve;
  private final FileStore disk;
  private final FileChannel values;
  private final Map<String, List<Part>> came = new HashMap<>();
  private final List<Pending> pending = new ArrayList<>();
  private final Map<String, List<Pending>> named = new HashMap<>();
  private long metadata;
  private long end;
  private long asked;

  /**
   * @param xml whether metadata is {@code application/dicom+xml}, else {@code
   *     application/dicom+json}
   * @param maxParts of values, and objects
   * @param maxMetadata bytes of all metadata
   * @param spool directory for the temporary file
   * @param reserve bytes that stay free there
   */
  ModelBody(
      MultipartReader parts, boolean xml, int maxParts, long maxMetadata, Path spool, long reserve)
      throws IOException {
    this.reserve = reserve;
    this.disk = Files.getFileStore(spool);
    this.parts = parts;
    this.xml = xml;
    this.maxParts = maxParts;
    this.maxMetadata = maxMetadata;
    this.values =
        FileChannel.open(
            Files.createTempFile(spool, "stow-", ".bulk"),
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.DELETE_ON_CLOSE);
  }

  /**
   * @throws MultipartReader.MalformedException if the body, or its metadata, is not as it should be
   */
  void read(Objects objects) throws IOException {
    try {
      readParts(objects);
    } catch (DimseStatusException e) {
      // No room: nothing that is not complete yet can be.
      pending.stream()
          .filter(one -> !one.finished)
          .forEach(one -> objects.refuse(one.set, e.status()));
      return;
    }
    for (Pending one : pending) {
      // Those without long values are complete, too.
      if (!one.finished) {
        finish(one, objects);
      }
    }
  }

  private void readParts(Objects objects) throws IOException {
    int count = 0;
    for (MultipartReader.Part part = parts.next(); part != null; part = parts.next()) {
      if (++count > maxParts) {
        throw new MultipartReader.MalformedException(
            "has more than %d parts, which is the limit of one call".formatted(maxParts));
      }
      String type = mediaType(part.header("content-type"));
      if (type.startsWith(xml ? SearchController.DICOM_XML : SearchController.DICOM_JSON)) {
        metadata(part);
      } else {
        value(part, type, objects);
      }
    }
    if (count == 0) {
      throw new MultipartReader.MalformedException("has no part");
    }
  }

  private static String mediaType(String contentType) {
    return contentType == null ? FrameForms.OCTETS : contentType.strip().toLowerCase(Locale.ROOT);
  }

  private void metadata(InputStream part) throws IOException {
    InputStream bounded = new Counted(part);
    ReaderLimits limits = ReaderLimits.DEFAULT.withMaxValueBytes(MAX_VALUE);
    if (xml) {
      DataSet set = new DicomXmlReader(bounded, limits, BulkData.KEEP).read();
      if (set != null) {
        add(set);
      }
    } else {
      DicomJsonReader reader = new DicomJsonReader(bounded, limits, BulkData.KEEP);
      for (DataSet set = reader.read(); set != null; set = reader.read()) {
        add(set);
      }
    }
  }

  private void add(DataSet set) throws MultipartReader.MalformedException {
    if (pending.size() == maxParts) {
      throw new MultipartReader.MalformedException(
          "has more than %d objects, which is the limit of one call".formatted(maxParts));
    }
    // File Meta Information, and what answers to searches add, are not part of an object.
    for (Element element : List.copyOf(set.elements())) {
      if (element.tag() >>> 16 <= 2 || element.tag() == Tag.AvailableTransferSyntaxUID) {
        set.remove(element.tag());
      }
    }
    Pending one = new Pending(set);
    pending.add(one);
    one.awaited.forEach(uri -> named.computeIfAbsent(uri, u -> new ArrayList<>()).add(one));
  }

  private final class Counted extends java.io.FilterInputStream {
    Counted(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      int one = super.read();
      count(one < 0 ? 0 : 1);
      return one;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      int got = super.read(into, offset, length);
      count(Math.max(0, got));
      return got;
    }

    private void count(int more) throws IOException {
      metadata += more;
      if (metadata > maxMetadata) {
        throw new MultipartReader.MalformedException(
            "has more than %d bytes of metadata, which is the limit of one call"
                .formatted(maxMetadata));
      }
    }
  }

  private void value(MultipartReader.Part part, String type, Objects objects) throws IOException {
    String location = part.header("content-location");
    List<Pending> waiting = location == null ? null : named.get(location);
    if (waiting == null) {
      objects.refuse(null, Status.CANNOT_UNDERSTAND);
      return;
    }
    long begin = end;
    byte[] buffer = new byte[BUFFER];
    for (int n = part.read(buffer); n >= 0; n = part.read(buffer)) {
      room();
      ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, n);
      while (bytes.hasRemaining()) {
        end += values.write(bytes, end);
      }
    }
    came.computeIfAbsent(location, l -> new ArrayList<>())
        .add(
            new Part(
                type.split(";", 2)[0].strip(),
                transferSyntax(type),
                new Element.Place(begin, end - begin)));
    for (Pending one : waiting) {
      if (!one.finished && isComplete(one)) {
        finish(one, objects);
      }
    }
  }

  /** Asked for every few megabytes. */
  private void room() throws IOException {
    if (end >= asked) {
      asked = end + ROOM_EVERY;
      if (disk.getUsableSpace() - ROOM_EVERY < reserve) {
        throw new DimseStatusException(Status.OUT_OF_RESOURCES, "no room for bulk data");
      }
    }
  }

  private static String transferSyntax(String type) {
    for (String parameter : type.split(";")) {
      String[] pair = parameter.strip().split("=", 2);
      if (pair.length == 2 && pair[0].strip().equals("transfer-syntax")) {
        return pair[1].strip().replace("\"", "");
      }
    }
    return null;
  }

  private boolean isComplete(Pending one) {
    if (!came.keySet().containsAll(one.awaited)) {
      return false;
    }
    // Frames come in parts of their own, under one name.
    if (one.set.get(Tag.PixelData) instanceof Element.Remote pixels) {
      List<Part> frames = came.get(pixels.uri());
      return frames.size() >= expectedFrames(one.set, frames.get(0));
    }
    return true;
  }

  private static int expectedFrames(DataSet set, Part first) {
    if (!first.mediaType().startsWith("image/")) {
      return 1;
    }
    Integer frames = set.integer(Tag.NumberOfFrames);
    return frames == null ? 1 : frames;
  }

  private void finish(Pending one, Objects objects) throws IOException {
    one.finished = true;
    try {
      if (!isComplete(one)) {
        throw new DimseStatusException(
            Status.CANNOT_UNDERSTAND, "a value that the metadata names did not come");
      }
      TransferSyntax syntax = placed(one.set);
      objects.take(one.set, syntax, this::copy);
    } catch (DimseStatusException e) {
      objects.refuse(one.set, e.status());
    }
  }

  /** Puts the places of values into the data set. */
  private TransferSyntax placed(DataSet set) throws IOException {
    String syntax = Uid.EXPLICIT_VR_LITTLE_ENDIAN;
    if (set.get(Tag.PixelData) instanceof Element.Remote pixels) {
      List<Part> frames = came.get(pixels.uri());
      if (!frames.get(0).mediaType().equals(FrameForms.OCTETS)) {
        syntax = encapsulate(set, frames);
      }
    }
    place(set);
    return TransferSyntax.of(syntax);
  }

  private void place(DataSet set) {
    for (Element element : List.copyOf(set.elements())) {
      if (element instanceof Element.Remote remote) {
        List<Part> found = came.get(remote.uri());
        if (found.size() != 1 || !found.get(0).mediaType().equals(FrameForms.OCTETS)) {
          throw new DimseStatusException(
              Status.CANNOT_UNDERSTAND, "a value comes in one part, as application/octet-stream");
        }
        Element.Place place = found.get(0).place();
        Vr vr = remote.vr();
        if (place.length() % Math.max(1, vr.unit()) != 0) {
          throw new DimseStatusException(
              Status.CANNOT_UNDERSTAND, "a value is no whole number of its units");
        }
        set.put(new Element.Bulk(remote.tag(), vr, place.offset(), place.length()));
      } else if (element instanceof Element.Sequence sequence) {
        sequence.items().forEach(this::place);
      }
    }
  }

  // --- compressed pixel data

  private String encapsulate(DataSet set, List<Part> frames) throws IOException {
    String syntax = null;
    for (Part frame : frames) {
      String own = syntax(set, frame);
      if (own == null || syntax != null && !own.equals(syntax)) {
        throw new DimseStatusException(
            REFERENCED_TRANSFER_SYNTAX_NOT_SUPPORTED,
            "the transfer syntax of the pixel data is none, or not the same of each frame");
      }
      syntax = own;
    }
    if (!TransferSyntax.of(syntax).encapsulated()
        || !FrameForms.mediaType(syntax).equals(frames.get(0).mediaType())) {
      throw new DimseStatusException(
          REFERENCED_TRANSFER_SYNTAX_NOT_SUPPORTED,
          "the media type and the transfer syntax of the pixel data do not agree");
    }
    set.put(
        new Element.Fragments(
            Tag.PixelData,
            Vr.OB,
            new Element.Place(0, 0),
            frames.stream().map(Part::place).toList()));
    return syntax;
  }

  /** Of JPEG what the code stream says, as many clients do not; it may describe the pixels, too. */
  private String syntax(DataSet set, Part frame) throws IOException {
    boolean described = set.contains(Tag.Rows);
    if (!frame.mediaType().equals("image/jpeg") || described && frame.transferSyntax() != null) {
      return frame.transferSyntax() != null
          ? frame.transferSyntax()
          : FrameForms.transferSyntax(frame.mediaType());
    }
    try {
      JpegHeader header = JpegHeader.read(open(frame.place()));
      if (!described) {
        header.describe(set);
        if (!header.isLossless()) {
          set.set(Tag.LossyImageCompression, "01");
        }
      }
      return header.transferSyntaxUid();
    } catch (ImageException e) {
      throw new DimseStatusException(
          Status.CANNOT_UNDERSTAND, "pixel data that should be JPEG: " + e.getMessage(), e);
    }
  }

  /** Not to be closed: it is the channel's position, which nothing else uses. */
  private InputStream open(Element.Place place) throws IOException {
    values.position(place.offset());
    return new BufferedInputStream(Channels.newInputStream(values));
  }

  private void copy(long offset, long length, OutputStream out) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
    long at = offset;
    while (at < offset + length) {
      buffer.clear().limit((int) Math.min(BUFFER, offset + length - at));
      int n = values.read(buffer, at);
      if (n < 0) {
        throw new IOException("ISO-STOW-004: the temporary file is shorter than it was");
      }
      out.write(buffer.array(), 0, n);
      at += n;
    }
  }

  @Override
  public void close() throws IOException {
    values.close();
  }
}
