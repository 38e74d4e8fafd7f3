package org.isocentre.fhir.provider;

import ca.uhn.fhir.rest.annotation.IdParam;
import ca.uhn.fhir.rest.annotation.Operation;
import ca.uhn.fhir.rest.annotation.OperationParam;
import ca.uhn.fhir.rest.annotation.Read;
import ca.uhn.fhir.rest.annotation.Search;
import ca.uhn.fhir.rest.api.server.RequestDetails;
import ca.uhn.fhir.rest.server.IResourceProvider;
import ca.uhn.fhir.rest.server.exceptions.InvalidRequestException;
import ca.uhn.fhir.rest.server.exceptions.ResourceVersionConflictException;
import ca.uhn.fhir.rest.server.exceptions.UnprocessableEntityException;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import org.hl7.fhir.r4.model.BooleanType;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.IdType;
import org.hl7.fhir.r4.model.IntegerType;
import org.hl7.fhir.r4.model.Patient;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.StringType;
import org.isocentre.index.DecisionException;
import org.isocentre.index.IdentityDecisions;
import org.isocentre.index.PatientMerges;
import org.isocentre.model.Caller;
import org.isocentre.model.MergeRecord;
import org.springframework.transaction.support.TransactionOperations;

/** {@code /fhir/Patient}. */
public final class PatientProvider implements IResourceProvider {
  private static final Set<MergeRecord.State> OPEN =
      Set.of(MergeRecord.State.IN_FORCE, MergeRecord.State.HELD);

  private final Door door;
  private final Resources resources;
  private final Searches searches;
  private final Everything everything;
  private final Matches matches;
  private final PatientMerges merges;
  private final IdentityDecisions identities;

  /** What is decided is there with its row of the audit trail, or not at all. */
  private final TransactionOperations transactions;

