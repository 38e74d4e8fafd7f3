package org.isocentre.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.isocentre.camel.dicom.DicomOperationObserver.Observation;
import org.isocentre.camel.dicom.DicomOperationObserver.Outcome;
import org.isocentre.camel.dicom.DicomOperationObserver.Role;
import org.junit.jupiter.api.Test;

class DicomTimersTest {
  @Test
  void operationsAreTimedByRoleOperationAndOutcome() {
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    DicomTimers timers = new DicomTimers(meters);
    timers.ended(new Observation("store", Role.PROVIDER, Outcome.SUCCESS, Duration.ofMillis(20)));
    timers.ended(new Observation("store", Role.PROVIDER, Outcome.SUCCESS, Duration.ofMillis(30)));
    timers.ended(new Observation("echo", Role.USER, Outcome.NO_RESPONSE, Duration.ofMillis(1)));
    Timer stored =
        meters
            .get("dicom.operation")
            .tags("role", "provider", "operation", "store", "outcome", "success")
            .timer();
    assertThat(stored.count()).isEqualTo(2);
    assertThat(stored.totalTime(TimeUnit.MILLISECONDS)).isEqualTo(50);
    assertThat(meters.getMeters()).hasSize(2);
    assertThat(meters.getMeters())
        .allSatisfy(meter -> assertThat(meter.getId().getTags()).hasSize(3));
  }
}
