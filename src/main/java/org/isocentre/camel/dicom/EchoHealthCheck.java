package org.isocentre.camel.dicom;

import java.time.Duration;
import java.util.Map;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;
import org.isocentre.dicom.dimse.ServiceUser;
import org.isocentre.dicom.dimse.Status;

/**
 * Readiness of a producer: whether its peer answers C-ECHO. Asks at most once in an interval, and
 * gives the last result in between.
 */
final class EchoHealthCheck extends AbstractHealthCheck {
  private final DicomEndpoint endpoint;
  private final Duration interval;
  private boolean asked;
  private long askedAt;
  private Exception failure;
  private int status;

  EchoHealthCheck(DicomEndpoint endpoint, String id, Duration interval) {
    super("camel", id);
    this.endpoint = endpoint;
    this.interval = interval;
  }

  @Override
  public boolean isLiveness() {
    return false;
  }

  @Override
  protected synchronized void doCall(HealthCheckResultBuilder result, Map<String, Object> options) {
    if (!asked || System.nanoTime() - askedAt >= interval.toNanos()) {
      ask();
    }
    DicomAddress address = endpoint.getAddress();
    result.detail("dicom.peer", address.aeTitle());
    if (failure == null && Status.isSuccess(status)) {
      result.up();
    } else {
      result.down();
      result.error(failure);
      result.message(
          "ISO-DICOM-648: %s at %s:%d does not answer C-ECHO: %s"
              .formatted(
                  address.aeTitle(),
                  address.host(),
                  address.port(),
                  failure == null ? Status.text(status) : failure.getMessage()));
    }
  }

  private void ask() {
    failure = null;
    try (ServiceUser user = endpoint.associateForEcho()) {
      status = user.echo();
    } catch (Exception e) {
      failure = e;
    }
    asked = true;
    askedAt = System.nanoTime();
  }
}
