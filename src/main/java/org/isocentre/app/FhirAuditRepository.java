package org.isocentre.app;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
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
    HttpResponse<InputStream> answer = post(body, token);
    if (answer.statusCode() == UNAUTHORIZED && token != null) {
      // It ended early, or was taken back: another is asked for once.
      answer.body().close();
      tokens.refused(token);
      answer = post(body, tokens.token());
    }
    try (InputStream in = answer.body()) {
      if (answer.statusCode() / 100 != 2) {
        throw new IOException("the repository answered " + answer.statusCode());
      }
      byte[] bytes = in.readNBytes(MOST_BYTES + 1);
      if (bytes.length > MOST_BYTES) {
        throw new IOException("the answer has more than " + MOST_BYTES + " bytes");
      }
      return batch.taken(new String(bytes, StandardCharsets.UTF_8), rows.size());
    }
  }

  private HttpResponse<InputStream> post(String body, String token) throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(to)
            .timeout(timeout)
            .header("Content-Type", "application/fhir+json")
            .header("Accept", "application/fhir+json")
            .POST(HttpRequest.BodyPublishers.ofString(body));
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    try {
      return http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
