package org.isocentre.dicom.io;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PushbackInputStream;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The characters of an XML document, by its byte order mark or declared encoding (XML 1.0 Appendix
 * F). Bytes that are none of the encoding are an error, where the parser of the JDK would also
 * print to the error stream.
 */
final class XmlText {
  private static final int HEAD = 200;
  private static final Pattern DECLARED =
      Pattern.compile("^<\\?xml[^>]*encoding\\s*=\\s*[\"']([A-Za-z][A-Za-z0-9._-]{0,39})[\"']");

  private XmlText() {}

  static Reader reader(InputStream in) throws IOException {
    PushbackInputStream bytes = new PushbackInputStream(in, HEAD);
    byte[] head = bytes.readNBytes(HEAD);
    int mark = startsWith(head, 0xef, 0xbb, 0xbf) ? 3 : 0;
    bytes.unread(head, mark, head.length - mark);
    return new InputStreamReader(bytes, charset(head).newDecoder());
  }

  private static Charset charset(byte[] head) throws CharacterCodingException {
    if (startsWith(head, 0xfe, 0xff) || startsWith(head, 0xff, 0xfe)) {
      return StandardCharsets.UTF_16;
    }
    Matcher declared = DECLARED.matcher(new String(head, StandardCharsets.ISO_8859_1));
    if (!declared.find()) {
      return StandardCharsets.UTF_8;
    }
    try {
      return Charset.forName(declared.group(1));
    } catch (UnsupportedCharsetException e) {
      throw new CharacterCodingException();
    }
  }

  private static boolean startsWith(byte[] head, int... bytes) {
    for (int i = 0; i < bytes.length; i++) {
      if (i >= head.length || (head[i] & 0xff) != bytes[i]) {
        return false;
      }
    }
    return true;
  }
}
