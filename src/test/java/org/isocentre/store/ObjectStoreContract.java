package org.isocentre.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.isocentre.store.ObjectStore.ObjectWriter;
import org.isocentre.store.ObjectStore.StoredObject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every store holds to. */
abstract class ObjectStoreContract {
  @TempDir Path root;
  ObjectStore store;

  abstract ObjectStore open(long reserveBytes) throws IOException;

  @BeforeEach
  void open() throws IOException {
    store = open(1024);
  }

  @AfterEach
  void close() {
    store.close();
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  StoredObject put(String head, String content) throws IOException {
    try (ObjectWriter writer = store.create("dcm")) {
      writer.writeUndigested(ByteBuffer.wrap(bytes(head)));
      writer.write(ByteBuffer.wrap(bytes(content)));
      return writer.commit();
    }
  }

  List<String> keys(Instant before) throws IOException {
    List<String> keys = new ArrayList<>();
    store.forEachKey("dcm", before, keys::add);
    return keys;
  }

  long filesUnder(String directory) throws IOException {
    try (Stream<Path> all = Files.walk(root.resolve(directory))) {
      return all.filter(Files::isRegularFile).count();
    }
  }

  @Test
  void theKeyIsTheDigestOfWhatIsDigested() throws Exception {
    StoredObject stored = put("meta", "content");
    String sha =
        HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes("content")));
    assertThat(stored.sha256()).isEqualTo(sha);
    assertThat(stored.key()).isEqualTo("dcm/" + sha);
    assertThat(stored.size()).isEqualTo(11);
    try (InputStream in = store.open(stored.key())) {
      assertThat(in.readAllBytes()).isEqualTo(bytes("metacontent"));
    }
    try (InputStream in = store.open(stored.key(), 4, 3)) {
      assertThat(in.readAllBytes()).isEqualTo(bytes("con"));
    }
    assertThatThrownBy(() -> store.open(stored.key(), 10, 2)).hasMessageContaining("ISO-STORE-004");
    assertThatThrownBy(() -> store.open(stored.key(), 1, Long.MAX_VALUE))
        .hasMessageContaining("ISO-STORE-004");
  }

  @Test
  void nothingIsVisibleBeforeItIsCommitted() throws IOException {
    try (ObjectWriter writer = store.create("dcm")) {
      writer.write(ByteBuffer.wrap(bytes("half")));
      assertThat(keys(Instant.MAX.minusSeconds(1))).isEmpty();
      try (InputStream in = writer.openWritten()) {
        assertThat(in.readAllBytes()).isEqualTo(bytes("half"));
      }
    }
    assertThat(filesUnder("incoming")).isZero();
  }

  @Test
  void theSameContentIsKeptOnceAndTheFirstStays() throws IOException {
    StoredObject first = put("one", "content");
    StoredObject second = put("two!", "content");
    assertThat(first.created()).isTrue();
    assertThat(second.created()).isFalse();
    assertThat(second.key()).isEqualTo(first.key());
    assertThat(second.size()).isEqualTo(first.size());
    assertThat(keys(Instant.MAX.minusSeconds(1))).containsExactly(first.key());
    assertThat(filesUnder("incoming")).isZero();
  }

  @Test
  void whatWasStoredIsThereAfterARestart() throws IOException {
    StoredObject one = put("meta", "one");
    StoredObject two = put("", "two");
    store.close();
    store = open(1024);
    for (StoredObject object : List.of(one, two)) {
      assertThat(store.exists(object.key())).isTrue();
      assertThat(store.size(object.key())).isEqualTo(object.size());
    }
    assertThat(put("other", "one").created()).isFalse();
    try (InputStream in = store.open(one.key())) {
      assertThat(in.readAllBytes()).isEqualTo(bytes("metaone"));
    }
    assertThat(keys(Instant.MAX.minusSeconds(1))).containsExactlyInAnyOrder(one.key(), two.key());
  }

  @Test
  void aLargeObjectIsKeptBitForBit() throws Exception {
    byte[] large = new byte[5_000_000];
    new java.util.Random(1).nextBytes(large);
    StoredObject stored;
    try (ObjectWriter writer = store.create("dcm")) {
      for (int at = 0; at < large.length; at += 50_000) {
        writer.write(ByteBuffer.wrap(large, at, 50_000));
      }
      try (InputStream in = writer.openWritten()) {
        assertThat(in.readAllBytes()).isEqualTo(large);
      }
      stored = writer.commit();
    }
    assertThat(stored.sha256())
        .isEqualTo(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(large)));
    try (InputStream in = store.open(stored.key(), 4_999_000, 1000)) {
      assertThat(in.readAllBytes())
          .isEqualTo(java.util.Arrays.copyOfRange(large, 4_999_000, large.length));
    }
  }

  @Test
  void aFullDiskRefusesBeforeAnythingIsWritten() throws IOException {
    store.close();
    store = open(Long.MAX_VALUE);
    assertThatThrownBy(() -> store.create("dcm"))
        .isInstanceOf(StoreFullException.class)
        .hasMessageContaining("isocentre.store.reserve");
    assertThat(filesUnder("incoming")).isZero();
  }

  @Test
  void manyThreadsWithTheSameAndWithOtherContent() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Callable<StoredObject>> work = new ArrayList<>();
      for (int i = 0; i < 64; i++) {
        String content = "content " + i / 4;
        work.add(() -> put("", content));
      }
      for (Future<StoredObject> one : threads.invokeAll(work)) {
        assertThat(store.exists(one.get().key())).isTrue();
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(keys(Instant.now().plusSeconds(60))).hasSize(16);
    assertThat(keys(Instant.EPOCH)).isEmpty();
    assertThat(filesUnder("incoming")).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "dcm",
        "dcm/",
        "dcm/../../../../etc/passwd",
        "../dcm/0000000000000000000000000000000000000000000000000000000000000000",
        "dcm/000000000000000000000000000000000000000000000000000000000000000G",
        "dcm/0000000000000000000000000000000000000000000000000000000000000000"
      })
  void aKeyThatIsNoneOpensNothing(String key) {
    assertThatThrownBy(() -> store.open(key)).isInstanceOf(NoSuchFileException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "DCM", "../x", "a/b", "abcdefghijklmnopq"})
  void aKindIsASimpleName(String kind) {
    assertThatThrownBy(() -> store.create(kind)).hasMessageContaining("ISO-STORE-002");
  }
}
