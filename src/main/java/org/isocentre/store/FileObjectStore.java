package org.isocentre.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Objects as files: {@code objects/<kind>/<first three hex digits>/<digest>}. The 4,096 directories
 * of a kind are made once, so that a commit touches one directory only and 100 million objects are
 * about 25,000 to a directory. Objects being written live in {@code incoming/}, which is emptied at
 * start: nothing there was ever acknowledged.
 */
public final class FileObjectStore implements ObjectStore {
  private static final Logger LOG = LoggerFactory.getLogger(FileObjectStore.class);
  private static final Pattern KIND = Pattern.compile("[a-z][a-z0-9]{0,15}");
  private static final Pattern KEY = Pattern.compile("[a-z][a-z0-9]{0,15}/[0-9a-f]{64}");
  private static final int FAN_OUT_DIGITS = 3;
  private static final int FAN_OUT = 1 << 4 * FAN_OUT_DIGITS;
  private static final long SPACE_CHECK_NANOS = 1_000_000_000L;

  private final Path objects;
  private final Path incoming;
  private final long reserveBytes;
  private final boolean sync;
  private final DirectorySync directorySync;
  private final Set<String> preparedKinds = ConcurrentHashMap.newKeySet();
  private volatile long nextSpaceCheck = System.nanoTime();

  /**
   * @param root made if it is not there
   * @param reserveBytes no new object is begun while the file system has less room than this
   * @param sync false leaves out every fsync: only for throw-away data
   */
  public FileObjectStore(Path root, long reserveBytes, boolean sync) throws IOException {
    this.objects = root.resolve("objects");
    this.incoming = root.resolve("incoming");
    this.reserveBytes = reserveBytes;
    this.sync = sync;
    this.directorySync = new DirectorySync();
    Files.createDirectories(objects);
    Files.createDirectories(incoming);
    forgetUnfinished();
  }

  private void forgetUnfinished() throws IOException {
    int count = 0;
    try (DirectoryStream<Path> left = Files.newDirectoryStream(incoming, "*.part")) {
      for (Path file : left) {
        Files.deleteIfExists(file);
        count++;
      }
    }
    if (count > 0) {
      LOG.warn(
          "Forgot {} unfinished objects in {}: none of them had been acknowledged",
          count,
          incoming);
    }
  }

  @Override
  public ObjectWriter create(String kind) throws IOException {
    checkKind(kind);
    checkSpace();
    if (!preparedKinds.contains(kind)) {
      prepare(kind);
    }
    return new FileWriter(kind, incoming.resolve(UUID.randomUUID() + ".part"));
  }

  /** A writer whose bytes are digested by the caller, who says the digest at the end. */
  FileWriter createUndigested(String kind) throws IOException {
    return (FileWriter) create(kind);
  }

  static String checkKind(String kind) {
    if (!KIND.matcher(kind).matches()) {
      throw new IllegalArgumentException("ISO-STORE-002: not a kind of object: " + kind);
    }
    return kind;
  }

  void checkSpace() throws IOException {
    long now = System.nanoTime();
    if (now - nextSpaceCheck < 0) {
      return;
    }
    long usable = Files.getFileStore(incoming).getUsableSpace();
    if (usable < reserveBytes) {
      throw new StoreFullException(usable, reserveBytes);
    }
    nextSpaceCheck = now + SPACE_CHECK_NANOS;
  }

  private synchronized void prepare(String kind) throws IOException {
    if (preparedKinds.contains(kind)) {
      return;
    }
    Path top = objects.resolve(kind);
    Files.createDirectories(top);
    for (int i = 0; i < FAN_OUT; i++) {
      Path directory = top.resolve("%03x".formatted(i));
      if (!Files.isDirectory(directory)) {
        Files.createDirectory(directory);
      }
    }
    if (sync) {
      directorySync.syncNow(top);
      directorySync.syncNow(objects);
      directorySync.syncNow(objects.getParent());
    }
    preparedKinds.add(kind);
  }

