package org.isocentre.app;

import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.isocentre.app.IsocentreProperties.Issuer;
import org.isocentre.model.Caller;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.client.SimpleClientHttpRequestFactory;
import org.springframework.http.client.support.BasicAuthenticationInterceptor;
import org.springframework.security.authentication.AuthenticationManager;
import org.springframework.security.authentication.AuthenticationManagerResolver;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.client.authentication.OAuth2AuthenticationToken;
import org.springframework.security.oauth2.core.DelegatingOAuth2TokenValidator;
import org.springframework.security.oauth2.core.OAuth2AuthenticatedPrincipal;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.security.oauth2.core.OAuth2TokenValidator;
import org.springframework.security.oauth2.core.OAuth2TokenValidatorResult;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtClaimValidator;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtIssuerValidator;
import org.springframework.security.oauth2.jwt.JwtTimestampValidator;
import org.springframework.security.oauth2.jwt.JwtTypeValidator;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;
import org.springframework.security.oauth2.jwt.SupplierJwtDecoder;
import org.springframework.security.oauth2.server.resource.InvalidBearerTokenException;
import org.springframework.security.oauth2.server.resource.authentication.BearerTokenAuthentication;
import org.springframework.security.oauth2.server.resource.authentication.BearerTokenAuthenticationToken;
import org.springframework.security.oauth2.server.resource.authentication.JwtAuthenticationProvider;
import org.springframework.security.oauth2.server.resource.authentication.JwtAuthenticationToken;
import org.springframework.security.oauth2.server.resource.authentication.JwtIssuerAuthenticationManagerResolver;
import org.springframework.security.oauth2.server.resource.authentication.OpaqueTokenAuthenticationProvider;
import org.springframework.security.oauth2.server.resource.introspection.BadOpaqueTokenException;
import org.springframework.security.oauth2.server.resource.introspection.OpaqueTokenIntrospector;
import org.springframework.security.oauth2.server.resource.introspection.SpringOpaqueTokenIntrospector;
import org.springframework.web.client.RestTemplate;

/**
 * Whose bearer tokens are taken: JWTs of several issuers by their keys, and opaque tokens of the
 * one that can be asked about them (RFC 7662).
 */
final class TokenIssuers implements AuthenticationManagerResolver<HttpServletRequest> {
  private static final Logger LOG = LoggerFactory.getLogger(TokenIssuers.class);

  /** A JWT has three parts (RFC 7515 §3.1), an opaque token has no such form. */
  private static final String JWT = "[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]*\\.[A-Za-z0-9_-]*";

  private final Duration timeout;
  private final Map<String, TokenClaims> claims = new HashMap<>();
  private final AuthenticationManagerResolver<HttpServletRequest> byIssuer;
  private Issuer asked;
  private AuthenticationManager opaque =
      token -> {
        throw new InvalidBearerTokenException("ISO-AUTH-001: this hub takes no opaque tokens");
      };

  /**
   * @throws BadConfiguration if issuers are named twice, or more than one is to be asked
   */
  TokenIssuers(IsocentreProperties.Auth auth) {
    timeout = auth.timeout();
    List<Issuer> issuers = auth.all();
    if (issuers.isEmpty()) {
      LOG.warn("isocentre.auth.issuer is not set: every HTTP call is refused with 401");
    }
    Map<String, AuthenticationManager> managers = new HashMap<>();
    for (Issuer issuer : issuers) {
      TokenClaims rules = new TokenClaims(issuer);
      if (claims.put(issuer.issuer(), rules) != null) {
        throw new BadConfiguration(
            "isocentre.auth names the issuer " + issuer.issuer() + " twice; name each once");
      }
      JwtDecoder decoder = new SupplierJwtDecoder(() -> decoder(issuer, rules));
      managers.put(issuer.issuer(), new JwtAuthenticationProvider(decoder)::authenticate);
      if (issuer.introspectionUri() != null) {
        ask(issuer, rules);
      }
    }
    byIssuer = new JwtIssuerAuthenticationManagerResolver(managers::get);
  }

  private void ask(Issuer issuer, TokenClaims rules) {
    if (asked != null) {
      throw new BadConfiguration(
          "isocentre.auth has an introspection-uri at more than one issuer; an opaque token does not"
              + " say whose it is, so only one can be asked");
    }
    asked = issuer;
    opaque = new OpaqueTokenAuthenticationProvider(introspector(issuer, rules))::authenticate;
  }

