package org.isocentre.dicom.dimse;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.TransferSyntax;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.data.Vr;
import org.isocentre.dicom.dimse.NormalizedRequest.Operation;
import org.isocentre.dicom.io.DataSetReader;
import org.isocentre.dicom.io.DataSetWriter;
import org.isocentre.dicom.io.DicomParseException;
import org.isocentre.dicom.io.ReaderLimits;

/**
 * A command set (PS3.7 §6.3, Annex E): group 0000 in implicit VR little endian. Does not change
 * once made.
 */
public final class Command {
  public static final int C_STORE_RQ = 0x0001;
  public static final int C_GET_RQ = 0x0010;
  public static final int C_FIND_RQ = 0x0020;
  public static final int C_MOVE_RQ = 0x0021;
  public static final int C_ECHO_RQ = 0x0030;
  public static final int N_EVENT_REPORT_RQ = 0x0100;
  public static final int N_GET_RQ = 0x0110;
  public static final int N_SET_RQ = 0x0120;
  public static final int N_ACTION_RQ = 0x0130;
  public static final int N_CREATE_RQ = 0x0140;
  public static final int N_DELETE_RQ = 0x0150;
  public static final int C_CANCEL_RQ = 0x0fff;
  private static final int RESPONSE = 0x8000;
  private static final int NO_DATA_SET = 0x0101;
  private static final int MAX_COMMENT = 64;
  private static final ReaderLimits LIMITS = new ReaderLimits(2, 256, 16 * 1024, 64 * 1024, 0);

  private final DataSet set;
  private final int field;
  private final int messageId;

  private Command(DataSet set, int field, int messageId) {
    this.set = set;
    this.field = field;
    this.messageId = messageId;
  }

  private static Command of(int field, int messageId, boolean hasDataSet) {
    DataSet set = new DataSet();
    boolean responds = (field & RESPONSE) != 0 || field == C_CANCEL_RQ;
    set.set(Tag.CommandField, Integer.toString(field));
    set.set(responds ? Tag.MessageIDBeingRespondedTo : Tag.MessageID, Integer.toString(messageId));
    set.set(Tag.CommandDataSetType, Integer.toString(hasDataSet ? 0 : NO_DATA_SET));
    return new Command(set, field, messageId);
  }

  private Command with(int tag, String value) {
    if (value != null && !value.isEmpty()) {
      set.set(tag, value);
    }
    return this;
  }

  /** PS3.7 §9.3.1.1, without a move originator. */
  public static Command storeRequest(int messageId, String sopClassUid, String sopInstanceUid) {
    return of(C_STORE_RQ, messageId, true)
        .with(Tag.AffectedSOPClassUID, sopClassUid)
        .with(Tag.AffectedSOPInstanceUID, sopInstanceUid)
        .with(Tag.Priority, "0");
  }

  /**
   * PS3.7 §9.3.1.1, as a sub-operation of a C-MOVE.
   *
   * @param originator AE title of whoever asked for the move
   * @param originatorMessageId of its C-MOVE-RQ
   */
  public static Command storeRequest(
      int messageId,
      String sopClassUid,
      String sopInstanceUid,
      String originator,
      int originatorMessageId) {
    return storeRequest(messageId, sopClassUid, sopInstanceUid)
        .with(Tag.MoveOriginatorApplicationEntityTitle, originator)
        .with(Tag.MoveOriginatorMessageID, Integer.toString(originatorMessageId));
  }

  /** PS3.7 §9.3.5.1. */
  public static Command echoRequest(int messageId, String sopClassUid) {
    return of(C_ECHO_RQ, messageId, false).with(Tag.AffectedSOPClassUID, sopClassUid);
  }

  /** PS3.7 §9.3.2.1. */
  public static Command findRequest(int messageId, String sopClassUid) {
    return query(C_FIND_RQ, messageId, sopClassUid);
  }

  /** PS3.7 §9.3.3.1. */
  public static Command getRequest(int messageId, String sopClassUid) {
    return query(C_GET_RQ, messageId, sopClassUid);
  }

  /** PS3.7 §9.3.4.1. */
  public static Command moveRequest(int messageId, String sopClassUid, String destination) {
    return query(C_MOVE_RQ, messageId, sopClassUid).with(Tag.MoveDestination, destination);
  }

  private static Command query(int field, int messageId, String sopClassUid) {
    return of(field, messageId, true)
        .with(Tag.AffectedSOPClassUID, sopClassUid)
        .with(Tag.Priority, "0");
  }

