package org.isocentre.dicom.dimse;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.TransferSyntax;
import org.isocentre.dicom.data.Vr;
import org.isocentre.dicom.io.DataSetReader;
import org.isocentre.dicom.io.DataSetWriter;
import org.isocentre.dicom.io.DicomParseException;
import org.isocentre.dicom.io.ReaderLimits;

/**
 * A command set (PS3.7 §6.3, Annex E): group 0000 in implicit VR little endian.
 *
 * @param field Command Field (0000,0100)
 * @param messageId Message ID of a request, Message ID Being Responded To of a response
 * @param hasDataSet whether a data set follows (0000,0800)
 * @param sopClassUid Affected SOP Class UID, or null
 * @param sopInstanceUid Affected SOP Instance UID, or null
 * @param status of a response
 * @param errorComment of a response, or null
 */
public record Command(
    int field,
    int messageId,
    boolean hasDataSet,
    String sopClassUid,
    String sopInstanceUid,
    int status,
    String errorComment) {
  public static final int C_STORE_RQ = 0x0001;
  public static final int C_ECHO_RQ = 0x0030;
  public static final int C_CANCEL_RQ = 0x0fff;
  private static final int RESPONSE = 0x8000;
  private static final int NO_DATA_SET = 0x0101;
  private static final int MAX_COMMENT = 64;
  private static final ReaderLimits LIMITS = new ReaderLimits(2, 256, 16 * 1024, 64 * 1024, 0);

  public static Command storeRequest(int messageId, String sopClassUid, String sopInstanceUid) {
    return new Command(C_STORE_RQ, messageId, true, sopClassUid, sopInstanceUid, 0, null);
  }

  public static Command echoRequest(int messageId, String sopClassUid) {
    return new Command(C_ECHO_RQ, messageId, false, sopClassUid, null, 0, null);
  }

  /** The answer to this request (PS3.7 §9.3.1.2, §9.3.5.2). */
  public Command response(int withStatus, String comment) {
    return new Command(
        field | RESPONSE, messageId, false, sopClassUid, sopInstanceUid, withStatus, comment);
  }

  public boolean isResponse() {
    return (field & RESPONSE) != 0;
  }

  /**
   * @throws DicomParseException if the bytes are no command set, or one without Command Field or
   *     Message ID
   */
  public static Command decode(byte[] bytes) throws IOException {
    DataSet set =
        new DataSetReader(
                new ByteArrayInputStream(bytes), TransferSyntax.IMPLICIT_VR_LITTLE_ENDIAN, LIMITS)
            .read();
    Integer field = set.integer(Tag.CommandField);
    if (field == null) {
      throw new DicomParseException(
          "ISO-DICOM-501", 0, "a command set without Command Field (0000,0100)");
    }
    boolean response = (field & RESPONSE) != 0;
    Integer messageId =
        set.integer(
            response || field == C_CANCEL_RQ ? Tag.MessageIDBeingRespondedTo : Tag.MessageID);
    if (messageId == null) {
      throw new DicomParseException("ISO-DICOM-502", 0, "a command set without Message ID");
    }
    Integer type = set.integer(Tag.CommandDataSetType);
    Integer status = set.integer(Tag.Status);
    return new Command(
        field,
        messageId,
        type != null && type != NO_DATA_SET,
        set.string(Tag.AffectedSOPClassUID),
        set.string(Tag.AffectedSOPInstanceUID),
        status == null ? 0 : status,
        set.string(Tag.ErrorComment));
  }

  /** Implicit VR little endian, with its group length. */
  public byte[] encode() {
    DataSet set = new DataSet();
    setIfKnown(set, Tag.AffectedSOPClassUID, sopClassUid);
    set.set(Tag.CommandField, Integer.toString(field));
    set.set(
        isResponse() || field == C_CANCEL_RQ ? Tag.MessageIDBeingRespondedTo : Tag.MessageID,
        Integer.toString(messageId));
    if (field == C_STORE_RQ) {
      set.set(Tag.Priority, "0");
    }
    set.set(Tag.CommandDataSetType, Integer.toString(hasDataSet ? 0 : NO_DATA_SET));
    if (isResponse()) {
      set.set(Tag.Status, Integer.toString(status));
      setIfKnown(set, Tag.ErrorComment, comment());
    }
    setIfKnown(set, Tag.AffectedSOPInstanceUID, sopInstanceUid);
    byte[] group = write(set);
    byte[] length =
        write(new DataSet().set(Tag.CommandGroupLength, Vr.UL, Integer.toString(group.length)));
    byte[] all = java.util.Arrays.copyOf(length, length.length + group.length);
    System.arraycopy(group, 0, all, length.length, group.length);
    return all;
  }

  private String comment() {
    if (errorComment == null) {
      return null;
    }
    String plain = errorComment.replace('\\', '/').replaceAll("[^ -~]", "?");
    return plain.length() > MAX_COMMENT ? plain.substring(0, MAX_COMMENT) : plain;
  }

  private static void setIfKnown(DataSet set, int tag, String value) {
    if (value != null && !value.isEmpty()) {
      set.set(tag, value);
    }
  }

  private static byte[] write(DataSet set) {
    try {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      new DataSetWriter(
              out, TransferSyntax.IMPLICIT_VR_LITTLE_ENDIAN, DataSetWriter.BulkSource.NONE)
          .write(set);
      return out.toByteArray();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
