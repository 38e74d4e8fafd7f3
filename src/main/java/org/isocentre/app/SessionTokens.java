package org.isocentre.app;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpSession;
import java.time.Instant;
import java.util.Set;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.authentication.OAuth2AuthenticationToken;
import org.springframework.security.oauth2.client.web.HttpSessionOAuth2AuthorizedClientRepository;
import org.springframework.security.oauth2.client.web.OAuth2AuthorizedClientRepository;
import org.springframework.security.oauth2.server.resource.web.BearerTokenResolver;
import org.springframework.security.oauth2.server.resource.web.DefaultBearerTokenResolver;

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
    return client == null || isOver(client.getAccessToken().getExpiresAt())
        ? null
        : client.getAccessToken().getTokenValue();
  }

  private static boolean isOver(Instant end) {
    return end != null && !end.isAfter(Instant.now());
  }

  /** Of the token that somebody logged in with. */
  static Authentication authentication(OAuth2AuthenticationToken browser) {
    return browser.getPrincipal().getAttribute(AUTHENTICATION);
  }
}