  /** PS3.7 §9.3.2.3: it has no answer of its own. */
  public static Command cancelRequest(int messageIdBeingRespondedTo) {
    return of(C_CANCEL_RQ, messageIdBeingRespondedTo, false);
  }

  /** PS3.7 §10.3. */
  public static Command normalizedRequest(int messageId, NormalizedRequest request) {
    Operation operation = request.operation();
    boolean affected = operation == Operation.N_CREATE || operation == Operation.N_EVENT_REPORT;
    Command command =
        of(field(operation), messageId, request.dataSet() != null)
            .with(
                affected ? Tag.AffectedSOPClassUID : Tag.RequestedSOPClassUID,
                request.sopClassUid())
            .with(
                affected ? Tag.AffectedSOPInstanceUID : Tag.RequestedSOPInstanceUID,
                request.sopInstanceUid());
    if (operation == Operation.N_ACTION || operation == Operation.N_EVENT_REPORT) {
      command.with(command.typeTag(), Integer.toString(request.typeId()));
    }
    if (!request.attributes().isEmpty()) {
      command.set.set(
          Tag.AttributeIdentifierList,
          request.attributes().stream().map("%08X"::formatted).toArray(String[]::new));
    }
    return command;
  }

  private static int field(Operation operation) {
    return switch (operation) {
      case N_EVENT_REPORT -> N_EVENT_REPORT_RQ;
      case N_GET -> N_GET_RQ;
      case N_SET -> N_SET_RQ;
      case N_ACTION -> N_ACTION_RQ;
      case N_CREATE -> N_CREATE_RQ;
      case N_DELETE -> N_DELETE_RQ;
    };
  }

  /** The DIMSE-N operation of a request or response, or null if it is none. */
  public Operation operation() {
    return switch (field & ~RESPONSE) {
      case N_EVENT_REPORT_RQ -> Operation.N_EVENT_REPORT;
      case N_GET_RQ -> Operation.N_GET;
      case N_SET_RQ -> Operation.N_SET;
      case N_ACTION_RQ -> Operation.N_ACTION;
      case N_CREATE_RQ -> Operation.N_CREATE;
      case N_DELETE_RQ -> Operation.N_DELETE;
      default -> null;
    };
  }

  private int typeTag() {
    return (field & ~RESPONSE) == N_ACTION_RQ ? Tag.ActionTypeID : Tag.EventTypeID;
  }

  /** The answer to this request, without a data set (PS3.7 §9.3, §10.3). */
  public Command response(int withStatus, String comment) {
    return response(withStatus, comment, false);
  }

  /** The answer to this request. */
  public Command response(int withStatus, String comment, boolean withDataSet) {
    Command response =
        of(field | RESPONSE, messageId, withDataSet)
            .with(Tag.AffectedSOPClassUID, echoed(sopClassUid()))
            .with(Tag.AffectedSOPInstanceUID, echoed(sopInstanceUid()))
            .with(Tag.Status, Integer.toString(withStatus))
            .with(Tag.ErrorComment, plain(comment));
    boolean typed = operation() == Operation.N_ACTION || operation() == Operation.N_EVENT_REPORT;
    return typed ? response.with(typeTag(), Integer.toString(typeId())) : response;
  }

  /** What is no UID is not sent back. */
  private static String echoed(String uid) {
    return Uid.isTolerable(uid) ? uid : null;
  }

  /** The answer with sub-operation counts (PS3.7 §9.3.3.2, §9.3.4.2). */
  public Command response(int withStatus, String comment, Progress progress, boolean withDataSet) {
    Command response = response(withStatus, comment, withDataSet);
    if (Status.isPending(withStatus) || withStatus == Status.CANCEL) {
      response.with(Tag.NumberOfRemainingSuboperations, Integer.toString(progress.remaining()));
    }
    return response
        .with(Tag.NumberOfCompletedSuboperations, Integer.toString(progress.completed()))
        .with(Tag.NumberOfFailedSuboperations, Integer.toString(progress.failed()))
        .with(Tag.NumberOfWarningSuboperations, Integer.toString(progress.warning()));
  }

  /** The answer to an N-CREATE that named no instance. */
  Command naming(String madeSopInstanceUid) {
    return with(Tag.AffectedSOPInstanceUID, madeSopInstanceUid);
  }

  private static String plain(String comment) {
    if (comment == null) {
      return null;
    }
    String plain = comment.replace('\\', '/').replaceAll("[^ -~]", "?");
    return plain.length() > MAX_COMMENT ? plain.substring(0, MAX_COMMENT) : plain;
  }

  /** Command Field (0000,0100). */
  public int field() {
    return field;
  }

  /** Message ID of a request, Message ID Being Responded To of a response or C-CANCEL. */
  public int messageId() {
    return messageId;
  }

