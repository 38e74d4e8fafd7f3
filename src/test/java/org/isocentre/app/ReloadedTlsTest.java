package org.isocentre.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import javax.net.ssl.SSLContext;
import org.isocentre.dicom.association.TestCertificates;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Certificates change without a restart. */
class ReloadedTlsTest {
  private static final String PASSWORD = "synthetic";
  @TempDir private Path directory;

  private ReloadedTls tls(Path keys, Path trust, Duration interval) {
    return new ReloadedTls(
        "isocentre.mllp.tls", new ReloadedTls.Stores(keys, PASSWORD, trust, PASSWORD), interval);
  }

  @Test
  void aFileThatWasReplacedIsUsedAndOneThatCannotBeReadIsNot() throws Exception {
    Path keys = directory.resolve("hub.p12");
    Path trust = directory.resolve("trust.p12");
    TestCertificates.of("hub").save(keys, PASSWORD);
    TestCertificates.of("rth").saveTrusted(trust, PASSWORD);
    ReloadedTls tls = tls(keys, trust, Duration.ZERO);
    SSLContext first = tls.get();
    assertThat(tls.get()).isSameAs(first);

    Files.writeString(keys, "half a file");
    assertThat(tls.get()).isSameAs(first);

    TestCertificates.of("hub2").save(keys, PASSWORD);
    Files.setLastModifiedTime(keys, FileTime.from(Instant.now().plusSeconds(5)));
    SSLContext second = tls.get();
    assertThat(second).isNotSameAs(first);
    assertThat(tls.get()).isSameAs(second);
  }

  @Test
  void filesAreLookedAtOnceInAnInterval() throws Exception {
    Path keys = directory.resolve("hub.p12");
    Path trust = directory.resolve("trust.p12");
    TestCertificates.of("hub").save(keys, PASSWORD);
    TestCertificates.of("rth").saveTrusted(trust, PASSWORD);
    ReloadedTls tls = tls(keys, trust, Duration.ofHours(1));
    SSLContext first = tls.get();
    Files.setLastModifiedTime(keys, FileTime.from(Instant.now().plusSeconds(5)));
    assertThat(tls.get()).isSameAs(first);
  }

  @Test
  void aStartWithoutReadableFilesEndsWithTheSetting() {
    assertThatThrownBy(() -> tls(directory.resolve("none.p12"), null, Duration.ZERO))
        .isInstanceOf(BadConfiguration.class)
        .hasMessageContaining("isocentre.mllp.tls");
  }
}
