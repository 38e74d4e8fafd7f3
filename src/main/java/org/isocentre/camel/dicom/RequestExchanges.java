package org.isocentre.camel.dicom;

import java.util.Iterator;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.dimse.DimseStatusException;
import org.isocentre.dicom.dimse.Matches;
import org.isocentre.dicom.dimse.NormalizedHandler;
import org.isocentre.dicom.dimse.NormalizedRequest;
import org.isocentre.dicom.dimse.NormalizedResponse;
import org.isocentre.dicom.dimse.Peer;
import org.isocentre.dicom.dimse.Query;
import org.isocentre.dicom.dimse.QueryHandler;
import org.isocentre.dicom.dimse.RetrieveHandler;
import org.isocentre.dicom.dimse.RetrieveRequest;
import org.isocentre.dicom.dimse.ServiceSopClass;
import org.isocentre.dicom.dimse.Status;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes an exchange of each request other than C-STORE. The body is the request, which converts to
 * its data set; the body that the route leaves is the answer.
 *
 * <table>
 *   <caption>Bodies</caption>
 *   <tr><td>C-FIND</td><td>{@link Query}</td><td>{@link Matches}, or an Iterator or Iterable of {@link DataSet}, or a {@link DataSet}, or null</td></tr>
 *   <tr><td>C-MOVE, C-GET</td><td>{@link RetrieveRequest}</td><td>{@link RetrieveHandler.Retrieval}</td></tr>
 *   <tr><td>DIMSE-N</td><td>{@link NormalizedRequest}</td><td>{@link NormalizedResponse}, or a {@link DataSet}, or null, with the header {@code CamelDicomStatus}</td></tr>
 * </table>
 */
final class RequestExchanges implements QueryHandler, RetrieveHandler, NormalizedHandler {
  private static final Logger LOG = LoggerFactory.getLogger(RequestExchanges.class);
  private final DicomConsumer consumer;

  RequestExchanges(DicomConsumer consumer) {
    this.consumer = consumer;
  }

  /** The exchange is done when its matches are closed: they may come from another peer. */
  @Override
  public Matches find(Query query) {
    DicomObservations.Running running = consumer.begin(operationOf(query));
    Exchange exchange = consumer.createExchange(false);
    try {
      consumer.createUoW(exchange);
      Matches matches =
          answer(
              exchange,
              query,
              query.sopClassUid(),
              query.identifier(),
              query.peer(),
              RequestExchanges::matches);
      return new EndingMatches(
          matches,
          match -> consumer.log().debug("Match for", query.callingAeTitle(), match),
          failure -> {
            done(exchange);
            running.ended(failure);
          });
    } catch (Exception e) {
      done(exchange);
      running.ended(e);
      throw e instanceof RuntimeException known ? known : new IllegalStateException(e);
    }
  }

  private void done(Exchange exchange) {
    consumer.doneUoW(exchange);
    consumer.releaseExchange(exchange, false);
  }

  /** The exchange is done when the objects are selected; the operation when they were sent. */
  @Override
  public Retrieval retrieve(RetrieveRequest request) {
    DicomObservations.Running running = consumer.begin(operationOf(request));
    try {
      return released(
              request,
              request.sopClassUid(),
              request.identifier(),
              request.peer(),
              RequestExchanges::retrieval)
          .endingWith(running::ended);
    } catch (RuntimeException e) {
      running.ended(e);
      throw e;
    }
  }

  private static Retrieval retrieval(Message message) {
    if (message.getBody() instanceof Retrieval retrieval) {
      return retrieval;
    }
    throw wrongBody(message, "a RetrieveHandler.Retrieval");
  }

  @Override
  public NormalizedResponse handle(NormalizedRequest request) {
    DicomObservations.Running running = consumer.begin(operationOf(request));
    try {
      NormalizedResponse response =
          released(
              request,
              request.sopClassUid(),
              request.dataSet(),
              request.peer(),
              message -> normalized(request, message));
      running.ended(response.status());
      return response;
    } catch (RuntimeException e) {
      running.ended(e);
      throw e;
    }
  }

  private interface Reading<T> {
    T read(Message message);
  }

  /** Answers by an exchange that is done with that. */
  private <T> T released(
      Object request, String sopClassUid, DataSet dataSet, Peer peer, Reading<T> reading) {
    Exchange exchange = consumer.createExchange(false);
    try {
      return answer(exchange, request, sopClassUid, dataSet, peer, reading);
    } finally {
      consumer.releaseExchange(exchange, false);
    }
  }

