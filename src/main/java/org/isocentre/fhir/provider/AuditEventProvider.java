package org.isocentre.fhir.provider;

import ca.uhn.fhir.rest.annotation.IdParam;
import ca.uhn.fhir.rest.annotation.Read;
import ca.uhn.fhir.rest.annotation.Search;
import ca.uhn.fhir.rest.api.server.RequestDetails;
import ca.uhn.fhir.rest.server.IResourceProvider;
import java.util.List;
import org.hl7.fhir.r4.model.AuditEvent;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.IdType;
import org.hl7.fhir.r4.model.Resource;

/** {@code /fhir/AuditEvent}: who did what. For staff of the hub, and for patients of their own. */
public final class AuditEventProvider implements IResourceProvider {
  private final Door door;
  private final Resources resources;
  private final Searches searches;

  public AuditEventProvider(Door door, Resources resources, Searches searches) {
    this.door = door;
    this.resources = resources;
    this.searches = searches;
  }

  @Override
  public Class<AuditEvent> getResourceType() {
    return AuditEvent.class;
  }

  @Read
  public AuditEvent read(@IdParam IdType id) {
    List<? extends Resource> found =
        resources.of("AuditEvent", door.reading("AuditEvent"), List.of(id.getIdPart()));
    return (AuditEvent) door.found("AuditEvent", id.getIdPart(), found, null);
  }

  @Search(allowUnknownParams = true)
  public Bundle search(RequestDetails call) {
    return searches.search("AuditEvent", call);
  }
}
