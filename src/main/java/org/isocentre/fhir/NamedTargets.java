package org.isocentre.fhir;

import ca.uhn.fhir.interceptor.api.Hook;
import ca.uhn.fhir.interceptor.api.Interceptor;
import ca.uhn.fhir.interceptor.api.Pointcut;
import ca.uhn.fhir.rest.api.RestOperationTypeEnum;
import ca.uhn.fhir.rest.server.exceptions.InvalidRequestException;
import ca.uhn.fhir.rest.server.servlet.ServletRequestDetails;

/** A change names what it is about, by an id or by a condition. */
@Interceptor
public final class NamedTargets {

  /** For the server. */
  @Hook(Pointcut.SERVER_INCOMING_REQUEST_PRE_HANDLED)
  public void asked(ServletRequestDetails call, RestOperationTypeEnum operation) {
    boolean changes =
        operation == RestOperationTypeEnum.UPDATE
            || operation == RestOperationTypeEnum.PATCH
            || operation == RestOperationTypeEnum.DELETE;
    if (changes && call.getId() == null && call.getConditionalUrl(operation) == null) {
      throw new InvalidRequestException(
          "ISO-FHIR-095: name what is to be changed, by an id (%1$s/[id]) or a condition (%1$s?…)"
              .formatted(call.getResourceName()));
    }
  }
}
