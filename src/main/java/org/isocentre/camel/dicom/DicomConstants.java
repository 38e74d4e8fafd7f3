package org.isocentre.camel.dicom;

/** Header names of the {@code dicom} component. */
public final class DicomConstants {
  /** String. Affected SOP Class UID. */
  public static final String SOP_CLASS_UID = "CamelDicomSopClassUid";

  /** String. Affected SOP Instance UID. */
  public static final String SOP_INSTANCE_UID = "CamelDicomSopInstanceUid";

  /** String. Transfer syntax UID of the object's bytes. */
  public static final String TRANSFER_SYNTAX_UID = "CamelDicomTransferSyntaxUid";

  /** String. Who sent the object or request. */
  public static final String CALLING_AE_TITLE = "CamelDicomCallingAeTitle";

  /** String. Which local AE it was sent to. */
  public static final String CALLED_AE_TITLE = "CamelDicomCalledAeTitle";

  /** String. IP address of the peer. */
  public static final String REMOTE_ADDRESS = "CamelDicomRemoteAddress";

  /** Long. Number of the association in this process. */
  public static final String ASSOCIATION_ID = "CamelDicomAssociationId";

  /**
   * Integer. Status of the response: set it to choose what a consumer answers; a producer sets it
   * to what it was answered.
   */
  public static final String STATUS = "CamelDicomStatus";

  /** String. Error Comment (0000,0902), at most 64 characters, without patient data. */
  public static final String ERROR_COMMENT = "CamelDicomErrorComment";

  /** String. What a producer does, instead of the endpoint's {@code operation}. */
  public static final String OPERATION = "CamelDicomOperation";

  /** String. Query/Retrieve Level (0008,0052) of find, move and get. */
  public static final String LEVEL = "CamelDicomLevel";

  /** String. AE title that move sends to, instead of the endpoint's {@code moveDestination}. */
  public static final String MOVE_DESTINATION = "CamelDicomMoveDestination";

  /** {@link org.isocentre.dicom.dimse.Progress}. Sub-operation counts of move and get. */
  public static final String PROGRESS = "CamelDicomProgress";

  /** List of String. Failed SOP Instance UID List (0008,0058) of move and get. */
  public static final String FAILED_SOP_INSTANCE_UIDS = "CamelDicomFailedSopInstanceUids";

  /** Integer. Event Type ID (0000,1002) or Action Type ID (0000,1008). */
  public static final String TYPE_ID = "CamelDicomTypeId";

  /**
   * String. Transaction UID (0008,1195) of the Storage Commitment that {@code commit=request} asked
   * for.
   */
  public static final String TRANSACTION_UID = "CamelDicomTransactionUid";

  /** {@link Acknowledgement}. With {@code ackMode=manual}: answers the C-STORE. */
  public static final String ACKNOWLEDGEMENT = "CamelDicomAcknowledgement";

  /**
   * Collection of String {@code <SOP class UID>/<transfer syntax UID>}. What a producer proposes
   * for objects that are still to come.
   */
  public static final String PRESENTATION_CONTEXTS = "CamelDicomPresentationContexts";

  /** Prefix of the headers that {@code headerTags} makes. */
  public static final String TAG_PREFIX = "CamelDicom";

  private DicomConstants() {}
}