  @Override
  public AuthenticationManager resolve(HttpServletRequest request) {
    AuthenticationManager jwt = byIssuer.resolve(request);
    return call ->
        call instanceof BearerTokenAuthenticationToken bearer && !bearer.getToken().matches(JWT)
            ? opaque.authenticate(call)
            : jwt.authenticate(call);
  }

  /**
   * Takes a token that did not come with a call.
   *
   * @throws org.springframework.security.core.AuthenticationException if it is not taken
   */
  Authentication authenticate(String token) {
    return resolve(null).authenticate(new BearerTokenAuthenticationToken(token));
  }

  /** Keys are fetched at the first token, so the issuer may start after the hub. */
  private JwtDecoder decoder(Issuer issuer, TokenClaims rules) {
    RestTemplate http = http();
    NimbusJwtDecoder decoder =
        (isBlank(issuer.jwkSetUri())
                ? NimbusJwtDecoder.withIssuerLocation(issuer.issuer())
                : NimbusJwtDecoder.withJwkSetUri(issuer.jwkSetUri()))
            .validateType(false)
            .restOperations(http)
            .jwsAlgorithms(all -> all.addAll(Set.of(SignatureAlgorithm.values())))
            .build();
    decoder.setJwtValidator(validator(issuer, rules));
    return decoder;
  }

  private static OAuth2TokenValidator<Jwt> validator(Issuer issuer, TokenClaims rules) {
    JwtTypeValidator types = new JwtTypeValidator("JWT", "at+jwt");
    types.setAllowEmpty(true);
    return new DelegatingOAuth2TokenValidator<>(
        types,
        new JwtTimestampValidator(),
        // That one takes a token that never ends.
        new JwtClaimValidator<Instant>("exp", Objects::nonNull),
        new JwtIssuerValidator(issuer.issuer()),
        jwt -> {
          String problem = rules.problem(jwt.getClaims());
          return problem == null
              ? OAuth2TokenValidatorResult.success()
              : OAuth2TokenValidatorResult.failure(
                  new OAuth2Error("invalid_token", "ISO-AUTH-005: " + problem, null));
        });
  }

  private OpaqueTokenIntrospector introspector(Issuer issuer, TokenClaims rules) {
    RestTemplate http = http();
    http.getInterceptors()
        .add(new BasicAuthenticationInterceptor(issuer.clientId(), issuer.clientSecret()));
    OpaqueTokenIntrospector ask =
        new SpringOpaqueTokenIntrospector(issuer.introspectionUri(), http);
    return token -> {
      OAuth2AuthenticatedPrincipal principal = ask.introspect(token);
      Object iss = principal.getAttribute("iss");
      if (iss != null && !issuer.issuer().equals(String.valueOf(iss))) {
        throw new BadOpaqueTokenException("ISO-AUTH-005: it is of another issuer");
      }
      String problem = rules.problem(principal.getAttributes());
      if (problem != null) {
        throw new BadOpaqueTokenException("ISO-AUTH-005: " + problem);
      }
      return principal;
    };
  }

  private RestTemplate http() {
    SimpleClientHttpRequestFactory requests =
        new SimpleClientHttpRequestFactory() {
          @Override
          protected void prepareConnection(java.net.HttpURLConnection connection, String method)
              throws java.io.IOException {
            super.prepareConnection(connection, method);
            // An answer from where nobody configured is nobody's answer.
            connection.setInstanceFollowRedirects(false);
          }
        };
    requests.setConnectTimeout(timeout);
    requests.setReadTimeout(timeout);
    return new RestTemplate(requests);
  }

  /** Who makes a call that came this far. */
  Caller caller(Authentication authentication) {
    if (authentication instanceof JwtAuthenticationToken token) {
      return claims
          .get(token.getToken().getClaimAsString("iss"))
          .caller(token.getTokenAttributes());
    }
    if (authentication instanceof BearerTokenAuthentication token) {
      return claims.get(asked.issuer()).caller(token.getTokenAttributes());
    }
    if (authentication instanceof OAuth2AuthenticationToken browser) {
      return caller(SessionTokens.authentication(browser));
    }
    throw new IllegalStateException("ISO-AUTH-002: a call without a token came this far");
  }

  private static boolean isBlank(String text) {
    return text == null || text.isBlank();
  }
}
