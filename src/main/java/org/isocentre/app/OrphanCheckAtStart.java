package org.isocentre.app;

import io.micrometer.core.instrument.MeterRegistry;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.QueueBrowser;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Enumeration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.isocentre.ingest.OrphanCheck;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.jms.core.JmsTemplate;

/**
 * Compares the store with the index once, in the background, when what waited on {@code
 * instance.received} at start has been filed. Tells in the log and as gauge {@code
 * isocentre.store.orphans} (-1 until it is known).
 */
final class OrphanCheckAtStart
    implements ApplicationListener<ApplicationReadyEvent>, DisposableBean {
  private static final Logger LOG = LoggerFactory.getLogger(OrphanCheckAtStart.class);
  private static final int SHOWN = 10;
  private static final Duration POLL = Duration.ofSeconds(1);
  private final OrphanCheck check;
  private final BooleanSupplier delivered;
  private final JmsTemplate queues;
  private final Duration settle;
  private final Instant started;
  private final AtomicLong orphans;
  private Thread thread;

  /**
   * @param delivered whether the events from before the start are on the queue
   * @param settle after which an event that was being redelivered has been tried again
   */
  OrphanCheckAtStart(
      OrphanCheck check,
      BooleanSupplier delivered,
      JmsTemplate queues,
      MeterRegistry meters,
      Duration settle,
      Instant started) {
    this.check = check;
    this.delivered = delivered;
    this.queues = queues;
    this.settle = settle;
    this.started = started;
    this.orphans = meters.gauge("isocentre.store.orphans", new AtomicLong(-1));
  }

  @Override
  public synchronized void onApplicationEvent(ApplicationReadyEvent event) {
    if (thread == null) {
      thread = new Thread(this::run, "orphan-check");
      thread.setDaemon(true);
      thread.start();
    }
  }

  private void run() {
    try {
      while (!delivered.getAsBoolean()) {
        Thread.sleep(POLL.toMillis());
      }
      Instant onQueue = Instant.now();
      awaitFiled(onQueue);
      OrphanCheck.Walk walk = check.walk(started);
      List<String> left = walk.suspects();
      if (!left.isEmpty()) {
        // An event may have been in somebody's hands, or waiting for its next attempt.
        Thread.sleep(settle.toMillis());
        awaitFiled(onQueue);
        left = check.unreferenced(left);
      }
      orphans.set(left.size());
      tell(walk.objects(), left);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException e) {
      LOG.warn("ISO-STORE-010: the store could not be compared with the index", e);
    }
  }

  /** What came later is nobody's concern: a busy queue is never empty. */
  private static boolean waitsSinceBefore(QueueBrowser browser, Instant onQueue)
      throws JMSException {
    Enumeration<?> waiting = browser.getEnumeration();
    return waiting.hasMoreElements()
        && ((Message) waiting.nextElement()).getJMSTimestamp() < onQueue.toEpochMilli();
  }

  private void awaitFiled(Instant onQueue) throws InterruptedException {
    while (Boolean.TRUE.equals(
        queues.browse(
            "instance.received", (session, browser) -> waitsSinceBefore(browser, onQueue)))) {
      Thread.sleep(POLL.toMillis());
    }
  }

  private static void tell(long objects, List<String> orphans) {
    if (orphans.isEmpty()) {
      LOG.info("Each of the {} objects that the store held at start is in the index", objects);
    } else {
      LOG.warn(
          "ISO-STORE-009: {} of {} objects in the store are not in the index: they were never"
              + " acknowledged, or their event waits on dead.instance-index. First: {}",
          orphans.size(),
          objects,
          orphans.subList(0, Math.min(SHOWN, orphans.size())));
    }
  }

  @Override
  public synchronized void destroy() {
    if (thread != null) {
      thread.interrupt();
    }
  }
}
