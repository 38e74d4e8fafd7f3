package org.isocentre.hl7;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import org.isocentre.hl7.ControlIds.Finding;
import org.junit.jupiter.api.Test;

class ControlIdsTest {
  private static final Instant NOON = Instant.parse("2026-11-01T12:00:00Z");
  private final ControlIds ids = new ControlIds(2, Duration.ofHours(1));

  private static byte[] sha(String text) {
    return ControlIds.sha256(text.getBytes(StandardCharsets.UTF_8));
  }

  private void remember(String sender, String id, String text) {
    ids.remember(sender, id, sha(text), NOON);
  }

  private Finding find(String sender, String id, String text, Instant now) {
    return ids.find(sender, id, sha(text), now);
  }

  @Test
  void aControlIdIsItsSenders() {
    remember("RTH|A", "1", "x");
    assertThat(find("RTH|A", "1", "x", NOON)).isEqualTo(Finding.SAME);
    assertThat(find("RTH|A", "1", "y", NOON)).isEqualTo(Finding.OTHER);
    assertThat(find("RTH|B", "1", "x", NOON)).isEqualTo(Finding.NEW);
    assertThat(find("RTH|A", "2", "x", NOON)).isEqualTo(Finding.NEW);
  }

  @Test
  void itMayBeUsedAgainAfterTheWindow() {
    remember("RTH|A", "1", "x");
    assertThat(find("RTH|A", "1", "y", NOON.plusSeconds(3599))).isEqualTo(Finding.OTHER);
    assertThat(find("RTH|A", "1", "y", NOON.plusSeconds(3601))).isEqualTo(Finding.NEW);
  }

  @Test
  void theLatestAreRemembered() {
    remember("RTH|A", "1", "x");
    remember("RTH|A", "2", "x");
    remember("RTH|A", "1", "x");
    remember("RTH|A", "3", "x");
    assertThat(find("RTH|A", "2", "x", NOON)).isEqualTo(Finding.NEW);
    assertThat(find("RTH|A", "1", "x", NOON)).isEqualTo(Finding.SAME);
    assertThat(find("RTH|A", "3", "x", NOON)).isEqualTo(Finding.SAME);
  }
}
