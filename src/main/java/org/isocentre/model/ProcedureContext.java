package org.isocentre.model;

import java.time.LocalDate;
import java.time.LocalTime;

/**
 * What an object says of the procedure that it came from; each part may be null.
 *
 * @param studyDate Study Date as given, apart from Study Time
 * @param procedure first item of Procedure Code Sequence
 * @param performedStartDate Performed Procedure Step Start Date
 * @param performedStartTime Performed Procedure Step Start Time
 * @param requestedProcedureId of the first item of Request Attributes Sequence
 * @param scheduledStepId Scheduled Procedure Step ID of that item
 * @param timezoneOffset of all its times, such as {@code +0100} (0008,0201)
 */
public record ProcedureContext(
    LocalDate studyDate,
    LocalTime studyTime,
    Code procedure,
    LocalDate performedStartDate,
    LocalTime performedStartTime,
    String requestedProcedureId,
    String scheduledStepId,
    String timezoneOffset) {
  /** Of an object that gives no offset. */
  public ProcedureContext(
      LocalDate studyDate,
      LocalTime studyTime,
      Code procedure,
      LocalDate performedStartDate,
      LocalTime performedStartTime,
      String requestedProcedureId,
      String scheduledStepId) {
    this(
        studyDate,
        studyTime,
        procedure,
        performedStartDate,
        performedStartTime,
        requestedProcedureId,
        scheduledStepId,
        null);
  }

  @Override
  public String toString() {
    return "ProcedureContext[…]";
  }
}
