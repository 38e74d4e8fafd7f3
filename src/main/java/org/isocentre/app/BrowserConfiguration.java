package org.isocentre.app;

import jakarta.servlet.http.HttpServletRequest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Clock;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.isocentre.audit.AuditTrail;
import org.isocentre.consent.Access;
import org.isocentre.consent.ActingFor;
import org.isocentre.dicomweb.StudyDoor;
import org.isocentre.index.ConsentIndex;
import org.isocentre.index.PatientIndex;
import org.isocentre.model.Caller;
import org.isocentre.web.PageController;
import org.isocentre.web.PeopleController;
import org.isocentre.web.ViewerFiles;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.core.type.AnnotatedTypeMetadata;
import org.springframework.security.authorization.AuthorizationDecision;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.oauth2.client.authentication.OAuth2AuthenticationToken;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.client.registration.InMemoryClientRegistrationRepository;
import org.springframework.security.oauth2.client.userinfo.OAuth2UserRequest;
import org.springframework.security.oauth2.client.web.DefaultOAuth2AuthorizationRequestResolver;
import org.springframework.security.oauth2.client.web.OAuth2AuthorizationRequestCustomizers;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.core.user.DefaultOAuth2User;
import org.springframework.security.oauth2.core.user.OAuth2User;
import org.springframework.security.oauth2.server.resource.authentication.AbstractOAuth2TokenAuthenticationToken;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.context.HttpSessionSecurityContextRepository;
import org.springframework.security.web.csrf.CsrfToken;
import org.springframework.security.web.header.writers.ReferrerPolicyHeaderWriter.ReferrerPolicy;
import org.springframework.security.web.savedrequest.HttpSessionRequestCache;
import org.springframework.web.util.HtmlUtils;

/**
 * Pages for people: log-in by authorization code with PKCE, tokens kept on this side, a session
 * cookie. There are none without {@code isocentre.browser.client-id}.
 */
@Configuration(proxyBeanMethods = false)
@Conditional(BrowserConfiguration.IsOn.class)
class BrowserConfiguration {
  private static final String LOG_IN = "/oauth2/authorization/" + SessionTokens.REGISTRATION;
  private static final String CALLBACK = "/login/oauth2/code/" + SessionTokens.REGISTRATION;
  private static final Set<String> OPEN =
      Set.of("/pages/pages.css", "/pages/refused", "/logged-out");
  private static final Set<String> PAGES =
      Set.of("/", "/viewer", "/people", "/acting-for", "/logout", LOG_IN, CALLBACK);
  private static final Pattern SCRIPT =
      Pattern.compile("<script(?![^>]*\\bsrc=)[^>]*>(.*?)</script>", Pattern.DOTALL);

