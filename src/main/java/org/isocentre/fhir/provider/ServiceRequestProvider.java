package org.isocentre.fhir.provider;

import ca.uhn.fhir.rest.annotation.ConditionalUrlParam;
import ca.uhn.fhir.rest.annotation.Create;
import ca.uhn.fhir.rest.annotation.History;
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
import ca.uhn.fhir.rest.server.exceptions.InternalErrorException;
import ca.uhn.fhir.rest.server.exceptions.ResourceNotFoundException;
import ca.uhn.fhir.rest.server.exceptions.ResourceVersionConflictException;
import ca.uhn.fhir.rest.server.exceptions.UnprocessableEntityException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.IdType;
import org.hl7.fhir.r4.model.Patient;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.Resource;
import org.hl7.fhir.r4.model.ServiceRequest;
import org.isocentre.fhir.map.ServiceRequestMapper;
import org.isocentre.fhir.map.ServiceRequestToOrder;
import org.isocentre.fhir.map.SubjectReader;
import org.isocentre.fhir.map.UnacceptableException;
import org.isocentre.fhir.map.VersionIds;
import org.isocentre.index.OrderIndex;
import org.isocentre.index.OrderNotWrittenException;
import org.isocentre.index.PageRequest;
import org.isocentre.index.Visibility;
import org.isocentre.model.Caller;
import org.isocentre.model.Order;
import org.isocentre.model.OrderRequest;
import org.isocentre.model.PatientDemographics;
import org.isocentre.model.Right;
import org.isocentre.model.TimeUuid;
import org.springframework.transaction.support.TransactionOperations;

/**
 * {@code /fhir/ServiceRequest}: orders, whichever way they came. Systems of a trust write their own
 * trust's, as they send them by HL7 v2: what is written is filed, linked, told and kept as it came.
 * Every version is kept.
 */
public final class ServiceRequestProvider implements IResourceProvider {
  private static final String TYPE = "ServiceRequest";
  private final Door door;
  private final Resources resources;
  private final Searches searches;
  private final OrderIndex orders;
  private final Predicate<String> trusts;
  private final Originals originals;
  private final TransactionOperations transactions;
  private final Clock clock;

  /** Keeps resources as they came. */
  @FunctionalInterface
  public interface Originals {
    /**
     * @return the key; the bytes are durable
     */
    String keep(byte[] resource) throws IOException;
  }

  /**
   * @param trusts whether an ODS code is one of the directory's
   */
  public ServiceRequestProvider(
      Door door,
      Resources resources,
      Searches searches,
      OrderIndex orders,
      Predicate<String> trusts,
      Originals originals,
      TransactionOperations transactions,
      Clock clock) {
    this.transactions = transactions;
    this.door = door;
    this.resources = resources;
    this.searches = searches;
    this.orders = orders;
    this.trusts = trusts;
    this.originals = originals;
    this.clock = clock;
  }

  @Override
  public Class<ServiceRequest> getResourceType() {
    return ServiceRequest.class;
  }

  /**
   * @param raw the body: an element that R4 does not have must not be lost silently
   * @param condition with {@code If-None-Exist}: what is there already is answered, and no other
   *     made
   */
  @Create
  public MethodOutcome create(
      @ResourceParam ServiceRequest resource,
      @ResourceParam String raw,
      @ConditionalUrlParam String condition,
      RequestDetails call) {
    Visibility visible = writing(Right.CREATE);
    if (condition != null) {
      Optional<String> there = searches.matching(TYPE, condition, call);
      if (there.isPresent()) {
        return outcome(current(new IdType(TYPE, there.get()), visible), visible, false);
      }
    }
    ServiceRequest order = StrictBody.read(ServiceRequest.class, raw, "ISO-FHIR-081");
    String custodian = custodian(order);
    UUID id = TimeUuid.next();
    Subject subject = subject(order, custodian, visible);
    OrderRequest request =
        mapped(
            () ->
                ServiceRequestToOrder.map(
                    order,
                    context(
                        order,
                        id,
                        custodian,
                        subject.said(),
                        visible,
                        call,
                        raw,
                        clock.instant())));
    filed(() -> door.created(TYPE, id.toString(), orders.add(id, subject.patient(), request)));
    return outcome(orders.find(id).orElseThrow(), visible, true);
  }

  /** Systems of trusts, and those of the hub. */
  private Visibility writing(Right right) {
    Visibility visible = door.writing(right, TYPE);
    Caller caller = door.caller();
    boolean system = caller.isHubStaff() || !caller.isPatient() && caller.roles().isEmpty();
    if (!system || caller.organisation() != null && !trusts.test(caller.organisation())) {
      door.refused(TYPE, "order-write", "no system of a trust of the directory");
      throw new ForbiddenOperationException(
          "ISO-FHIR-082: orders are written by systems of a trust of the directory, whose tokens have no role");
    }
    return visible;
  }

