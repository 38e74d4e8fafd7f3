package org.isocentre.camel.dicom;

import java.util.List;
import java.util.Set;
import org.apache.camel.Message;
import org.isocentre.dicom.association.AssociationException;
import org.isocentre.dicom.association.AssociationRequestor.Proposal;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.dimse.NormalizedRequest;
import org.isocentre.dicom.dimse.NormalizedRequest.Operation;
import org.isocentre.dicom.dimse.NormalizedResponse;
import org.isocentre.dicom.dimse.ServiceSopClass;
import org.isocentre.dicom.dimse.ServiceUser;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Storage Commitment, MPPS and Instance Availability Notification. The body is the data set, or a
 * whole {@link NormalizedRequest}; what the peer answers becomes the body.
 */
final class NormalizedOperations {
  private static final Logger LOG = LoggerFactory.getLogger(NormalizedOperations.class);
  private static final int REQUEST_STORAGE_COMMITMENT = 1;
  private final DicomProducer producer;

  NormalizedOperations(DicomProducer producer) {
    this.producer = producer;
  }

  /** N-ACTION (PS3.4 §J.3.2). A Transaction UID is made where the data set has none. */
  int commit(Message message) throws Exception {
    return send(
        message,
        dataSet -> {
          if (dataSet.string(Tag.TransactionUID) == null) {
            dataSet.set(Tag.TransactionUID, Uid.random());
          }
          return commitment(dataSet);
        });
  }

  /** PS3.4 §J.3.2. */
  static NormalizedRequest commitment(DataSet dataSet) {
    return request(
        Operation.N_ACTION,
        ServiceSopClass.STORAGE_COMMITMENT_PUSH_MODEL,
        ServiceSopClass.STORAGE_COMMITMENT_PUSH_MODEL_INSTANCE,
        REQUEST_STORAGE_COMMITMENT,
        dataSet);
  }

  /** N-CREATE of a step that is in progress, N-SET of one that has ended (PS3.4 §F.7). */
  int mpps(Message message) throws Exception {
    String instance = message.getHeader(DicomConstants.SOP_INSTANCE_UID, String.class);
    return send(
        message,
        dataSet -> {
          boolean begins =
              "IN PROGRESS".equals(dataSet.string(Tag.PerformedProcedureStepStatus))
                  && dataSet.contains(Tag.ScheduledStepAttributesSequence);
          if (!begins && instance == null) {
            throw new IllegalArgumentException(
                "ISO-DICOM-612: the N-SET of a performed procedure step needs the header"
                    + " CamelDicomSopInstanceUid");
          }
          return request(
              begins ? Operation.N_CREATE : Operation.N_SET,
              ServiceSopClass.MODALITY_PERFORMED_PROCEDURE_STEP,
              instance == null ? Uid.random() : instance,
              0,
              dataSet);
        });
  }

  /** N-CREATE (PS3.4 §R.3.2). */
  int ian(Message message) throws Exception {
    String instance =
        message.getHeader(DicomConstants.SOP_INSTANCE_UID, Uid.random(), String.class);
    return send(
        message,
        dataSet ->
            request(
                Operation.N_CREATE,
                ServiceSopClass.INSTANCE_AVAILABILITY_NOTIFICATION,
                instance,
                0,
                dataSet));
  }

  /**
   * N-EVENT-REPORT of a Storage Commitment result (PS3.4 §J.3.3): on the association that asked
   * while it is open, else on a new one.
   */
  int event(Message message) throws Exception {
    int type = message.getHeader(DicomConstants.TYPE_ID, 1, Integer.class);
    NormalizedRequest event =
        made(
            message,
            dataSet ->
                request(
                    Operation.N_EVENT_REPORT,
                    ServiceSopClass.STORAGE_COMMITMENT_PUSH_MODEL,
                    ServiceSopClass.STORAGE_COMMITMENT_PUSH_MODEL_INSTANCE,
                    type,
                    dataSet));
    ServiceUser asked = asked(message.getHeader(DicomConstants.ASSOCIATION_ID, Long.class));
    return answered(message, event, asked == null ? send(event) : sendOn(asked, event));
  }

  /**
   * Numbers of associations begin anew with the process: one that a queue kept may be another
   * node's by now.
   */
  private ServiceUser asked(Long associationId) {
    DicomEndpoint endpoint = producer.getEndpoint();
    ServiceUser asked = endpoint.getComponent().peer(associationId);
    return asked != null
            && asked.association().callingAeTitle().equals(endpoint.getAddress().aeTitle())
        ? asked
        : null;
  }

  /** The association that asked may end meanwhile: then once more, on a new one. */
  private NormalizedResponse sendOn(ServiceUser asked, NormalizedRequest event) throws Exception {
    try {
      return asked.request(event);
    } catch (AssociationException e) {
      LOG.debug("Association {} ended before its event was answered", asked.association(), e);
      return send(event);
    }
  }

  private interface Making {
    NormalizedRequest of(DataSet dataSet);
  }

  private static NormalizedRequest request(
      Operation operation, String sopClass, String sopInstance, int type, DataSet dataSet) {
    return new NormalizedRequest(operation, sopClass, sopInstance, type, List.of(), dataSet, null);
  }

  private static NormalizedRequest made(Message message, Making making) throws Exception {
    return message.getBody() instanceof NormalizedRequest whole
        ? whole
        : making.of(message.getMandatoryBody(DataSet.class));
  }

  private int send(Message message, Making making) throws Exception {
    NormalizedRequest request = made(message, making);
    return answered(message, request, send(request));
  }

  private NormalizedResponse send(NormalizedRequest request) throws Exception {
    return producer.with(
        Set.of(new Proposal(request.sopClassUid(), DicomProducer.NATIVE)),
        user -> user.request(request));
  }

  private static int answered(
      Message message, NormalizedRequest request, NormalizedResponse response) {
    String named =
        response.sopInstanceUid() == null ? request.sopInstanceUid() : response.sopInstanceUid();
    message.setHeader(DicomConstants.SOP_INSTANCE_UID, named);
    message.setHeader(DicomConstants.ERROR_COMMENT, response.comment());
    message.setBody(response.dataSet());
    return response.status();
  }
}
