package org.isocentre.app;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Locale;
import org.isocentre.camel.dicom.DicomOperationObserver;
import org.springframework.stereotype.Component;

/**
 * A timer of DICOM operations, {@code dicom.operation}, by role, operation and outcome; each tag
 * has few values.
 */
@Component
class DicomTimers implements DicomOperationObserver {
  private final MeterRegistry meters;

  DicomTimers(MeterRegistry meters) {
    this.meters = meters;
  }

  @Override
  public void ended(Observation observation) {
    Timer.builder("dicom.operation")
        .description("DICOM operations by role, operation and class of the response's status")
        .tag("role", tag(observation.role()))
        .tag("operation", observation.operation())
        .tag("outcome", tag(observation.outcome()))
        .publishPercentileHistogram(false)
        .register(meters)
        .record(observation.duration());
  }

  private static String tag(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