  /** The caller's organisation; for the hub's own systems the one that performs it. */
  private String custodian(ServiceRequest order) {
    String own = door.caller().organisation();
    if (own != null) {
      return own;
    }
    String performer =
        order.getPerformer().isEmpty()
            ? null
            : mapped(() -> ServiceRequestToOrder.performer(order.getPerformerFirstRep()));
    if (performer == null || !trusts.test(performer)) {
      throw refused("performer must name the trust of the directory whose order it is");
    }
    return performer;
  }

  /**
   * @param patient of the index, or null for whoever the statement is about
   */
  private record Subject(UUID patient, PatientDemographics said) {}

  private Subject subject(ServiceRequest order, String custodian, Visibility visible) {
    Reference reference = order.getSubject();
    Optional<Resource> contained = contained(order, reference);
    if (contained.isPresent() && contained.get() instanceof Patient patient) {
      return new Subject(null, mapped(() -> SubjectReader.of(patient, custodian)));
    }
    if (reference.hasReference()) {
      UUID id = patient(reference);
      return resources.patients.findAll(seen(visible, id)).stream()
          .findFirst()
          .map(p -> new Subject(p.id(), SubjectReader.of(p, custodian)))
          .orElseThrow(
              () ->
                  refused(
                      "subject must be a Patient that this token may read, or a contained one"));
    }
    return new Subject(null, mapped(() -> SubjectReader.of(reference.getIdentifier(), custodian)));
  }

  private List<UUID> seen(Visibility visible, UUID id) {
    return resources.patients(visible, Set.of(id)).isEmpty() ? List.of() : List.of(id);
  }

  private static UUID patient(Reference reference) {
    String type = reference.getReferenceElement().getResourceType();
    String id = reference.getReferenceElement().getIdPart();
    return Parameters.id("Patient".equals(type) && id != null ? id : "");
  }

  private static Optional<Resource> contained(ServiceRequest order, Reference reference) {
    String link = reference.getReference();
    return link == null || !link.startsWith("#")
        ? Optional.empty()
        : order.getContained().stream()
            .filter(r -> link.substring(1).equals(r.getIdElement().getIdPart()))
            .findFirst();
  }

  private ServiceRequestToOrder.Context context(
      ServiceRequest order,
      UUID id,
      String custodian,
      PatientDemographics subject,
      Visibility visible,
      RequestDetails call,
      String raw,
      Instant at) {
    return new ServiceRequestToOrder.Context(
        custodian,
        id.toString(),
        subject,
        reference -> clinician(order, reference, visible),
        () -> keep(raw),
        at,
        Searches.isLenient(call));
  }

  private IBaseResource clinician(ServiceRequest order, Reference reference, Visibility visible) {
    Optional<Resource> contained = contained(order, reference);
    if (contained.isPresent()) {
      return contained.get();
    }
    IdType to = new IdType(reference.getReference());
    return Set.of("Practitioner", "PractitionerRole").contains("" + to.getResourceType())
        ? resources.of(to.getResourceType(), visible, List.of(to.getIdPart())).stream()
            .findFirst()
            .orElse(null)
        : null;
  }

