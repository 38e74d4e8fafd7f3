package org.isocentre.app;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.isocentre.consent.Access;
import org.isocentre.model.Caller;
import org.isocentre.model.Role;
import org.isocentre.web.SmartConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.authentication.AnonymousAuthenticationToken;
import org.springframework.security.authentication.AuthenticationServiceException;
import org.springframework.security.authorization.AuthorizationDecision;
import org.springframework.security.config.ObjectPostProcessor;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.oauth2.server.resource.web.BearerTokenAuthenticationEntryPoint;
import org.springframework.security.oauth2.server.resource.web.authentication.BearerTokenAuthenticationFilter;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.context.request.RequestAttributes;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.cors.CorsConfiguration;
import org.springframework.web.cors.CorsConfigurationSource;

/** Every HTTP call needs a bearer token (RFC 6750) of the configured issuer. */
@Configuration(proxyBeanMethods = false)
class SecurityConfiguration {
  private static final Logger LOG = LoggerFactory.getLogger(SecurityConfiguration.class);

  private static final List<String> OPEN_TO_APPS = List.of("/fhir/", "/dicomweb/");

  /** Last in order: what no other chain claims needs a token. */
  @Bean
  @Order(100)
  SecurityFilterChain everyCallNeedsAToken(
      HttpSecurity http,
      TokenIssuers issuers,
      SessionTokens sessions,
      IsocentreProperties properties)
      throws Exception {
    return http.cors(c -> c.configurationSource(appsOfBrowsers(properties.auth().appOrigins())))
        .authorizeHttpRequests(
            calls ->
                calls
                    .dispatcherTypeMatchers(DispatcherType.ERROR)
                    .permitAll()
                    .requestMatchers("/actuator/**")
                    .access(
                        (caller, call) ->
                            new AuthorizationDecision(runsTheHub(issuers, caller.get())))
                    .anyRequest()
                    .authenticated())
        .exceptionHandling(e -> e.accessDeniedHandler(SecurityConfiguration::deny))
        .oauth2ResourceServer(
            server ->
                server
                    .bearerTokenResolver(sessions)
                    .authenticationManagerResolver(issuers)
                    .authenticationEntryPoint(SecurityConfiguration::refuse)
                    .withObjectPostProcessor(failuresAnswered()))
        .sessionManagement(
            s ->
                s.sessionCreationPolicy(SessionCreationPolicy.STATELESS)
                    // A page's calls go side by side: none may change the session of the others.
                    .sessionFixation(f -> f.none()))
        .csrf(AbstractHttpConfigurer::disable)
        .requestCache(AbstractHttpConfigurer::disable)
        .build();
  }

