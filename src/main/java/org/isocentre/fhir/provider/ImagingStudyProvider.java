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
import org.hl7.fhir.r4.model.ImagingStudy;

/** {@code /fhir/ImagingStudy}. */
public final class ImagingStudyProvider implements IResourceProvider {
  private final Door door;
  private final Resources resources;
  private final Searches searches;

  public ImagingStudyProvider(Door door, Resources resources, Searches searches) {
    this.door = door;
    this.resources = resources;
    this.searches = searches;
  }

  @Override
  public Class<ImagingStudy> getResourceType() {
    return ImagingStudy.class;
  }

  @Read
  public ImagingStudy read(@IdParam IdType id) {
    List<ImagingStudy> found =
        resources.studies(
            door.reading("ImagingStudy"), Set.of(Parameters.id(id.getIdPart())), true);
    return door.found(
        "ImagingStudy",
        id.getIdPart(),
        found,
        found.isEmpty()
            ? null
            : Parameters.id(found.get(0).getSubject().getReferenceElement().getIdPart()));
  }

  @Search(allowUnknownParams = true)
  public Bundle search(RequestDetails call) {
    return searches.search("ImagingStudy", call);
  }
}
