package org.isocentre.dicom.dimse;

import java.util.NoSuchElementException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.isocentre.dicom.association.AssociationException;
import org.isocentre.dicom.association.AssociationException.Kind;
import org.isocentre.dicom.association.PresentationContext;
import org.isocentre.dicom.data.DataSet;

/**
 * The responses to a request with several, as they are asked for. While more wait than the limit
 * the peer is not read from. For one thread at a time.
 */
final class FoundMatches implements Matches {
  private final DimseChannel channel;
  private final PresentationContext context;
  private final BlockingQueue<Object> queue = new LinkedBlockingQueue<>();
  private final AtomicInteger waiting = new AtomicInteger();
  private boolean held;
  private int messageId;
  private DataSet next;
  private boolean unsupportedKeys;
  private boolean ended = true;

  FoundMatches(DimseChannel channel, PresentationContext context) {
    this.channel = channel;
    this.context = context;
  }

  /** The request is sent. */
  void messageId(int id) {
    messageId = id;
    ended = false;
  }

  DimseChannel.Responses responses() {
    return new DimseChannel.Responses() {
      @Override
      public void response(Command response, DataSet dataSet) {
        put(new ServiceUser.Received(response, dataSet));
      }

      @Override
      public void failed(AssociationException cause) {
        put(cause);
      }
    };
  }

  private void put(Object response) {
    queue.add(response);
    synchronized (waiting) {
      if (waiting.incrementAndGet() > channel.settings().maxQueuedResponses() && !held) {
        held = true;
        channel.hold();
      }
    }
  }

  /** The next response, pending or last. */
  ServiceUser.Received take() {
    ended = true;
    try {
      Object response =
          queue.poll(channel.settings().responseTimeout().toMillis(), TimeUnit.MILLISECONDS);
      if (response == null) {
        throw ServiceUser.timeout(channel.association(), channel);
      }
      synchronized (waiting) {
        if (waiting.decrementAndGet() <= channel.settings().maxQueuedResponses() / 2 && held) {
          held = false;
          channel.unhold();
        }
      }
      if (response instanceof AssociationException cause) {
        throw cause.again();
      }
      ServiceUser.Received received = (ServiceUser.Received) response;
      ended = !Status.isPending(received.command().status());
      return received;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      channel.association().abort();
      throw new AssociationException(Kind.ABORTED, "interrupted while waiting for a response", e);
    }
  }

  @Override
  public boolean hasNext() {
    if (next == null && !ended) {
      advance();
    }
    return next != null;
  }

  private void advance() {
    ServiceUser.Received response = take();
    int status = response.command().status();
    if (Status.isPending(status)) {
      unsupportedKeys |= status == Status.PENDING_UNSUPPORTED_KEYS;
      next = response.dataSet() == null ? new DataSet() : response.dataSet();
    } else if (!Status.isSuccess(status) && status != Status.CANCEL) {
      // Not its Error Comment: nobody knows what a peer writes there, and messages are logged.
      throw new DimseStatusException(
          status,
          "ISO-DICOM-504: %s answered the query with %s"
              .formatted(channel.association().calledAeTitle(), Status.text(status)));
    }
  }

  @Override
  public DataSet next() {
    if (!hasNext()) {
      throw new NoSuchElementException("ISO-DICOM-505: no more matches");
    }
    DataSet match = next;
    next = null;
    return match;
  }

  @Override
  public boolean hasUnsupportedKeys() {
    return unsupportedKeys;
  }

  void cancel() {
    channel.cancel(context, messageId);
  }

  /** Cancels a query that has not ended, and waits for its end. */
  @Override
  public void close() {
    next = null;
    if (ended) {
      return;
    }
    long until = System.nanoTime() + channel.settings().responseTimeout().toNanos();
    try {
      cancel();
      while (!ended) {
        // What was under way when the peer got the C-CANCEL-RQ.
        take();
        if (System.nanoTime() - until > 0) {
          channel.association().abort();
          ended = true;
        }
      }
    } catch (AssociationException e) {
      // The association is over, and the query with it.
      ended = true;
    }
  }
}
