package org.isocentre.fhir.provider;

import ca.uhn.fhir.rest.annotation.IdParam;
import ca.uhn.fhir.rest.annotation.Read;
import ca.uhn.fhir.rest.annotation.Search;
import ca.uhn.fhir.rest.api.server.RequestDetails;
import ca.uhn.fhir.rest.server.IResourceProvider;
import java.util.List;
import java.util.Set;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.IdType;
import org.hl7.fhir.r4.model.ServiceRequest;

/** {@code /fhir/ServiceRequest}. */
public final class ServiceRequestProvider implements IResourceProvider {
  private final Door door;
  private final Resources resources;
  private final Searches searches;

  public ServiceRequestProvider(Door door, Resources resources, Searches searches) {
    this.door = door;
    this.resources = resources;
    this.searches = searches;
  }

  @Override
  public Class<ServiceRequest> getResourceType() {
    return ServiceRequest.class;
  }

  @Read
  public ServiceRequest read(@IdParam IdType id) {
    List<ServiceRequest> found =
        resources.orders(door.reading("ServiceRequest"), Set.of(Parameters.id(id.getIdPart())));
    return door.found(
        "ServiceRequest",
        id.getIdPart(),
        found,
        found.isEmpty()
            ? null
            : Parameters.id(found.get(0).getSubject().getReferenceElement().getIdPart()));
  }

  @Search(allowUnknownParams = true)
  public Bundle search(RequestDetails call) {
    return searches.search("ServiceRequest", call);
  }
}
