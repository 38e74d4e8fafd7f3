package org.isocentre.fhir.map;

import java.util.Date;
import org.hl7.fhir.r4.model.Coding;
import org.hl7.fhir.r4.model.DateTimeType;
import org.hl7.fhir.r4.model.Identifier;
import org.hl7.fhir.r4.model.Provenance;
import org.hl7.fhir.r4.model.Provenance.ProvenanceEntityRole;
import org.hl7.fhir.r4.model.Reference;
import org.isocentre.index.ProvenanceIndex.Origin;

/**
 * A filed HL7 v2 message as FHIR R4 Provenance of what it made or changed, as the HL7 v2-to-FHIR
 * guide has it: who said it, and who made resources of it.
 */
public final class ProvenanceMapper {
  private static final String PARTICIPANT =
      "http://terminology.hl7.org/CodeSystem/provenance-participant-type";
  private static final String EVENT = "http://terminology.hl7.org/CodeSystem/v2-0003";

  private ProvenanceMapper() {}

  public static Provenance map(Origin o) {
    Provenance resource = new Provenance();
    resource.setId(o.id().toString());
    resource.getMeta().setLastUpdated(Date.from(o.lastUpdated()));
    o.became().forEach(r -> resource.addTarget(new Reference(r.type() + "/" + r.id())));
    resource.setRecorded(Date.from(o.receivedAt()));
    if (o.sentAt() != null) {
      resource.setOccurred(new DateTimeType(Date.from(o.sentAt())));
    }
    String trigger = o.messageType().substring(o.messageType().indexOf('^') + 1);
    resource.getActivity().addCoding(new Coding(EVENT, trigger, null)).setText(o.messageType());
    agent(resource, "author", Systems.organisation(o.custodian()));
    agent(resource, "assembler", new Reference().setDisplay("Isocentre"));
    resource
        .addEntity()
        .setRole(ProvenanceEntityRole.SOURCE)
        .setWhat(
            new Reference()
                .setIdentifier(
                    new Identifier()
                        .setSystem(Systems.MESSAGE + o.custodian())
                        .setValue(o.controlId()))
                .setDisplay("HL7 v2 message " + o.messageType()));
    return resource;
  }

  private static void agent(Provenance resource, String type, Reference who) {
    resource.addAgent().setWho(who).getType().addCoding(new Coding(PARTICIPANT, type, null));
  }
}
