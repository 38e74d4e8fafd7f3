package org.isocentre.dicom.web;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Enumeration;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.io.BulkData;
import org.isocentre.dicom.io.DicomJsonReader;
import org.isocentre.dicom.io.DicomParseException;
import org.isocentre.dicom.io.ReaderLimits;

/**
 * A DICOMweb user agent (PS3.18 §10): searches, retrieves and stores, each as a stream. May be used
 * by several threads; keeps connections. Redirects are not followed, so that a token goes to the
 * server that it is for.
 */
public final class DicomWebClient implements AutoCloseable {
  private static final String DICOM = "application/dicom";
  private static final String DICOM_JSON = "application/dicom+json";
  private static final long LOOK = 200;

  private final DicomWebSettings settings;
  private final AccessTokens tokens;
  private final HttpClient http;
  private final StallWatch stalls;

  /** What is searched for (PS3.18 §10.6.1.1). */
  public enum Level {
    STUDIES,
    SERIES,
    INSTANCES;

    private String resource() {
      return "/" + name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * A Part 10 file that can be opened when its turn comes.
   *
   * @see org.isocentre.dicom.io.FileMetaInformation
   */
  @FunctionalInterface
  public interface Part10 {
    /** From its first byte; closed by the client. */
    InputStream open() throws IOException;
  }

  /**
   * A picture or document.
   *
   * @param contentType of the body
   * @param body closed by who asked
   */
  public record Media(String contentType, InputStream body) {}

  /**
   * @param tls null for the trust of the Java runtime
   * @throws IllegalArgumentException if tokens could be read on the way
   */
  public DicomWebClient(DicomWebSettings settings, AccessTokens tokens, SSLContext tls) {
    if (tokens != AccessTokens.NONE && settings.isExposed()) {
      throw new IllegalArgumentException(
          "ISO-DICOMWEB-002: tokens are sent by https, or to this machine, alone");
    }
    this.settings = settings;
    this.tokens = tokens;
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(settings.connectTimeout());
    if (tls != null) {
      builder.sslContext(tls);
    }
    this.http = builder.build();
    this.stalls = new StallWatch(settings.stallTimeout());
  }

  /**
   * Search Transaction (PS3.18 §10.6).
   *
   * @param within null, or the study or series that it is confined to
   * @param parameters attributes by keyword or tag, {@code limit}, {@code offset}, {@code
   *     includefield}, {@code fuzzymatching}
   * @throws DicomWebException if the server does not answer it
   */
  public DataSetAnswers search(
      Level level, DicomWebPath within, Map<String, List<String>> parameters) throws IOException {
    String path = (within == null ? "" : within) + level.resource() + query(parameters);
    Answer answer = get(path, DICOM_JSON);
    return dataSets(answer);
  }

  /** Metadata of all objects of a study, a series or one alone (PS3.18 §10.4.1.1.2). */
  public DataSetAnswers metadata(DicomWebPath of) throws IOException {
    return dataSets(get(of + "/metadata", DICOM_JSON));
  }

  private DataSetAnswers dataSets(Answer answer) throws IOException {
    boolean cut = answer.headers().allValues("Warning").stream().anyMatch(w -> w.startsWith("299"));
    if (answer.status() == 204) {
      answer.body().close();
      return new DataSetAnswers(null, where(), cut);
    }
    String type = type(answer);
    if (!type.startsWith(DICOM_JSON) && !type.startsWith("application/json")) {
      throw malformed(answer, "DICOM JSON");
    }
    return new DataSetAnswers(answer.body(), where(), cut);
  }

  /**
   * The Part 10 files of a study, a series or one object (PS3.18 §10.4.1.1.1).
   *
   * @param transferSyntaxUid that they are wanted in; null for as they are stored
   */
  public PartAnswers retrieve(DicomWebPath of, String transferSyntaxUid) throws IOException {
    String accept =
        "multipart/related; type=\"%s\"; transfer-syntax=%s"
            .formatted(DICOM, transferSyntaxUid == null ? "*" : transferSyntaxUid);
    Answer answer = get(of.toString(), accept);
    if (!type(answer).startsWith("multipart/related")) {
      throw malformed(answer, "multipart/related");
    }
    try {
      return new PartAnswers(
          answer.body(),
          MultipartReader.of(
              answer.body(), answer.headers().firstValue("Content-Type").orElse("")));
    } catch (IOException e) {
      closeQuietly(answer.body());
      throw e;
    }
  }

  /**
   * A picture or document of what is stored (PS3.18 §10.4.1.1.3).
   *
   * @param accept media type, such as {@code image/jpeg}
   * @param parameters such as {@code viewport}, {@code window}
   */
  public Media rendered(DicomWebPath of, String accept, Map<String, List<String>> parameters)
      throws IOException {
    Answer answer = get(of + "/rendered" + query(parameters), accept);
    return new Media(answer.headers().firstValue("Content-Type").orElse(null), answer.body());
  }

  /**
   * Store Transaction (PS3.18 §10.5) of one or more objects, each opened when its turn comes.
   *
   * @param study null, or the study that all of them have to be of
   * @throws DicomWebException if the server did not say of each whether it was stored
   */
  public StoreResult store(String study, List<? extends Part10> objects) throws IOException {
    String boundary = "isocentre-" + UUID.randomUUID();
    Progress progress = new Progress();
    String token = tokens.token();
    HttpRequest.Builder request =
        request(study == null ? "/studies" : new DicomWebPath(study, null, null).toString(), token)
            .header(
                "Content-Type",
                "multipart/related; type=\"%s\"; boundary=%s".formatted(DICOM, boundary))
            .header("Accept", DICOM_JSON)
            .POST(
                HttpRequest.BodyPublishers.ofInputStream(
                    () -> progress.over(new SequenceInputStream(new Body(boundary, objects)))));
    Answer answer = send(request.build(), progress);
    if (answer.status() == 401) {
      // The objects may be streams that are gone: whoever has them sends them again.
      tokens.refused(token);
    }
    if (answer.status() != 200 && answer.status() != 202 && answer.status() != 409) {
      closeQuietly(answer.body());
      throw DicomWebException.of(answer.status(), where());
    }
    return result(answer, objects.size());
  }

  /**
   * One object.
   *
   * @param study null, or the study that it has to be of
   * @throws DicomWebException if the server did not store it
   */
  public StoreResult.Stored store(String study, Part10 object) throws IOException {
    StoreResult result = store(study, List.of(object));
    if (!result.failed().isEmpty()) {
      throw DicomWebException.notStored(
          result.httpStatus(), result.failed().get(0).failureReason(), where());
    }
    return result.stored().isEmpty()
        ? new StoreResult.Stored(null, null, 0, null)
        : result.stored().get(0);
  }

  /** An answer that does not say what became of an object is no success. */
  private StoreResult result(Answer answer, int sent) throws IOException {
    DataSet says = null;
    try (InputStream body = answer.body()) {
      String type = type(answer);
      if (type.startsWith(DICOM_JSON) || type.startsWith("application/json")) {
        says = new DicomJsonReader(body, ReaderLimits.DEFAULT, BulkData.KEEP).read();
      }
    } catch (DicomParseException e) {
      throw new DicomWebException(
          DicomWebException.Kind.MALFORMED,
          answer.status(),
          "ISO-DICOMWEB-005: %s sent what is no DICOM JSON: %s".formatted(where(), e.code()),
          e);
    }
    StoreResult result = StoreResult.of(answer.status(), says == null ? new DataSet() : says);
    boolean all = result.stored().size() + result.failed().size() >= sent;
    if (answer.status() == 409 && result.failed().isEmpty()) {
      throw DicomWebException.of(409, where());
    }
    // 200 says that all of them were stored (PS3.18 Table 10.5.3-1), so they need not be named.
    if (!all && answer.status() != 200) {
      throw new DicomWebException(
          DicomWebException.Kind.MALFORMED,
          answer.status(),
          "ISO-DICOMWEB-008: %s answered %d and did not say of each object whether it was stored"
              .formatted(where(), answer.status()),
          null);
    }
    return result;
  }

  /** The parts, with what stands between them. */
  private static final class Body implements Enumeration<InputStream> {
    private final Iterator<? extends Part10> objects;
    private final String boundary;
    private boolean begun;
    private boolean headed;
    private boolean over;

    Body(String boundary, List<? extends Part10> objects) {
      this.boundary = boundary;
      this.objects = objects.iterator();
    }

    @Override
    public boolean hasMoreElements() {
      return !over;
    }

    @Override
    public InputStream nextElement() {
      if (headed) {
        headed = false;
        try {
          return objects.next().open();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
      String before = begun ? "\r\n--" : "--";
      begun = true;
      if (objects.hasNext()) {
        headed = true;
        return text(before + boundary + "\r\nContent-Type: " + DICOM + "\r\n\r\n");
      }
      over = true;
      return text(before + boundary + "--\r\n");
    }

    private static InputStream text(String text) {
      return new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII));
    }
  }

  /** When something last moved, and what a source of bytes said when it failed. */
  private static final class Progress {
    private volatile long at = System.nanoTime();
    private volatile Exception source;

    InputStream over(InputStream in) {
      return new BufferedInputStream(in) {
        @Override
        public synchronized int read(byte[] into, int offset, int length) throws IOException {
          try {
            int count = super.read(into, offset, length);
            at = System.nanoTime();
            return count;
          } catch (IOException | RuntimeException e) {
            source = e;
            throw e;
          }
        }
      };
    }
  }

  /** The body is closed by who asked; it ends with an error when it stands still. */
  private record Answer(int status, HttpHeaders headers, InputStream body) {}

  private Answer get(String path, String accept) throws IOException {
    String token = tokens.token();
    Answer answer = get(path, accept, token);
    if (answer.status() == 401 && token != null) {
      closeQuietly(answer.body());
      tokens.refused(token);
      answer = get(path, accept, tokens.token());
    }
    if (answer.status() / 100 != 2) {
      closeQuietly(answer.body());
      throw DicomWebException.of(answer.status(), where());
    }
    return answer;
  }

  private Answer get(String path, String accept, String token) throws IOException {
    return send(request(path, token).header("Accept", accept).GET().build(), new Progress());
  }

  private HttpRequest.Builder request(String path, String token) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(settings.base() + path));
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    return request;
  }