  /** Whether this hub is a client of an authorization server. */
  static final class IsOn implements Condition {
    @Override
    public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
      String id = context.getEnvironment().getProperty("isocentre.browser.client-id");
      return id != null && !id.isBlank();
    }
  }

  @Bean
  ViewerFiles viewerFiles() {
    return new ViewerFiles("viewer/");
  }

  @Bean
  PageController pages(ViewerFiles viewer, StudyDoor door) {
    return new PageController(viewer, door::mayOpen, BrowserConfiguration::csrf);
  }

  @Bean
  PeopleController people(
      TokenIssuers issuers,
      ConsentIndex consents,
      PatientIndex patients,
      Access access,
      AuditTrail audit,
      Clock clock) {
    return new PeopleController(
        () -> issuers.caller(SecurityContextHolder.getContext().getAuthentication()),
        new ActingFor(consents, patients, access, clock),
        audit);
  }

  private static String csrf(HttpServletRequest request) {
    return request.getAttribute(CsrfToken.class.getName()) instanceof CsrfToken token
        ? HtmlUtils.htmlEscape(token.getToken())
        : "";
  }

  /**
   * @throws BadConfiguration if it is not said where people log in
   */
  @Bean
  ClientRegistrationRepository browserClient(IsocentreProperties properties) {
    IsocentreProperties.Browser browser = properties.browser();
    IsocentreProperties.Smart smart = properties.auth().smart();
    if (smart.authorizationEndpoint() == null || smart.tokenEndpoint() == null) {
      throw new BadConfiguration(
          "isocentre.browser.client-id is set, so isocentre.auth.smart.authorization-endpoint and token-endpoint have to be");
    }
    boolean secret = browser.clientSecret() != null && !browser.clientSecret().isBlank();
    return new InMemoryClientRegistrationRepository(
        ClientRegistration.withRegistrationId(SessionTokens.REGISTRATION)
            .clientId(browser.clientId())
            .clientSecret(browser.clientSecret())
            .clientAuthenticationMethod(
                secret
                    ? ClientAuthenticationMethod.CLIENT_SECRET_BASIC
                    : ClientAuthenticationMethod.NONE)
            .authorizationGrantType(AuthorizationGrantType.AUTHORIZATION_CODE)
            .redirectUri("{baseUrl}" + CALLBACK)
            .scope(browser.scopes())
            .authorizationUri(smart.authorizationEndpoint())
            .tokenUri(smart.tokenEndpoint())
            .build());
  }

  @Bean
  @Order(40)
  SecurityFilterChain browserPages(
      HttpSecurity http,
      ClientRegistrationRepository clients,
      SessionTokens sessions,
      TokenIssuers issuers,
      ViewerFiles viewer)
      throws Exception {
    Predicate<String> ours =
        path ->
            PAGES.contains(path)
                || OPEN.contains(path)
                || path.startsWith("/pages/")
                || viewer.has(path);
    HttpSessionSecurityContextRepository contexts = new HttpSessionSecurityContextRepository();
    // The demo's authorization server, in the same process, has a log-in of its own.
    contexts.setSpringSecurityContextKey("ISOCENTRE_BROWSER");
    HttpSessionRequestCache asked = new HttpSessionRequestCache();
    asked.setSessionAttrName("ISOCENTRE_BROWSER_ASKED");
    asked.setMatchingRequestParameterName(null);
    asked.setRequestMatcher(request -> Set.of("/", "/viewer").contains(request.getServletPath()));
    DefaultOAuth2AuthorizationRequestResolver requests =
        new DefaultOAuth2AuthorizationRequestResolver(clients, "/oauth2/authorization");
    requests.setAuthorizationRequestCustomizer(OAuth2AuthorizationRequestCustomizers.withPkce());
    return http.securityMatcher(request -> ours.test(request.getServletPath()))
        .authorizeHttpRequests(
            calls ->
                calls
                    .requestMatchers(request -> isOpen(request.getServletPath(), viewer))
                    .permitAll()
                    .anyRequest()
                    .access((who, call) -> new AuthorizationDecision(isLoggedIn(who))))
        .requestCache(cache -> cache.requestCache(asked))
        .securityContext(context -> context.securityContextRepository(contexts))
        .oauth2Login(
            login ->
                login
                    .loginPage(LOG_IN)
                    .authorizedClientRepository(sessions.clients())
                    .authorizationEndpoint(e -> e.authorizationRequestResolver(requests))
                    .userInfoEndpoint(u -> u.userService(request -> user(request, issuers)))
                    .failureUrl("/pages/refused"))
        .exceptionHandling(
            e ->
                e.accessDeniedHandler(
                    (request, response, why) -> {
                      // The token is over, or a form is from before the log-in.
                      asked.saveRequest(request, response);
                      response.sendRedirect(
                          "GET".equals(request.getMethod()) ? LOG_IN : "/pages/refused");
                    }))
        .logout(out -> out.logoutSuccessUrl("/logged-out").deleteCookies("isocentre"))
        .headers(
            headers ->
                headers
                    .contentSecurityPolicy(csp -> csp.policyDirectives(policy(viewer)))
                    .referrerPolicy(r -> r.policy(ReferrerPolicy.SAME_ORIGIN))
                    .permissionsPolicyHeader(
                        p -> p.policy("camera=(), geolocation=(), microphone=(), payment=()")))
        .build();
  }

  /** What says nothing of anybody. */
  private static boolean isOpen(String path, ViewerFiles viewer) {
    return OPEN.contains(path) || viewer.has(path);
  }

  private static boolean isLoggedIn(Supplier<Authentication> who) {
    if (!(who.get() instanceof OAuth2AuthenticationToken browser)) {
      return false;
    }
    return SessionTokens.authentication(browser)
            instanceof AbstractOAuth2TokenAuthenticationToken<?> token
        && token.getToken().getExpiresAt() != null
        && token.getToken().getExpiresAt().isAfter(java.time.Instant.now());
  }

  /** Whoever the token is of: the same rules as for one that comes with a call. */
  private static OAuth2User user(OAuth2UserRequest request, TokenIssuers issuers) {
    Authentication token = issuers.authenticate(request.getAccessToken().getTokenValue());
    Caller caller = issuers.caller(token);
    return new DefaultOAuth2User(
        AuthorityUtils.NO_AUTHORITIES,
        Map.of("sub", caller.subject(), SessionTokens.AUTHENTICATION, token),
        "sub");
  }

  /**
   * Scripts of this site alone, and the two that the viewer's page has within it; the viewer
   * decodes in WebAssembly and in workers that it makes itself, and writes styles.
   */
  private static String policy(ViewerFiles viewer) {
    StringBuilder scripts = new StringBuilder("script-src 'self' 'wasm-unsafe-eval'");
    Matcher inline = SCRIPT.matcher(viewer.index().orElse(""));
    while (inline.find()) {
      scripts.append(" 'sha256-").append(sha256(inline.group(1))).append('\'');
    }
    return String.join(
        "; ",
        List.of(
            "default-src 'self'",
            scripts.toString(),
            "worker-src 'self' blob:",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self' blob: data:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'"));
  }

  private static String sha256(String text) {
    try {
      return Base64.getEncoder()
          .encodeToString(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
