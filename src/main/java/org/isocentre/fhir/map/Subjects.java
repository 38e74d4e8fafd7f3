package org.isocentre.fhir.map;

import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.hl7.fhir.r4.model.Appointment;
import org.hl7.fhir.r4.model.Consent;
import org.hl7.fhir.r4.model.DiagnosticReport;
import org.hl7.fhir.r4.model.DocumentReference;
import org.hl7.fhir.r4.model.ImagingStudy;
import org.hl7.fhir.r4.model.Patient;
import org.hl7.fhir.r4.model.Provenance;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.Resource;
import org.hl7.fhir.r4.model.ServiceRequest;
import org.hl7.fhir.r4.model.Task;

/** Whose resources are: for the audit trail. */
public final class Subjects {
  private static final Map<String, Function<Resource, Reference>> SUBJECT =
      Map.of(
          "Patient", r -> new Reference("Patient/" + ((Patient) r).getIdElement().getIdPart()),
          "ServiceRequest", r -> ((ServiceRequest) r).getSubject(),
          "ImagingStudy", r -> ((ImagingStudy) r).getSubject(),
          "DiagnosticReport", r -> ((DiagnosticReport) r).getSubject(),
          "DocumentReference", r -> ((DocumentReference) r).getSubject(),
          "Appointment", r -> ((Appointment) r).getParticipantFirstRep().getActor(),
          "Provenance",
              r ->
                  ((Provenance) r)
                      .getTarget().stream()
                          .filter(t -> "Patient".equals(t.getReferenceElement().getResourceType()))
                          .findFirst()
                          .orElseGet(Reference::new),
          "Task", r -> ((Task) r).getFor(),
          "Consent", r -> ((Consent) r).getPatient());

  private Subjects() {}

  /** Ids of patients; none of resources that are nobody's. */
  public static Set<UUID> of(Collection<? extends IBaseResource> resources) {
    return resources.stream()
        .map(Resource.class::cast)
        .filter(r -> SUBJECT.containsKey(r.fhirType()))
        .map(r -> SUBJECT.get(r.fhirType()).apply(r))
        .filter(Reference::hasReference)
        .map(r -> UUID.fromString(r.getReferenceElement().getIdPart()))
        .collect(Collectors.toSet());
  }
}
