package org.isocentre.app;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Set;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.support.DefaultSingletonBeanRegistry;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Keeps a second hub away from the data directory: two of them would write over each other's
 * segments and journal. The lock is the operating system's, on {@code isocentre.lock}, so that it
 * ends with the process, however that ends; the file stays, and names the process that has or had
 * the lock.
 */
final class DataDirectoryLock implements DisposableBean {
  private static final String FILE = "isocentre.lock";
  private static final int MOST_PID_DIGITS = 20;

  /** Beyond what is ever written, so that the text can be read where a lock forbids that. */
  private static final long LOCKED_BYTE = Long.MAX_VALUE - 1;

  /**
   * Files that this process has locked. On POSIX, to close any other channel to such a file would
   * give up the lock, so it must not even be opened again.
   */
  private static final Set<Path> MINE = new HashSet<>();

  private final Path file;
  private final FileChannel channel;

  private DataDirectoryLock(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /** Takes the lock before any bean is made, and gives it up after all of them are gone. */
  static final class BeforeEverything
      implements ApplicationContextInitializer<ConfigurableApplicationContext> {
    @Override
    public void initialize(ConfigurableApplicationContext context) {
      String directory = context.getEnvironment().getProperty("isocentre.data-dir");
      if (directory == null || directory.isBlank()) {
        throw new BadConfiguration("isocentre.data-dir is empty; name a directory");
      }
      // Disposable beans are destroyed in the reverse of the order in which they were registered.
      ((DefaultSingletonBeanRegistry) context.getBeanFactory())
          .registerDisposableBean("dataDirectoryLock", take(Path.of(directory)));
    }
  }

  /**
   * @param directory is made where it is missing
   * @throws BadConfiguration if another hub has it, or if it cannot be written to
   */
  static DataDirectoryLock take(Path directory) {
    synchronized (MINE) {
      try {
        Path file = Files.createDirectories(directory).toRealPath().resolve(FILE);
        if (MINE.contains(file)) {
          throw taken(directory, Long.toString(ProcessHandle.current().pid()));
        }
        FileChannel channel = lock(file);
        if (channel == null) {
          throw taken(directory, owner(file));
        }
        MINE.add(file);
        return new DataDirectoryLock(file, channel);
      } catch (IOException e) {
        throw new BadConfiguration(
            "isocentre.data-dir = %s cannot be locked: %s; it must be a directory that this user can write to, on a file system with locks"
                .formatted(directory, e));
      }
    }
  }

  /** Null if another process has the lock. */
  private static FileChannel lock(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      FileLock lock = channel.tryLock(LOCKED_BYTE, 1, false);
      if (lock == null) {
        channel.close();
        return null;
      }
      channel.truncate(0);
      channel.write(
          ByteBuffer.wrap(
              Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII)));
      return channel;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static BadConfiguration taken(Path directory, String owner) {
    return new BadConfiguration(
        "isocentre.data-dir = %s is in use by a hub that runs (process %s); stop that one, or give this one a directory of its own"
            .formatted(directory, owner));
  }

  /** What the file says of the process, or a question mark. */
  private static String owner(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer text = ByteBuffer.allocate(MOST_PID_DIGITS);
      channel.read(text);
      String pid = StandardCharsets.US_ASCII.decode(text.flip()).toString();
      return pid.matches("[0-9]+") ? pid : "?";
    }
  }

  @Override
  public void destroy() throws IOException {
    synchronized (MINE) {
      channel.close();
      MINE.remove(file);
    }
  }
}
