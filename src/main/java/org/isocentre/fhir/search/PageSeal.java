package org.isocentre.fhir.search;

import ca.uhn.fhir.rest.server.exceptions.ForbiddenOperationException;
import ca.uhn.fhir.rest.server.exceptions.InvalidRequestException;
import ca.uhn.fhir.rest.server.exceptions.ResourceGoneException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.isocentre.index.ResourceSearch.Hit;

/**
 * Where a search goes on, as a text that its caller alone can use, that nobody can read or change,
 * and that needs no memory of the server: AES-256 in GCM.
 */
public final class PageSeal {
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;
  private final Supplier<byte[]> keys;
  private volatile byte[] key;
  private final SecureRandom random = new SecureRandom();
  private final Clock clock;
  private final Duration life;

  /**
   * @param keys gives 256 bits, the same for all hubs that answer at one address; asked once
   */
  public PageSeal(Supplier<byte[]> keys, Clock clock, Duration life) {
    this.keys = keys;
    this.clock = clock;
    this.life = life;
  }

  /**
   * Where a search goes on.
   *
   * @param owner who searched
   * @param after the last that was sent
   */
  public record Page(String owner, String type, Map<String, String[]> parameters, Hit after) {}

  public String seal(Page page) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeLong(clock.instant().plus(life).getEpochSecond());
      out.writeUTF(page.owner());
      out.writeUTF(page.type());
      out.writeUTF(page.after().id().toString());
      write(out, page.after().keys());
      out.writeShort(page.parameters().size());
      for (Map.Entry<String, String[]> parameter : page.parameters().entrySet()) {
        out.writeUTF(parameter.getKey());
        write(out, List.of(parameter.getValue()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("ISO-FHIR-042: the search is too long to go on", e);
    }
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    byte[] sealed = crypt(Cipher.ENCRYPT_MODE, nonce, bytes.toByteArray());
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(
            ByteBuffer.allocate(nonce.length + sealed.length).put(nonce).put(sealed).array());
  }

  private static void write(DataOutputStream out, List<String> texts) throws IOException {
    out.writeShort(texts.size());
    for (String text : texts) {
      out.writeBoolean(text != null);
      if (text != null) {
        out.writeUTF(text);
      }
    }
  }

  /**
   * @param owner who asks
   * @throws InvalidRequestException if it is no page of this hub
   * @throws ForbiddenOperationException if it is another caller's
   * @throws ResourceGoneException if its time is over
   */
  public Page open(String text, String owner) {
    try {
      byte[] sealed = Base64.getUrlDecoder().decode(text);
      if (sealed.length <= NONCE_BYTES) {
        throw noPage();
      }
      byte[] nonce = java.util.Arrays.copyOf(sealed, NONCE_BYTES);
      byte[] rest = java.util.Arrays.copyOfRange(sealed, NONCE_BYTES, sealed.length);
      return read(crypt(Cipher.DECRYPT_MODE, nonce, rest), owner);
    } catch (IllegalArgumentException e) {
      throw noPage();
    }
  }

  private static InvalidRequestException noPage() {
    return new InvalidRequestException(
        "ISO-FHIR-041: not a page of this server; use the link next as it came, or search again");
  }

  private Page read(byte[] bytes, String owner) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      Instant until = Instant.ofEpochSecond(in.readLong());
      Map<String, String[]> parameters = new LinkedHashMap<>();
      String of = in.readUTF();
      String type = in.readUTF();
      UUID id = UUID.fromString(in.readUTF());
      Hit after = new Hit(id, texts(in));
      for (int left = in.readShort(); left > 0; left--) {
        String name = in.readUTF();
        parameters.put(name, texts(in).toArray(String[]::new));
      }
      if (!of.equals(owner)) {
        throw new ForbiddenOperationException(
            "ISO-FHIR-004: these pages belong to another token's search; search again");
      }
      if (clock.instant().isAfter(until)) {
        throw new ResourceGoneException(
            "ISO-FHIR-043: this page could be used for " + life + "; search again");
      }
      return new Page(of, type, parameters, after);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> texts(DataInputStream in) throws IOException {
    List<String> texts = new ArrayList<>();
    for (int left = in.readShort(); left > 0; left--) {
      texts.add(in.readBoolean() ? in.readUTF() : null);
    }
    return texts;
  }

  private byte[] key() {
    if (key == null) {
      key = keys.get();
    }
    return key;
  }

  private byte[] crypt(int mode, byte[] nonce, byte[] data) {
    try {
      Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
      cipher.init(mode, new SecretKeySpec(key(), "AES"), new GCMParameterSpec(TAG_BITS, nonce));
      return cipher.doFinal(data);
    } catch (GeneralSecurityException e) {
      throw noPage();
    }
  }
}
