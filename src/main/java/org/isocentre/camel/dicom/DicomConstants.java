package org.isocentre.camel.dicom;

import org.apache.camel.spi.Metadata;

/** Header names of the {@code dicom} component. */
public final class DicomConstants {
  @Metadata(javaType = "String", description = "Affected SOP Class UID.")
  public static final String SOP_CLASS_UID = "CamelDicomSopClassUid";

  @Metadata(javaType = "String", description = "Affected SOP Instance UID.")
  public static final String SOP_INSTANCE_UID = "CamelDicomSopInstanceUid";

  @Metadata(javaType = "String", description = "Transfer syntax UID of the object's bytes.")
  public static final String TRANSFER_SYNTAX_UID = "CamelDicomTransferSyntaxUid";

  @Metadata(javaType = "String", description = "Who sent the object or request.")
  public static final String CALLING_AE_TITLE = "CamelDicomCallingAeTitle";

  @Metadata(javaType = "String", description = "Which local AE it was sent to.")
  public static final String CALLED_AE_TITLE = "CamelDicomCalledAeTitle";

  @Metadata(javaType = "String", description = "IP address of the peer.")
  public static final String REMOTE_ADDRESS = "CamelDicomRemoteAddress";

  @Metadata(javaType = "Long", description = "Number of the association in this process.")
  public static final String ASSOCIATION_ID = "CamelDicomAssociationId";

  @Metadata(
      javaType = "Integer",
      description =
          "Status of the response: set it to choose what a consumer answers; a producer sets it to"
              + " what it was answered.")
  public static final String STATUS = "CamelDicomStatus";

  @Metadata(
      javaType = "String",
      description = "Error Comment (0000,0902), at most 64 characters, without patient data.")
  public static final String ERROR_COMMENT = "CamelDicomErrorComment";

  @Metadata(
      javaType = "String",
      description = "What a producer does, instead of the endpoint's operation.")
  public static final String OPERATION = "CamelDicomOperation";

  @Metadata(
      javaType = "String",
      description = "Query/Retrieve Level (0008,0052) of find, move and get.")
  public static final String LEVEL = "CamelDicomLevel";

  @Metadata(
      javaType = "String",
      description = "AE title that move sends to, instead of the endpoint's moveDestination.")
  public static final String MOVE_DESTINATION = "CamelDicomMoveDestination";

  @Metadata(javaType = "Progress", description = "Sub-operation counts of move and get.")
  public static final String PROGRESS = "CamelDicomProgress";

  @Metadata(
      javaType = "List<String>",
      description = "Failed SOP Instance UID List (0008,0058) of move and get.")
  public static final String FAILED_SOP_INSTANCE_UIDS = "CamelDicomFailedSopInstanceUids";

  @Metadata(
      javaType = "Integer",
      description = "Event Type ID (0000,1002) or Action Type ID (0000,1008).")
  public static final String TYPE_ID = "CamelDicomTypeId";

  @Metadata(
      javaType = "String",
      description =
          "Transaction UID (0008,1195) of the Storage Commitment that commit=request asked for.")
  public static final String TRANSACTION_UID = "CamelDicomTransactionUid";

  @Metadata(javaType = "Acknowledgement", description = "With ackMode=manual: answers the C-STORE.")
  public static final String ACKNOWLEDGEMENT = "CamelDicomAcknowledgement";

  @Metadata(
      javaType = "Collection<String>",
      description =
          "<SOP class UID>/<transfer syntax UID>: what a producer proposes for objects that are"
              + " still to come.")
  public static final String PRESENTATION_CONTEXTS = "CamelDicomPresentationContexts";

  /** Prefix of the headers that {@code headerTags} makes. */
  public static final String TAG_PREFIX = "CamelDicom";

  private DicomConstants() {}
}