  private Answer send(HttpRequest request, Progress progress) throws IOException {
    CompletableFuture<HttpResponse<InputStream>> answer =
        http.sendAsync(request, HttpResponse.BodyHandlers.ofInputStream());
    while (true) {
      try {
        HttpResponse<InputStream> got = answer.get(LOOK, TimeUnit.MILLISECONDS);
        return new Answer(got.statusCode(), got.headers(), stalls.over(got.body(), where()));
      } catch (TimeoutException e) {
        if (System.nanoTime() - progress.at > settings.stallTimeout().toNanos()) {
          answer.cancel(true);
          throw new DicomWebException(
              DicomWebException.Kind.UNREACHABLE,
              0,
              "ISO-DICOMWEB-006: %s did not answer within %s"
                  .formatted(where(), settings.stallTimeout()),
              e);
        }
      } catch (InterruptedException e) {
        answer.cancel(true);
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted while " + where() + " was waited for");
      } catch (ExecutionException e) {
        throw failed(e.getCause(), progress.source);
      }
    }
  }

  /** Failures of what was to be sent are told as they are: the server has no part in them. */
  private IOException failed(Throwable cause, Exception source) {
    if (source instanceof UncheckedIOException unchecked) {
      return unchecked.getCause();
    }
    if (source instanceof IOException own) {
      return own;
    }
    if (source instanceof RuntimeException own) {
      throw own;
    }
    return cause instanceof IOException io
        ? broken(where(), io)
        : new IOException("ISO-DICOMWEB-006: the call of " + where() + " failed", cause);
  }