  private <T> T answer(
      Exchange exchange,
      Object request,
      String sopClassUid,
      DataSet dataSet,
      Peer peer,
      Reading<T> reading) {
    consumer.log().debug("Asked for " + operationOf(request), peer.callingAeTitle(), dataSet);
    try {
      Message message = exchange.getMessage();
      consumer.describe(message, peer);
      message.setHeader(DicomConstants.OPERATION, operation(request));
      message.setHeader(DicomConstants.SOP_CLASS_UID, sopClassUid);
      if (dataSet != null) {
        message.setHeader(DicomConstants.LEVEL, dataSet.string(Tag.QueryRetrieveLevel));
      }
      message.setBody(request);
      consumer.getProcessor().process(exchange);
      if (exchange.getException() == null) {
        Integer status = exchange.getMessage().getHeader(DicomConstants.STATUS, Integer.class);
        if (status != null && !(request instanceof NormalizedRequest) && status != 0) {
          throw new DimseStatusException(
              status, exchange.getMessage().getHeader(DicomConstants.ERROR_COMMENT, String.class));
        }
        return reading.read(exchange.getMessage());
      }
    } catch (Exception e) {
      exchange.setException(e);
    }
    discard(exchange.getMessage().getBody());
    int otherwise =
        request instanceof NormalizedRequest ? Status.PROCESSING_FAILURE : Status.UNABLE_TO_PROCESS;
    throw consumer.failure(exchange, otherwise, "A request could not be handled");
  }

  /** A body that is no answer, such as matches that a step before the failure left. */
  private static void discard(Object body) {
    if (body instanceof AutoCloseable open) {
      try {
        open.close();
      } catch (Exception e) {
        LOG.warn("A {} that is no answer could not be closed", body.getClass().getName(), e);
      }
    }
  }

  private static DicomOperation operationOf(Object request) {
    if (request instanceof Query query) {
      return ServiceSopClass.MODALITY_WORKLIST_FIND.equals(query.sopClassUid())
          ? DicomOperation.WORKLIST
          : DicomOperation.FIND;
    }
    if (request instanceof RetrieveRequest retrieve) {
      return retrieve.moveDestination() == null ? DicomOperation.GET : DicomOperation.MOVE;
    }
    NormalizedRequest normalized = (NormalizedRequest) request;
    return switch (normalized.operation()) {
      case N_EVENT_REPORT -> DicomOperation.EVENT;
      case N_ACTION -> DicomOperation.COMMIT;
      default ->
          ServiceSopClass.INSTANCE_AVAILABILITY_NOTIFICATION.equals(normalized.sopClassUid())
              ? DicomOperation.IAN
              : DicomOperation.MPPS;
    };
  }

  private static String operation(Object request) {
    if (request instanceof Query) {
      return DicomOperation.FIND.option();
    }
    if (request instanceof RetrieveRequest retrieve) {
      return (retrieve.moveDestination() == null ? DicomOperation.GET : DicomOperation.MOVE)
          .option();
    }
    return ((NormalizedRequest) request).operation().name().replace('_', '-');
  }

  private static Matches matches(Message message) {
    Object body = message.getBody();
    if (body instanceof Matches matches) {
      return matches;
    }
    if (body == null) {
      return Matches.of(List.<DataSet>of().iterator());
    }
    if (body instanceof DataSet one) {
      return Matches.of(List.of(one).iterator());
    }
    Iterator<?> all =
        body instanceof Iterable<?> iterable
            ? iterable.iterator()
            : body instanceof Iterator<?> iterator ? iterator : null;
    if (all == null) {
      throw wrongBody(message, "Matches, or an Iterator, Iterable or single DataSet");
    }
    return new Cast(all, body);
  }

  private record Cast(Iterator<?> all, Object body) implements Matches {
    @Override
    public boolean hasNext() {
      return all.hasNext();
    }

    @Override
    public DataSet next() {
      return (DataSet) all.next();
    }

    @Override
    public void close() {
      discard(body);
    }
  }

  private static NormalizedResponse normalized(NormalizedRequest request, Message message) {
    Object body = message.getBody();
    if (body instanceof NormalizedResponse response) {
      return response;
    }
    if (body != null && body != request && !(body instanceof DataSet)) {
      throw wrongBody(message, "a NormalizedResponse, a DataSet or none");
    }
    Integer status = message.getHeader(DicomConstants.STATUS, Integer.class);
    return new NormalizedResponse(
        status == null ? Status.SUCCESS : status,
        message.getHeader(DicomConstants.ERROR_COMMENT, String.class),
        message.getHeader(DicomConstants.SOP_INSTANCE_UID, String.class),
        body instanceof DataSet dataSet && dataSet != request.dataSet() ? dataSet : null);
  }

  private static IllegalStateException wrongBody(Message message, String expected) {
    Object body = message.getBody();
    return new IllegalStateException(
        "ISO-DICOM-608: the route left a body of %s, expected %s"
            .formatted(body == null ? "null" : body.getClass().getName(), expected));
  }
}
