package org.isocentre.app;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.isocentre.model.Caller;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.oauth2.core.DelegatingOAuth2TokenValidator;
import org.springframework.security.oauth2.core.OAuth2TokenValidator;
import org.springframework.security.oauth2.jwt.BadJwtException;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtClaimValidator;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtValidators;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;
import org.springframework.security.oauth2.jwt.SupplierJwtDecoder;
import org.springframework.security.oauth2.server.resource.authentication.JwtAuthenticationToken;
import org.springframework.security.oauth2.server.resource.web.BearerTokenAuthenticationEntryPoint;
import org.springframework.security.web.SecurityFilterChain;

/** Every HTTP call needs a bearer token (RFC 6750) of the configured issuer. */
@Configuration(proxyBeanMethods = false)
class SecurityConfiguration {
  private static final Logger LOG = LoggerFactory.getLogger(SecurityConfiguration.class);

  /** Last in order: what no other chain claims needs a token. */
  @Bean
  @Order(100)
  SecurityFilterChain everyCallNeedsAToken(HttpSecurity http) throws Exception {
    return http.authorizeHttpRequests(
            calls ->
                calls
                    .dispatcherTypeMatchers(DispatcherType.ERROR)
                    .permitAll()
                    .anyRequest()
                    .authenticated())
        .oauth2ResourceServer(
            server ->
                server
                    .jwt(Customizer.withDefaults())
                    .authenticationEntryPoint(SecurityConfiguration::refuse))
        .sessionManagement(s -> s.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
        .csrf(AbstractHttpConfigurer::disable)
        .requestCache(AbstractHttpConfigurer::disable)
        .build();
  }

  /** As RFC 6750 §3 asks; staff calls get JSON, too. */
  private static void refuse(
      HttpServletRequest request, HttpServletResponse response, AuthenticationException why)
      throws IOException {
    new BearerTokenAuthenticationEntryPoint().commence(request, response, why);
    if (request.getRequestURI().startsWith("/api/")) {
      response.setContentType("application/json");
      response
          .getWriter()
          .write(
              "{\"status\":"
                  + response.getStatus()
                  + ",\"code\":\"ISO-AUTH-003\",\"message\":\"ISO-AUTH-003: a bearer token of this hub's issuer is needed\"}");
    }
  }

  /** Keys are fetched at the first token, so the issuer may start after the hub. */
  @Bean
  JwtDecoder jwtDecoder(IsocentreProperties properties) {
    IsocentreProperties.Auth auth = properties.auth();
    if (isBlank(auth.issuer())) {
      if (!isBlank(auth.jwkSetUri()) || !isBlank(auth.audience())) {
        throw new BadConfiguration(
            "isocentre.auth.issuer is not set, though isocentre.auth.jwk-set-uri or audience is: set it to the claim iss of the tokens to take");
      }
      LOG.warn("isocentre.auth.issuer is not set: every HTTP call is refused with 401");
      return token -> {
        throw new BadJwtException("ISO-AUTH-001: this hub takes tokens of no issuer");
      };
    }
    return new SupplierJwtDecoder(
        () -> {
          NimbusJwtDecoder decoder =
              isBlank(auth.jwkSetUri())
                  ? NimbusJwtDecoder.withIssuerLocation(auth.issuer()).build()
                  : NimbusJwtDecoder.withJwkSetUri(auth.jwkSetUri()).build();
          decoder.setJwtValidator(validator(auth));
          return decoder;
        });
  }

  private static OAuth2TokenValidator<Jwt> validator(IsocentreProperties.Auth auth) {
    OAuth2TokenValidator<Jwt> issuer =
        new DelegatingOAuth2TokenValidator<>(
            JwtValidators.createDefaultWithIssuer(auth.issuer()),
            // The default takes a token that never ends.
            new JwtClaimValidator<Object>("exp", Objects::nonNull));
    if (isBlank(auth.audience())) {
      return issuer;
    }
    return new DelegatingOAuth2TokenValidator<>(
        issuer,
        new JwtClaimValidator<List<String>>(
            "aud", audiences -> audiences != null && audiences.contains(auth.audience())));
  }

  /** Who makes the call that the current thread serves. */
  @Bean
  Supplier<Caller> callers(IsocentreProperties properties) {
    return () -> caller(SecurityContextHolder.getContext().getAuthentication(), properties.auth());
  }

  static Caller caller(Authentication authentication, IsocentreProperties.Auth auth) {
    if (!(authentication instanceof JwtAuthenticationToken token)) {
      throw new IllegalStateException("ISO-AUTH-002: a call without a token came this far");
    }
    Jwt jwt = token.getToken();
    // A patient's token with an empty number is a patient's token still: it sees nothing.
    String nhsNumber =
        jwt.hasClaim(auth.nhsNumberClaim())
            ? String.valueOf(jwt.getClaims().get(auth.nhsNumberClaim())).replace(" ", "")
            : null;
    String subject = nhsNumber != null ? "patient" : jwt.getSubject();
    return new Caller(
        subject == null ? "unnamed" : subject,
        nhsNumber,
        jwt.getClaimAsString(auth.organisationClaim()),
        words(jwt, "scope", "scp"),
        words(jwt, auth.rolesClaim()));
  }

  /** Values of claims that are a list, or text with spaces between. */
  private static Set<String> words(Jwt jwt, String... claims) {
    Set<String> words = new LinkedHashSet<>();
    for (String claim : claims) {
      Object value = value(jwt.getClaims(), claim);
      if (value instanceof String text) {
        words.addAll(Arrays.asList(text.split(" ")));
      } else if (value instanceof Iterable<?> list) {
        list.forEach(word -> words.add(String.valueOf(word)));
      }
    }
    return words;
  }

  /** A claim, or one inside of another: {@code realm_access.roles}. */
  private static Object value(Map<?, ?> claims, String name) {
    int dot = name.indexOf('.');
    if (claims.containsKey(name) || dot < 0) {
      return claims.get(name);
    }
    return claims.get(name.substring(0, dot)) instanceof Map<?, ?> inner
        ? value(inner, name.substring(dot + 1))
        : null;
  }

  private static boolean isBlank(String text) {
    return text == null || text.isBlank();
  }
}
