package org.isocentre.fhir.provider;

import ca.uhn.fhir.rest.annotation.IdParam;
import ca.uhn.fhir.rest.annotation.OptionalParam;
import ca.uhn.fhir.rest.annotation.Read;
import ca.uhn.fhir.rest.annotation.Search;
import ca.uhn.fhir.rest.api.server.IBundleProvider;
import ca.uhn.fhir.rest.param.DateRangeParam;
import ca.uhn.fhir.rest.param.ReferenceOrListParam;
import ca.uhn.fhir.rest.param.TokenOrListParam;
import ca.uhn.fhir.rest.server.IResourceProvider;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.hl7.fhir.r4.model.IdType;
import org.hl7.fhir.r4.model.Task;
import org.isocentre.fhir.map.TaskMapper;
import org.isocentre.index.PageRequest;
import org.isocentre.index.TimeRange;
import org.isocentre.index.TransferQuery;
import org.isocentre.index.Visibility;
import org.isocentre.model.Transfer;

/** {@code /fhir/Task}: transfers of studies to other organisations. */
public final class TaskProvider implements IResourceProvider {
  private final Door door;
  private final Resources resources;

  public TaskProvider(Door door, Resources resources) {
    this.door = door;
    this.resources = resources;
  }

  @Override
  public Class<Task> getResourceType() {
    return Task.class;
  }

  @Read
  public Task read(@IdParam IdType id) {
    List<Transfer> found =
        resources.transfers.search(
            new TransferQuery(
                door.reading("Task"),
                Set.of(Parameters.id(id.getIdPart())),
                null,
                null,
                null,
                null,
                TimeRange.ANY,
                new PageRequest(0, 1)));
    return door.found("Task", id.getIdPart(), resources.transfers(found), null);
  }

  @Search
  public IBundleProvider search(
      @OptionalParam(name = "_id") TokenOrListParam id,
      @OptionalParam(name = "patient") ReferenceOrListParam patient,
      @OptionalParam(name = "focus") ReferenceOrListParam focus,
      @OptionalParam(name = "owner") ReferenceOrListParam owner,
      @OptionalParam(name = "status") TokenOrListParam status,
      @OptionalParam(name = "_lastUpdated") DateRangeParam lastUpdated) {
    Visibility visible = door.reading("Task");
    Set<Transfer.State> states =
        status == null
            ? null
            : Parameters.codes(status).stream()
                .flatMap(TaskMapper::states)
                .collect(Collectors.toSet());
    boolean none = states != null && states.isEmpty();
    Set<String> owners =
        owner == null
            ? null
            : owner.getValuesAsQueryTokens().stream()
                .map(r -> r.getIdPart())
                .collect(Collectors.toSet());
    Function<PageRequest, TransferQuery> query =
        page ->
            new TransferQuery(
                visible,
                none ? Set.of(Parameters.id("")) : Parameters.ids(id),
                Parameters.ids(focus),
                Parameters.ids(patient),
                states,
                owners,
                Parameters.range(lastUpdated),
                page);
    int total = resources.transfers.count(query.apply(new PageRequest(0, 0)));
    door.searched("Task", total);
    return new SearchResult(
        door,
        total,
        page -> resources.transfers(resources.transfers.search(query.apply(page))),
        page -> List.of());
  }
}
