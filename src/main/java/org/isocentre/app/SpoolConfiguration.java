package org.isocentre.app;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Where objects lie while they are transcoded to be sent: under the data directory, since they hold
 * patient data and a hub that is killed leaves them behind.
 */
@Configuration(proxyBeanMethods = false)
class SpoolConfiguration {
  /** Absolute, under the name that routes use. */
  @Bean
  String spoolDirectory(IsocentreProperties properties) throws IOException {
    return emptied(properties.dataDir().toAbsolutePath().resolve("spool")).toString();
  }

  /** Made where there is none; else what the last run left there is deleted. */
  static Path emptied(Path directory) throws IOException {
    Files.createDirectories(directory);
    try (DirectoryStream<Path> left =
        Files.newDirectoryStream(directory, file -> Files.isRegularFile(file))) {
      for (Path file : left) {
        Files.delete(file);
      }
    }
    return directory;
  }
}
