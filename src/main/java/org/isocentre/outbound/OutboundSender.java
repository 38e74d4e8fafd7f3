package org.isocentre.outbound;

import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import javax.net.ssl.SSLSocketFactory;
import org.isocentre.hl7.Acknowledgement;
import org.isocentre.index.OutboundIndex;
import org.isocentre.index.PatientIndex;
import org.isocentre.store.ObjectStore;

/** Sends what is queued, as the route of each destination calls for it. */
public final class OutboundSender implements AutoCloseable {
  /** Messages of one call; then the route is asked whether it shall go on. */
  private static final int BATCH = 1000;

  private final Map<String, Line> lines;
  private final OutboundIndex queue;
  private final ScheduledThreadPoolExecutor watchdog;
  private final String holder;

  /**
   * @param tls asked for each connection; null if there are no destinations with TLS
   * @param holder names this process among those that share an index
   */
  public OutboundSender(
      List<Destination> destinations,
      OutboundIndex queue,
      PatientIndex patients,
      DisclosurePermission permission,
      ObjectStore store,
      Supplier<SSLSocketFactory> tls,
      Clock clock,
      String holder) {
    this.queue = queue;
    this.holder = holder;
    this.watchdog =
        new ScheduledThreadPoolExecutor(
            1,
            work -> {
              Thread thread = new Thread(work, "hl7-out-watchdog");
              thread.setDaemon(true);
              return thread;
            });
    watchdog.setRemoveOnCancelPolicy(true);
    Line.Parts parts =
        new Line.Parts(
            queue,
            patients,
            permission,
            store,
            tls,
            watchdog,
            new Acknowledgement(clock),
            clock,
            holder);
    this.lines =
        destinations.stream()
            .map(to -> Map.entry(to.name(), new Line(to, parts)))
            .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  /** Sends what is due to a destination. */
  public void send(String destination) {
    Line line = lines.get(destination);
    synchronized (line) {
      for (int sent = 0; sent < BATCH && line.sendNext(); sent++) {
        // The line has noted what came of it.
      }
    }
  }

  /** Ends what is under way. Other processes may go on at once. */
  @Override
  public void close() {
    lines.values().forEach(Line::close);
    watchdog.shutdownNow();
    lines.keySet().forEach(name -> queue.release(name, holder));
  }
}
