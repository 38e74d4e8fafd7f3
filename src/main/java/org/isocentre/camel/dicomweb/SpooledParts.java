package org.isocentre.camel.dicomweb;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.isocentre.dicom.web.PartAnswers;

/**
 * The parts of an answer as files that are there until the end: a split asks for the next part
 * before it has used the one before. Not closeable, as a split closes what it has gone through, and
 * may use what it got after that.
 */
final class SpooledParts implements Iterator<File> {
  private final PartAnswers parts;
  private final Path directory;
  private final List<Path> files = new ArrayList<>();

  SpooledParts(PartAnswers parts, Path directory) {
    this.parts = parts;
    this.directory = directory;
  }

  @Override
  public boolean hasNext() {
    return parts.hasNext();
  }

  @Override
  public File next() {
    try (InputStream part = parts.next()) {
      Path file = Files.createTempFile(directory, "dicomweb-", ".dcm");
      files.add(file);
      Files.copy(part, file, StandardCopyOption.REPLACE_EXISTING);
      return file.toFile();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Deletes the files. */
  void end() throws IOException {
    parts.close();
    for (Path file : files) {
      Files.deleteIfExists(file);
    }
  }
}