  /**
   * Apps that run in a browser, at an address of their own (SMART App Launch 2.2 §2.0.9). They
   * bring a token; nothing that the browser keeps for this site goes along.
   */
  private static CorsConfigurationSource appsOfBrowsers(List<String> origins) {
    CorsConfiguration apps = new CorsConfiguration();
    apps.setAllowedOriginPatterns(origins);
    apps.setAllowedMethods(List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"));
    apps.setAllowedHeaders(List.of("*"));
    apps.setExposedHeaders(
        List.of(
            "ETag",
            "Location",
            "Content-Location",
            "Last-Modified",
            "Content-Range",
            "Accept-Ranges",
            "Warning",
            "WWW-Authenticate",
            "Retry-After"));
    apps.setAllowCredentials(false);
    apps.setMaxAge(Duration.ofHours(1));
    // Of a servlet that is mapped to /fhir, a pattern would see what follows alone.
    return call ->
        !origins.isEmpty() && OPEN_TO_APPS.stream().anyMatch(call.getRequestURI()::startsWith)
            ? apps
            : null;
  }

  private static boolean runsTheHub(TokenIssuers issuers, Authentication authentication) {
    if (!authentication.isAuthenticated()
        || authentication instanceof AnonymousAuthenticationToken) {
      return false;
    }
    Caller caller = issuers.caller(authentication);
    return caller.isHubStaff() || !caller.isPatient() && caller.roles().contains(Role.INTEGRATION);
  }

  private static void deny(
      HttpServletRequest request, HttpServletResponse response, AccessDeniedException why)
      throws IOException {
    response.setStatus(HttpServletResponse.SC_FORBIDDEN);
    json(
        response,
        "ISO-AUTH-006: this call is for staff of the hub and for the role " + Role.INTEGRATION);
  }

  /** What apps read before they have a token; it says nothing of anybody. */
  @Bean
  @Order(50)
  SecurityFilterChain appsMayAskWhereToLogIn(HttpSecurity http, IsocentreProperties properties)
      throws Exception {
    return http.securityMatcher(
            request ->
                properties.auth().smart().isKnown()
                    && SmartConfiguration.PATHS.contains(request.getServletPath()))
        .authorizeHttpRequests(calls -> calls.anyRequest().permitAll())
        .sessionManagement(s -> s.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
        .csrf(AbstractHttpConfigurer::disable)
        .requestCache(AbstractHttpConfigurer::disable)
        .build();
  }

  private static ObjectPostProcessor<BearerTokenAuthenticationFilter> failuresAnswered() {
    return new ObjectPostProcessor<>() {
      @Override
      public <F extends BearerTokenAuthenticationFilter> F postProcess(F filter) {
        filter.setAuthenticationFailureHandler(SecurityConfiguration::fail);
        return filter;
      }
    };
  }

  /** An issuer that cannot be asked says nothing against a token. */
  private static void fail(
      HttpServletRequest request, HttpServletResponse response, AuthenticationException why)
      throws IOException {
    if (why instanceof AuthenticationServiceException) {
      LOG.warn("ISO-AUTH-004: the issuer of a token cannot be asked: {}", root(why));
      response.setHeader("Retry-After", "5");
      response.setStatus(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
      json(response, "ISO-AUTH-004: the issuer of the token cannot be asked now; try again");
    } else {
      refuse(request, response, why);
    }
  }

  /** Without what it says: that may hold a token. */
  private static String root(Throwable why) {
    Throwable root = why;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.getClass().getSimpleName();
  }

  /** As RFC 6750 §3 asks; staff calls get JSON, too. */
  private static void refuse(
      HttpServletRequest request, HttpServletResponse response, AuthenticationException why)
      throws IOException {
    new BearerTokenAuthenticationEntryPoint().commence(request, response, why);
    if (request.getRequestURI().startsWith("/api/")) {
      json(response, "ISO-AUTH-003: a bearer token of this hub's issuer is needed");
    }
  }

  private static void json(HttpServletResponse response, String message) throws IOException {
    response.setContentType("application/json");
    response
        .getWriter()
        .write(
            "{\"status\":%d,\"code\":\"%s\",\"message\":\"%s\"}"
                .formatted(response.getStatus(), message.substring(0, 12), message));
  }

  @Bean
  SessionTokens sessionTokens() {
    return new SessionTokens();
  }

  @Bean
  TokenIssuers tokenIssuers(IsocentreProperties properties) {
    return new TokenIssuers(properties.auth());
  }

  /** Who makes the call that the current thread serves. */
  @Bean
  Supplier<Caller> callers(TokenIssuers issuers, Access access) {
    return () -> {
      Authentication authentication = SecurityContextHolder.getContext().getAuthentication();
      Caller caller = SessionTokens.acting(issuers.caller(authentication), authentication);
      return caller.isProxy() ? byCall(access, caller) : caller;
    };
  }

  /** The Consent that lets somebody act for a patient is looked up once a call. */
  private static Caller byCall(Access access, Caller proxy) {
    RequestAttributes call = RequestContextHolder.getRequestAttributes();
    if (call == null) {
      return access.named(proxy);
    }
    String name = SecurityConfiguration.class.getName() + ".proxy";
    Object known = call.getAttribute(name, RequestAttributes.SCOPE_REQUEST);
    if (known instanceof Caller caller) {
      return caller;
    }
    Caller named = access.named(proxy);
    call.setAttribute(name, named, RequestAttributes.SCOPE_REQUEST);
    return named;
  }
}
