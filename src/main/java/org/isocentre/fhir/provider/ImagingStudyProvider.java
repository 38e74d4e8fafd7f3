package org.isocentre.fhir.provider;

import ca.uhn.fhir.rest.annotation.History;
import ca.uhn.fhir.rest.annotation.IdParam;
import ca.uhn.fhir.rest.annotation.Operation;
import ca.uhn.fhir.rest.annotation.OperationParam;
import ca.uhn.fhir.rest.annotation.Read;
import ca.uhn.fhir.rest.annotation.Search;
import ca.uhn.fhir.rest.api.server.RequestDetails;
import ca.uhn.fhir.rest.server.IResourceProvider;
import ca.uhn.fhir.rest.server.exceptions.InvalidRequestException;
import ca.uhn.fhir.rest.server.exceptions.ResourceVersionConflictException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.IdType;
import org.hl7.fhir.r4.model.ImagingStudy;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.StringType;
import org.hl7.fhir.r4.model.Task;
import org.isocentre.fhir.map.VersionIds;
import org.isocentre.index.DecisionException;
import org.isocentre.index.LinkDecisions;
import org.isocentre.index.StudyVersionIndex;
import org.isocentre.index.Visibility;
import org.isocentre.model.Caller;
import org.springframework.transaction.support.TransactionOperations;

/** {@code /fhir/ImagingStudy}. */
public final class ImagingStudyProvider implements IResourceProvider {
  private static final String TYPE = "ImagingStudy";
  private final Door door;
  private final Resources resources;
  private final Searches searches;
  private final StudyTransfers transfers;
  private final StudyVersions versions;
  private final LinkDecisions links;

  /** What is decided is there with its row of the audit trail, or not at all. */
  private final TransactionOperations transactions;

  public ImagingStudyProvider(
      Door door,
      Resources resources,
      Searches searches,
      StudyTransfers transfers,
      StudyVersions versions,
      LinkDecisions links,
      TransactionOperations transactions) {
    this.transactions = transactions;
    this.links = links;
    this.versions = versions;
    this.transfers = transfers;
    this.door = door;
    this.resources = resources;
    this.searches = searches;
  }

  @Override
  public Class<ImagingStudy> getResourceType() {
    return ImagingStudy.class;
  }

  /** With {@code _history/<version>}: as it was then. */
  @Read(version = true)
  public ImagingStudy read(@IdParam IdType id) {
    Visibility visible = door.reading(TYPE);
    List<ImagingStudy> now = resources.studies(visible, key(id), true);
    String asked = id.getVersionIdPart();
    List<ImagingStudy> found =
        asked == null || !now.isEmpty() && now.get(0).getMeta().getVersionId().equals(asked)
            ? now
            : before(id, visible, now).stream()
                .filter(v -> VersionIds.of(v.lastUpdated()).equals(asked))
                .map(versions::read)
                .toList();
    return door.found(TYPE, id.getIdPart(), found, subject(now));
  }

  private static Set<UUID> key(IdType id) {
    return Set.of(Parameters.id(id.getIdPart()));
  }

  private static UUID subject(List<ImagingStudy> found) {
    return found.isEmpty()
        ? null
        : Parameters.id(found.get(0).getSubject().getReferenceElement().getIdPart());
  }

  /** Within the part that a scope opens there is no telling what else a study was part of. */
  private List<StudyVersionIndex.Version> before(
      IdType id, Visibility visible, List<ImagingStudy> now) {
    return now.isEmpty() || visible.parts().containsKey(TYPE)
        ? List.of()
        : resources.studies.find(Parameters.id(id.getIdPart())).stream()
            .flatMap(s -> versions.before(s, subject(now), visible).stream())
            .toList();
  }

  /**
   * Its versions, the newest first, without instances: a version read alone has them. Those while
   * objects came are not kept.
   */
  @History
  public List<ImagingStudy> history(@IdParam IdType id) {
    Visibility visible = door.reading(TYPE);
    List<ImagingStudy> now = resources.studies(visible, key(id), false);
    List<ImagingStudy> all = new ArrayList<>(now);
    for (StudyVersionIndex.Version version : before(id, visible, now)) {
      ImagingStudy was = versions.read(version);
      was.getSeries().forEach(s -> s.setInstance(new ArrayList<>()));
      all.add(was);
    }
    door.found(TYPE, id.getIdPart(), all, subject(now));
    return all;
  }

  /**
   * A person says which order this study answers, where no number does; both must be of one
   * patient.
   *
   * @param order ServiceRequest
   * @param why for the record, without patient data
   * @return the study as it is then
   */
  @Operation(name = "$link-order")
  public ImagingStudy linkOrder(
      @IdParam IdType id,
      @OperationParam(name = "order", min = 1, max = 1) Reference order,
      @OperationParam(name = "why", min = 1, max = 1) StringType why) {
    Caller staff = door.staff("link-order", TYPE, id.getIdPart());
    return decided(id, "link-order", order, why, o -> links.link(study(id), o, staff.subject()));
  }

  /**
   * A person takes back that this study answers an order; a link that follows from a number stays.
   *
   * @param order ServiceRequest
   * @param why for the record, without patient data
   * @return the study as it is then
   */
  @Operation(name = "$unlink-order")
  public ImagingStudy unlinkOrder(
      @IdParam IdType id,
      @OperationParam(name = "order", min = 1, max = 1) Reference order,
      @OperationParam(name = "why", min = 1, max = 1) StringType why) {
    door.staff("unlink-order", TYPE, id.getIdPart());
    return decided(id, "unlink-order", order, why, o -> links.unlink(study(id), o));
  }

  private static UUID study(IdType id) {
    return Parameters.id(id.getIdPart());
  }

  private ImagingStudy decided(
      IdType id, String what, Reference order, StringType why, Consumer<UUID> decision) {
    if (order == null
        || !"ServiceRequest".equals(order.getReferenceElement().getResourceType())
        || why == null
        || why.isEmpty()) {
      throw new InvalidRequestException(
          "ISO-FHIR-092: $%s needs the parameters order (a Reference to a ServiceRequest) and why (the reason, without patient data)"
              .formatted(what));
    }
    try {
      return transactions.execute(
          status -> {
            decision.accept(Parameters.id(order.getReferenceElement().getIdPart()));
            ImagingStudy study = read(id);
            door.decided(TYPE, id.getIdPart(), subject(List.of(study)), what, why.getValue());
            return study;
          });
    } catch (DecisionException e) {
      throw new ResourceVersionConflictException(e.getMessage());
    }
  }

  @Search(allowUnknownParams = true)
  public Bundle search(RequestDetails call) {
    return searches.search("ImagingStudy", call);
  }

  /**
   * Asks for this study to be sent to an organisation: for staff of the hub, for the study's
   * custodian, and for an organisation that asks for itself. Consent decides as it does for every
   * transfer.
   *
   * @param destination Organization, by reference or by identifier
   * @return the transfer as it stands
   */
  @Operation(name = "$request-transfer")
  public Task requestTransfer(
      @IdParam IdType id,
      @OperationParam(name = "destination", min = 1, max = 1) Reference destination) {
    return transfers.request(Parameters.id(id.getIdPart()), destination);
  }
}
