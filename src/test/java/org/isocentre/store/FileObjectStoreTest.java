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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileObjectStoreTest {
  @TempDir Path root;
  private FileObjectStore store;

  @BeforeEach
  void open() throws IOException {
    store = new FileObjectStore(root, 1024, true);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private StoredObject put(String head, String content) throws IOException {
    try (ObjectWriter writer = store.create("dcm")) {
      writer.writeUndigested(ByteBuffer.wrap(bytes(head)));
      writer.write(ByteBuffer.wrap(bytes(content)));
      return writer.commit();
    }
  }

  private List<String> keys(Instant before) throws IOException {
    List<String> keys = new ArrayList<>();
    store.forEachKey("dcm", before, keys::add);
    return keys;
  }

  private long filesUnder(String directory) throws IOException {
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
      assertThat(filesUnder("objects")).isZero();
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
    assertThat(filesUnder("objects")).isEqualTo(1);
    assertThat(filesUnder("incoming")).isZero();
  }

  @Test
  void whatWasUnfinishedIsForgottenAtTheNextStart() throws IOException {
    StoredObject kept = put("", "kept");
    Files.write(root.resolve("incoming").resolve("x.part"), bytes("half"));
    store = new FileObjectStore(root, 1024, true);
    assertThat(filesUnder("incoming")).isZero();
    assertThat(store.exists(kept.key())).isTrue();
  }

  @Test
  void aFullDiskRefusesBeforeAnythingIsWritten() throws IOException {
    FileObjectStore full = new FileObjectStore(root, Long.MAX_VALUE, true);
    assertThatThrownBy(() -> full.create("dcm"))
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
