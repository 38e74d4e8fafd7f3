package org.isocentre.app;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpSession;
import java.time.Instant;
import java.util.Set;
import org.isocentre.model.Caller;
import org.isocentre.web.PeopleController;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.authentication.OAuth2AuthenticationToken;
import org.springframework.security.oauth2.client.web.HttpSessionOAuth2AuthorizedClientRepository;
import org.springframework.security.oauth2.client.web.OAuth2AuthorizedClientRepository;
import org.springframework.security.oauth2.server.resource.web.BearerTokenResolver;
import org.springframework.security.oauth2.server.resource.web.DefaultBearerTokenResolver;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

/**
 * Where the token of a call is: in its header, or, for what a page of this hub reads, in the
 * session of the browser. The browser never sees it. Calls that change something need the header,
 * and so do calls that another site made (Fetch Metadata §2.1), so a session cannot be used from
 * elsewhere.
 */
final class SessionTokens implements BearerTokenResolver {
  /** Name of the one client registration. */
  static final String REGISTRATION = "isocentre";

  /** Attribute of the user in which the token's authentication is kept. */
  static final String AUTHENTICATION = "authentication";

  /** What pages read. */
  private static final Set<String> APIS = Set.of("/fhir/", "/dicomweb/");

  private static final Set<String> READS = Set.of("GET", "HEAD");
  private static final Set<String> OWN = Set.of("same-origin", "none");

  /** Attribute of a call whose token is that of its session. */
  private static final String BY_SESSION = SessionTokens.class.getName() + ".session";

  private final BearerTokenResolver header = new DefaultBearerTokenResolver();
  private final OAuth2AuthorizedClientRepository clients =
      new HttpSessionOAuth2AuthorizedClientRepository();

  OAuth2AuthorizedClientRepository clients() {
    return clients;
  }

  @Override
  public String resolve(HttpServletRequest request) {
    String token = header.resolve(request);
    if (token != null || request.getHeader("Authorization") != null) {
      return token;
    }
    HttpSession session = request.getSession(false);
    String site = request.getHeader("Sec-Fetch-Site");
    if (session == null
        || APIS.stream().noneMatch(request.getRequestURI()::startsWith)
        || !READS.contains(request.getMethod())
        || site != null && !OWN.contains(site)) {
      return null;
    }
    OAuth2AuthorizedClient client = clients.loadAuthorizedClient(REGISTRATION, null, request);
    if (client == null || isOver(client.getAccessToken().getExpiresAt())) {
      return null;
    }
    request.setAttribute(BY_SESSION, true);
    return client.getAccessToken().getTokenValue();
  }

  /** Whom a person who logged in to the pages chose to act for, in what the pages do and read. */
  static Caller acting(Caller own, Authentication authentication) {
    if (!(RequestContextHolder.getRequestAttributes() instanceof ServletRequestAttributes call)) {
      return own;
    }
    HttpServletRequest request = call.getRequest();
    boolean bySession =
        authentication instanceof OAuth2AuthenticationToken
            || request.getAttribute(BY_SESSION) != null;
    HttpSession session = bySession ? request.getSession(false) : null;
    return session != null
            && own.isPatient()
            && session.getAttribute(PeopleController.ACTING_FOR) instanceof String patient
        ? own.actingFor(patient)
        : own;
  }

  private static boolean isOver(Instant end) {
    return end != null && !end.isAfter(Instant.now());
  }

  /** Of the token that somebody logged in with. */
  static Authentication authentication(OAuth2AuthenticationToken browser) {
    return browser.getPrincipal().getAttribute(AUTHENTICATION);
  }
}
