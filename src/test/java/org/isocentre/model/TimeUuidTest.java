package org.isocentre.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class TimeUuidTest {
  @Property
  void laterOnesAreGreaterWhateverIsRandom(
      @ForAll @LongRange(min = 0, max = 0xffff_ffff_fffeL) long millis,
      @ForAll long high,
      @ForAll long low) {
    UUID one = TimeUuid.of(millis, high, low);
    UUID later = TimeUuid.of(millis + 1, ~high, ~low);
    assertThat(one.version()).isEqualTo(7);
    assertThat(one.variant()).isEqualTo(2);
    assertThat(one.getMostSignificantBits() >>> 16).isEqualTo(millis);
    assertThat(one.toString()).isLessThan(later.toString());
  }

  @Test
  void eachIsAnother() {
    Set<UUID> all = new HashSet<>();
    for (int i = 0; i < 10_000; i++) {
      all.add(TimeUuid.next());
    }
    assertThat(all).hasSize(10_000);
  }
}