  private Path path(String key) throws NoSuchFileException {
    if (!KEY.matcher(key).matches()) {
      throw new NoSuchFileException(
          key, null, "ISO-STORE-003: not an object key; expected kind/sha256");
    }
    int slash = key.indexOf('/');
    String digest = key.substring(slash + 1);
    return objects
        .resolve(key.substring(0, slash))
        .resolve(digest.substring(0, FAN_OUT_DIGITS))
        .resolve(digest);
  }

  @Override
  public InputStream open(String key) throws IOException {
    return Files.newInputStream(path(key));
  }

  @Override
  public InputStream open(String key, long offset, long length) throws IOException {
    FileChannel channel = FileChannel.open(path(key), StandardOpenOption.READ);
    try {
      if (offset < 0 || length < 0 || offset > channel.size() - length) {
        throw outside(key, offset, length, channel.size());
      }
      channel.position(offset);
      return new BoundedInputStream(Channels.newInputStream(channel), length);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  static IOException outside(String key, long offset, long length, long size) {
    return new IOException(
        "ISO-STORE-004: part %d+%d lies outside of object %s of %d bytes"
            .formatted(offset, length, key, size));
  }

  @Override
  public boolean exists(String key) throws IOException {
    return Files.exists(path(key));
  }

  @Override
  public long size(String key) throws IOException {
    return Files.size(path(key));
  }

  @Override
  public void forEachKey(String kind, Instant writtenBefore, Consumer<String> keys)
      throws IOException {
    FileTime before = FileTime.from(writtenBefore);
    for (int i = 0; i < FAN_OUT; i++) {
      Path directory = objects.resolve(kind).resolve("%03x".formatted(i));
      if (!Files.isDirectory(directory)) {
        continue;
      }
      try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
        for (Path file : files) {
          if (Files.getLastModifiedTime(file).compareTo(before) < 0) {
            keys.accept(kind + "/" + file.getFileName());
          }
        }
      }
    }
  }

  @Override
  public void close() {
    // Nothing is held open between calls.
  }

  static boolean isKey(String key) {
    return KEY.matcher(key).matches();
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("ISO-STORE-005: this Java has no SHA-256", e);
    }
  }

  final class FileWriter implements ObjectWriter {
    private final String kind;
    private final Path file;
    private final FileChannel channel;
    private final MessageDigest digest = sha256();
    private long length;
    private boolean ended;

    FileWriter(String kind, Path file) throws IOException {
      this.kind = kind;
      this.file = file;
      this.channel =
          FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
    }

    @Override
    public void writeUndigested(ByteBuffer bytes) throws IOException {
      while (bytes.hasRemaining()) {
        length += channel.write(bytes);
      }
    }

    @Override
    public void write(ByteBuffer bytes) throws IOException {
      digest.update(bytes.duplicate());
      writeUndigested(bytes);
    }

    @Override
    public long length() {
      return length;
    }

    @Override
    public InputStream openWritten() throws IOException {
      return Files.newInputStream(file);
    }

    @Override
    public StoredObject commit() throws IOException {
      if (ended) {
        throw new IllegalStateException("ISO-STORE-006: the object was committed or closed before");
      }
      return commit(digest.digest());
    }

    StoredObject commit(byte[] digested) throws IOException {
      String sha256 = HexFormat.of().formatHex(digested);
      String key = kind + "/" + sha256;
      Path target = path(key);
      boolean created = !Files.exists(target);
      if (created) {
        if (sync) {
          channel.force(false);
        }
        channel.close();
        Files.move(file, target, StandardCopyOption.ATOMIC_MOVE);
      }
      // Also when it was there: the one that put it there may still wait for its directory.
      if (sync) {
        directorySync.sync(target.getParent());
      }
      close();
      return new StoredObject(key, sha256, created ? length : Files.size(target), created);
    }

    @Override
    public void close() {
      if (ended) {
        return;
      }
      ended = true;
      try {
        channel.close();
        Files.deleteIfExists(file);
      } catch (IOException e) {
        LOG.warn("Could not remove unfinished object {}; it is removed at the next start", file, e);
      }
    }
  }
}
