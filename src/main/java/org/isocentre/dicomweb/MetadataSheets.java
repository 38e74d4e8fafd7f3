package org.isocentre.dicomweb;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.isocentre.consent.Watch;
import org.isocentre.dicom.io.DicomJson;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The metadata of series as JSON text, written once and kept on the disk, so that to send them
 * costs no more than to read one file. A sheet is named by what it is made of: the objects, their
 * order and their content. One that no longer holds is never found again, and each is only for whom
 * all of its objects are visible, so nothing has to be undone when objects come, are rejected or
 * are withheld. All of it may be deleted at any time.
 *
 * <p>A file is a row of pieces, each with its length (4 bytes) in front, that ends with length -1.
 * Between two pieces belongs the address of the service, which is not the same for all callers.
 */
public final class MetadataSheets {
  private static final Logger LOG = LoggerFactory.getLogger(MetadataSheets.class);

  /** A series of fewer objects is read as quickly from them. */
  static final int WORTH = 8;

  /** To be changed with what {@link Metadata} and {@link DicomJson} write. */
  private static final String FORM = "1";

  static final String SEPARATOR = ",\n";
  private static final int BUFFER = 64 * 1024;
  private static final String ENDING = ".sheet";

  /** A sheet that was read is noted as such no more often. */
  private static final Duration NOTED = Duration.ofHours(1);

  private final StoredFiles files;
  private final Path directory;
  private final long maxBytes;
  private final AtomicLong bytes;

  /**
   * @param directory for nothing else; what lies there of before is used
   * @param maxBytes of all sheets; above it, those go that were not read for longest
   */
  public MetadataSheets(StoredFiles files, Path directory, long maxBytes) throws IOException {
    this.files = files;
    this.directory = directory;
    this.maxBytes = maxBytes;
    Files.createDirectories(directory);
    try (DirectoryStream<Path> unfinished = Files.newDirectoryStream(directory, "*.tmp")) {
      for (Path file : unfinished) {
        Files.delete(file);
      }
    }
    this.bytes = new AtomicLong(kept().stream().mapToLong(Kept::size).sum());
  }

  /** Hex digest of the objects that a sheet is made of, in their order. */
  static String name(List<HeldObject> series) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(FORM.getBytes(StandardCharsets.US_ASCII));
      for (HeldObject object : series) {
        String line = object.path() + '\n' + object.transferSyntaxUid() + '\n' + object.sha256();
        digest.update(line.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) '\n');
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Reads all of a series, and keeps what it reads where that is worth it. Where it cannot be kept,
   * because the disk is full perhaps, that is noted and no more.
   *
   * @throws IOException if an object cannot be read
   */
  void prepare(List<HeldObject> series, Watch watch) throws IOException {
    if (series.size() < WORTH) {
      return;
    }
    try {
      open(series, watch).close();
    } catch (Watch.WithdrawnException e) {
      throw e;
    } catch (IOException e) {
      for (HeldObject object : series) {
        json(object, "", watch);
      }
      LOG.warn("ISO-WADO-018: metadata cannot be kept in {}: {}", directory, e.toString());
    }
  }

  /**
   * Writes the elements of a JSON array, without the brackets around it.
   *
   * @param base of the service, without a slash at the end
   */
  void write(List<HeldObject> series, String base, OutputStream out, Watch watch)
      throws IOException {
    DataInputStream kept = null;
    if (series.size() >= WORTH) {
      try {
        kept = open(series, watch);
      } catch (Watch.WithdrawnException e) {
        throw e;
      } catch (IOException e) {
        LOG.debug("Metadata is read from its objects", e);
      }
    }
    if (kept != null) {
      copy(kept, base, out);
    } else {
      for (int i = 0; i < series.size(); i++) {
        if (i > 0) {
          out.write(SEPARATOR.getBytes(StandardCharsets.US_ASCII));
        }
        out.write(json(series.get(i), base, watch).getBytes(StandardCharsets.UTF_8));
      }
    }
  }

  private static void copy(DataInputStream sheet, String base, OutputStream out)
      throws IOException {
    byte[] between = base.getBytes(StandardCharsets.UTF_8);
    byte[] buffer = new byte[BUFFER];
    try (sheet) {
      int length = sheet.readInt();
      while (length >= 0) {
        copy(sheet, buffer, length, out);
        length = sheet.readInt();
        if (length >= 0) {
          out.write(between);
        }
      }
    }
  }

