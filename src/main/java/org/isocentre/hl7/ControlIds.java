package org.isocentre.hl7;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The control IDs (MSH-10) of messages that are durable, so that one that is sent again is
 * recognised before it is acknowledged. Bounded in number and time, about 150 bytes each. What is
 * not remembered any more is taken for new: filing it again changes nothing.
 */
public final class ControlIds {
  private final int most;
  private final Duration window;
  private final LinkedHashMap<Id, Seen> seen = new LinkedHashMap<>();

  /** Of a sender and a control ID, the first 128 bits of their SHA-256. */
  private record Id(long high, long low) {}

  /** The first 128 bits of the content's SHA-256, and when it came. */
  private record Seen(long high, long low, long at) {}

  /** What a control ID says of a message. */
  public enum Finding {
    /** No other had it. */
    NEW,
    /** The same message is durable already. */
    SAME,
    /** Another message had it. */
    OTHER
  }

  /**
   * @param most that are remembered
   * @param window after which a sender may use one again
   */
  public ControlIds(int most, Duration window) {
    this.most = most;
    this.window = window;
  }

  /**
   * @param sha256 of the message
   */
  public synchronized Finding find(String sender, String controlId, byte[] sha256, Instant now) {
    Seen before = seen.get(id(sender, controlId));
    if (before == null || before.at() < now.minus(window).toEpochMilli()) {
      return Finding.NEW;
    }
    ByteBuffer digest = ByteBuffer.wrap(sha256);
    return digest.getLong() == before.high() && digest.getLong() == before.low()
        ? Finding.SAME
        : Finding.OTHER;
  }

  /** Notes a message that is durable. */
  public synchronized void remember(String sender, String controlId, byte[] sha256, Instant at) {
    ByteBuffer digest = ByteBuffer.wrap(sha256);
    Id id = id(sender, controlId);
    seen.remove(id);
    seen.put(id, new Seen(digest.getLong(), digest.getLong(), at.toEpochMilli()));
    if (seen.size() > most) {
      Map.Entry<Id, Seen> eldest = seen.entrySet().iterator().next();
      seen.remove(eldest.getKey());
    }
  }

  private static Id id(String sender, String controlId) {
    ByteBuffer digest =
        ByteBuffer.wrap(sha256((sender + '\r' + controlId).getBytes(StandardCharsets.UTF_8)));
    return new Id(digest.getLong(), digest.getLong());
  }

  static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
