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
 * @param readingPhysician Name of Physician(s) Reading Study
 * @param reason Reason for the Requested Procedure
 * @param title of the object itself
 */
public record ProcedureContext(
    LocalDate studyDate,
    LocalTime studyTime,
    Code procedure,
    LocalDate performedStartDate,
    LocalTime performedStartTime,
    String requestedProcedureId,
    String scheduledStepId,
    String timezoneOffset,
    String readingPhysician,
    String reason,
    String title) {
  /** Of an object that gives neither offset, reader, reason nor title. */
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
        null,
        null,
        null,
        null);
  }

  @Override
  public String toString() {
    return "ProcedureContext[…]";
  }
}
