package org.isocentre.camel.dicom;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.isocentre.dicom.association.Association;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Dictionary;
import org.isocentre.dicom.dimse.DataSetInfo;
import org.isocentre.dicom.dimse.DataSetSink;
import org.isocentre.dicom.dimse.DimseStatusException;
import org.isocentre.dicom.dimse.ReceivedDataSet;
import org.isocentre.dicom.dimse.Status;
import org.isocentre.dicom.dimse.StorageHandler;

/** Makes exchanges of the objects that a consumer receives by C-STORE. */
final class StoreExchanges implements StorageHandler {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private final DicomConsumer consumer;
  private final DicomConfiguration configuration;
  private final List<Dictionary.Entry> headerTags;
  private final DataSetSink.Factory sinks;

  /** What associations have brought so far. Guarded by itself. */
  private final Map<Long, Collected> perAssociation = new HashMap<>();

  private boolean stopped;
  private int underWay;

  private record Collected(Association association, List<ReceivedDataSet> objects) {}

  StoreExchanges(DicomConsumer consumer) {
    this.consumer = consumer;
    this.configuration = consumer.getEndpoint().getConfiguration();
    this.sinks = isCollecting() ? configuration.collectingSinks() : configuration.sinks();
    this.headerTags =
        DicomConfiguration.list(configuration.getHeaderTags()).stream()
            .map(StoreExchanges::keyword)
            .toList();
  }

