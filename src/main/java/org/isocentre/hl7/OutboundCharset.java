package org.isocentre.hl7;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Character sets that messages can be sent in, by their name in MSH-18 (HL7 table 0211). */
public final class OutboundCharset {
  private static final Pattern ISO_8859 = Pattern.compile("8859/([1-9]|15)");

  private OutboundCharset() {}

  /** Empty if there is none of this name. */
  public static Optional<Charset> of(String name) {
    Matcher iso = ISO_8859.matcher(name);
    if (iso.matches()) {
      return Optional.of(Charset.forName("ISO-8859-" + iso.group(1)));
    }
    return switch (name) {
      case "ASCII" -> Optional.of(StandardCharsets.US_ASCII);
      case "UNICODE UTF-8" -> Optional.of(StandardCharsets.UTF_8);
      default -> Optional.empty();
    };
  }
}
