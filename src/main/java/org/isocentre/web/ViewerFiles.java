package org.isocentre.web;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The files of the viewer, if it is part of this build: public ones, as its package has them. */
public final class ViewerFiles {
  private final String directory;
  private final String index;

  /**
   * @param directory among the resources, with a slash at the end
   */
  public ViewerFiles(String directory) {
    this.directory = directory;
    this.index = read("index.html");
  }

  private String read(String name) {
    try (InputStream in =
        ViewerFiles.class.getClassLoader().getResourceAsStream(directory + name)) {
      return in == null ? null : new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException("ISO-WEB-010: the viewer cannot be read", e);
    }
  }

  /** Its page, or nothing if it is not part of this build. */
  public Optional<String> index() {
    return Optional.ofNullable(index);
  }

  /**
   * @param path with a slash in front, which {@code /app-config.js} has, too
   */
  public boolean has(String path) {
    return index != null && (path.equals("/app-config.js") || file(path) != null);
  }

  /** Null for what is none of its files. */
  URL file(String path) {
    if (!path.matches("(/[A-Za-z0-9_-][A-Za-z0-9._-]*)+") || !path.contains(".")) {
      return null;
    }
    return ViewerFiles.class.getClassLoader().getResource(directory + path.substring(1));
  }
}
