package org.isocentre.camel.dicom;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.isocentre.dicom.dimse.Status;
import org.isocentre.dicom.dimse.StorageHandler;

/**
 * Answers one C-STORE when a route chooses to ({@code ackMode=manual}). The first call counts. May
 * be called from any thread, also before the route is done with the exchange.
 */
public final class Acknowledgement {
  private final CompletableFuture<StorageHandler.Result> result = new CompletableFuture<>();

  Acknowledgement() {}

  /** Answers 0000. */
  public void success() {
    answer(Status.SUCCESS, null);
  }

  /**
   * Answers with a status of PS3.4 Table B.2-1.
   *
   * @param comment at most 64 characters, without patient data; or null
   */
  public void answer(int status, String comment) {
    result.complete(new StorageHandler.Result(status, comment));
  }

  StorageHandler.Result await(Duration timeout) {
    try {
      return result.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return new StorageHandler.Result(
          Status.OUT_OF_RESOURCES, "not acknowledged in time, send again");
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new StorageHandler.Result(Status.OUT_OF_RESOURCES, "stopping, send again");
    }
  }
}
