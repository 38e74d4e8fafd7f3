package org.isocentre.camel.dicom;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.spi.IdempotentRepository;
import org.apache.camel.support.ScheduledPollConsumer;
import org.apache.camel.support.processor.idempotent.MemoryIdempotentRepository;
import org.apache.camel.support.service.ServiceHelper;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.dimse.Status;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks a peer with C-FIND on a schedule; each match that is new makes an exchange. The query is
 * over before the first exchange is made: up to {@code maxMessagesPerPoll} matches are held in
 * memory. The unique key of a match is confirmed when its exchange succeeded, and removed when it
 * failed, so that the match comes again; a fetch that did not bring every object is a failure.
 */
public class DicomPollConsumer extends ScheduledPollConsumer {
  private static final Logger LOG = LoggerFactory.getLogger(DicomPollConsumer.class);
  private static final int REMEMBERED = 10_000;
  private final DicomEndpoint endpoint;
  private final PollConfiguration polling;
  private final PollLevel level;
  private final PollQuery query;
  private final StableMatches stable;
  private final IdempotentRepository repository;
  private DicomProducer producer;
  private boolean warned;

  DicomPollConsumer(DicomEndpoint endpoint, Processor processor, Clock clock) {
    super(endpoint, processor);
    this.endpoint = endpoint;
    this.polling = endpoint.getPolling();
    polling.check();
    this.level = PollLevel.of(endpoint.getConfiguration());
    this.query = new PollQuery(polling.getQuery(), clock);
    this.stable = isLocking() ? new StableMatches(polling.getStableChecks()) : null;
    this.repository = repository();
    refuseImpossible();
  }

  private boolean isLocking() {
    return polling.getReadLock() == PollConfiguration.ReadLock.stable;
  }

  private IdempotentRepository repository() {
    if (!polling.isIdempotent()) {
      return null;
    }
    return polling.getIdempotentRepository() == null
        ? MemoryIdempotentRepository.memoryIdempotentRepository(REMEMBERED)
        : polling.getIdempotentRepository();
  }

  private void refuseImpossible() {
    query.identifier();
    if (isLocking() && !level.hasCount()) {
      throw new IllegalArgumentException(
          "ISO-DICOM-643: readLock=stable needs level PATIENT, STUDY or SERIES, found " + level);
    }
    if (level == PollLevel.WORKLIST && polling.getFetch() != PollConfiguration.Fetch.none) {
      throw new IllegalArgumentException(
          "ISO-DICOM-644: a worklist has nothing to fetch; leave out fetch, or set model=study");
    }
  }

  @Override
  protected void doStart() throws Exception {
    producer = new DicomProducer(endpoint);
    ServiceHelper.startService(producer, repository);
    super.doStart();
  }

  @Override
  protected void doStop() throws Exception {
    super.doStop();
    ServiceHelper.stopService(producer);
  }

  @Override
  protected int poll() throws Exception {
    List<DataSet> found = find();
    int handled = 0;
    for (DataSet match : found) {
      if (!isPollAllowed()) {
        break;
      }
      handled += handle(match) ? 1 : 0;
    }
    return handled;
  }

  /** What is new and stable, as much as one poll takes. */
  private List<DataSet> find() throws Exception {
    DataSet identifier = query.identifier();
    level.addReturnKeys(identifier, stable != null);
    Exchange asking = endpoint.createExchange();
    asking.getMessage().setBody(identifier);
    List<DataSet> found = new ArrayList<>();
    try (RetrieveOperations.FoundIterator matches = producer.find(asking.getMessage())) {
      while (found.size() < polling.getMaxMessagesPerPoll() && matches.hasNext()) {
        DataSet match = matches.next();
        if (isDue(match)) {
          found.add(match);
        }
      }
    }
    return found;
  }

  private boolean isDue(DataSet match) {
    String key = level.key(match);
    if (key == null) {
      warn("ISO-DICOM-645: {} gave a match of level {} without its unique key; it is left out");
      return false;
    }
    return (repository == null || !repository.contains(key)) && isStable(key, match);
  }

  private boolean isStable(String key, DataSet match) {
    if (stable == null) {
      return true;
    }
    Integer count = level.count(match);
    if (count == null) {
      warn(
          "ISO-DICOM-646: {} gives no number of related instances at level {}: with readLock=stable"
              + " nothing will come; leave readLock out");
      return false;
    }
    return stable.isStable(key, count);
  }

  private void warn(String message) {
    if (!warned) {
      warned = true;
      LOG.warn(message, endpoint.getAddress().aeTitle(), level);
    }
  }

  /**
   * @return false if another took it in the meantime
   */
  private boolean handle(DataSet match) throws Exception {
    String key = level.key(match);
    Exchange exchange = createExchange(false);
    createUoW(exchange);
    try {
      if (repository != null && !repository.add(exchange, key)) {
        return false;
      }
      process(exchange, match);
      settle(exchange, key);
      return true;
    } finally {
      doneUoW(exchange);
      releaseExchange(exchange, false);
    }
  }

  private void process(Exchange exchange, DataSet match) {
    try {
      fill(exchange, match);
      getProcessor().process(exchange);
    } catch (Exception e) {
      exchange.setException(e);
    }
  }

  private void settle(Exchange exchange, String key) {
    if (!exchange.isFailed()) {
      if (stable != null) {
        stable.forget(key);
      }
      if (repository != null) {
        repository.confirm(exchange, key);
      }
      return;
    }
    if (repository != null) {
      repository.remove(exchange, key);
    }
    if (exchange.getException() != null) {
      getExceptionHandler()
          .handleException("A match could not be handled", exchange, exchange.getException());
    }
  }

  private void fill(Exchange exchange, DataSet match) throws Exception {
    Message message = exchange.getMessage();
    message.setHeader(DicomConstants.CALLED_AE_TITLE, endpoint.getAddress().aeTitle());
    if (level != PollLevel.WORKLIST) {
      message.setHeader(DicomConstants.LEVEL, level.name());
    }
    switch (polling.getFetch()) {
      case none -> message.setBody(match);
      case get -> fetch(exchange, match, DicomOperation.GET);
      case move -> {
        fetch(exchange, match, DicomOperation.MOVE);
        message.setBody(match);
      }
    }
    message.setHeader(DicomConstants.OPERATION, DicomOperation.FIND.option());
  }

  /** All of a match or a failure: what is missing would not come again. */
  private void fetch(Exchange exchange, DataSet match, DicomOperation how) throws Exception {
    Message message = exchange.getMessage();
    message.setBody(
        level.retrieval(match, endpoint.getConfiguration().getModel().equals("patient")));
    message.setHeader(DicomConstants.OPERATION, how.option());
    producer.process(exchange);
    int status = message.getHeader(DicomConstants.STATUS, Status.SUCCESS, Integer.class);
    if (!Status.isSuccess(status)) {
      throw new DicomOperationFailedException(endpoint.getAddress().aeTitle(), status);
    }
    message.removeHeader(DicomConstants.STATUS);
  }
}
