package org.isocentre.dicom.edit;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.isocentre.dicom.data.Dictionary;
import org.isocentre.dicom.data.Uid;

/**
 * Replacements that are the same for the same value and key, and that nobody without the key can
 * find the value from (HMAC-SHA256). Who has the key can test a guess: keep it, or throw it away.
 */
public final class Pseudonyms {
  /** Bytes that a key has at least. */
  public static final int MIN_KEY_BYTES = 16;

  private static final int MAX_DAYS = 3650;

  private final SecretKeySpec key;

  /**
   * @throws IllegalArgumentException if the key is shorter than 16 bytes
   */
  public Pseudonyms(byte[] key) {
    if (key.length < MIN_KEY_BYTES) {
      throw new IllegalArgumentException(
          "ISO-EDIT-001: the key has %d bytes; give at least %d random ones"
              .formatted(key.length, MIN_KEY_BYTES));
    }
    this.key = new SecretKeySpec(key.clone(), "HmacSHA256");
  }

  /** Under 2.25 (PS3.5 §B.2); those that PS3.6 lists stay. */
  public String uid(String uid) {
    if (uid.isEmpty() || Dictionary.uid(uid).isPresent()) {
      return uid;
    }
    ByteBuffer digest = digest("uid", uid);
    long high = digest.getLong() & ~0xf000L | 0x8000L;
    long low = digest.getLong() & 0x3fffffffffffffffL | 0x8000000000000000L;
    return Uid.of(new UUID(high, low));
  }

  /** For Patient ID: 16 characters. */
  public String patientId(String patient) {
    byte[] digest = new byte[15];
    digest("patient", patient).get(digest);
    return "P" + HexFormat.of().withUpperCase().formatHex(digest).substring(0, 15);
  }

  /** How many days back a patient's dates go: 1 to 3650. */
  public int days(String patient) {
    return 1 + Math.floorMod(digest("days", patient).getLong(), MAX_DAYS);
  }

  private ByteBuffer digest(String purpose, String value) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(key);
      mac.update((purpose + ":").getBytes(StandardCharsets.UTF_8));
      return ByteBuffer.wrap(mac.doFinal(value.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HmacSHA256", e);
    }
  }
}
