package org.isocentre.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Immutable bytes by content. The key of an object is the SHA-256 of what its writer digests, so
 * storing the same content again is the same object, whatever died in between, and different
 * content can never overwrite it.
 *
 * <p>Keys are lower-case hex with a kind in front, such as {@code dcm/9f86d0…} or {@code hl7/…}.
 */
public interface ObjectStore extends AutoCloseable {
  /**
   * Opens a place for one new object. Nothing is visible before {@link ObjectWriter#commit}.
   *
   * @param kind short lower-case name such as {@code dcm}, {@code hl7}, {@code doc}
   * @throws StoreFullException when less than the configured reserve would be left
   */
  ObjectWriter create(String kind) throws IOException;

  /**
   * The object's bytes from the start. @throws java.nio.file.NoSuchFileException when there is none
   */
  InputStream open(String key) throws IOException;

  /** A part of the object's bytes; {@code offset + length} must lie within it. */
  InputStream open(String key, long offset, long length) throws IOException;

  boolean exists(String key) throws IOException;

  /** Bytes. */
  long size(String key) throws IOException;

  /**
   * Tells every key of this kind that was written before a time, in no order; streams, so it may
   * run beside writers.
   */
  void forEachKey(String kind, Instant writtenBefore, Consumer<String> keys) throws IOException;

  /** One object being written, by one thread at a time. */
  interface ObjectWriter extends AutoCloseable {
    /**
     * Bytes that belong to the object but not to its digest (File Meta Information: it differs
     * between two sendings of one object).
     */
    void writeUndigested(ByteBuffer bytes) throws IOException;

    /** Bytes that belong to the object and to its digest. */
    void write(ByteBuffer bytes) throws IOException;

    /** Bytes so far. */
    long length();

    /** What has been written so far, for reading before it is committed. */
    InputStream openWritten() throws IOException;

    /**
     * Makes the object durable and visible (flushes are shared with other commits that wait at the
     * time). If an object with this digest exists, that one is kept and these bytes are forgotten.
     */
    StoredObject commit() throws IOException;

    /**
     * As {@link #commit()}, and makes a note durable in the same step, also when the object was
     * there before. {@link NoteReceiver} gets every note at least once, whatever dies.
     *
     * @param note of at most 64 KiB, made from what the commit will return ({@code created} is not
     *     known yet and false)
     * @throws UnsupportedOperationException by a store that keeps no notes
     */
    default StoredObject commit(Function<StoredObject, byte[]> note) throws IOException {
      throw new UnsupportedOperationException("ISO-STORE-016: this store keeps no notes");
    }

    /** Forgets the bytes unless they were committed. Idempotent. */
    @Override
    void close();
  }

  /**
   * @param key to open it by
   * @param sha256 hex digest of the digested bytes
   * @param size all bytes
   * @param created false if an object with this digest was there before
   */
  record StoredObject(String key, String sha256, long size, boolean created) {}

  @Override
  void close();
}
