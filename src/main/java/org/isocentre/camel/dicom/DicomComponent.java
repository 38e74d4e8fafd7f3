package org.isocentre.camel.dicom;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Endpoint;
import org.apache.camel.spi.annotations.Component;
import org.apache.camel.support.DefaultComponent;
import org.apache.camel.util.concurrent.CamelThreadFactory;
import org.isocentre.dicom.association.EventLoops;

/**
 * Speaks DICOM: receives objects as a service class provider, sends them as a service class user.
 * Consumers on the same host and port share one listener and are told apart by AE title.
 */
@Component("dicom")
public class DicomComponent extends DefaultComponent {
  private static final int WORKERS = 256;
  private final Map<String, DicomListener> listeners = new HashMap<>();
  private EventLoops loops;
  private ExecutorService workers;

  @Override
  protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters)
      throws Exception {
    DicomConfiguration configuration = new DicomConfiguration();
    DicomAddress address = DicomAddress.parse(remaining);
    DicomEndpoint endpoint = new DicomEndpoint(uri, this, address, configuration);
    setProperties(configuration, parameters);
    setProperties(endpoint, parameters);
    return endpoint;
  }

  /** The listener of this consumer's address, made by the first that asks. */
  synchronized DicomListener register(DicomConsumer consumer) {
    DicomAddress address = consumer.getEndpoint().getAddress();
    DicomListener listener =
        listeners.computeIfAbsent(
            address.host() + ":" + address.port(),
            k -> new DicomListener(loops(), workers(), address));
    listener.add(consumer);
    return listener;
  }

  synchronized void deregister(DicomConsumer consumer) {
    DicomAddress address = consumer.getEndpoint().getAddress();
    DicomListener listener = listeners.get(address.host() + ":" + address.port());
    if (listener != null && listener.remove(consumer)) {
      listeners.remove(address.host() + ":" + address.port());
    }
  }

  synchronized EventLoops loops() {
    if (loops == null) {
      loops = new EventLoops(Math.max(2, Runtime.getRuntime().availableProcessors() / 2));
    }
    return loops;
  }

  private ExecutorService workers() {
    if (workers == null) {
      workers =
          new ThreadPoolExecutor(
              0,
              WORKERS,
              30,
              TimeUnit.SECONDS,
              new SynchronousQueue<>(),
              new CamelThreadFactory(
                  getCamelContext().getExecutorServiceManager().getThreadNamePattern(),
                  "dicom-worker",
                  true));
    }
    return workers;
  }

  @Override
  protected synchronized void doShutdown() throws Exception {
    if (workers != null) {
      getCamelContext().getExecutorServiceManager().shutdownGraceful(workers);
      workers = null;
    }
    if (loops != null) {
      loops.close();
      loops = null;
    }
    super.doShutdown();
  }
}
