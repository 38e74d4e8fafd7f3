package org.isocentre.fhir.provider;

import ca.uhn.fhir.rest.annotation.IdParam;
import ca.uhn.fhir.rest.annotation.OptionalParam;
import ca.uhn.fhir.rest.annotation.Read;
import ca.uhn.fhir.rest.annotation.Search;
import ca.uhn.fhir.rest.api.server.IBundleProvider;
import ca.uhn.fhir.rest.param.DateParam;
import ca.uhn.fhir.rest.param.DateRangeParam;
import ca.uhn.fhir.rest.param.StringParam;
import ca.uhn.fhir.rest.param.TokenOrListParam;
import ca.uhn.fhir.rest.server.IResourceProvider;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.hl7.fhir.r4.model.IdType;
import org.hl7.fhir.r4.model.Patient;
import org.isocentre.index.PageRequest;
import org.isocentre.index.PatientQuery;
import org.isocentre.index.Visibility;

/** {@code /fhir/Patient}. */
public final class PatientProvider implements IResourceProvider {
  private final Door door;
  private final Resources resources;

  public PatientProvider(Door door, Resources resources) {
    this.door = door;
    this.resources = resources;
  }

  @Override
  public Class<Patient> getResourceType() {
    return Patient.class;
  }

  @Read
  public Patient read(@IdParam IdType id) {
    UUID key = Parameters.id(id.getIdPart());
    return door.found(
        "Patient", id.getIdPart(), resources.patients(door.reading("Patient"), Set.of(key)), key);
  }

  @Search
  public IBundleProvider search(
      @OptionalParam(name = Patient.SP_RES_ID) TokenOrListParam id,
      @OptionalParam(name = Patient.SP_IDENTIFIER) TokenOrListParam identifier,
      @OptionalParam(name = Patient.SP_FAMILY) StringParam family,
      @OptionalParam(name = Patient.SP_GIVEN) StringParam given,
      @OptionalParam(name = Patient.SP_BIRTHDATE) DateParam birthDate,
      @OptionalParam(name = "_lastUpdated") DateRangeParam lastUpdated) {
    Visibility visible = door.reading("Patient");
    java.util.function.Function<PageRequest, PatientQuery> query =
        page ->
            new PatientQuery(
                visible,
                Parameters.ids(id),
                Parameters.keys(identifier),
                family == null ? null : family.getValue(),
                given == null ? null : given.getValue(),
                birthDate == null
                    ? null
                    : java.time.LocalDate.parse(birthDate.getValueAsString().substring(0, 10)),
                Parameters.range(lastUpdated),
                page);
    int total = resources.patients.count(query.apply(new PageRequest(0, 0)));
    door.searched("Patient", total);
    return new SearchResult(
        door, total, page -> resources.patients(query.apply(page)), page -> List.of());
  }
}
