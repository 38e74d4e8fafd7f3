package org.isocentre.fhir;

import ca.uhn.fhir.interceptor.api.Hook;
import ca.uhn.fhir.interceptor.api.Interceptor;
import ca.uhn.fhir.interceptor.api.Pointcut;
import org.hl7.fhir.instance.model.api.IBaseConformance;
import org.hl7.fhir.r4.model.CapabilityStatement;
import org.hl7.fhir.r4.model.CapabilityStatement.CapabilityStatementRestSecurityComponent;
import org.hl7.fhir.r4.model.Extension;
import org.hl7.fhir.r4.model.UriType;

/**
 * Names in the CapabilityStatement that calls need a SMART token, and where to get one (SMART App
 * Launch 2.2 §4.2 keeps the extension {@code oauth-uris} for older apps).
 */
@Interceptor
public final class SmartCapabilities {
  private static final String URIS =
      "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris";
  private final String authorize;
  private final String token;

  /**
   * @param authorize where people log in, or null
   * @param token where apps get tokens, or null
   */
  public SmartCapabilities(String authorize, String token) {
    this.authorize = authorize;
    this.token = token;
  }

  /** For the server. */
  @Hook(Pointcut.SERVER_CAPABILITY_STATEMENT_GENERATED)
  public void describe(IBaseConformance statement) {
    CapabilityStatementRestSecurityComponent security =
        ((CapabilityStatement) statement).getRestFirstRep().getSecurity();
    security
        .addService()
        .setText("OAuth2 bearer tokens with SMART scopes")
        .addCoding()
        .setSystem("http://terminology.hl7.org/CodeSystem/restful-security-service")
        .setCode("SMART-on-FHIR")
        .setDisplay("SMART-on-FHIR");
    Extension uris = new Extension(URIS);
    add(uris, "authorize", authorize);
    add(uris, "token", token);
    if (uris.hasExtension()) {
      security.addExtension(uris);
    }
  }

  private static void add(Extension uris, String name, String value) {
    if (value != null) {
      uris.addExtension(new Extension(name, new UriType(value)));
    }
  }
}
