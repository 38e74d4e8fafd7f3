package org.isocentre.hl7;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Messages of the table with bytes changed, cut and inserted, segments moved, doubled and left out.
 */
final class OddMessages {
  private static final List<MessageTable.Case> TABLE = MessageTable.cases();

  private OddMessages() {}

  static byte[] next(Random random) {
    byte[] raw = TABLE.get(random.nextInt(TABLE.size())).raw().clone();
    for (int change = random.nextInt(3); change >= 0; change--) {
      raw = changed(raw, random);
    }
    return raw;
  }

  private static byte[] changed(byte[] raw, Random random) {
    int at = random.nextInt(raw.length);
    switch (random.nextInt(6)) {
      case 0:
        raw[at] = (byte) random.nextInt(256);
        return raw;
      case 1:
        return Arrays.copyOf(raw, Math.max(60, at));
      case 2:
        return inserted(raw, at, "|^~\\&\"\"\r0".substring(random.nextInt(8)).substring(0, 1));
      case 3:
        return inserted(raw, at, "9".repeat(random.nextInt(300)));
      case 4:
        return inserted(raw, at, "\\X0" + random.nextInt(10) + "\\");
      default:
        return segmentsMoved(raw, random);
    }
  }

  private static byte[] inserted(byte[] raw, int at, String text) {
    byte[] more = text.getBytes();
    byte[] longer = Arrays.copyOf(raw, raw.length + more.length);
    System.arraycopy(more, 0, longer, at, more.length);
    System.arraycopy(raw, at, longer, at + more.length, raw.length - at);
    return longer;
  }

  /** One is doubled, left out, or comes at another place; also one of another message. */
  private static byte[] segmentsMoved(byte[] raw, Random random) {
    var latin = StandardCharsets.ISO_8859_1;
    var segments = new ArrayList<>(List.of(new String(raw, latin).split("\r")));
    if (segments.isEmpty()) {
      return raw;
    }
    String moved =
        random.nextBoolean()
            ? segments.get(random.nextInt(segments.size()))
            : new String(TABLE.get(random.nextInt(TABLE.size())).raw(), latin).split("\r")[0];
    if (random.nextBoolean()) {
      segments.remove(random.nextInt(segments.size()));
    }
    segments.add(segments.isEmpty() ? 0 : 1 + random.nextInt(segments.size()), moved);
    return (String.join("\r", segments) + "\r").getBytes(latin);
  }
}