  /** Whether a data set follows (0000,0800). */
  public boolean hasDataSet() {
    Integer type = set.integer(Tag.CommandDataSetType);
    return type != null && type != NO_DATA_SET;
  }

  /** Affected, else Requested SOP Class UID; or null. */
  public String sopClassUid() {
    String affected = set.string(Tag.AffectedSOPClassUID);
    return affected != null ? affected : set.string(Tag.RequestedSOPClassUID);
  }

  /** Affected, else Requested SOP Instance UID; or null. */
  public String sopInstanceUid() {
    String affected = set.string(Tag.AffectedSOPInstanceUID);
    return affected != null ? affected : set.string(Tag.RequestedSOPInstanceUID);
  }

  /** Of a response; 0 of a request. */
  public int status() {
    return number(Tag.Status);
  }

  /** Error Comment (0000,0902) of a response, or null. */
  public String errorComment() {
    return set.string(Tag.ErrorComment);
  }

  /** Move Destination (0000,0600) of a C-MOVE-RQ, or null. */
  public String moveDestination() {
    return set.string(Tag.MoveDestination);
  }

  /** Action Type ID or Event Type ID; 0 if it says none. */
  public int typeId() {
    return number(typeTag());
  }

  /** Move Originator Application Entity Title (0000,1030) of a C-STORE-RQ, or null. */
  public String moveOriginator() {
    return set.string(Tag.MoveOriginatorApplicationEntityTitle);
  }

  /** Attribute Identifier List (0000,1005); empty if it says none. */
  public List<Integer> attributes() {
    List<Integer> tags = new ArrayList<>();
    for (String tag : set.strings(Tag.AttributeIdentifierList)) {
      tags.add(Integer.parseUnsignedInt(tag, 16));
    }
    return tags;
  }

  /** Sub-operation counts of a C-MOVE-RSP or C-GET-RSP. */
  public Progress progress() {
    return new Progress(
        number(Tag.NumberOfRemainingSuboperations),
        number(Tag.NumberOfCompletedSuboperations),
        number(Tag.NumberOfFailedSuboperations),
        number(Tag.NumberOfWarningSuboperations));
  }

  private int number(int tag) {
    Integer value = set.integer(tag);
    return value == null ? 0 : value;
  }

  /** Command Field of the responses to this request. */
  int responseField() {
    return field | RESPONSE;
  }

  public boolean isResponse() {
    return (field & RESPONSE) != 0;
  }

  /**
   * @throws DicomParseException if the bytes are no command set, or one without Command Field,
   *     Message ID or, in a response, Status
   */
  public static Command decode(byte[] bytes) throws IOException {
    DataSet set =
        new DataSetReader(
                new ByteArrayInputStream(bytes), TransferSyntax.IMPLICIT_VR_LITTLE_ENDIAN, LIMITS)
            .read();
    set.remove(Tag.CommandGroupLength);
    Integer field = set.integer(Tag.CommandField);
    if (field == null) {
      throw new DicomParseException(
          "ISO-DICOM-501", 0, "a command set without Command Field (0000,0100)");
    }
    boolean responds = (field & RESPONSE) != 0 || field == C_CANCEL_RQ;
    Integer messageId = set.integer(responds ? Tag.MessageIDBeingRespondedTo : Tag.MessageID);
    if (messageId == null) {
      throw new DicomParseException("ISO-DICOM-502", 0, "a command set without Message ID");
    }
    if ((field & RESPONSE) != 0 && set.integer(Tag.Status) == null) {
      throw new DicomParseException("ISO-DICOM-506", 0, "a response without Status (0000,0900)");
    }
    return new Command(set, field, messageId);
  }

  /** Implicit VR little endian, with its group length. */
  public byte[] encode() {
    byte[] group = write(set);
    byte[] length =
        write(new DataSet().set(Tag.CommandGroupLength, Vr.UL, Integer.toString(group.length)));
    byte[] all = java.util.Arrays.copyOf(length, length.length + group.length);
    System.arraycopy(group, 0, all, length.length, group.length);
    return all;
  }

  private static byte[] write(DataSet set) {
    try {
      ByteArrayOutputStream out = new ByteArrayOutputStream(256);
      new DataSetWriter(
              out, TransferSyntax.IMPLICIT_VR_LITTLE_ENDIAN, DataSetWriter.BulkSource.NONE)
          .write(set);
      return out.toByteArray();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** Never shows values other than numbers and UIDs. */
  @Override
  public String toString() {
    return "Command[field=%04XH, messageId=%d]".formatted(field, messageId);
  }
}
