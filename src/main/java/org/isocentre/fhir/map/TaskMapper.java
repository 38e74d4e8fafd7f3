package org.isocentre.fhir.map;

import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.IntegerType;
import org.hl7.fhir.r4.model.Property;
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
  public static final String CODES = "urn:isocentre:task";
  public static final String TRANSFER = "transfer";

  /** What a Task that asks for a transfer says, or what says nothing of it. */
  private static final Set<String> ASKED =
      Set.of("id", "meta", "language", "text", "status", "intent", "code", "focus", "owner");

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
        .setCode(TRANSFER)
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

  /** Names of the elements of a Task that no transfer keeps. */
  public static List<String> unkept(Task task) {
    return task.children().stream()
        .filter(p -> p.hasValues() && !ASKED.contains(p.getName()))
        .map(Property::getName)
        .toList();
  }

  /** Whether two differ in their status and in what follows from it alone. */
  public static boolean isSameButStatus(Task one, Task other) {
    return plain(one).equalsDeep(plain(other));
  }

  private static Task plain(Task task) {
    Task copy = task.copy();
    copy.setId((String) null);
    copy.setMeta(null);
    copy.setText(null);
    copy.setOutput(null);
    return copy.setStatus(null).setStatusReason(null).setBusinessStatus(null).setLastModified(null);
  }

  /** The states that a Task.status stands for; none if it stands for none. */
  public static Stream<Transfer.State> states(String code) {
    return Stream.of(Transfer.State.values()).filter(s -> status(s).toCode().equals(code));
  }
}
