package org.isocentre.audit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * The last hash of the audit trail's chain that this hub knows of, in a file beside the index: who
 * has the database alone cannot shorten the chain or write it anew without being found out.
 */
public final class AuditAnchor {
  private final Path file;

  public AuditAnchor(Path file) {
    this.file = file;
  }

  /** What the file says. */
  public record Kept(long number, String hash) {}

  /** Replaces what was kept. */
  public synchronized void keep(long number, String hash) {
    Path next = file.resolveSibling(file.getFileName() + ".next");
    try {
      Files.writeString(next, number + " " + hash + "\n", StandardCharsets.US_ASCII);
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException("ISO-AUDIT-009: " + file + " cannot be written", e);
    }
  }

  /**
   * @return null if nothing was kept yet
   */
  public Kept kept() {
    try {
      String[] parts = Files.readString(file, StandardCharsets.US_ASCII).trim().split(" ");
      if (parts.length == 2 && parts[0].matches("[0-9]{1,18}")) {
        return new Kept(Long.parseLong(parts[0]), parts[1]);
      }
      throw new IllegalStateException(
          "ISO-AUDIT-010: %s holds no block and hash; find out who changed it"
              .formatted(file.getFileName()));
    } catch (NoSuchFileException e) {
      return null;
    } catch (IOException e) {
      throw new UncheckedIOException("ISO-AUDIT-009: " + file + " cannot be read", e);
    }
  }
}
