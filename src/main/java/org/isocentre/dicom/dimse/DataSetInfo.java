package org.isocentre.dicom.dimse;

/**
 * What the command and the association say of an incoming data set before its first byte (PS3.7
 * §9.3.1).
 *
 * @param callingAeTitle who sends it
 * @param calledAeTitle which local AE it was sent to
 * @param remoteAddress the peer's IP address as text
 * @param sopClassUid Affected SOP Class UID
 * @param sopInstanceUid Affected SOP Instance UID
 * @param transferSyntaxUid of the data set's bytes
 * @param implementationClassUid of the sender, or an empty string
 * @param implementationVersionName of the sender, or an empty string
 */
public record DataSetInfo(
    String callingAeTitle,
    String calledAeTitle,
    String remoteAddress,
    String sopClassUid,
    String sopInstanceUid,
    String transferSyntaxUid,
    String implementationClassUid,
    String implementationVersionName) {}
