package org.isocentre.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;

/**
 * Where apps get tokens for this hub, and what these can open (SMART App Launch 2.2 §4). Read
 * without a token: an app has none yet.
 */
public final class SmartConfiguration extends HttpServlet {
  /** Beside the FHIR base, and beneath it as the specification has it. */
  public static final List<String> PATHS =
      List.of("/fhir/.well-known/smart-configuration", "/.well-known/smart-configuration");

  private static final long serialVersionUID = 1L;
  private final byte[] json;

  /** The document; a part that is null is left out. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Document(
      String issuer,
      @JsonProperty("jwks_uri") String jwksUri,
      @JsonProperty("authorization_endpoint") String authorizationEndpoint,
      @JsonProperty("token_endpoint") String tokenEndpoint,
      @JsonProperty("introspection_endpoint") String introspectionEndpoint,
      @JsonProperty("revocation_endpoint") String revocationEndpoint,
      @JsonProperty("registration_endpoint") String registrationEndpoint,
      @JsonProperty("management_endpoint") String managementEndpoint,
      @JsonProperty("grant_types_supported") List<String> grantTypes,
      @JsonProperty("token_endpoint_auth_methods_supported") List<String> authenticationMethods,
      @JsonProperty("scopes_supported") List<String> scopes,
      @JsonProperty("response_types_supported") List<String> responseTypes,
      @JsonProperty("code_challenge_methods_supported") List<String> codeChallengeMethods,
      List<String> capabilities) {}

  public SmartConfiguration(Document document) {
    try {
      json = new ObjectMapper().writeValueAsBytes(document);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    response.setContentType("application/json");
    response.setHeader("Access-Control-Allow-Origin", "*");
    response.setHeader("Cache-Control", "max-age=300");
    response.setContentLength(json.length);
    response.getOutputStream().write(json);
  }
}
