package org.isocentre.model;

/**
 * Event: an HL7 v2 message was answered with an error. Its bytes are kept, so that somebody can see
 * and mend it. Travels on {@code message.refused} as JSON.
 *
 * @param message custodian, type and control ID are empty where the message does not tell
 * @param answer MSA-1: AE, AR, CE or CR
 * @param code stable, such as {@code HL70357-101:PID-3}
 * @param detail what was found and what to do, without patient data
 */
public record MessageRefused(MessageStored message, String answer, String code, String detail) {}
