package org.isocentre.app;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.isocentre.audit.AuditRepository;
import org.isocentre.dicom.web.AccessTokens;
import org.isocentre.fhir.map.AuditBatch;
import org.isocentre.model.AuditEntry;

/** A repository that takes AuditEvents by FHIR (IHE ITI-20, RESTful ATNA). */
final class FhirAuditRepository implements AuditRepository {
  /** Of an answer: a status for each row, and perhaps the resource. */
  private static final int MOST_BYTES = 16 << 20;

  private static final int UNAUTHORIZED = 401;

  private final URI to;
  private final Duration timeout;
  private final HttpClient http;
  private final AccessTokens tokens;
  private final AuditBatch batch;

  FhirAuditRepository(
      URI to, Duration timeout, HttpClient http, AccessTokens tokens, AuditBatch batch) {
    this.to = to;
    this.timeout = timeout;
    this.http = http;
    this.tokens = tokens;
    this.batch = batch;
  }

  @Override
  public int send(List<AuditEntry> rows) throws IOException {
    String body = batch.json(rows);
    String token = tokens.token();
    Answer answer = post(body, token);
    if (answer.status() == UNAUTHORIZED && token != null) {
      // It ended early, or was taken back: another is asked for once.
      tokens.refused(token);
      answer = post(body, tokens.token());
    }
    if (answer.status() / 100 != 2) {
      throw new IOException("the repository answered " + answer.status());
    }
    return batch.taken(answer.body().toString(StandardCharsets.UTF_8), rows.size());
  }

  /** All of it. */
  private record Answer(int status, ByteArrayOutputStream body) {}

  /** Within the time, to the last byte: the client's own timeout is over with the header. */
  private Answer post(String body, String token) throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(to)
            .header("Content-Type", "application/fhir+json")
            .header("Accept", "application/fhir+json")
            .POST(HttpRequest.BodyPublishers.ofString(body));
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CompletableFuture<HttpResponse<Void>> call =
        http.sendAsync(
            request.build(),
            HttpResponse.BodyHandlers.ofByteArrayConsumer(
                part -> part.ifPresent(p -> add(bytes, p))));
    try {
      return new Answer(call.get(timeout.toMillis(), TimeUnit.MILLISECONDS).statusCode(), bytes);
    } catch (TimeoutException e) {
      call.cancel(true);
      throw new IOException("the repository did not answer within " + timeout, e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
    } catch (InterruptedException e) {
      call.cancel(true);
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private static void add(ByteArrayOutputStream bytes, byte[] part) {
    if (bytes.size() + part.length > MOST_BYTES) {
      throw new UncheckedIOException(
          new IOException("the answer has more than " + MOST_BYTES + " bytes"));
    }
    bytes.writeBytes(part);
  }
}
