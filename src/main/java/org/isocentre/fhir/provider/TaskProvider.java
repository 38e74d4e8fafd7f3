package org.isocentre.fhir.provider;

import ca.uhn.fhir.rest.annotation.ConditionalUrlParam;
import ca.uhn.fhir.rest.annotation.Create;
import ca.uhn.fhir.rest.annotation.IdParam;
import ca.uhn.fhir.rest.annotation.Patch;
import ca.uhn.fhir.rest.annotation.Read;
import ca.uhn.fhir.rest.annotation.ResourceParam;
import ca.uhn.fhir.rest.annotation.Search;
import ca.uhn.fhir.rest.annotation.Update;
import ca.uhn.fhir.rest.api.MethodOutcome;
import ca.uhn.fhir.rest.api.PatchTypeEnum;
import ca.uhn.fhir.rest.api.server.RequestDetails;
import ca.uhn.fhir.rest.server.IResourceProvider;
import ca.uhn.fhir.rest.server.exceptions.ForbiddenOperationException;
import ca.uhn.fhir.rest.server.exceptions.ResourceNotFoundException;
import ca.uhn.fhir.rest.server.exceptions.ResourceVersionConflictException;
import ca.uhn.fhir.rest.server.exceptions.UnprocessableEntityException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.IdType;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.Resource;
import org.hl7.fhir.r4.model.Task;
import org.hl7.fhir.r4.model.Task.TaskIntent;
import org.hl7.fhir.r4.model.Task.TaskStatus;
import org.isocentre.fhir.map.Subjects;
import org.isocentre.fhir.map.TaskMapper;
import org.isocentre.index.Visibility;
import org.isocentre.model.Caller;
import org.isocentre.model.Right;
import org.isocentre.model.Transfer;

/**
 * {@code /fhir/Task}: transfers of studies between trusts. One that is written asks for a transfer,
 * as {@code ImagingStudy/$request-transfer} does; its status alone is changed, to cancel it or to
 * ask for it again.
 */
public final class TaskProvider implements IResourceProvider {
  private static final String TYPE = "Task";
  private final Door door;
  private final Resources resources;
  private final Searches searches;
  private final StudyTransfers transfers;

  public TaskProvider(Door door, Resources resources, Searches searches, StudyTransfers transfers) {
    this.door = door;
    this.resources = resources;
    this.searches = searches;
    this.transfers = transfers;
  }

  @Override
  public Class<Task> getResourceType() {
    return Task.class;
  }

  @Read
  public Task read(@IdParam IdType id) {
    List<? extends Resource> found =
        resources.of(TYPE, door.reading(TYPE), List.of(id.getIdPart()));
    return (Task)
        door.found(
            TYPE, id.getIdPart(), found, Subjects.of(found).stream().findFirst().orElse(null));
  }

  @Search(allowUnknownParams = true)
  public Bundle search(RequestDetails call) {
    return searches.search(TYPE, call);
  }

  /**
   * Asks for a transfer. One of that study to that organisation that is there is answered.
   *
   * @param condition with {@code If-None-Exist}: what is there already is answered, whatever it is
   *     of
   */
  @Create
  public MethodOutcome create(
      @ResourceParam Task resource,
      @ResourceParam String raw,
      @ConditionalUrlParam String condition,
      RequestDetails call) {
    if (condition != null) {
      Visibility visible = door.writing(Right.CREATE, TYPE);
      Optional<String> there = searches.matching(TYPE, condition, call);
      if (there.isPresent()) {
        return answered(current(new IdType(TYPE, there.get()), visible));
      }
    }
    Task task = StrictBody.read(Task.class, raw, "ISO-FHIR-088");
    if (task.getStatus() != TaskStatus.REQUESTED || task.getIntent() != TaskIntent.ORDER) {
      throw refused("status must be requested, intent order");
    }
    if (task.hasCode() && !task.getCode().hasCoding(TaskMapper.CODES, TaskMapper.TRANSFER)) {
      throw refused(
          "code must be " + TaskMapper.CODES + "|" + TaskMapper.TRANSFER + ", or left out");
    }
    Reference focus = task.getFocus();
    if (!"ImagingStudy".equals(focus.getReferenceElement().getResourceType())) {
      throw refused("focus must be the ImagingStudy that is to be sent");
    }
    List<String> others = TaskMapper.unkept(task);
    if (!others.isEmpty()) {
      throw refused("a transfer does not keep " + String.join(", ", others) + "; leave that out");
    }
    boolean known =
        !resources
            .transfers
            .ofStudies(Set.of(Parameters.id(focus.getReferenceElement().getIdPart())))
            .isEmpty();
    Task asked =
        transfers.request(Parameters.id(focus.getReferenceElement().getIdPart()), task.getOwner());
    return new MethodOutcome(asked.getIdElement(), !known).setResource(asked);
  }

