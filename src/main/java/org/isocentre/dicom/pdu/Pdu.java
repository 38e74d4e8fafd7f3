package org.isocentre.dicom.pdu;

import io.netty.buffer.ByteBuf;
import java.util.List;

/**
 * A protocol data unit of the DICOM Upper Layer (PS3.8 §9.3). P-DATA-TF is passed on in {@link
 * PdvChunk}s as it arrives.
 */
public sealed interface Pdu {
  int TYPE_ASSOCIATE_RQ = 1;
  int TYPE_ASSOCIATE_AC = 2;
  int TYPE_ASSOCIATE_RJ = 3;
  int TYPE_P_DATA_TF = 4;
  int TYPE_RELEASE_RQ = 5;
  int TYPE_RELEASE_RP = 6;
  int TYPE_ABORT = 7;

  /** A-ASSOCIATE-RQ (PS3.8 §9.3.2). AE titles are without padding. */
  record AssociateRq(
      int protocolVersion,
      String calledAeTitle,
      String callingAeTitle,
      String applicationContext,
      List<ProposedContext> contexts,
      UserInformation userInformation)
      implements Pdu {
    public AssociateRq {
      contexts = List.copyOf(contexts);
    }
  }

  /** A-ASSOCIATE-AC (PS3.8 §9.3.3). */
  record AssociateAc(
      int protocolVersion,
      String calledAeTitle,
      String callingAeTitle,
      String applicationContext,
      List<ContextResult> contexts,
      UserInformation userInformation)
      implements Pdu {
    public AssociateAc {
      contexts = List.copyOf(contexts);
    }
  }

  /** A-ASSOCIATE-RJ (PS3.8 §9.3.4). */
  record AssociateRj(int result, int source, int reason) implements Pdu {
    public static final int PERMANENT = 1;
    public static final int TRANSIENT = 2;
    public static final int SERVICE_USER = 1;
    public static final int SERVICE_PROVIDER_ACSE = 2;
    public static final int SERVICE_PROVIDER_PRESENTATION = 3;
    public static final AssociateRj CALLED_AE_TITLE_NOT_RECOGNIZED =
        new AssociateRj(PERMANENT, SERVICE_USER, 7);
    public static final AssociateRj CALLING_AE_TITLE_NOT_RECOGNIZED =
        new AssociateRj(PERMANENT, SERVICE_USER, 3);
    public static final AssociateRj APPLICATION_CONTEXT_NOT_SUPPORTED =
        new AssociateRj(PERMANENT, SERVICE_USER, 2);
    public static final AssociateRj PROTOCOL_VERSION_NOT_SUPPORTED =
        new AssociateRj(PERMANENT, SERVICE_PROVIDER_ACSE, 2);
    public static final AssociateRj TEMPORARY_CONGESTION =
        new AssociateRj(TRANSIENT, SERVICE_PROVIDER_PRESENTATION, 1);
    public static final AssociateRj LOCAL_LIMIT_EXCEEDED =
        new AssociateRj(TRANSIENT, SERVICE_PROVIDER_PRESENTATION, 2);

    /** In the words of PS3.8 Table 9-21. */
    public String text() {
      String why =
          switch (source * 10 + reason) {
            case 12 -> "application context name not supported";
            case 13 -> "calling AE title not recognized";
            case 17 -> "called AE title not recognized";
            case 22 -> "protocol version not supported";
            case 31 -> "temporary congestion";
            case 32 -> "local limit exceeded";
            default -> "no reason given";
          };
      return (result == TRANSIENT ? "rejected (transient)" : "rejected (permanent)") + ": " + why;
    }
  }

  /** A-RELEASE-RQ (PS3.8 §9.3.6). */
  record ReleaseRq() implements Pdu {}

  /** A-RELEASE-RP (PS3.8 §9.3.7). */
  record ReleaseRp() implements Pdu {}

  /** A-ABORT (PS3.8 §9.3.8). */
  record Abort(int source, int reason) implements Pdu {
    public static final int SERVICE_USER = 0;
    public static final int SERVICE_PROVIDER = 2;
    public static final int NOT_SPECIFIED = 0;
    public static final int UNRECOGNIZED_PDU = 1;
    public static final int UNEXPECTED_PDU = 2;
    public static final int UNRECOGNIZED_PARAMETER = 4;
    public static final int UNEXPECTED_PARAMETER = 5;
    public static final int INVALID_PARAMETER = 6;
  }

  /**
   * P-DATA-TF with one PDV, for sending (PS3.8 §9.3.5). Whoever writes it to the channel gives the
   * fragment away.
   */
  record PDataTf(int contextId, boolean command, boolean last, ByteBuf fragment) implements Pdu {}

  /**
   * A part of a presentation data value as it arrived (PS3.8 §9.3.5.1, Annex E.2). A PDV may come
   * in several chunks; {@code last} is true only for the last chunk of the last fragment. {@code
   * endOfPdu} is true when a P-DATA-TF PDU ends with it.
   */
  record PdvChunk(int contextId, boolean command, boolean last, boolean endOfPdu, ByteBuf bytes)
      implements Pdu {}

  /**
   * What came was no PDU, one of an unknown type, or a wrong or too long one; the connection is not
   * read any further.
   */
  record Invalid(int abortReason, String what) implements Pdu {}

  /** Presentation context item of a request (PS3.8 §9.3.2.2). */
  record ProposedContext(int id, String abstractSyntax, List<String> transferSyntaxes) {
    public ProposedContext {
      transferSyntaxes = List.copyOf(transferSyntaxes);
    }
  }

  /** Presentation context item of an answer (PS3.8 §9.3.3.2). */
  record ContextResult(int id, int result, String transferSyntax) {
    public static final int ACCEPTANCE = 0;
    public static final int USER_REJECTION = 1;
    public static final int NO_REASON = 2;
    public static final int ABSTRACT_SYNTAX_NOT_SUPPORTED = 3;
    public static final int TRANSFER_SYNTAXES_NOT_SUPPORTED = 4;
  }

  /** SCP/SCU role selection (PS3.7 §D.3.3.4). */
  record RoleSelection(String sopClassUid, boolean scu, boolean scp) {}

  /** Asynchronous operations window (PS3.7 §D.3.3.3); 0 is unlimited. */
  record AsyncWindow(int invoked, int performed) {}

  /** User identity negotiation (PS3.7 §D.3.3.7); its fields are credentials and never shown. */
  record UserIdentity(int type, boolean responseRequested, byte[] primary, byte[] secondary) {
    @Override
    public String toString() {
      return "UserIdentity[type=" + type + "]";
    }
  }

  /**
   * User information item (PS3.8 §9.3.2.3, PS3.7 Annex D.3.3).
   *
   * @param maxPduLength largest P-DATA-TF variable field that its sender takes; 0 is no limit
   * @param asyncWindow or null
   * @param userIdentity of a request, or null
   * @param unknownSubItems how many sub-items were passed over
   */
  record UserInformation(
      long maxPduLength,
      String implementationClassUid,
      String implementationVersionName,
      AsyncWindow asyncWindow,
      List<RoleSelection> roles,
      UserIdentity userIdentity,
      int unknownSubItems) {
    public UserInformation {
      roles = List.copyOf(roles);
    }
  }
}
