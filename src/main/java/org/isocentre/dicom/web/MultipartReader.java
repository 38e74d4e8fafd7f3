package org.isocentre.dicom.web;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The parts of a {@code multipart/related} body (RFC 2046 §5.1), read as they come: a part of any
 * length takes one buffer of memory.
 */
public final class MultipartReader {
  /** RFC 2046 allows 70 characters; Orthanc sends more. */
  private static final Pattern BOUNDARY =
      Pattern.compile(
          "boundary=(?:\"([^\"]{1,200})\"|([^;,\\s\"]{1,200}))", Pattern.CASE_INSENSITIVE);

  private static final int BUFFER = 64 * 1024;
  private static final int MAX_HEADERS = 8 * 1024;

  private final InputStream in;
  private final byte[] delimiter;
  private final byte[] buffer = new byte[BUFFER];
  private int at;
  private int end;
  private boolean over;
  private Part open;

  /** A body that is not as RFC 2046 says. */
  public static final class MalformedException extends IOException {
    private static final long serialVersionUID = 1L;

    /**
     * @param what is wrong with it, such as {@code has no part}
     */
    public MalformedException(String what) {
      super("ISO-MULTIPART-001: the multipart body " + what + " (RFC 2046 §5.1)");
    }
  }

  private MultipartReader(InputStream in, String boundary) {
    this.in = in;
    this.delimiter = ("\r\n--" + boundary).getBytes(StandardCharsets.US_ASCII);
    // The first delimiter may stand at the very start, so as if a line had ended before it.
    buffer[0] = '\r';
    buffer[1] = '\n';
    end = 2;
  }

  /**
   * @param contentType with the boundary
   * @throws MalformedException if it has none
   */
  public static MultipartReader of(InputStream in, String contentType) throws MalformedException {
    Matcher boundary = BOUNDARY.matcher(contentType);
    if (!boundary.find()) {
      throw new MalformedException("has no boundary in its Content-Type");
    }
    return new MultipartReader(
        in, boundary.group(1) != null ? boundary.group(1) : boundary.group(2));
  }

  /** Reads until the delimiter that ends it. */
  public final class Part extends InputStream {
    private final Map<String, String> headers;
    private boolean done;

    private Part(Map<String, String> headers) {
      this.headers = headers;
    }

    /**
     * @param name in lower case
     * @return the value or null
     */
    public String header(String name) {
      return headers.get(name);
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      if (length == 0) {
        return 0;
      }
      int ready = done ? 0 : ready();
      if (ready == 0) {
        done = true;
        return -1;
      }
      int count = Math.min(length, ready);
      System.arraycopy(buffer, at, into, offset, count);
      at += count;
      return count;
    }
  }

  /** The next part, or null after the last; what was left of the one before is passed over. */
  public Part next() throws IOException {
    if (over) {
      return null;
    }
    if (open == null) {
      open = new Part(Map.of());
    }
    while (open.read(new byte[BUFFER], 0, BUFFER) >= 0) {
      // Preamble, or the rest of a part.
    }
    at += delimiter.length;
    String line = line();
    if (line.startsWith("--")) {
      over = true;
      return null;
    }
    if (!line.isBlank()) {
      throw new MalformedException("has text after a boundary");
    }
    open = new Part(headers());
    return open;
  }

  private Map<String, String> headers() throws IOException {
    Map<String, String> headers = new HashMap<>();
    int length = 0;
    for (String line = line(); !line.isEmpty(); line = line()) {
      length += line.length();
      int colon = line.indexOf(':');
      if (colon < 1 || length > MAX_HEADERS) {
        throw new MalformedException(
            colon < 1
                ? "has a part whose header has no colon"
                : "has a part with headers too long");
      }
      headers.put(
          line.substring(0, colon).strip().toLowerCase(Locale.ROOT),
          line.substring(colon + 1).strip());
    }
    // The empty line may be the one before the next delimiter: that of a part without a body.
    if (at >= 2) {
      at -= 2;
      if (!startsWith(at, delimiter)) {
        at += 2;
      }
    }
    return headers;
  }

  /** To the next CR LF, which is passed over. */
  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    while (true) {
      need(2);
      if (at == end) {
        throw new MalformedException("ends before its last boundary");
      }
      if (buffer[at] == '\r' && at + 1 < end && buffer[at + 1] == '\n') {
        at += 2;
        return line.toString();
      }
      if (line.length() == MAX_HEADERS) {
        throw new MalformedException("has a line of more than " + MAX_HEADERS + " characters");
      }
      line.append((char) (buffer[at++] & 0xff));
      if (line.length() == 2 && line.toString().equals("--")) {
        return line.toString();
      }
    }
  }

  /** Makes so many bytes be in the buffer, unless the body ends before. */
  private void need(int count) throws IOException {
    if (end - at >= count) {
      return;
    }
    // Two bytes before stay: see headers().
    int keep = Math.min(2, at);
    System.arraycopy(buffer, at - keep, buffer, 0, end - at + keep);
    end -= at - keep;
    at = keep;
    while (end - at < count) {
      int got = in.read(buffer, end, buffer.length - end);
      if (got < 0) {
        return;
      }
      end += got;
    }
  }

  /**
   * How many bytes from here on belong to the part for certain; 0 where the delimiter stands.
   *
   * @throws MalformedException if the body ends without one
   */
  private int ready() throws IOException {
    need(delimiter.length);
    if (end - at < delimiter.length) {
      throw new MalformedException("ends before its last boundary");
    }
    int last = end - delimiter.length;
    for (int i = at; i <= last; i++) {
      if (buffer[i] == '\r' && startsWith(i, delimiter)) {
        return i - at;
      }
    }
    return last + 1 - at;
  }

  private boolean startsWith(int from, byte[] expected) throws IOException {
    if (end - from < expected.length) {
      return false;
    }
    for (int i = 0; i < expected.length; i++) {
      if (buffer[from + i] != expected[i]) {
        return false;
      }
    }
    return true;
  }
}
