package org.isocentre.fhir.provider;

import ca.uhn.fhir.rest.annotation.Create;
import ca.uhn.fhir.rest.annotation.IdParam;
import ca.uhn.fhir.rest.annotation.OptionalParam;
import ca.uhn.fhir.rest.annotation.Read;
import ca.uhn.fhir.rest.annotation.ResourceParam;
import ca.uhn.fhir.rest.annotation.Search;
import ca.uhn.fhir.rest.api.MethodOutcome;
import ca.uhn.fhir.rest.api.server.IBundleProvider;
import ca.uhn.fhir.rest.param.DateRangeParam;
import ca.uhn.fhir.rest.param.ReferenceOrListParam;
import ca.uhn.fhir.rest.param.TokenOrListParam;
import ca.uhn.fhir.rest.server.IResourceProvider;
import ca.uhn.fhir.rest.server.exceptions.UnprocessableEntityException;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.hl7.fhir.r4.model.Consent;
import org.hl7.fhir.r4.model.IdType;
import org.isocentre.fhir.map.ConsentMapper;
import org.isocentre.index.ConsentIndex;
import org.isocentre.index.PageRequest;
import org.isocentre.index.TimeRange;
import org.isocentre.index.Visibility;

/** {@code /fhir/Consent}: what patients decided on who gets their images. */
public final class ConsentProvider implements IResourceProvider {
  private final Door door;
  private final Resources resources;
  private final ConsentIndex consents;
  private final Clock clock;

  public ConsentProvider(Door door, Resources resources, ConsentIndex consents, Clock clock) {
    this.door = door;
    this.resources = resources;
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
    var found =
        consents.search(
            new ConsentIndex.Query(
                door.reading("Consent"),
                Set.of(Parameters.id(id.getIdPart())),
                null,
                null,
                TimeRange.ANY,
                new PageRequest(0, 1)));
    return door.found(
        "Consent",
        id.getIdPart(),
        found.stream().map(ConsentMapper::map).toList(),
        found.isEmpty() ? null : found.get(0).patientId());
  }

  @Search
  public IBundleProvider search(
      @OptionalParam(name = "_id") TokenOrListParam id,
      @OptionalParam(name = "patient") ReferenceOrListParam patient,
      @OptionalParam(name = "status") TokenOrListParam status,
      @OptionalParam(name = "_lastUpdated") DateRangeParam lastUpdated) {
    Visibility visible = door.reading("Consent");
    Function<PageRequest, ConsentIndex.Query> query =
        page ->
            new ConsentIndex.Query(
                visible,
                Parameters.ids(id),
                Parameters.ids(patient),
                Parameters.codes(status),
                Parameters.range(lastUpdated),
                page);
    int total = consents.count(query.apply(new PageRequest(0, 0)));
    door.searched("Consent", total);
    return new SearchResult(
        door,
        total,
        page -> consents.search(query.apply(page)).stream().map(ConsentMapper::map).toList(),
        page -> List.of());
  }
}
