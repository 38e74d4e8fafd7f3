package org.isocentre.fhir.provider;

import ca.uhn.fhir.rest.annotation.Create;
import ca.uhn.fhir.rest.annotation.IdParam;
import ca.uhn.fhir.rest.annotation.Read;
import ca.uhn.fhir.rest.annotation.ResourceParam;
import ca.uhn.fhir.rest.annotation.Search;
import ca.uhn.fhir.rest.api.MethodOutcome;
import ca.uhn.fhir.rest.api.server.RequestDetails;
import ca.uhn.fhir.rest.server.IResourceProvider;
import ca.uhn.fhir.rest.server.exceptions.UnprocessableEntityException;
import java.time.Clock;
import java.util.Set;
import java.util.UUID;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.Consent;
import org.hl7.fhir.r4.model.IdType;
import org.isocentre.fhir.map.ConsentMapper;
import org.isocentre.index.ConsentIndex;
import org.isocentre.index.Visibility;

/** {@code /fhir/Consent}: what patients decided on who gets their images. */
public final class ConsentProvider implements IResourceProvider {
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

  @Create
  public MethodOutcome create(@ResourceParam Consent consent) {
    Visibility visible = door.writing("Consent");
    UUID patient =
        Parameters.id(
            consent.getPatient().getReferenceElement().getIdPart() == null
                ? ""
                : consent.getPatient().getReferenceElement().getIdPart());
    if (resources.patients(visible, Set.of(patient)).isEmpty()) {
      throw new UnprocessableEntityException(
          "ISO-FHIR-011: Consent.patient must be a Patient that this token may read");
    }
    var recorded = ConsentMapper.map(consent, patient, clock.instant(), door.caller().subject());
    consents.add(recorded);
    door.created("Consent", recorded.id().toString(), patient);
    return new MethodOutcome(new IdType("Consent", recorded.id().toString()), true)
        .setResource(ConsentMapper.map(recorded));
  }

  @Read
  public Consent read(@IdParam IdType id) {
    var found = resources.consents(door.reading("Consent"), Set.of(Parameters.id(id.getIdPart())));
    return door.found(
        "Consent",
        id.getIdPart(),
        found.stream().map(ConsentMapper::map).toList(),
        found.isEmpty() ? null : found.get(0).patientId());
  }

  @Search(allowUnknownParams = true)
  public Bundle search(RequestDetails call) {
    return searches.search("Consent", call);
  }
}
