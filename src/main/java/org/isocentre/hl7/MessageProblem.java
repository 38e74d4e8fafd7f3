package org.isocentre.hl7;

/**
 * What is wrong with a message, for its ERR segment. Never holds what a field says.
 *
 * @param segment such as {@code PID}
 * @param sequence which one of that name, from 1
 * @param field number, or 0 for the segment itself
 * @param code HL7 table 0357, such as 101 required field missing
 * @param rejected true for what can never be taken (AR), false for what the sender can mend (AE)
 * @param text what was found, what was expected, what to do
 */
public record MessageProblem(
    String segment, int sequence, int field, int code, boolean rejected, String text) {
  public static final int SEGMENT_SEQUENCE = 100;
  public static final int REQUIRED_FIELD_MISSING = 101;
  public static final int DATA_TYPE = 102;
  public static final int UNSUPPORTED_MESSAGE_TYPE = 200;
  public static final int UNSUPPORTED_EVENT = 201;
  public static final int UNSUPPORTED_PROCESSING_ID = 202;
  public static final int UNSUPPORTED_VERSION = 203;
  public static final int UNKNOWN_KEY = 204;
  public static final int DUPLICATE_KEY = 205;
  public static final int INTERNAL = 207;
}
