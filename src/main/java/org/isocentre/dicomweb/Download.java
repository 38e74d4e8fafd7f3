package org.isocentre.dicomweb;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An answer whose length is known before it is sent and which is the same each time, so a client
 * may go on where a broken download ended (RFC 9110 §14), and need not get twice what it has
 * (§13.1.2). Nothing is opened but what a range needs.
 */
final class Download {
  private static final Pattern RANGE = Pattern.compile("bytes=(\\d{0,18})-(\\d{0,18})");

  /** Opens a part of a piece. */
  @FunctionalInterface
  interface Source {
    /**
     * @param offset bytes of the piece to leave out
     */
    InputStream open(long offset) throws IOException;
  }

  private record Piece(long length, Source source) {}

  private final List<Piece> pieces = new ArrayList<>();
  private final MessageDigest identity;
  private long length;

  /**
   * @param what the answer is, but for the pieces
   */
  Download(String what) {
    try {
      identity = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
    identity.update(what.getBytes(StandardCharsets.UTF_8));
  }

  /** Text that stands between pieces. */
  Download text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    return piece(
        bytes.length, offset -> new ByteArrayInputStream(bytes, (int) offset, bytes.length), text);
  }

  /**
   * @param digest of what the piece is, so that another has another one
   */
  Download piece(long bytes, Source source, String digest) {
    pieces.add(new Piece(bytes, source));
    length += bytes;
    identity.update(digest.getBytes(StandardCharsets.UTF_8));
    return this;
  }

  /** To be called once, after the last piece. */
  void send(String contentType, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    String tag = tag();
    response.setHeader("ETag", tag);
    response.setHeader("Accept-Ranges", "bytes");
    response.setHeader("Cache-Control", "private, no-cache");
    if (names(request.getHeader("If-None-Match"), tag)) {
      response.setStatus(HttpServletResponse.SC_NOT_MODIFIED);
      return;
    }
    response.setHeader("Content-Type", contentType);
    String range = request.getHeader("Range");
    String only = request.getHeader("If-Range");
    Matcher asked = range == null ? null : RANGE.matcher(range.strip());
    if (asked == null || !asked.matches() || only != null && !only.strip().equals(tag)) {
      // What is no single range of bytes is passed over (RFC 9110 §14.2).
      write(0, length, response);
    } else {
      part(asked.group(1), asked.group(2), response);
    }
  }

  private String tag() {
    return '"' + HexFormat.of().formatHex(identity.digest(), 0, 16) + '"';
  }

  /** Strong entity tag of an answer that is all in its name. */
  static String tag(String what) {
    return new Download(what).tag();
  }

  /** Whether an {@code If-None-Match} names a tag. */
  static boolean names(String header, String tag) {
    return header != null
        && (header.strip().equals("*")
            || List.of(header.split("\\s*,\\s*")).contains(tag)
            || List.of(header.split("\\s*,\\s*")).contains("W/" + tag));
  }

  private void part(String first, String last, HttpServletResponse response) throws IOException {
    long from;
    long until;
    if (first.isEmpty()) {
      from = last.isEmpty() ? length : Math.max(0, length - Long.parseLong(last));
      until = length;
    } else {
      from = Long.parseLong(first);
      until = last.isEmpty() ? length : Math.min(length, Long.parseLong(last) + 1);
    }
    if (from >= until) {
      response.setHeader("Content-Range", "bytes */" + length);
      response.setStatus(HttpServletResponse.SC_REQUESTED_RANGE_NOT_SATISFIABLE);
      return;
    }
    response.setStatus(HttpServletResponse.SC_PARTIAL_CONTENT);
    response.setHeader("Content-Range", "bytes " + from + "-" + (until - 1) + "/" + length);
    write(from, until, response);
  }

  private void write(long from, long until, HttpServletResponse response) throws IOException {
    response.setContentLengthLong(until - from);
    OutputStream out = response.getOutputStream();
    long at = 0;
    for (Piece piece : pieces) {
      long begin = Math.max(from, at) - at;
      long end = Math.min(until, at + piece.length()) - at;
      if (begin < end) {
        try (InputStream in = piece.source().open(begin)) {
          Bytes.copy(in, out, end - begin);
        }
      }
      at += piece.length();
    }
    out.flush();
  }
}
