package org.isocentre.fhir.provider;

import ca.uhn.fhir.rest.server.exceptions.BaseServerResponseException;
import ca.uhn.fhir.rest.server.exceptions.ForbiddenOperationException;
import ca.uhn.fhir.rest.server.exceptions.ResourceVersionConflictException;
import ca.uhn.fhir.rest.server.exceptions.UnprocessableEntityException;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.hl7.fhir.r4.model.ImagingStudy;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.Task;
import org.isocentre.fhir.map.Systems;
import org.isocentre.model.Caller;
import org.isocentre.model.Right;

/** Transfers that callers ask for: who may, of what, and how it is answered. */
public final class StudyTransfers {
  private final Door door;
  private final Resources resources;
  private final TransferRequests transfers;

  public StudyTransfers(Door door, Resources resources, TransferRequests transfers) {
    this.door = door;
    this.resources = resources;
    this.transfers = transfers;
  }

  /**
   * Asks for a study to be sent: for staff of the hub, for the study's custodian, and for an
   * organisation that asks for itself. Consent decides as it does for every transfer.
   *
   * @param destination Organization, by reference or by identifier
   * @return the transfer as it stands
   */
  Task request(UUID study, Reference destination) {
    door.writing(Right.CREATE, "Task");
    List<ImagingStudy> found =
        resources.studies(door.reading("ImagingStudy"), Set.of(study), false);
    UUID patient =
        found.isEmpty()
            ? null
            : Parameters.id(found.get(0).getSubject().getReferenceElement().getIdPart());
    door.found("ImagingStudy", study.toString(), found, patient);
    String ods = ods(destination);
    if (!isTheirs(study, ods)) {
      throw new ForbiddenOperationException(
          "ISO-FHIR-047: a transfer is asked for by the study's custodian, by its destination or by staff of the hub");
    }
    TransferRequests.Refusal refusal = transfers.request(study, ods);
    if (refusal != null) {
      throw refused(refusal);
    }
    door.created("Task", study.toString(), patient);
    return resources
        .transfers(
            resources.transfers.ofStudies(Set.of(study)).stream()
                .filter(t -> t.destination().equals(ods))
                .toList())
        .get(0);
  }

  /**
   * Whether the caller may ask for a transfer and end it.
   *
   * @param destination ODS code
   */
  boolean isTheirs(UUID study, String destination) {
    Caller caller = door.caller();
    boolean own =
        destination.equals(caller.organisation())
            || resources
                .studies
                .find(study)
                .orElseThrow()
                .custodian()
                .equals(caller.organisation());
    return caller.isHubStaff() || !caller.isPatient() && own;
  }

  private static String ods(Reference destination) {
    if (destination.hasIdentifier()
        && Systems.ODS.equals(destination.getIdentifier().getSystem())
        && destination.getIdentifier().hasValue()) {
      return destination.getIdentifier().getValue();
    }
    if ("Organization".equals(destination.getReferenceElement().getResourceType())) {
      return destination.getReferenceElement().getIdPart();
    }
    throw new UnprocessableEntityException(
        "ISO-FHIR-048: destination must be an Organization, by reference or by identifier "
            + Systems.ODS);
  }

  private static BaseServerResponseException refused(TransferRequests.Refusal refusal) {
    return switch (refusal) {
      case NO_DESTINATION ->
          new UnprocessableEntityException(
              "ISO-FHIR-049: the destination is not in the trust directory, takes no studies, or is the study's custodian");
      case NOT_COMPLETE ->
          new ResourceVersionConflictException(
              "ISO-FHIR-050: objects of the study may still come; ask again when it is complete");
      case NOT_PERMITTED ->
          new ForbiddenOperationException(
              "ISO-FHIR-051: consent does not permit to send the study there");
    };
  }
}
