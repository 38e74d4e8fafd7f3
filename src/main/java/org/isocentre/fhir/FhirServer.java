package org.isocentre.fhir;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.rest.api.RequestTypeEnum;
import ca.uhn.fhir.rest.server.IResourceProvider;
import ca.uhn.fhir.rest.server.RestfulServer;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import org.isocentre.fhir.bundle.BundleCalls;
import org.isocentre.fhir.openapi.ApiDocs;
import org.springframework.transaction.support.TransactionOperations;

/** The FHIR R4 server at {@code /fhir}. */
public final class FhirServer extends RestfulServer {
  private static final long serialVersionUID = 1L;
  private final transient BundleCalls bundles;
  private final transient ApiDocs docs;
  private final long maxBytes;

  /**
   * @param authorize where people log in, or null
   * @param token where apps get tokens, or null
   * @param undone told why a transaction was not done
   * @param maxEntries of a batch or transaction
   * @param maxBytes of a body
   */
  public FhirServer(
      List<? extends IResourceProvider> providers,
      String authorize,
      String token,
      TransactionOperations transactions,
      Consumer<String> undone,
      int maxEntries,
      long maxBytes) {
    super(FhirContext.forR4Cached());
    this.maxBytes = maxBytes;
    bundles = new BundleCalls(super::handleRequest, transactions, undone, maxEntries, maxBytes);
    docs = new ApiDocs(bundles);
    setResourceProviders(providers.toArray(IResourceProvider[]::new));
    setServerName("Isocentre");
    setServerVersion(version());
    setImplementationDescription("Isocentre imaging-exchange hub");
    setDefaultResponseEncoding(ca.uhn.fhir.rest.api.EncodingEnum.JSON);
    setDefaultPrettyPrint(false);
    registerInterceptor(new SearchCapabilities());
    registerInterceptor(new SubscriptionCapabilities());
    registerInterceptor(new ClaimedProfiles());
    registerInterceptor(new AuditRefusals());
    registerInterceptor(new AskedFor());
    registerInterceptor(new NamedTargets());
    registerInterceptor(new SmartCapabilities(authorize, token));
  }

  /** Of this software; as the packaged hub says it. */
  private static String version() {
    String version = FhirServer.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  @Override
  protected void handleRequest(
      RequestTypeEnum type, HttpServletRequest request, HttpServletResponse response)
      throws ServletException, IOException {
    String path = request.getPathInfo();
    if (type == RequestTypeEnum.POST && (path == null || path.equals("/"))) {
      bundles.answer(request, response);
    } else if (type == RequestTypeEnum.GET && ApiDocs.PATH.equals(path)) {
      docs.answer(request, response);
    } else {
      super.handleRequest(type, new BoundedRequest(request, maxBytes), response);
    }
  }
}