  private static Dictionary.Entry keyword(String keyword) {
    return Dictionary.element(keyword)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "ISO-DICOM-607: headerTags has %s, which is no keyword of PS3.6"
                        .formatted(keyword)));
  }

  DataSetSink.Factory sinks() {
    return sinks;
  }

  private boolean isCollecting() {
    return configuration.getExchangePer() == DicomConfiguration.ExchangePer.association;
  }

  @Override
  public Result store(Association association, ReceivedDataSet object) {
    DicomObservations.Running running = consumer.begin(DicomOperation.STORE);
    try {
      Result result = take(association, object);
      running.ended(result.status());
      return result;
    } catch (RuntimeException e) {
      running.ended(e);
      throw e;
    }
  }

  private Result take(Association association, ReceivedDataSet object) {
    if (isCollecting()) {
      return collect(association, object);
    }
    return switch (configuration.getAckMode()) {
      case onComplete -> process(exchange(association, object));
      case onSpooled -> processLater(association, object);
      case manual -> processUntilAcknowledged(association, object);
    };
  }

  // --- an exchange for each object

  private Exchange exchange(Association association, ReceivedDataSet object) {
    Exchange exchange = consumer.createExchange(false);
    Message message = exchange.getMessage();
    DataSetInfo info = object.info();
    consumer.describe(message, association);
    message.setHeader(DicomConstants.OPERATION, DicomOperation.STORE.option());
    message.setHeader(DicomConstants.SOP_CLASS_UID, info.sopClassUid());
    message.setHeader(DicomConstants.SOP_INSTANCE_UID, info.sopInstanceUid());
    message.setHeader(DicomConstants.TRANSFER_SYNTAX_UID, info.transferSyntaxUid());
    message.setBody(new DicomStreamCache(object));
    headers(message, object);
    return exchange;
  }

  private void headers(Message message, ReceivedDataSet object) {
    if (headerTags.isEmpty()) {
      return;
    }
    int last = headerTags.stream().mapToInt(e -> tag(e) & 0x7fffffff).max().orElse(0);
    try {
      DataSet start = LeadingElements.of(object, last);
      for (Dictionary.Entry entry : headerTags) {
        message.setHeader(DicomConstants.TAG_PREFIX + entry.keyword(), start.string(tag(entry)));
      }
    } catch (org.isocentre.dicom.io.DicomParseException e) {
      throw new DimseStatusException(Status.CANNOT_UNDERSTAND, "the data set cannot be read", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int tag(Dictionary.Entry entry) {
    return Integer.parseUnsignedInt(entry.tag().replace('x', '0'), 16);
  }

  private Result process(Exchange exchange) {
    try {
      consumer.getProcessor().process(exchange);
    } catch (Exception e) {
      exchange.setException(e);
    }
    try {
      return result(exchange);
    } finally {
      consumer.releaseExchange(exchange, false);
    }
  }

  private Result result(Exchange exchange) {
    if (exchange.getException() == null) {
      Integer status = exchange.getMessage().getHeader(DicomConstants.STATUS, Integer.class);
      return new Result(
          status == null ? Status.SUCCESS : status,
          exchange.getMessage().getHeader(DicomConstants.ERROR_COMMENT, String.class));
    }
    DimseStatusException failure =
        consumer.failure(exchange, Status.PROCESSING_FAILURE, "An object could not be handled");
    return new Result(failure.status(), failure.getMessage());
  }

  private Result processLater(Association association, ReceivedDataSet object) {
    Exchange exchange = exchange(association, object);
    try {
      consumer.workers().execute(() -> processKept(exchange, List.of(object)));
    } catch (RejectedExecutionException e) {
      return new Result(Status.OUT_OF_RESOURCES, "busy, send again");
    }
    return Result.KEPT;
  }

  private void processKept(Exchange exchange, List<ReceivedDataSet> objects) {
    try {
      process(exchange);
    } finally {
      objects.forEach(StoreExchanges::close);
    }
  }

  private static void close(ReceivedDataSet object) {
    try {
      object.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Result processUntilAcknowledged(Association association, ReceivedDataSet object) {
    Exchange exchange = exchange(association, object);
    Acknowledgement acknowledgement = new Acknowledgement();
    exchange.getMessage().setHeader(DicomConstants.ACKNOWLEDGEMENT, acknowledgement);
    try {
      consumer.workers().execute(() -> processAcknowledging(exchange, acknowledgement, object));
    } catch (RejectedExecutionException e) {
      return new Result(Status.OUT_OF_RESOURCES, "busy, send again");
    }
    Result chosen = acknowledgement.await(configuration.getAckTimeout());
    return new Result(chosen.status(), chosen.comment(), true);
  }

  private void processAcknowledging(
      Exchange exchange, Acknowledgement acknowledgement, ReceivedDataSet object) {
    try {
      Result result = process(exchange);
      if (!Status.isSuccess(result.status())) {
        acknowledgement.answer(result.status(), result.comment());
      }
    } finally {
      close(object);
    }
  }

  // --- an exchange for all objects of an association

  private Result collect(Association association, ReceivedDataSet object) {
    Collected full = null;
    synchronized (perAssociation) {
      if (stopped) {
        return new Result(Status.OUT_OF_RESOURCES, "stopping, send again");
      }
      Collected kept =
          perAssociation.computeIfAbsent(
              association.id(), id -> new Collected(association, new ArrayList<>()));
      kept.objects().add(object);
      if (kept.objects().size() >= configuration.getMaxInstancesPerExchange()) {
        full = perAssociation.remove(association.id());
      }
    }
    if (full != null) {
      processCollected(full);
    }
    return Result.KEPT;
  }

  /**
   * The association is over: what it brought makes an exchange. May be called on an event loop,
   * which no route runs on. Where all workers are busy a thread is made for it: there is one at
   * most for each association that there may be, and what was answered with success is not dropped.
   */
  void ended(Association association) {
    Collected kept;
    synchronized (perAssociation) {
      kept = perAssociation.remove(association.id());
      if (kept == null) {
        return;
      }
      underWay++;
    }
    Runnable task = () -> processEnded(kept);
    try {
      consumer.workers().execute(task);
    } catch (RejectedExecutionException e) {
      new Thread(task, "dicom-collected").start();
    }
  }

  void start() {
    synchronized (perAssociation) {
      stopped = false;
    }
  }

  /** Takes no more, and makes exchanges of what there is: it was answered with success. */
  void stop() throws InterruptedException {
    List<Collected> left;
    synchronized (perAssociation) {
      stopped = true;
      left = List.copyOf(perAssociation.values());
      perAssociation.clear();
    }
    left.forEach(this::processCollected);
    awaitUnderWay();
  }

  private void processEnded(Collected collected) {
    try {
      processCollected(collected);
    } finally {
      synchronized (perAssociation) {
        underWay--;
        perAssociation.notifyAll();
      }
    }
  }

  private void awaitUnderWay() throws InterruptedException {
    long until = System.nanoTime() + PATIENCE.toNanos();
    synchronized (perAssociation) {
      while (underWay > 0 && System.nanoTime() < until) {
        perAssociation.wait(100);
      }
    }
  }

  private void processCollected(Collected collected) {
    List<ReceivedDataSet> objects = collected.objects();
    Exchange exchange = consumer.createExchange(false);
    consumer.describe(exchange.getMessage(), collected.association());
    exchange.getMessage().setHeader(DicomConstants.OPERATION, DicomOperation.STORE.option());
    exchange.getMessage().setBody(objects.stream().map(DicomStreamCache::new).toList());
    processKept(exchange, objects);
  }
}
