package org.isocentre.fhir.provider;

import ca.uhn.fhir.rest.annotation.IdParam;
import ca.uhn.fhir.rest.annotation.Read;
import ca.uhn.fhir.rest.annotation.Search;
import ca.uhn.fhir.rest.api.server.RequestDetails;
import ca.uhn.fhir.rest.server.IResourceProvider;
import java.util.List;
import java.util.stream.Stream;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.hl7.fhir.r4.model.Appointment;
import org.hl7.fhir.r4.model.AuditEvent;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.DocumentReference;
import org.hl7.fhir.r4.model.IdType;
import org.hl7.fhir.r4.model.Practitioner;
import org.hl7.fhir.r4.model.PractitionerRole;
import org.hl7.fhir.r4.model.Provenance;
import org.hl7.fhir.r4.model.Resource;
import org.isocentre.fhir.map.Subjects;

/** A type that is read and searched, and no more. */
public final class ViewProvider implements IResourceProvider {
  private final Class<? extends Resource> type;
  private final Door door;
  private final Resources resources;
  private final Searches searches;

  /** All there are. */
  public static List<ViewProvider> all(Door door, Resources resources, Searches searches) {
    return Stream.of(
            DocumentReference.class,
            Appointment.class,
            Practitioner.class,
            PractitionerRole.class,
            Provenance.class,
            AuditEvent.class)
        .map(type -> new ViewProvider(type, door, resources, searches))
        .toList();
  }

  /**
   * @param type named like the resource type, one that the index searches
   */
  private ViewProvider(
      Class<? extends Resource> type, Door door, Resources resources, Searches searches) {
    this.type = type;
    this.door = door;
    this.resources = resources;
    this.searches = searches;
  }

  @Override
  public Class<? extends Resource> getResourceType() {
    return type;
  }

  private String name() {
    return type.getSimpleName();
  }

  @Read
  public IBaseResource read(@IdParam IdType id) {
    List<? extends Resource> found =
        resources.of(name(), door.reading(name()), List.of(id.getIdPart()));
    return door.found(
        name(), id.getIdPart(), found, Subjects.of(found).stream().findFirst().orElse(null));
  }

  @Search(allowUnknownParams = true)
  public Bundle search(RequestDetails call) {
    return searches.search(name(), call);
  }
}
