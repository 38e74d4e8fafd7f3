package org.isocentre.fhir;

import ca.uhn.fhir.interceptor.api.Hook;
import ca.uhn.fhir.interceptor.api.Interceptor;
import ca.uhn.fhir.interceptor.api.Pointcut;
import org.hl7.fhir.instance.model.api.IBaseConformance;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.hl7.fhir.r4.model.CapabilityStatement;
import org.hl7.fhir.r4.model.Resource;
import org.isocentre.fhir.map.Profiles;

/** Names the profile of what is sent, and those that are kept. */
@Interceptor
public final class ClaimedProfiles {
  /** For the server. */
  @Hook(Pointcut.SERVER_OUTGOING_RESPONSE)
  public void sent(IBaseResource resource) {
    if (resource != null) {
      Profiles.claim((Resource) resource);
    }
  }

  /** For the server. */
  @Hook(Pointcut.SERVER_CAPABILITY_STATEMENT_GENERATED)
  public void describe(IBaseConformance statement) {
    ((CapabilityStatement) statement)
        .getRest().stream()
            .flatMap(rest -> rest.getResource().stream())
            .filter(resource -> Profiles.types().contains(resource.getType()))
            .forEach(
                resource -> {
                  resource.getSupportedProfile().clear();
                  resource.addSupportedProfile(Profiles.of(resource.getType()));
                });
  }
}
