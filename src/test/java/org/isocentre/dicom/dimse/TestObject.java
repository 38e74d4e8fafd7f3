package org.isocentre.dicom.dimse;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.isocentre.dicom.data.Uid;

/** An object of random bytes; nobody on the way looks into it. */
public record TestObject(
    String sopClassUid,
    String sopInstanceUid,
    String transferSyntaxUid,
    List<String> losslessAlternatives,
    byte[] bytes)
    implements StoredObject {
  public static TestObject of(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return new TestObject(Loopback.CT, Uid.random(), Loopback.EXPLICIT, List.of(), bytes);
  }

  public static List<TestObject> several(int count, int size) {
    List<TestObject> objects = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      objects.add(of(size));
    }
    return objects;
  }

  /** In another syntax, with {@code alternatives} that add a byte in front. */
  public TestObject in(String syntax, String... alternatives) {
    return new TestObject(sopClassUid, sopInstanceUid, syntax, List.of(alternatives), bytes);
  }

  /** One that is listed, but cannot be read. */
  public TestObject unreadable() {
    return new TestObject(
        sopClassUid, sopInstanceUid, transferSyntaxUid, losslessAlternatives, null);
  }

  @Override
  public InputStream openDataSet(String syntax) throws IOException {
    if (bytes == null) {
      throw new IOException("cannot be read");
    }
    return new ByteArrayInputStream(syntax.equals(transferSyntaxUid) ? bytes : altered());
  }

  /** What an alternative gives. */
  public byte[] altered() {
    byte[] altered = new byte[bytes.length + 1];
    System.arraycopy(bytes, 0, altered, 1, bytes.length);
    return altered;
  }
}
