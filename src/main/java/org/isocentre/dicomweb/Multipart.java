package org.isocentre.dicomweb;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** An answer of several parts, written as they come (PS3.18 §8.6.1.2, RFC 2387). */
final class Multipart {
  private final OutputStream out;
  private final String boundary;
  private boolean begun;

  private Multipart(OutputStream out, String boundary) {
    this.out = out;
    this.boundary = boundary;
  }

  /**
   * @param type of the parts
   * @param transferSyntax of all parts, or null where each says its own or there is none
   */
  static Multipart begin(HttpServletResponse response, String type, String transferSyntax)
      throws IOException {
    String boundary = "isocentre-" + UUID.randomUUID();
    response.setHeader(
        "Content-Type",
        "multipart/related; type=\""
            + type
            + "\""
            + (transferSyntax == null ? "" : "; transfer-syntax=" + transferSyntax)
            + "; boundary="
            + boundary);
    return new Multipart(response.getOutputStream(), boundary);
  }

  /**
   * Ends the part before, if there is one, and begins another.
   *
   * @param length bytes, negative where it is not known
   * @param location or null
   */
  void part(String type, long length, String location) throws IOException {
    String head =
        (begun ? "\r\n--" : "--")
            + boundary
            + "\r\nContent-Type: "
            + type
            + (length < 0 ? "" : "\r\nContent-Length: " + length)
            + (location == null ? "" : "\r\nContent-Location: " + location)
            + "\r\n\r\n";
    out.write(head.getBytes(StandardCharsets.US_ASCII));
    begun = true;
  }

  /** Where the part's bytes go. */
  OutputStream out() {
    return out;
  }

  void write(InputStream in) throws IOException {
    Bytes.copy(in, out);
  }

  void end() throws IOException {
    out.write(("\r\n--" + boundary + "--\r\n").getBytes(StandardCharsets.US_ASCII));
    out.flush();
  }
}
