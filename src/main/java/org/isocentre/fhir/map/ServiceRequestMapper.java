package org.isocentre.fhir.map;

import java.time.ZoneId;
import java.util.Date;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;
import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.DateTimeType;
import org.hl7.fhir.r4.model.Identifier;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.ServiceRequest;
import org.hl7.fhir.r4.model.ServiceRequest.ServiceRequestIntent;
import org.hl7.fhir.r4.model.ServiceRequest.ServiceRequestPriority;
import org.hl7.fhir.r4.model.ServiceRequest.ServiceRequestStatus;
import org.isocentre.model.Code;
import org.isocentre.model.Order;
import org.isocentre.model.OrderRequest;
import org.isocentre.model.Practitioner;
import org.isocentre.model.ProcedureStep;

/** Order to FHIR R4 ServiceRequest. */
public final class ServiceRequestMapper {
  private static final ZoneId LOCAL = ZoneId.of("Europe/London");

  private ServiceRequestMapper() {}

  public static ServiceRequest map(Order order) {
    OrderRequest o = order.request();
    ServiceRequest resource = new ServiceRequest();
    resource.setId(order.id().toString());
    resource
        .getMeta()
        .setLastUpdated(Date.from(order.lastUpdated()))
        .setVersionId(VersionIds.of(order.lastUpdated()));
    identifiers(resource, o);
    resource
        .setStatus(ServiceRequestStatus.fromCode(o.status().code()))
        .setIntent(ServiceRequestIntent.ORDER);
    resource
        .addCategory()
        .addCoding()
        .setSystem(Systems.SNOMED)
        .setCode("363679005")
        .setDisplay("Imaging");
    if (o.priority() != null) {
      resource.setPriority(ServiceRequestPriority.fromCode(o.priority()));
    }
    if (o.procedure() != null) {
      resource.setCode(concept(o.procedure()));
    }
    Stream.concat(Stream.of(o).map(OrderRequest::modality), ofSteps(o, ProcedureStep::modality))
        .filter(Objects::nonNull)
        .distinct()
        .forEach(
            code -> resource.addOrderDetail().addCoding().setSystem(Systems.DCM).setCode(code));
    resource.setSubject(new Reference("Patient/" + order.patientId()));
    if (o.authoredOn() != null) {
      resource.setAuthoredOn(Date.from(o.authoredOn()));
    }
    if (o.step().start() != null) {
      resource.setOccurrence(
          new DateTimeType(Date.from(o.step().start().atZone(LOCAL).toInstant())));
    }
    requester(resource, o);
    if (o.reason() != null) {
      resource.addReasonCode().setText(o.reason());
    }
    return resource.addPerformer(Systems.organisation(o.custodian()));
  }

  private static void identifiers(ServiceRequest resource, OrderRequest o) {
    if (o.placerNumber() != null) {
      resource.addIdentifier(
          Systems.typed(
              "PLAC", Systems.PLACER + o.placerIssuer(), o.placerNumber(), o.placerIssuer()));
    }
    if (o.fillerNumber() != null) {
      resource.addIdentifier(
          Systems.typed(
              "FILL", Systems.FILLER + o.fillerIssuer(), o.fillerNumber(), o.fillerIssuer()));
    }
    Stream.concat(Stream.of(o).map(OrderRequest::accession), ofSteps(o, ProcedureStep::accession))
        .filter(Objects::nonNull)
        .distinct()
        .forEach(accession -> resource.addIdentifier(Systems.accession(accession)));
    if (o.ubrn() != null) {
      resource.addIdentifier(new Identifier().setSystem(Systems.UBRN).setValue(o.ubrn()));
    }
    Stream.concat(
            Stream.of(o).map(OrderRequest::studyInstanceUid),
            ofSteps(o, ProcedureStep::studyInstanceUid))
        .filter(Objects::nonNull)
        .distinct()
        .forEach(
            uid ->
                resource.addIdentifier(
                    new Identifier().setSystem(Systems.DICOM_UID).setValue(Systems.OID + uid)));
  }

  /** Of each scheduled procedure step, which have no resource of their own in R4. */
  private static <T> Stream<T> ofSteps(OrderRequest o, Function<ProcedureStep, T> part) {
    return o.steps().stream().map(part);
  }

  /** A clinician by their code, for their organisation; else whichever of the two is known. */
  private static void requester(ServiceRequest resource, OrderRequest o) {
    if (o.referrerCode() != null) {
      resource.setRequester(
          PractitionerMapper.requester(
              Practitioner.Key.of(o.referrerCode(), o.custodian()),
              o.referringOrganisation(),
              o.referrerName()));
    } else if (o.referringOrganisation() != null || o.referrerName() != null) {
      resource.setRequester(
          (o.referringOrganisation() == null
                  ? new Reference()
                  : Systems.organisation(o.referringOrganisation()))
              .setDisplay(PractitionerMapper.shown(o.referrerName())));
    }
  }

  static CodeableConcept concept(Code code) {
    CodeableConcept concept = new CodeableConcept().setText(code.display());
    if (code.value() != null) {
      String system =
          code.system() == null
              ? null
              : code.system().matches("SCT|SNM3|SNOMED.*")
                  ? Systems.SNOMED
                  : code.system().matches("(https?|urn):.*")
                      ? code.system()
                      : "urn:isocentre:codes:" + code.system().replaceAll("\\s", "-");
      concept.addCoding().setSystem(system).setCode(code.value()).setDisplay(code.display());
    }
    return concept;
  }
}