  public PatientProvider(
      Door door,
      Resources resources,
      Searches searches,
      Everything everything,
      Matches matches,
      PatientMerges merges,
      IdentityDecisions identities,
      TransactionOperations transactions) {
    this.transactions = transactions;
    this.identities = identities;
    this.door = door;
    this.resources = resources;
    this.searches = searches;
    this.everything = everything;
    this.matches = matches;
    this.merges = merges;
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

  /**
   * A person says that a merge or link of this patient, as prior or surviving record, is right.
   *
   * @param merge its id; may be left out where only one is open
   * @return this patient as they are now
   */
  @Operation(name = "$confirm-merge")
  public Patient confirmMerge(
      @IdParam IdType id, @OperationParam(name = "merge", max = 1) StringType merge) {
    Caller staff = door.staff("confirm-merge", "Patient", id.getIdPart());
    MergeRecord chosen =
        chosen(id, merge, m -> !m.confirmed() && OPEN.contains(m.state()), "to be confirmed");
    return decided(id, () -> merges.confirm(chosen.id(), staff.subject()));
  }

  /**
   * A person takes back a merge or link of this patient, as prior or surviving record.
   *
   * @param merge its id; may be left out where only one can be meant
   * @param why for the record, without patient data
   * @return this patient as they are now
   */
  @Operation(name = "$undo-merge")
  public Patient undoMerge(
      @IdParam IdType id,
      @OperationParam(name = "merge", max = 1) StringType merge,
      @OperationParam(name = "why", min = 1, max = 1) StringType why) {
    Caller staff = door.staff("undo-merge", "Patient", id.getIdPart());
    if (why == null || why.isEmpty()) {
      throw new InvalidRequestException(
          "ISO-FHIR-025: $undo-merge needs the parameter why: the reason, without patient data");
    }
    MergeRecord chosen = chosen(id, merge, m -> OPEN.contains(m.state()), "to be undone");
    return decided(id, () -> merges.undo(chosen.id(), staff.subject(), why.getValue()));
  }

  /**
   * A person says that this record is of the same person as another: of one in review, that what
   * was filed under it, and will be, is that patient's; any other is merged into that patient's.
   *
   * @param patient who is known
   * @param why for the record, without patient data
   * @return that patient as they are now
   */
  @Operation(name = "$same-person-as")
  public Patient samePersonAs(
      @IdParam IdType id,
      @OperationParam(name = "patient", min = 1, max = 1) Reference patient,
      @OperationParam(name = "why", min = 1, max = 1) StringType why) {
    Caller staff = door.staff("same-person-as", "Patient", id.getIdPart());
    String other = patient == null ? null : patient.getReferenceElement().getIdPart();
    if (other == null || why == null || why.isEmpty()) {
      throw new InvalidRequestException(
          "ISO-FHIR-091: $same-person-as needs the parameters patient (a Reference) and why (the reason, without patient data)");
    }
    return decided(
        id,
        new IdType("Patient", other),
        "same-person-as",
        why.getValue(),
        () ->
            identities.same(
                Parameters.id(id.getIdPart()),
                Parameters.id(other),
                staff.subject(),
                why.getValue()));
  }

  /**
   * A person takes back what was decided of a record in review.
   *
   * @param why for the record, without patient data
   * @return the record as it is now
   */
  @Operation(name = "$undo-same-person-as")
  public Patient undoSamePersonAs(
      @IdParam IdType id, @OperationParam(name = "why", min = 1, max = 1) StringType why) {
    Caller staff = door.staff("undo-same-person-as", "Patient", id.getIdPart());
    if (why == null || why.isEmpty()) {
      throw new InvalidRequestException(
          "ISO-FHIR-091: $undo-same-person-as needs the parameter why: the reason, without patient data");
    }
    return decided(
        id,
        id,
        "undo-same-person-as",
        why.getValue(),
        () -> identities.undo(Parameters.id(id.getIdPart()), staff.subject(), why.getValue()));
  }

  private Patient decided(
      IdType record, IdType answer, String what, String why, Runnable decision) {
    try {
      transactions.executeWithoutResult(
          status -> {
            decision.run();
            door.decided(
                "Patient", record.getIdPart(), Parameters.id(answer.getIdPart()), what, why);
          });
    } catch (DecisionException | PatientMerges.MergeStateException e) {
      throw new ResourceVersionConflictException(e.getMessage());
    }
    return read(answer);
  }

  private MergeRecord chosen(IdType id, StringType merge, Predicate<MergeRecord> can, String what) {
    List<MergeRecord> all = merges.of(Set.of(Parameters.id(id.getIdPart())));
    List<MergeRecord> found =
        merge == null || merge.isEmpty()
            ? all.stream().filter(can).toList()
            : all.stream().filter(m -> m.id().toString().equals(merge.getValue())).toList();
    if (found.size() != 1) {
      throw new UnprocessableEntityException(
          "ISO-FHIR-026: Patient/%s has %d such merges %s; name one by the parameter merge: %s"
              .formatted(
                  id.getIdPart(), found.size(), what, all.stream().map(MergeRecord::id).toList()));
    }
    return found.get(0);
  }

  private Patient decided(IdType id, Runnable decision) {
    try {
      decision.run();
    } catch (PatientMerges.MergeStateException e) {
      throw new ResourceVersionConflictException(e.getMessage());
    }
    return read(id);
  }

  /** All that there is of this patient and that the token may see. */
  @Operation(name = "$everything", idempotent = true)
  public Bundle everything(@IdParam IdType id, RequestDetails call) {
    return everything.of(id, call);
  }

  /**
   * Who that is, by number and birth date; never a guess.
   *
   * @param asked identifier, birthDate and name count
   * @param certain whether to name nobody but who is certain
   * @param count matches at most
   */
  @Operation(name = "$match", idempotent = true)
  public Bundle match(
      @OperationParam(name = "resource", min = 1, max = 1) Patient asked,
      @OperationParam(name = "onlyCertainMatches", max = 1) BooleanType certain,
      @OperationParam(name = "count", max = 1) IntegerType count,
      RequestDetails call) {
    return matches.of(
        asked,
        certain != null && Boolean.TRUE.equals(certain.getValue()),
        count == null || count.getValue() == null ? null : count.getValue(),
        call);
  }

  @Search(allowUnknownParams = true)
  public Bundle search(RequestDetails call) {
    return searches.search("Patient", call);
  }
}
