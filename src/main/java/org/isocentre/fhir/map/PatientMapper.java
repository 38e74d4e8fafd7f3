package org.isocentre.fhir.map;

import java.sql.Date;
import java.util.List;
import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.Enumerations.AdministrativeGender;
import org.hl7.fhir.r4.model.HumanName;
import org.hl7.fhir.r4.model.Identifier;
import org.hl7.fhir.r4.model.Patient;
import org.hl7.fhir.r4.model.Patient.LinkType;
import org.hl7.fhir.r4.model.Reference;
import org.isocentre.model.PatientKey;
import org.isocentre.model.PatientLink;
import org.isocentre.model.PersonName;

/** Patient of the index to FHIR R4 Patient. */
public final class PatientMapper {
  private PatientMapper() {}

  /**
   * @param links to records that the caller may see
   */
  public static Patient map(org.isocentre.model.Patient p, List<PatientLink> links) {
    Patient resource = map(p);
    for (PatientLink link : links) {
      resource
          .addLink()
          .setType(type(link.type()))
          .setOther(new Reference("Patient/" + link.other()).setType("Patient"));
      if (link.type() == PatientLink.Type.REPLACED_BY) {
        resource.setActive(false);
      }
    }
    return resource;
  }

  private static LinkType type(PatientLink.Type type) {
    return switch (type) {
      case REPLACED_BY -> LinkType.REPLACEDBY;
      case REPLACES -> LinkType.REPLACES;
      case SEE_ALSO -> LinkType.SEEALSO;
    };
  }

  private static Patient map(org.isocentre.model.Patient p) {
    Patient resource = new Patient();
    resource.setId(p.id().toString());
    resource.getMeta().setLastUpdated(java.util.Date.from(p.lastUpdated()));
    if (p.identity().nhsNumber() != null) {
      Identifier number =
          resource.addIdentifier().setSystem(Systems.NHS_NUMBER).setValue(p.identity().nhsNumber());
      if (p.nhsNumberStatus() != null) {
        CodeableConcept status = new CodeableConcept();
        status.addCoding().setSystem(Systems.NHS_NUMBER_STATUS).setCode(p.nhsNumberStatus());
        number.addExtension(Systems.NHS_NUMBER_STATUS_EXTENSION, status);
      }
    }
    for (PatientKey key : p.keys()) {
      resource.addIdentifier(
          Systems.typed("MR", Systems.LOCAL_PATIENT + key.issuer(), key.value(), key.issuer()));
    }
    for (PatientKey key : p.claimedKeys()) {
      resource.addIdentifier(
          Systems.typed("MR", Systems.LOCAL_PATIENT + key.issuer(), key.value(), key.issuer())
              .setUse(Identifier.IdentifierUse.SECONDARY));
    }
    if (p.name() != null) {
      resource.addName(name(p.name()));
    }
    if (p.sex() != null) {
      resource.setGender(AdministrativeGender.fromCode(p.sex()));
    }
    if (p.identity().birthDate() != null) {
      resource.setBirthDate(Date.valueOf(p.identity().birthDate()));
    }
    if (p.addressLine() != null || p.postalCode() != null) {
      var address = resource.addAddress().setPostalCode(p.postalCode());
      if (p.addressLine() != null) {
        address.addLine(p.addressLine());
      }
    }
    return resource.setActive(!p.inReview());
  }

  static HumanName name(PersonName name) {
    HumanName human = new HumanName().setFamily(name.family());
    if (name.given() != null) {
      human.addGiven(name.given());
    }
    if (name.prefix() != null) {
      human.addPrefix(name.prefix());
    }
    return human;
  }
}
