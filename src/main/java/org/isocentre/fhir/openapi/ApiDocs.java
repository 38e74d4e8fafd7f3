package org.isocentre.fhir.openapi;

import ca.uhn.fhir.context.FhirContext;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.hl7.fhir.r4.model.CapabilityStatement;
import org.hl7.fhir.r4.model.OperationDefinition;
import org.isocentre.fhir.bundle.BundleCalls;

/**
 * {@code /fhir/api-docs}: the API as OpenAPI 3.0 (JSON), or as a page where a browser asks. Made of
 * what the server answers at {@code /metadata}, with the caller's own token.
 */
public final class ApiDocs {
  /** Beneath the server's base. */
  public static final String PATH = "/api-docs";

  private static final FhirContext FHIR = FhirContext.forR4Cached();
  private final BundleCalls server;

  public ApiDocs(BundleCalls server) {
    this.server = server;
  }

  public void answer(HttpServletRequest request, HttpServletResponse response) throws IOException {
    CapabilityStatement statement = read(CapabilityStatement.class, "metadata", request, response);
    List<OperationDefinition> operations =
        statement.getRestFirstRep().getResource().stream()
            .flatMap(r -> r.getOperation().stream())
            .map(o -> o.getDefinition().substring(o.getDefinition().lastIndexOf('/') + 1))
            .distinct()
            .map(
                id ->
                    read(OperationDefinition.class, "OperationDefinition/" + id, request, response))
            .toList();
    ObjectNode api = OpenApi.of(statement, operations);
    boolean page = String.valueOf(request.getHeader("Accept")).contains("text/html");
    byte[] body =
        (page ? OpenApiPage.of(api) : api.toPrettyString()).getBytes(StandardCharsets.UTF_8);
    response.setContentType(page ? "text/html;charset=UTF-8" : "application/json");
    response.setHeader("Vary", "Accept");
    response.setHeader(
        "Content-Security-Policy",
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'");
    response.setContentLength(body.length);
    response.getOutputStream().write(body);
  }

  private <T extends org.hl7.fhir.r4.model.Resource> T read(
      Class<T> type, String url, HttpServletRequest request, HttpServletResponse response) {
    return FHIR.newJsonParser()
        .parseResource(
            type, new String(server.get(url, request, response), StandardCharsets.UTF_8));
  }
}
