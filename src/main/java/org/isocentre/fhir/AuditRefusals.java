package org.isocentre.fhir;

import ca.uhn.fhir.interceptor.api.Hook;
import ca.uhn.fhir.interceptor.api.Interceptor;
import ca.uhn.fhir.interceptor.api.Pointcut;
import ca.uhn.fhir.rest.server.exceptions.BaseServerResponseException;
import ca.uhn.fhir.rest.server.exceptions.UnclassifiedServerFailureException;
import org.isocentre.audit.AuditUnavailableException;

/** Answers 503 where an access could not be noted, and says no more of it. */
@Interceptor
public final class AuditRefusals {
  private static final int UNAVAILABLE = 503;

  /** For the server. */
  @Hook(Pointcut.SERVER_PRE_PROCESS_OUTGOING_EXCEPTION)
  public BaseServerResponseException refused(Throwable failure) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof AuditUnavailableException) {
        return new UnclassifiedServerFailureException(UNAVAILABLE, t.getMessage());
      }
    }
    return null;
  }
}
