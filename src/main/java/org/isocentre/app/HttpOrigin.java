package org.isocentre.app;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Map;
import java.util.function.Supplier;
import org.isocentre.audit.SearchNames;
import org.isocentre.model.AuditOrigin;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.oauth2.client.authentication.OAuth2AuthenticationToken;
import org.springframework.security.oauth2.core.OAuth2AuthenticatedPrincipal;
import org.springframework.security.oauth2.server.resource.authentication.BearerTokenAuthentication;
import org.springframework.security.oauth2.server.resource.authentication.JwtAuthenticationToken;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

/** Where the HTTP call came from that this thread serves, for the audit trail. */
final class HttpOrigin implements Supplier<AuditOrigin> {
  private static final String REQUEST_ID = "X-Request-Id";

  /** RFC 9068 §2.2, and what issuers say that are older than it. */
  private static final String[] CLIENT_CLAIMS = {"client_id", "azp"};

  @Override
  public AuditOrigin get() {
    if (!(RequestContextHolder.getRequestAttributes() instanceof ServletRequestAttributes call)) {
      return AuditOrigin.HUB;
    }
    HttpServletRequest request = call.getRequest();
    return new AuditOrigin(
        client(SecurityContextHolder.getContext().getAuthentication()),
        request.getRemoteAddr(),
        printable(request.getHeader(REQUEST_ID)),
        asked(request));
  }

  private static String asked(HttpServletRequest request) {
    Object left = request.getAttribute(SearchNames.ATTRIBUTE);
    if (left != null) {
      return left.toString();
    }
    // A body is for who serves the call to read.
    return request.getMethod().equals("GET")
        ? SearchNames.of(request.getRequestURI(), request.getParameterMap())
        : null;
  }

  private static String client(Authentication caller) {
    if (caller instanceof OAuth2AuthenticationToken session) {
      return session.getAuthorizedClientRegistrationId();
    }
    if (caller instanceof JwtAuthenticationToken jwt) {
      return client(jwt.getTokenAttributes());
    }
    return caller instanceof BearerTokenAuthentication
            && caller.getPrincipal() instanceof OAuth2AuthenticatedPrincipal token
        ? client(token.getAttributes())
        : null;
  }

  private static String client(Map<String, Object> claims) {
    for (String claim : CLIENT_CLAIMS) {
      if (claims.get(claim) instanceof String text) {
        return text;
      }
    }
    return null;
  }

  /** A caller may say what it likes; what is kept is one line of ASCII. */
  private static String printable(String id) {
    return id == null || !id.matches("[!-~]{1,100}") ? null : id;
  }
}
