package org.isocentre.fhir;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.rest.server.IResourceProvider;
import ca.uhn.fhir.rest.server.RestfulServer;
import java.util.List;

/** The FHIR R4 server at {@code /fhir}. */
public final class FhirServer extends RestfulServer {
  private static final long serialVersionUID = 1L;

  /**
   * @param authorize where people log in, or null
   * @param token where apps get tokens, or null
   */
  public FhirServer(List<? extends IResourceProvider> providers, String authorize, String token) {
    super(FhirContext.forR4Cached());
    setResourceProviders(providers.toArray(IResourceProvider[]::new));
    setServerName("Isocentre");
    setImplementationDescription("Isocentre imaging-exchange hub");
    setDefaultResponseEncoding(ca.uhn.fhir.rest.api.EncodingEnum.JSON);
    setDefaultPrettyPrint(false);
    registerInterceptor(new SearchCapabilities());
    registerInterceptor(new SubscriptionCapabilities());
    registerInterceptor(new AuditRefusals());
    registerInterceptor(new SmartCapabilities(authorize, token));
  }
}
