package org.isocentre.model;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * A clinician whom orders name by a code.
 *
 * @param name as the newest message has it, or null
 */
public record Practitioner(Key key, PersonName name, Instant lastUpdated) {
  /** What a code is of. */
  public enum Kind {
    /** Number of the General Medical Council: seven digits. */
    GMC,
    /** User of the Spine Directory Service: twelve digits. */
    SDS,
    /** Of whoever sent it. */
    LOCAL
  }

  /**
   * Who it is. The same code is the same person, whoever says it; a local one is its issuer's.
   *
   * @param issuer ODS code; null but for {@link Kind#LOCAL}
   */
  public record Key(Kind kind, String issuer, String code) {
    private static final Pattern GMC = Pattern.compile("C?([0-9]{7})");
    private static final Pattern SDS = Pattern.compile("[0-9]{12}");

    /**
     * @param code of a message: a GMC number may have the C of a consultant code
     * @param custodian ODS code of its sender
     */
    public static Key of(String code, String custodian) {
      var gmc = GMC.matcher(code);
      if (gmc.matches()) {
        return new Key(Kind.GMC, null, gmc.group(1));
      }
      return SDS.matcher(code).matches()
          ? new Key(Kind.SDS, null, code)
          : new Key(Kind.LOCAL, custodian, code);
    }

    /** The FHIR logical id, which follows from the code. */
    public UUID id() {
      return digest(kind + "|" + issuer + "|" + code);
    }

    /**
     * The FHIR logical id of the role in which they ask for an organisation.
     *
     * @param organisation ODS code, or null where none is known
     */
    public UUID roleId(String organisation) {
      return digest(kind + "|" + issuer + "|" + code + "|" + organisation);
    }

    private static UUID digest(String text) {
      try {
        ByteBuffer bytes =
            ByteBuffer.wrap(
                MessageDigest.getInstance("SHA-256")
                    .digest(("practitioner|" + text).getBytes(StandardCharsets.UTF_8)));
        // Version 8: made by a rule of its own (RFC 9562 §5.8).
        return new UUID(
            bytes.getLong() & ~0xF000L | 0x8000L, bytes.getLong() & ~(3L << 62) | 2L << 62);
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /**
   * For whom they ask.
   *
   * @param organisation ODS code, or null where orders name none
   */
  public record Role(
      UUID id, Practitioner practitioner, String organisation, Instant lastUpdated) {}

  /** Without the name. */
  @Override
  public String toString() {
    return "Practitioner[" + key.id() + "]";
  }
}
