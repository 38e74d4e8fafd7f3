package org.isocentre.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** One hub a data directory, and no trace of one that was killed. */
@ExtendWith(OutputCaptureExtension.class)
class DataDirectoryLockTest {
  @TempDir Path data;

  /** Takes the lock of the directory named, says so, and waits to be killed. */
  public static final class Holder {
    public static void main(String[] args) throws Exception {
      DataDirectoryLock.take(Path.of(args[0]));
      System.out.println("taken");
      Thread.sleep(Long.MAX_VALUE);
    }
  }

  private Process holder() throws IOException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx32m",
                "-cp",
                System.getProperty("java.class.path"),
                Holder.class.getName(),
                data.toString())
            .redirectErrorStream(true)
            .start();
    BufferedReader said = process.inputReader(StandardCharsets.UTF_8);
    assertThat(said.readLine()).isEqualTo("taken");
    return process;
  }

  private void start() {
    new SpringApplication(IsocentreApplication.class)
        .run(
            "--isocentre.data-dir=" + data,
            "--server.port=0",
            "--logging.level.root=OFF",
            "--logging.level.org.isocentre=OFF");
  }

  @Test
  void aSecondHubDoesNotStartAndTouchesNothing(CapturedOutput output) throws Exception {
    Process first = holder();
    try {
      assertThatThrownBy(this::start).isInstanceOf(BadConfiguration.class);
      assertThat(output.getErr().lines().filter(l -> l.startsWith("ISO-CONFIG")))
          .singleElement()
          .asString()
          .contains("isocentre.data-dir = " + data)
          .contains("process " + first.pid())
          .contains("stop that one");
      try (Stream<Path> files = Files.list(data)) {
        assertThat(files).containsExactly(data.resolve("isocentre.lock"));
      }
    } finally {
      first.destroyForcibly();
    }
  }

  @Test
  void aKilledHubLeavesNoLock() throws Exception {
    Process first = holder();
    first.destroyForcibly();
    assertThat(first.waitFor(20, TimeUnit.SECONDS)).isTrue();
    DataDirectoryLock.take(data).destroy();
  }

  /** To open and close the file once more would give up a POSIX lock. */
  @Test
  void aSecondStartInOneProcessIsRefusedAndTakesNothingFromTheFirst() throws Exception {
    DataDirectoryLock first = DataDirectoryLock.take(data);
    assertThatThrownBy(() -> DataDirectoryLock.take(data.resolve(".")))
        .isInstanceOf(BadConfiguration.class);
    Process other =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Holder.class.getName(),
                data.toString())
            .redirectErrorStream(true)
            .start();
    assertThat(other.inputReader(StandardCharsets.UTF_8).readLine()).contains("in use by a hub");
    other.destroyForcibly();
    first.destroy();
    DataDirectoryLock.take(data).destroy();
  }

  @Test
  void aFileIsNoDirectory() throws Exception {
    Path file = Files.createFile(data.resolve("file"));
    assertThatThrownBy(() -> DataDirectoryLock.take(file))
        .isInstanceOf(BadConfiguration.class)
        .hasMessageContaining("isocentre.data-dir = " + file)
        .hasMessageContaining("cannot be locked");
  }
}
