package org.isocentre.camel.dicomweb;

import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.StreamCache;
import org.apache.camel.WrappedFile;
import org.apache.camel.support.DefaultProducer;
import org.apache.camel.support.SynchronizationAdapter;
import org.isocentre.camel.dicom.Part10Source;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.web.DataSetAnswers;
import org.isocentre.dicom.web.DicomWebClient;
import org.isocentre.dicom.web.DicomWebPath;
import org.isocentre.dicom.web.DicomWebSettings;
import org.isocentre.dicom.web.StoreResult;

/**
 * Does what {@code operation} says. Answers that are streams are read as they are used, and closed
 * when the exchange is done.
 *
 * <p>Fails with {@link org.isocentre.dicom.web.DicomWebException}, which tells what kind of failure
 * it is and whether a repetition may help.
 */
public class DicomWebProducer extends DefaultProducer {
  private DicomWebClient client;

  DicomWebProducer(DicomWebEndpoint endpoint) {
    super(endpoint);
  }

  @Override
  public DicomWebEndpoint getEndpoint() {
    return (DicomWebEndpoint) super.getEndpoint();
  }

  private DicomWebConfiguration configuration() {
    return getEndpoint().getConfiguration();
  }

  @Override
  protected void doStart() throws Exception {
    super.doStart();
    SSLContext tls =
        configuration().getSslContextParameters() == null
            ? null
            : configuration()
                .getSslContextParameters()
                .createSSLContext(getEndpoint().getCamelContext());
    client =
        new DicomWebClient(
            new DicomWebSettings(
                getEndpoint().getBase(),
                configuration().getConnectTimeout(),
                configuration().getStallTimeout()),
            configuration().tokens(tls),
            tls);
  }

  @Override
  protected void doStop() throws Exception {
    if (client != null) {
      client.close();
      client = null;
    }
    super.doStop();
  }

  @Override
  public void process(Exchange exchange) throws Exception {
    Message message = exchange.getMessage();
    String named = message.getHeader(DicomWebConstants.OPERATION, String.class);
    DicomWebOperation operation =
        named == null ? configuration().getOperation() : DicomWebOperation.valueOf(named);
    switch (operation) {
      case store -> store(message);
      case search -> answered(exchange, search(message));
      case metadata -> answered(exchange, client.metadata(path(message)));
      case retrieve -> {
        SpooledParts parts =
            new SpooledParts(
                client.retrieve(path(message), configuration().getTransferSyntax()),
                configuration().spool());
        closeAtEnd(exchange, parts::end);
        message.setBody(parts);
      }
      case rendered -> {
        DicomWebClient.Media media =
            client.rendered(path(message), configuration().getAccept(), parameters(message));
        closeAtEnd(exchange, media.body());
        message.setHeader(Exchange.CONTENT_TYPE, media.contentType());
        message.setBody(media.body());
      }
      default -> throw new IllegalStateException(operation.name());
    }
  }

  private static void answered(Exchange exchange, DataSetAnswers answers) {
    closeAtEnd(exchange, answers);
    exchange.getMessage().setHeader(DicomWebConstants.CUT, answers.isCut());
    exchange.getMessage().setBody(answers);
  }

  private static void closeAtEnd(Exchange exchange, Closeable answer) {
    exchange
        .getExchangeExtension()
        .addOnCompletion(
            new SynchronizationAdapter() {
              @Override
              public void onDone(Exchange done) {
                try {
                  answer.close();
                } catch (IOException e) {
                  // Nothing more is wanted of it.
                }
              }
            });
  }

  // --- store

  private void store(Message message) throws Exception {
    String study = message.getHeader(DicomWebConstants.STUDY, String.class);
    DicomWebClient.Part10 object = part10(message);
    StoreResult.Stored stored = client.store(study, object);
    if (stored.sopInstanceUid() != null) {
      message.setHeader(DicomWebConstants.INSTANCE, stored.sopInstanceUid());
    }
    message.setHeader(DicomWebConstants.STATUS, stored.warningReason());
    message.setHeader(DicomWebConstants.RETRIEVE_URL, stored.retrieveUrl());
  }

  private static DicomWebClient.Part10 part10(Message message) throws Exception {
    Object body = message.getBody();
    if (body instanceof StreamCache cache) {
      cache.reset();
    }
    if (body instanceof Part10Source source) {
      return source::openPart10;
    }
    Object file = body instanceof WrappedFile<?> wrapped ? wrapped.getFile() : body;
    if (file instanceof File local) {
      return () -> Files.newInputStream(local.toPath());
    }
    if (file instanceof Path path) {
      return () -> Files.newInputStream(path);
    }
    InputStream in = message.getMandatoryBody(InputStream.class);
    return () -> in;
  }

  // --- search

  private DataSetAnswers search(Message message) throws Exception {
    Map<String, List<String>> parameters = new LinkedHashMap<>();
    if (message.getBody() instanceof Map<?, ?> keys) {
      keys.forEach((key, value) -> parameters.put(key.toString(), values(value)));
    } else if (message.getBody() != null) {
      parameters.putAll(SearchKeys.of(message.getMandatoryBody(DataSet.class)));
    }
    parameters.putAll(parameters(message));
    String level =
        message.getHeader(DicomWebConstants.LEVEL, configuration().getLevel(), String.class);
    String study = message.getHeader(DicomWebConstants.STUDY, String.class);
    String series = message.getHeader(DicomWebConstants.SERIES, String.class);
    return client.search(
        level(level), study == null ? null : new DicomWebPath(study, series, null), parameters);
  }

  private static DicomWebClient.Level level(String name) {
    return switch (name.toUpperCase(Locale.ROOT)) {
      case "STUDY" -> DicomWebClient.Level.STUDIES;
      case "SERIES" -> DicomWebClient.Level.SERIES;
      case "IMAGE" -> DicomWebClient.Level.INSTANCES;
      default ->
          throw new IllegalArgumentException(
              "ISO-DICOMWEB-012: the level of a search is STUDY, SERIES or IMAGE");
    };
  }

  private static List<String> values(Object value) {
    return value instanceof List<?> list
        ? list.stream().map(Object::toString).toList()
        : List.of(value == null ? "" : value.toString());
  }

  // --- headers

  private static Map<String, List<String>> parameters(Message message) {
    Map<String, List<String>> parameters = new LinkedHashMap<>();
    Map<?, ?> given = message.getHeader(DicomWebConstants.PARAMETERS, Map.of(), Map.class);
    given.forEach((key, value) -> parameters.put(key.toString(), values(value)));
    return parameters;
  }

  private static DicomWebPath path(Message message) {
    return new DicomWebPath(
        message.getHeader(DicomWebConstants.STUDY, String.class),
        message.getHeader(DicomWebConstants.SERIES, String.class),
        message.getHeader(DicomWebConstants.INSTANCE, String.class));
  }
}
