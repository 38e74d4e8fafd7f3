package org.isocentre.fhir.map;

import java.util.Date;
import java.util.stream.Stream;
import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.IntegerType;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.Task;
import org.hl7.fhir.r4.model.Task.TaskIntent;
import org.hl7.fhir.r4.model.Task.TaskStatus;
import org.isocentre.model.Study;
import org.isocentre.model.Transfer;

/**
 * Transfer to FHIR R4 Task: how many objects were expected, sent, confirmed, refused and committed
 * to.
 */
public final class TaskMapper {
  private static final String CODES = "urn:isocentre:task";

  private TaskMapper() {}

  public static Task map(Transfer t, Study study) {
    Task resource = new Task();
    resource.setId(t.id().toString());
    resource.getMeta().setLastUpdated(Date.from(t.lastUpdated()));
    resource
        .setStatus(status(t.state()))
        .setIntent(TaskIntent.ORDER)
        .setAuthoredOn(Date.from(t.createdAt()))
        .setLastModified(Date.from(t.lastUpdated()));
    resource
        .getCode()
        .addCoding()
        .setSystem(CODES)
        .setCode("transfer")
        .setDisplay("Send a study to another organisation");
    resource.setBusinessStatus(new CodeableConcept().setText(text(t.state())));
    resource.setFocus(new Reference("ImagingStudy/" + t.studyId()));
    resource.setFor(new Reference("Patient/" + study.patientId()));
    resource
        .setRequester(Systems.organisation(study.custodian()))
        .setOwner(Systems.organisation(t.destination()));
    if (t.lastError() != null) {
      resource.setStatusReason(new CodeableConcept().setText(t.lastError()));
    }
    output(resource, "expected", t.expected());
    output(resource, "sent", t.sent());
    output(resource, "confirmed", t.confirmed());
    output(resource, "failed", t.failed());
    output(resource, "attempts", t.attempts());
    if (t.commitmentExpected() > 0) {
      output(resource, "commitment-expected", t.commitmentExpected());
      output(resource, "committed", t.committed());
      output(resource, "not-committed", t.notCommitted());
    }
    return resource;
  }

  private static void output(Task task, String code, int count) {
    var output = task.addOutput().setValue(new IntegerType(count));
    output.getType().addCoding().setSystem(CODES).setCode(code);
  }

  private static TaskStatus status(Transfer.State state) {
    return switch (state) {
      case REQUESTED -> TaskStatus.REQUESTED;
      case IN_PROGRESS, COMMITTING -> TaskStatus.INPROGRESS;
      case COMPLETED -> TaskStatus.COMPLETED;
      case FAILED -> TaskStatus.FAILED;
      case CANCELLED -> TaskStatus.CANCELLED;
      case SUSPENDED -> TaskStatus.ONHOLD;
    };
  }

  private static String text(Transfer.State state) {
    return switch (state) {
      case REQUESTED -> "Requested";
      case IN_PROGRESS -> "In progress";
      case COMMITTING -> "Awaiting storage commitment";
      case COMPLETED -> "Completed";
      case FAILED -> "Failed";
      case CANCELLED -> "Cancelled";
      case SUSPENDED -> "Suspended until a merge of patients is confirmed";
    };
  }

  /** The states that a Task.status stands for; none if it stands for none. */
  public static Stream<Transfer.State> states(String code) {
    return Stream.of(Transfer.State.values()).filter(s -> status(s).toCode().equals(code));
  }
}
