package org.isocentre.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpoolConfigurationTest {
  @Test
  void whatTheLastRunLeftIsDeleted(@TempDir Path data) throws IOException {
    Path spool = SpoolConfiguration.emptied(data.resolve("spool"));
    Files.writeString(spool.resolve("left.dcm"), "x");
    Files.writeString(data.resolve("kept"), "x");
    assertThat(SpoolConfiguration.emptied(spool)).isEmptyDirectory();
    assertThat(data.resolve("kept")).exists();
  }
}
