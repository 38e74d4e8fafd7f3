package org.isocentre.fhir;

import ca.uhn.fhir.interceptor.api.Hook;
import ca.uhn.fhir.interceptor.api.Interceptor;
import ca.uhn.fhir.interceptor.api.Pointcut;
import ca.uhn.fhir.rest.api.RestOperationTypeEnum;
import ca.uhn.fhir.rest.server.servlet.ServletRequestDetails;
import org.isocentre.audit.SearchNames;

/** Leaves what a search asks for where the audit trail finds it, of {@code _search}, too. */
@Interceptor
public final class AskedFor {

  /** For the server. */
  @Hook(Pointcut.SERVER_INCOMING_REQUEST_PRE_HANDLED)
  public void asked(ServletRequestDetails call, RestOperationTypeEnum operation) {
    if (operation == RestOperationTypeEnum.SEARCH_TYPE) {
      call.getServletRequest()
          .setAttribute(
              SearchNames.ATTRIBUTE, SearchNames.of(call.getResourceName(), call.getParameters()));
    }
  }
}