  private static void copy(DataInputStream in, byte[] buffer, int length, OutputStream out)
      throws IOException {
    int left = length;
    while (left > 0) {
      int n = Math.min(left, buffer.length);
      in.readFully(buffer, 0, n);
      out.write(buffer, 0, n);
      left -= n;
    }
  }

  private DataInputStream open(List<HeldObject> series, Watch watch) throws IOException {
    String name = name(series);
    Path file = directory.resolve(name.substring(0, 2)).resolve(name + ENDING);
    InputStream in;
    try {
      in = Files.newInputStream(file);
      noteReading(file);
    } catch (NoSuchFileException e) {
      in = make(file, name, series, watch);
    }
    return new DataInputStream(new BufferedInputStream(watch.over(in), BUFFER));
  }

  private static void noteReading(Path file) throws IOException {
    Instant now = Instant.now();
    try {
      if (Files.getLastModifiedTime(file).toInstant().isBefore(now.minus(NOTED))) {
        Files.setLastModifiedTime(file, FileTime.from(now));
      }
    } catch (NoSuchFileException e) {
      // Another has just cleared it away.
    }
  }

  private InputStream make(Path file, String name, List<HeldObject> series, Watch watch)
      throws IOException {
    Files.createDirectories(file.getParent());
    Path temporary = Files.createTempFile(directory, "new", ".tmp");
    try {
      try (FileOutputStream raw = new FileOutputStream(temporary.toFile())) {
        DataOutputStream out = new DataOutputStream(new BufferedOutputStream(raw, BUFFER));
        sheet(out, name, series, watch);
        out.flush();
        raw.getFD().sync();
      }
      // Opened before it may be cleared away: what is open can be read all the same.
      InputStream in = Files.newInputStream(temporary);
      try {
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        if (bytes.addAndGet(Files.size(file)) > maxBytes) {
          clear();
        }
      } catch (NoSuchFileException e) {
        LOG.debug("A sheet was cleared away at once", e);
      } catch (IOException e) {
        in.close();
        throw e;
      }
      return in;
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /**
   * The name stands for the address of the service while the text is made: no object can have it in
   * it, as it is a digest of the objects.
   */
  private void sheet(DataOutputStream out, String name, List<HeldObject> series, Watch watch)
      throws IOException {
    StringBuilder piece = new StringBuilder();
    for (HeldObject object : series) {
      String text = json(object, name, watch);
      int from = 0;
      for (int at = text.indexOf(name); at >= 0; at = text.indexOf(name, from)) {
        piece.append(text, from, at);
        end(piece, out);
        from = at + name.length();
      }
      piece.append(text, from, text.length());
      if (object != series.get(series.size() - 1)) {
        piece.append(SEPARATOR);
      }
    }
    end(piece, out);
    out.writeInt(-1);
  }

  private static void end(StringBuilder piece, DataOutputStream out) throws IOException {
    byte[] utf8 = piece.toString().getBytes(StandardCharsets.UTF_8);
    out.writeInt(utf8.length);
    out.write(utf8);
    piece.setLength(0);
  }

  private String json(HeldObject object, String base, Watch watch) throws IOException {
    StringBuilder text = new StringBuilder(4096);
    new DicomJson(text, Metadata.uris(base, object)).write(Metadata.of(files, object, watch));
    return text.toString();
  }

  private record Kept(Path file, long size, FileTime read) {}

  private List<Kept> kept() throws IOException {
    List<Kept> all = new ArrayList<>();
    try (Stream<Path> walk = Files.walk(directory)) {
      for (Path file : (Iterable<Path>) walk::iterator) {
        try {
          BasicFileAttributes is = Files.readAttributes(file, BasicFileAttributes.class);
          if (is.isRegularFile() && file.toString().endsWith(ENDING)) {
            all.add(new Kept(file, is.size(), is.lastModifiedTime()));
          }
        } catch (NoSuchFileException e) {
          // It went in the meantime.
        }
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    return all;
  }

  /** Down to nine tenths, so that it is not done again at once. */
  private synchronized void clear() throws IOException {
    if (bytes.get() <= maxBytes) {
      return;
    }
    List<Kept> all = kept();
    all.sort(Comparator.comparing(Kept::read));
    long left = all.stream().mapToLong(Kept::size).sum();
    for (Kept one : all) {
      if (left <= maxBytes / 10 * 9) {
        break;
      }
      Files.deleteIfExists(one.file());
      left -= one.size();
    }
    bytes.set(left);
  }
}
