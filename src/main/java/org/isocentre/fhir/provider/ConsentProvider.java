package org.isocentre.fhir.provider;

import ca.uhn.fhir.rest.annotation.ConditionalUrlParam;
import ca.uhn.fhir.rest.annotation.Create;
import ca.uhn.fhir.rest.annotation.Delete;
import ca.uhn.fhir.rest.annotation.History;
import ca.uhn.fhir.rest.annotation.IdParam;
import ca.uhn.fhir.rest.annotation.Patch;
import ca.uhn.fhir.rest.annotation.Read;
import ca.uhn.fhir.rest.annotation.ResourceParam;
import ca.uhn.fhir.rest.annotation.Search;
import ca.uhn.fhir.rest.annotation.Update;
import ca.uhn.fhir.rest.api.MethodOutcome;
import ca.uhn.fhir.rest.api.PatchTypeEnum;
import ca.uhn.fhir.rest.api.server.IBundleProvider;
import ca.uhn.fhir.rest.api.server.RequestDetails;
import ca.uhn.fhir.rest.server.IResourceProvider;
import ca.uhn.fhir.rest.server.SimpleBundleProvider;
import ca.uhn.fhir.rest.server.exceptions.ForbiddenOperationException;
import ca.uhn.fhir.rest.server.exceptions.ResourceGoneException;
import ca.uhn.fhir.rest.server.exceptions.ResourceNotFoundException;
import ca.uhn.fhir.rest.server.exceptions.ResourceVersionConflictException;
import ca.uhn.fhir.rest.server.exceptions.UnprocessableEntityException;
import java.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.Consent;
import org.hl7.fhir.r4.model.IdType;
import org.isocentre.fhir.map.ConsentMapper;
import org.isocentre.index.ConsentIndex;
import org.isocentre.index.Visibility;
import org.isocentre.model.Caller;
import org.isocentre.model.Right;
import org.isocentre.model.Role;

/**
 * {@code /fhir/Consent}: what patients decided on who gets their images. Every version is kept;
 * what is deleted is withdrawn at once and stays in the history.
 */
public final class ConsentProvider implements IResourceProvider {
  private static final String TYPE = "Consent";
  private static final List<String> NAMED =
      List.of("ImagingStudy", "DiagnosticReport", "ServiceRequest");
  private final Door door;
  private final Resources resources;
  private final Searches searches;
  private final ConsentIndex consents;
  private final Clock clock;

  public ConsentProvider(
      Door door, Resources resources, Searches searches, ConsentIndex consents, Clock clock) {
    this.door = door;
    this.resources = resources;
    this.searches = searches;
    this.consents = consents;
    this.clock = clock;
  }

  @Override
  public Class<Consent> getResourceType() {
    return Consent.class;
  }

  /**
   * @param raw the body: an element that R4 does not have must not be lost silently
   * @param condition with {@code If-None-Exist}: what is there already is answered, and no other
   *     made
   */
  @Create
  public MethodOutcome create(
      @ResourceParam Consent consent,
      @ResourceParam String raw,
      @ConditionalUrlParam String condition,
      RequestDetails call) {
    Visibility visible = writing(Right.CREATE);
    if (condition != null) {
      Optional<String> there = searches.matching(TYPE, condition, call);
      if (there.isPresent()) {
        return outcome(current(new IdType(TYPE, there.get()), visible), false);
      }
    }
    UUID patient = patient(consent, visible);
    var recorded = recorded(strict(raw), UUID.randomUUID(), 1, patient, visible);
    consents.add(recorded);
    door.created(TYPE, recorded.id().toString(), patient);
    return outcome(recorded, true);
  }

  /**
   * An organisation decides nothing for a patient, least of all about itself; its records staff
   * write down what patients said.
   */
  private Visibility writing(Right right) {
    Visibility visible = door.writing(right, TYPE);
    Caller caller = door.caller();
    if (!caller.isPatient()
        && caller.organisation() != null
        && !caller.roles().contains(Role.RECORDS)) {
      door.refused(TYPE, "consent-write", "an organisation decides nothing for a patient");
      throw new ForbiddenOperationException(
          "ISO-FHIR-017: a Consent is written by the patient, by staff of the hub, or by an organisation's staff with the role "
              + Role.RECORDS);
    }
    return visible;
  }

  private static Consent strict(String raw) {
    return StrictBody.read(Consent.class, raw, "ISO-FHIR-012");
  }

  private UUID patient(Consent consent, Visibility visible) {
    String id = consent.getPatient().getReferenceElement().getIdPart();
    UUID patient = Parameters.id(id == null ? "" : id);
    if (resources.patients(visible, Set.of(patient)).isEmpty()) {
      throw new UnprocessableEntityException(
          "ISO-FHIR-011: Consent.patient must be a Patient that this token may read");
    }
    return patient;
  }

  private org.isocentre.model.Consent recorded(
      Consent consent, UUID id, int version, UUID patient, Visibility visible) {
    var recorded =
        ConsentMapper.map(consent, id, version, patient, clock.instant(), door.caller().subject());
    Set<UUID> unseen = new HashSet<>(recorded.data());
    List<String> ids = unseen.stream().map(UUID::toString).toList();
    for (String type : NAMED) {
      resources
          .of(type, visible, ids)
          .forEach(r -> unseen.remove(UUID.fromString(r.getIdElement().getIdPart())));
    }
    if (!unseen.isEmpty()) {
      throw new UnprocessableEntityException(
          "ISO-FHIR-013: Consent not recorded: provision.data must name resources that this token may read");
    }
    return recorded.consent();
  }

  private static MethodOutcome outcome(org.isocentre.model.Consent recorded, boolean created) {
    Consent resource = ConsentMapper.map(recorded);
    return new MethodOutcome(resource.getIdElement(), created).setResource(resource);
  }

