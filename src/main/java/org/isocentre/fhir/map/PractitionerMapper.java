package org.isocentre.fhir.map;

import java.util.Date;
import java.util.UUID;
import org.hl7.fhir.r4.model.Identifier;
import org.hl7.fhir.r4.model.PractitionerRole;
import org.hl7.fhir.r4.model.Reference;
import org.isocentre.model.PersonName;
import org.isocentre.model.Practitioner;

/** Clinicians whom orders name as FHIR R4 Practitioner and PractitionerRole. */
public final class PractitionerMapper {
  private PractitionerMapper() {}

  public static org.hl7.fhir.r4.model.Practitioner practitioner(Practitioner p) {
    var resource = new org.hl7.fhir.r4.model.Practitioner();
    resource.setId(p.key().id().toString());
    resource.getMeta().setLastUpdated(Date.from(p.lastUpdated()));
    resource.addIdentifier(identifier(p.key()));
    if (p.name() != null) {
      resource.addName(PatientMapper.name(p.name()));
    }
    return resource;
  }

  public static PractitionerRole role(Practitioner.Role r) {
    PractitionerRole resource = new PractitionerRole();
    resource.setId(r.id().toString());
    resource.getMeta().setLastUpdated(Date.from(r.lastUpdated()));
    resource.setPractitioner(
        new Reference("Practitioner/" + r.practitioner().key().id())
            .setType("Practitioner")
            .setIdentifier(identifier(r.practitioner().key()))
            .setDisplay(shown(r.practitioner().name())));
    if (r.organisation() != null) {
      resource.setOrganization(Systems.organisation(r.organisation()));
    }
    return resource;
  }

  static String shown(PersonName name) {
    return name == null ? null : PatientMapper.name(name).getNameAsSingleString();
  }

  static Identifier identifier(Practitioner.Key key) {
    return new Identifier()
        .setSystem(
            switch (key.kind()) {
              case GMC -> Systems.GMC;
              case SDS -> Systems.SDS_USER;
              case LOCAL -> Systems.CLINICIAN + key.issuer();
            })
        .setValue(key.code());
  }

  /** Who asks by a code, for an organisation or for none that is known. */
  static Reference requester(Practitioner.Key key, String organisation, PersonName name) {
    UUID role = key.roleId(organisation);
    return new Reference("PractitionerRole/" + role)
        .setType("PractitionerRole")
        .setDisplay(shown(name));
  }
}
