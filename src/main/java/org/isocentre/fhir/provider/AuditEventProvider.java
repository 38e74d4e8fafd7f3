package org.isocentre.fhir.provider;

import ca.uhn.fhir.rest.annotation.Search;
import ca.uhn.fhir.rest.api.server.RequestDetails;
import ca.uhn.fhir.rest.server.IResourceProvider;
import org.hl7.fhir.r4.model.AuditEvent;
import org.hl7.fhir.r4.model.Bundle;

/** {@code /fhir/AuditEvent}: who did what. For systems. */
public final class AuditEventProvider implements IResourceProvider {
  private final Searches searches;

  public AuditEventProvider(Searches searches) {
    this.searches = searches;
  }

  @Override
  public Class<AuditEvent> getResourceType() {
    return AuditEvent.class;
  }

  @Search(allowUnknownParams = true)
  public Bundle search(RequestDetails call) {
    return searches.search("AuditEvent", call);
  }
}
