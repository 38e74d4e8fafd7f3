package org.isocentre.fhir.map;

import java.util.Set;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.Resource;

/** The profiles that resources of this server keep; {@code fhir-profiles} defines them. */
public final class Profiles {
  private static final String BASE = "https://isocentre.org/fhir/StructureDefinition/Isocentre-";
  private static final Set<String> TYPES =
      Set.of(
          "Appointment",
          "AuditEvent",
          "Consent",
          "DiagnosticReport",
          "DocumentReference",
          "Endpoint",
          "ImagingStudy",
          "Organization",
          "Patient",
          "Practitioner",
          "PractitionerRole",
          "Provenance",
          "ServiceRequest",
          "Task");

  private Profiles() {}

  /** Types that have a profile. */
  public static Set<String> types() {
    return TYPES;
  }

  public static String of(String type) {
    return BASE + type;
  }

  /** Says which profile a resource keeps, and each entry of a Bundle. */
  public static void claim(Resource resource) {
    if (resource instanceof Bundle bundle) {
      bundle.getEntry().stream()
          .filter(Bundle.BundleEntryComponent::hasResource)
          .forEach(e -> claim(e.getResource()));
    } else if (TYPES.contains(resource.fhirType())) {
      String profile = of(resource.fhirType());
      if (!resource.getMeta().hasProfile(profile)) {
        resource.getMeta().addProfile(profile);
      }
    }
  }
}