  static IOException broken(String where, IOException cause) {
    return cause instanceof DicomWebException
        ? cause
        : new DicomWebException(
            DicomWebException.Kind.UNREACHABLE,
            0,
            "ISO-DICOMWEB-006: %s cannot be reached, or broke off: %s"
                .formatted(where, cause.getClass().getSimpleName()),
            cause);
  }

  private DicomWebException malformed(Answer answer, String expected) {
    closeQuietly(answer.body());
    return new DicomWebException(
        DicomWebException.Kind.MALFORMED,
        answer.status(),
        "ISO-DICOMWEB-005: %s sent %s where %s was asked for"
            .formatted(where(), type(answer).isEmpty() ? "no media type" : type(answer), expected),
        null);
  }

  private static String type(Answer answer) {
    String type = answer.headers().firstValue("Content-Type").orElse("");
    int end = type.indexOf(';');
    return (end < 0 ? type : type.substring(0, end)).strip().toLowerCase(Locale.ROOT);
  }

  /** Host and port: paths have UIDs, and queries names. */
  private String where() {
    return settings.base().getHost()
        + (settings.base().getPort() < 0 ? "" : ":" + settings.base().getPort());
  }

  private static String query(Map<String, List<String>> parameters) {
    StringBuilder query = new StringBuilder();
    for (Map.Entry<String, List<String>> parameter : parameters.entrySet()) {
      for (String value : parameter.getValue()) {
        query
            .append(query.isEmpty() ? '?' : '&')
            .append(URLEncoder.encode(parameter.getKey(), StandardCharsets.UTF_8))
            .append('=')
            .append(URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20"));
      }
    }
    return query.toString();
  }

  static void closeQuietly(InputStream in) {
    try {
      in.close();
    } catch (IOException e) {
      // Nothing more is wanted of it.
    }
  }

  @Override
  public void close() {
    stalls.close();
  }
}
