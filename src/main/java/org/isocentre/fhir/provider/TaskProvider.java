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
import org.hl7.fhir.r4.model.Task;
import org.isocentre.model.Transfer;

/** {@code /fhir/Task}: transfers of studies to other organisations. */
public final class TaskProvider implements IResourceProvider {
  private final Door door;
  private final Resources resources;
  private final Searches searches;

  public TaskProvider(Door door, Resources resources, Searches searches) {
    this.door = door;
    this.resources = resources;
    this.searches = searches;
  }

  @Override
  public Class<Task> getResourceType() {
    return Task.class;
  }

  @Read
  public Task read(@IdParam IdType id) {
    List<Transfer> found =
        resources.transfers(door.reading("Task"), Set.of(Parameters.id(id.getIdPart())));
    return door.found("Task", id.getIdPart(), resources.transfers(found), null);
  }

  @Search(allowUnknownParams = true)
  public Bundle search(RequestDetails call) {
    return searches.search("Task", call);
  }
}