  /**
   * A new version. {@code If-Match} is honoured; without it the newest version is replaced.
   *
   * @param condition {@code PUT Consent?…}: the one that meets it, or a new one
   */
  @Update
  public MethodOutcome update(
      @IdParam IdType id,
      @ResourceParam Consent consent,
      @ResourceParam String raw,
      @ConditionalUrlParam String condition,
      RequestDetails call) {
    if (condition == null) {
      return update(id, consent, raw);
    }
    Optional<String> there = searches.matching(TYPE, condition, call);
    return there.isEmpty()
        ? create(consent, raw, null, call)
        : update(new IdType(TYPE, there.get()), consent, raw);
  }

  /** A new version, by what is to be different. */
  @Patch
  public MethodOutcome patch(
      @IdParam IdType id,
      PatchTypeEnum kind,
      @ResourceParam String patch,
      @ConditionalUrlParam String condition,
      RequestDetails call) {
    Visibility visible = writing(Right.UPDATE);
    IdType one = searches.one(id, TYPE, condition, call);
    String raw = JsonPatches.apply(ConsentMapper.map(current(one, visible)), kind, patch);
    return update(one, strict(raw), raw);
  }

  private MethodOutcome update(IdType id, Consent consent, String raw) {
    Visibility visible = writing(Right.UPDATE);
    var before = current(id, visible);
    UUID patient = patient(consent, visible);
    if (!patient.equals(before.patientId())) {
      throw new UnprocessableEntityException(
          "ISO-FHIR-014: Consent.patient cannot be changed; record another Consent");
    }
    var recorded = recorded(strict(raw), before.id(), before.version() + 1, patient, visible);
    replace(recorded, false);
    door.changed(TYPE, before.id().toString(), patient, "U", "update");
    return outcome(recorded, false);
  }

  /** Withdraws it. */
  @Delete
  public MethodOutcome delete(
      @IdParam IdType id, @ConditionalUrlParam String condition, RequestDetails call) {
    Visibility visible = writing(Right.DELETE);
    if (condition == null) {
      return delete(id, visible);
    }
    return searches
        .matching(TYPE, condition, call)
        .map(one -> delete(new IdType(TYPE, one), visible))
        .orElseGet(MethodOutcome::new);
  }

  private MethodOutcome delete(IdType id, Visibility visible) {
    var before = current(id, visible);
    replace(
        new org.isocentre.model.Consent(
            before.id(),
            before.patientId(),
            "inactive",
            clock.instant(),
            door.caller().subject(),
            clock.instant(),
            before.version() + 1,
            before.rules(),
            before.resource()),
        true);
    door.changed(TYPE, before.id().toString(), before.patientId(), "D", "delete");
    return new MethodOutcome();
  }

  private void replace(org.isocentre.model.Consent recorded, boolean deleted) {
    if (!consents.replace(recorded, deleted)) {
      throw new ResourceVersionConflictException(
          "ISO-FHIR-015: the Consent was changed meanwhile; read it and try again");
    }
  }

  private org.isocentre.model.Consent current(IdType id, Visibility visible) {
    var found = resources.consents(visible, Set.of(Parameters.id(id.getIdPart())));
    if (found.isEmpty()) {
      throw new ResourceNotFoundException(
          "ISO-FHIR-003: there is no " + TYPE + "/" + id.getIdPart() + " that this token may read");
    }
    var current = found.get(0);
    if (id.hasVersionIdPart()
        && !id.getVersionIdPart().equals(Integer.toString(current.version()))) {
      throw new ResourceVersionConflictException(
          "ISO-FHIR-015: the Consent was changed meanwhile; read it and try again");
    }
    return current;
  }

  @Read(version = true)
  public Consent read(@IdParam IdType id) {
    Visibility visible = door.reading(TYPE);
    UUID key = Parameters.id(id.getIdPart());
    var found = consents.withDeleted(visible, key);
    UUID patient = found.map(org.isocentre.model.Consent::patientId).orElse(null);
    List<ConsentIndex.Version> versions = found.isEmpty() ? List.of() : consents.history(key);
    if (!id.hasVersionIdPart()) {
      if (!versions.isEmpty() && versions.get(0).deleted()) {
        throw new ResourceGoneException("ISO-FHIR-016: the Consent was withdrawn and deleted");
      }
      return door.found(
          TYPE, id.getIdPart(), found.map(ConsentMapper::map).stream().toList(), patient);
    }
    return door.found(
        TYPE,
        id.getIdPart(),
        versions.stream()
            .filter(v -> Integer.toString(v.version()).equals(id.getVersionIdPart()))
            .filter(v -> !v.deleted())
            .map(v -> version(v, found.get()))
            .toList(),
        patient);
  }

  /** A version that did not come as a resource is as the row is. */
  private static Consent version(ConsentIndex.Version v, org.isocentre.model.Consent current) {
    return v.resource() == null
        ? ConsentMapper.map(current)
        : ConsentMapper.map(v.resource(), v.id(), v.version(), v.at());
  }

  @History
  public IBundleProvider history(@IdParam IdType id) {
    UUID key = Parameters.id(id.getIdPart());
    var found = consents.withDeleted(door.reading(TYPE), key);
    Consent newest =
        door.found(
            TYPE,
            id.getIdPart(),
            found.map(ConsentMapper::map).stream().toList(),
            found.map(org.isocentre.model.Consent::patientId).orElse(null));
    List<Consent> all = consents.history(key).stream().map(v -> version(v, found.get())).toList();
    return new SimpleBundleProvider(all.isEmpty() ? List.of(newest) : all);
  }

  @Search(allowUnknownParams = true)
  public Bundle search(RequestDetails call) {
    return searches.search(TYPE, call);
  }
}
