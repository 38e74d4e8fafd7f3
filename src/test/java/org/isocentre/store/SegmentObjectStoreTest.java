package org.isocentre.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.isocentre.store.ObjectStore.ObjectWriter;
import org.isocentre.store.ObjectStore.StoredObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SegmentObjectStoreTest extends ObjectStoreContract {
  private static final long SEGMENT = 2L * 1024 * 1024;
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  @TempDir Path copies;

  @Override
  ObjectStore open(long reserveBytes) throws IOException {
    return segments(root, reserveBytes);
  }

  private static SegmentObjectStore segments(Path root, long reserveBytes) throws IOException {
    return new SegmentObjectStore(root, reserveBytes, true, SEGMENT, true);
  }

  private StoredObject put(byte[] content, String note) throws IOException {
    try (ObjectWriter writer = store.create("dcm")) {
      writer.write(ByteBuffer.wrap(content));
      return writer.commit(object -> bytes(note));
    }
  }

  private static byte[] random(int seed, int length) {
    byte[] content = new byte[length];
    new Random(seed).nextBytes(content);
    return content;
  }

  private static List<String> deliver(ObjectStore store) throws IOException {
    List<String> notes = Collections.synchronizedList(new ArrayList<>());
    ((SegmentObjectStore) store)
        .deliver(some -> some.forEach(n -> notes.add(new String(n, StandardCharsets.UTF_8))));
    return notes;
  }

  /** The disk as it is at this moment: what a process that is killed now would leave. */
  private Path copy(String name) throws IOException {
    Path to = copies.resolve(name);
    try (Stream<Path> all = Files.walk(root)) {
      for (Path path : all.filter(p -> !p.startsWith(root.resolve("objects"))).toList()) {
        if (!path.getFileName().toString().endsWith(".part")) {
          Files.copy(path, to.resolve(root.relativize(path)), StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
    return to;
  }

  /** The others are prepared for later. */
  private static Path firstSegment(Path root) throws IOException {
    try (Stream<Path> all = Files.list(root.resolve("segments"))) {
      return all.filter(p -> p.toString().endsWith(".segment")).sorted().findFirst().orElseThrow();
    }
  }

  @Test
  void notesComeInOrderAcrossSegments() throws IOException {
    List<String> notes = deliver(store);
    List<String> sent = IntStream.range(0, 40).mapToObj(Integer::toString).toList();
    for (int i = 0; i < 40; i++) {
      put(random(i, 300_000), sent.get(i));
    }
    await().atMost(PATIENCE).until(() -> notes.size() == 40);
    assertThat(notes).isEqualTo(sent);
  }

  @Test
  void aNoteComesAlsoWhenTheObjectWasThereOrIsLarge() throws IOException {
    List<String> notes = deliver(store);
    assertThat(put(bytes("content"), "first").created()).isTrue();
    assertThat(put(bytes("content"), "second").created()).isFalse();
    assertThat(put(random(1, 3_000_000), "large").created()).isTrue();
    assertThat(put(random(1, 3_000_000), "large again").created()).isFalse();
    await().atMost(PATIENCE).until(() -> notes.size() == 4);
    assertThat(notes).containsExactly("first", "second", "large", "large again");
  }

  @Test
  void notesThatCouldNotBeHandedOverComeAgain() throws IOException {
    AtomicInteger calls = new AtomicInteger();
    List<String> notes = Collections.synchronizedList(new ArrayList<>());
    put(bytes("content"), "note");
    ((SegmentObjectStore) store)
        .deliver(
            some -> {
              if (calls.incrementAndGet() == 1) {
                throw new IOException("the queue is not there yet");
              }
              some.forEach(n -> notes.add(new String(n, StandardCharsets.UTF_8)));
            });
    await().atMost(PATIENCE).until(() -> notes.size() == 1);
  }

  @Test
  void alsoAnErrorDoesNotEndTheHandingOver() throws IOException {
    AtomicInteger calls = new AtomicInteger();
    List<String> notes = Collections.synchronizedList(new ArrayList<>());
    put(bytes("content"), "note");
    ((SegmentObjectStore) store)
        .deliver(
            some -> {
              if (calls.incrementAndGet() == 1) {
                throw new OutOfMemoryError("synthetic");
              }
              some.forEach(n -> notes.add(new String(n, StandardCharsets.UTF_8)));
            });
    await().atMost(PATIENCE).until(() -> notes.equals(List.of("note")));
  }

  @Test
  void afterARestartDeliveryGoesOnWhereItWas() throws IOException {
    List<String> before = deliver(store);
    put(bytes("one"), "one");
    await().atMost(PATIENCE).until(() -> before.size() == 1);
    store.close();
    store = open(1024);
    put(bytes("two"), "two");
    List<String> after = deliver(store);
    await().atMost(PATIENCE).until(() -> after.size() == 1);
    assertThat(after).containsExactly("two");
  }

  @Test
  void whateverMomentTheProcessDiesWhatWasCommittedIsThere() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    List<StoredObject> committed = Collections.synchronizedList(new ArrayList<>());
    AtomicInteger seeds = new AtomicInteger();
    try {
      List<Future<?>> writers = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        writers.add(
            threads.submit(
                () -> {
                  for (int i = 0; i < 25; i++) {
                    int seed = seeds.incrementAndGet();
                    StoredObject object = put(random(seed, 10_000 + seed * 3_000), "n" + seed);
                    committed.add(object);
                  }
                  return null;
                }));
      }
      for (int kill = 0; kill < 3; kill++) {
        int least = 20 * (kill + 1);
        await().atMost(PATIENCE).until(() -> committed.size() >= least);
        List<StoredObject> promised = List.copyOf(committed);
        assertHolds(copy("kill" + kill), promised);
      }
      for (Future<?> writer : writers) {
        writer.get();
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(keys(Instant.MAX.minusSeconds(1))).hasSize(100);
  }

  private static void assertHolds(Path root, List<StoredObject> promised) throws Exception {
    try (SegmentObjectStore copy = segments(root, 0)) {
      List<String> notes = deliver(copy);
      for (StoredObject object : promised) {
        try (InputStream in = copy.open(object.key())) {
          byte[] sha = java.security.MessageDigest.getInstance("SHA-256").digest(in.readAllBytes());
          assertThat(java.util.HexFormat.of().formatHex(sha)).isEqualTo(object.sha256());
        }
      }
      await().atMost(PATIENCE).until(() -> notes.size() >= promised.size());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"cut", "zeros", "garbage"})
  void aTornTailIsForgottenAndWhatIsBeforeItStays(String how) throws IOException {
    StoredObject first = put(random(1, 100_000), "first");
    StoredObject torn = put(random(2, 100_000), "torn");
    Path copy = copy(how);
    long middle = 4096 + 102_400 + 50_000;
    try (RandomAccessFile file = new RandomAccessFile(firstSegment(copy).toFile(), "rw")) {
      switch (how) {
        case "cut" -> file.setLength(middle);
        case "zeros" -> {
          file.seek(middle);
          file.write(new byte[60_000]);
        }
        default -> {
          file.seek(middle);
          file.write(random(3, 60_000));
        }
      }
    }
    try (SegmentObjectStore left = segments(copy, 0)) {
      List<String> notes = deliver(left);
      assertThat(left.exists(first.key())).isTrue();
      assertThat(left.exists(torn.key())).isFalse();
      await().atMost(PATIENCE).until(() -> notes.contains("first"));
      assertThat(notes).doesNotContain("torn");
    }
  }

  @Test
  void aRecordBehindADamagedOneIsFound() throws IOException {
    put(random(1, 100_000), "damaged");
    StoredObject behind = put(random(2, 100_000), "behind");
    Path copy = copy("damaged");
    try (RandomAccessFile file = new RandomAccessFile(firstSegment(copy).toFile(), "rw")) {
      file.seek(4096);
      file.write(new byte[8192]);
    }
    try (SegmentObjectStore left = segments(copy, 0)) {
      assertThat(left.exists(behind.key())).isTrue();
    }
  }

  /** Its note must not come: nobody was told of a success. */
  @Test
  void whatWasHalfWrittenWhenThePowerFailedIsNotTold() throws IOException {
    StoredObject torn = put(random(1, 100_000), "torn");
    StoredObject behind = put(random(2, 100_000), "behind");
    Path copy = copy("power");
    try (RandomAccessFile file = new RandomAccessFile(firstSegment(copy).toFile(), "rw")) {
      file.seek(4096 + 50_000);
      file.write(new byte[8192]);
    }
    try (SegmentObjectStore left = segments(copy, 0)) {
      List<String> notes = deliver(left);
      assertThat(left.exists(torn.key())).isFalse();
      assertThat(left.exists(behind.key())).isTrue();
      await().atMost(PATIENCE).until(() -> notes.contains("behind"));
      assertThat(notes).containsExactly("behind");
    }
  }

  /** Lengths around that from which a record goes past the page cache. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4015, 4016, 4017, 65_400, 65_456, 65_536, 200_001, 1_048_576})
  void everyLengthIsReadBackAndAgainAfterARestart(int length) throws IOException {
    StoredObject object = put(random(length, length), "note of " + length);
    List<String> notes = deliver(store);
    await().atMost(PATIENCE).until(() -> notes.size() == 1);
    assertThat(notes).containsExactly("note of " + length);
    assertThat(read(store, object)).isEqualTo(random(length, length));
    try (SegmentObjectStore killed = segments(copy("killed"), 0)) {
      assertThat(read(killed, object)).isEqualTo(random(length, length));
      List<String> again = deliver(killed);
      await().atMost(PATIENCE).until(killed::earlierNotesDelivered);
      assertThat(again).isSubsetOf("note of " + length);
    }
  }

  @Test
  void withoutDirectTransfersItIsTheSame() throws IOException {
    try (SegmentObjectStore cached =
            new SegmentObjectStore(copies.resolve("cached"), 0, true, SEGMENT, false);
        ObjectWriter writer = cached.create("dcm")) {
      writer.write(ByteBuffer.wrap(random(1, 300_000)));
      assertThat(read(cached, writer.commit(object -> bytes("n")))).isEqualTo(random(1, 300_000));
    }
  }

  private static byte[] read(ObjectStore from, StoredObject object) throws IOException {
    try (InputStream in = from.open(object.key())) {
      return in.readAllBytes();
    }
  }

  /** More than are remembered: the rest is read back from the segments. */
  @Test
  void noneIsMissingAmongMoreNotesThanAreRemembered() throws IOException {
    int count = 200;
    String filler = "x".repeat(60_000);
    for (int i = 0; i < count; i++) {
      put(bytes("object " + i), i + filler);
    }
    List<String> notes = deliver(store);
    await().atMost(PATIENCE).until(() -> notes.size() >= count);
    assertThat(notes.stream().map(n -> n.substring(0, n.indexOf('x'))))
        .containsExactlyElementsOf(IntStream.range(0, count).mapToObj(Integer::toString).toList());
  }

  /** As versions wrote it that put the note before the body. */
  @Test
  void aSegmentOfTheFirstLayoutIsRead() throws IOException {
    byte[] content = random(1, 100_000);
    StoredObject object = put(content, "old");
    Path copy = copy("old");
    toFirstLayout(firstSegment(copy), content, bytes("old"), object);
    try (SegmentObjectStore left = segments(copy, 0)) {
      assertThat(read(left, object)).isEqualTo(content);
      List<String> notes = deliver(left);
      await().atMost(PATIENCE).until(() -> notes.equals(List.of("old")));
    }
  }

  private static void toFirstLayout(Path segment, byte[] content, byte[] note, StoredObject object)
      throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(segment.toFile(), "rw")) {
      file.writeLong(0x49534f_5345474d31L);
      long id = file.readLong();
      ByteBuffer record =
          ByteBuffer.allocate(LogRecord.HEADER + note.length + content.length)
              .put(LogRecord.HEADER, note)
              .put(LogRecord.HEADER + note.length, content);
      CRC32C crc = new CRC32C();
      crc.update(record.slice(LogRecord.HEADER, note.length + content.length));
      new LogRecord(
              new Segment(segment, 1, id, true),
              (int) crc.getValue(),
              System.currentTimeMillis(),
              note.length,
              content.length,
              "dcm",
              HexFormat.of().parseHex(object.sha256()))
          .encode(record);
      file.seek(LogRecord.BLOCK);
      file.write(record.array());
    }
  }

  @Test
  void aSegmentOfAnUnknownLayoutStopsTheStart() throws IOException {
    put(bytes("content"), "note");
    Path copy = copy("unknown");
    try (RandomAccessFile file = new RandomAccessFile(firstSegment(copy).toFile(), "rw")) {
      file.writeLong(0x49534f_5345474d39L);
    }
    assertThatThrownBy(() -> segments(copy, 0)).hasMessageContaining("ISO-STORE-023");
  }

  /** A whole record of another store, at a block of its own within an object. */
  @Test
  void whatAnObjectContainsDoesNotPassForARecord() throws IOException {
    StoredObject alien = put(random(1, 100_000), "alien");
    byte[] record = new byte[102_400];
    try (RandomAccessFile file = new RandomAccessFile(firstSegment(root).toFile(), "r")) {
      file.seek(LogRecord.BLOCK);
      file.readFully(record);
    }
    String note = "carrier";
    byte[] content = new byte[LogRecord.BLOCK - LogRecord.HEADER + record.length];
    System.arraycopy(record, 0, content, content.length - record.length, record.length);
    Path other = copies.resolve("another");
    try (SegmentObjectStore second = segments(other, 0);
        ObjectWriter writer = second.create("dcm")) {
      writer.write(ByteBuffer.wrap(content));
      writer.commit(object -> bytes(note));
    }
    try (Stream<Path> all = Files.list(other.resolve("segments"))) {
      for (Path path : all.filter(p -> !p.toString().endsWith(".segment")).toList()) {
        Files.delete(path);
      }
    }
    try (RandomAccessFile file = new RandomAccessFile(firstSegment(other).toFile(), "rw")) {
      file.seek(LogRecord.BLOCK);
      file.write(new byte[LogRecord.HEADER]);
    }
    try (SegmentObjectStore left = segments(other, 0)) {
      assertThat(left.exists(alien.key())).isFalse();
    }
  }

  @Test
  void aDamagedOrMissingIndexIsMadeAgain() throws IOException {
    List<StoredObject> objects = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      objects.add(put(random(i, 300_000), "n"));
    }
    store.close();
    List<Path> indexes;
    try (Stream<Path> all = Files.list(root.resolve("segments"))) {
      indexes = all.filter(p -> p.toString().endsWith(".index")).sorted().toList();
    }
    assertThat(indexes).hasSizeGreaterThan(2);
    Files.delete(indexes.get(0));
    Files.write(indexes.get(1), new byte[] {1, 2, 3});
    store = open(1024);
    for (StoredObject object : objects) {
      assertThat(store.exists(object.key())).isTrue();
    }
    assertThat(keys(Instant.MAX.minusSeconds(1))).hasSize(20);
  }

  @Test
  void aStoreOfFilesGoesOn() throws IOException {
    store.close();
    StoredObject old;
    try (FileObjectStore files = new FileObjectStore(root, 1024, true);
        ObjectWriter writer = files.create("dcm")) {
      writer.write(ByteBuffer.wrap(bytes("old")));
      old = writer.commit();
    }
    store = open(1024);
    try (InputStream in = store.open(old.key())) {
      assertThat(in.readAllBytes()).isEqualTo(bytes("old"));
    }
    List<String> notes = deliver(store);
    assertThat(put(bytes("old"), "again").created()).isFalse();
    assertThat(keys(Instant.MAX.minusSeconds(1))).containsExactly(old.key());
    await().atMost(PATIENCE).until(() -> notes.equals(List.of("again")));
  }

  @Test
  void aNoteThatIsTooLongIsRefused() {
    assertThatThrownBy(() -> put(bytes("x"), "n".repeat(65_537)))
        .hasMessageContaining("ISO-STORE-012");
  }

  /** Half of what there is outside the heap, 64 at most, one at least. */
  @org.junit.jupiter.params.ParameterizedTest
  @org.junit.jupiter.params.provider.CsvSource({
    "0, 1",
    "100663296, 44",
    "268435456, 64",
    "4000000000, 64"
  })
  void recordsLeaveRoomOutsideTheHeap(long directMemory, int buffers) {
    assertThat(SegmentObjectStore.maxBuffers(directMemory)).isEqualTo(buffers);
  }

  @Test
  void theLimitOutsideTheHeapIsKnown() {
    assertThat(DirectMemory.limit()).isPositive().isLessThanOrEqualTo(1L << 40);
  }
}