  private String keep(String raw) {
    try {
      return originals.keep(raw.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new InternalErrorException(
          "ISO-FHIR-083: the store cannot take what was sent now; nothing was recorded, send it again",
          e);
    }
  }

  /** What maps a resource. */
  @FunctionalInterface
  private interface Mapping<T> {
    T map();
  }

  private static <T> T mapped(Mapping<T> mapping) {
    try {
      return mapping.map();
    } catch (UnacceptableException e) {
      throw refused(e.getMessage());
    }
  }

  private static UnprocessableEntityException refused(String why) {
    return new UnprocessableEntityException("ISO-FHIR-081: ServiceRequest not recorded: " + why);
  }

  /** What is filed is there with its row of the audit trail, or not at all. */
  private void filed(Runnable filing) {
    try {
      transactions.executeWithoutResult(status -> filing.run());
    } catch (OrderNotWrittenException e) {
      throw switch (e.why()) {
        case CHANGED -> changed();
        case NUMBER_TAKEN ->
            new ResourceVersionConflictException(
                "ISO-FHIR-085: another order of this organisation has one of these numbers; find it by identifier, and update it");
      };
    }
  }

  private static ResourceVersionConflictException changed() {
    return new ResourceVersionConflictException(
        "ISO-FHIR-084: the ServiceRequest was changed meanwhile; read it and try again");
  }

  /**
   * What an order is to be from now on. {@code If-Match} is honoured.
   *
   * @param condition {@code PUT ServiceRequest?…}: the one that meets it, or a new one
   */
  @Update
  public MethodOutcome update(
      @IdParam IdType id,
      @ResourceParam ServiceRequest resource,
      @ResourceParam String raw,
      @ConditionalUrlParam String condition,
      RequestDetails call) {
    if (condition == null) {
      return update(id, raw, call);
    }
    Optional<String> there = searches.matching(TYPE, condition, call);
    return there.isEmpty()
        ? create(resource, raw, null, call)
        : update(new IdType(TYPE, there.get()), raw, call);
  }

  /** The same by what is to be different. */
  @Patch
  public MethodOutcome patch(
      @IdParam IdType id,
      PatchTypeEnum kind,
      @ResourceParam String patch,
      @ConditionalUrlParam String condition,
      RequestDetails call) {
    Visibility visible = writing(Right.UPDATE);
    Order before = current(searches.one(id, TYPE, condition, call), visible);
    // As of now, so that nobody's change in between is undone.
    return update(
        new IdType(TYPE, before.id().toString(), VersionIds.of(before.lastUpdated())),
        JsonPatches.apply(ServiceRequestMapper.map(before), kind, patch),
        call);
  }

  private MethodOutcome update(IdType id, String raw, RequestDetails call) {
    Visibility visible = writing(Right.UPDATE);
    Order before = current(id, visible);
    String custodian = before.request().custodian();
    String own = door.caller().organisation();
    if (own != null && !own.equals(custodian)) {
      door.refused(TYPE, "order-write", "an order of another organisation");
      throw new ForbiddenOperationException(
          "ISO-FHIR-086: an order is changed by the organisation whose it is, " + custodian);
    }
    ServiceRequest order = StrictBody.read(ServiceRequest.class, raw, "ISO-FHIR-081");
    if (!before.patientId().equals(patient(order.getSubject()))) {
      throw refused("subject stays; revoke this order and make another");
    }
    Instant now = clock.instant();
    Instant said = before.request().messageAt();
    ServiceRequest shown = resources.orders(visible, Set.of(before.id())).get(0);
    OrderRequest request =
        mapped(
            () ->
                ServiceRequestToOrder.map(
                    order,
                    shown,
                    !before.request().steps().isEmpty(),
                    context(
                        order,
                        before.id(),
                        custodian,
                        SubjectReader.NOBODY,
                        visible,
                        call,
                        raw,
                        now.isBefore(said) ? said : now)));
    filed(
        () -> {
          orders.replace(before.id(), id.hasVersionIdPart() ? before.lastUpdated() : null, request);
          door.changed(TYPE, before.id().toString(), before.patientId(), "U", "update");
        });
    return outcome(orders.find(before.id()).orElseThrow(), visible, false);
  }

  /** As the caller may see it now; the order itself is theirs. */
  private MethodOutcome outcome(Order order, Visibility visible, boolean created) {
    MethodOutcome outcome =
        new MethodOutcome(
            new IdType(TYPE, order.id().toString(), VersionIds.of(order.lastUpdated())), created);
    resources.orders(visible, Set.of(order.id())).forEach(outcome::setResource);
    return outcome;
  }

  private Order current(IdType id, Visibility visible) {
    UUID key = Parameters.id(id.getIdPart());
    Order found =
        (resources.orders(visible, Set.of(key)).isEmpty()
                ? Optional.<Order>empty()
                : orders.find(key))
            .orElseThrow(
                () ->
                    new ResourceNotFoundException(
                        "ISO-FHIR-003: there is no "
                            + TYPE
                            + "/"
                            + id.getIdPart()
                            + " that this token may read"));
    if (id.hasVersionIdPart()
        && !id.getVersionIdPart().equals(VersionIds.of(found.lastUpdated()))) {
      throw changed();
    }
    return found;
  }

  /** With {@code _history/<version>}: as it was then. */
  @Read(version = true)
  public IBaseResource read(@IdParam IdType id) {
    List<ServiceRequest> found = versions(id, id.hasVersionIdPart());
    UUID patient = found.isEmpty() ? null : patient(found.get(0).getSubject());
    if (id.hasVersionIdPart()) {
      found =
          found.stream()
              .filter(v -> v.getMeta().getVersionId().equals(id.getVersionIdPart()))
              .toList();
    }
    return door.found(TYPE, id.getIdPart(), found, patient);
  }

  /** Its versions, the newest first; at most as many as a page of the index holds. */
  @History
  public List<ServiceRequest> history(@IdParam IdType id) {
    List<ServiceRequest> found = versions(id, true);
    door.found(
        TYPE, id.getIdPart(), found, found.isEmpty() ? null : patient(found.get(0).getSubject()));
    return found;
  }

  private List<ServiceRequest> versions(IdType id, boolean all) {
    Visibility visible = door.reading(TYPE);
    UUID key = Parameters.id(id.getIdPart());
    List<ServiceRequest> found = new ArrayList<>(resources.orders(visible, Set.of(key)));
    // What is outside of the part that a scope opens may be inside of it now, or the other way
    // about.
    if (all && !found.isEmpty() && !visible.parts().containsKey(TYPE)) {
      orders
          .findAll(List.of(key))
          .forEach(
              now ->
                  orders.history(asSeen(now, found.get(0)), visible, PageRequest.MAX_LIMIT).stream()
                      .map(ServiceRequestMapper::map)
                      .forEach(found::add));
    }
    return found;
  }

  /** Of the patient whose the caller sees it as: a merge may wait for a person. */
  private static Order asSeen(Order order, ServiceRequest shown) {
    return new Order(order.id(), patient(shown.getSubject()), order.request(), order.lastUpdated());
  }

  @Search(allowUnknownParams = true)
  public Bundle search(RequestDetails call) {
    return searches.search(TYPE, call);
  }
}