  /**
   * Cancels a transfer, or asks for it again.
   *
   * @param condition {@code PUT Task?…}: the one that meets it, or a new one
   */
  @Update
  public MethodOutcome update(
      @IdParam IdType id,
      @ResourceParam Task resource,
      @ResourceParam String raw,
      @ConditionalUrlParam String condition,
      RequestDetails call) {
    if (condition == null) {
      return update(id, raw);
    }
    Optional<String> there = searches.matching(TYPE, condition, call);
    return there.isEmpty()
        ? create(resource, raw, null, call)
        : update(new IdType(TYPE, there.get()), raw);
  }

  private MethodOutcome update(IdType id, String raw) {
    Task now = current(id, door.writing(Right.UPDATE, TYPE));
    Task wanted = StrictBody.read(Task.class, raw, "ISO-FHIR-088");
    TaskStatus status = wanted.getStatus();
    if (!TaskMapper.isSameButStatus(now, wanted)) {
      throw refused("only its status can be changed");
    }
    if (status == now.getStatus()) {
      return new MethodOutcome(now.getIdElement(), false).setResource(now);
    }
    return change(now, status);
  }

  /** The same by what is to be different. */
  @Patch
  public MethodOutcome patch(
      @IdParam IdType id,
      PatchTypeEnum kind,
      @ResourceParam String patch,
      @ConditionalUrlParam String condition,
      RequestDetails call) {
    Visibility visible = door.writing(Right.UPDATE, TYPE);
    Task now = current(searches.one(id, TYPE, condition, call), visible);
    return update(now.getIdElement(), JsonPatches.apply(now, kind, patch));
  }

  private MethodOutcome change(Task now, TaskStatus status) {
    Transfer transfer =
        resources.transfers.find(Parameters.id(now.getIdElement().getIdPart())).orElseThrow();
    if (status == TaskStatus.REQUESTED) {
      return answered(transfers.request(transfer.studyId(), now.getOwner()));
    }
    if (status != TaskStatus.CANCELLED) {
      throw refused("status can be changed to cancelled, and back to requested");
    }
    Caller caller = door.caller();
    if (!transfers.isTheirs(transfer.studyId(), transfer.destination())) {
      door.refused(TYPE, "transfer-cancel", "neither custodian nor destination");
      throw new ForbiddenOperationException(
          "ISO-FHIR-089: a transfer is cancelled by the study's custodian, by its destination or by staff of the hub");
    }
    String by = caller.organisation() == null ? "staff of the hub" : caller.organisation();
    if (!resources.transfers.cancelOpen(transfer.id(), "cancelled by " + by)) {
      throw new ResourceVersionConflictException(
          "ISO-FHIR-090: the transfer has ended meanwhile, or all of it has been sent");
    }
    door.changed(
        TYPE,
        transfer.id().toString(),
        Parameters.id(now.getFor().getReferenceElement().getIdPart()),
        "U",
        "transfer-cancel");
    return answered(
        resources.transfers(resources.transfers.find(transfer.id()).stream().toList()).get(0));
  }

  private static MethodOutcome answered(Task task) {
    return new MethodOutcome(task.getIdElement(), false).setResource(task);
  }

  private static UnprocessableEntityException refused(String why) {
    return new UnprocessableEntityException("ISO-FHIR-088: Task not recorded: " + why);
  }

  private Task current(IdType id, Visibility visible) {
    UUID key = Parameters.id(id.getIdPart());
    return resources.transfers(resources.transfers(visible, Set.of(key))).stream()
        .findFirst()
        .orElseThrow(
            () ->
                new ResourceNotFoundException(
                    "ISO-FHIR-003: there is no "
                        + TYPE
                        + "/"
                        + id.getIdPart()
                        + " that this token may read"));
  }
}
