package org.isocentre.dicom.pdu;

import io.netty.buffer.ByteBuf;
import io.netty.util.ReferenceCounted;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
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

    /** The user's identity was not taken (PS3.7 §D.3.3.7): permanent, no reason given. */
    public static final AssociateRj USER_IDENTITY_REFUSED =
        new AssociateRj(PERMANENT, SERVICE_USER, 1);

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
   * fragment away; a channel that cannot take it any more releases it, and the fragment with it.
   */
  record PDataTf(int contextId, boolean command, boolean last, ByteBuf fragment)
      implements Pdu, ReferenceCounted {
    @Override
    public int refCnt() {
      return fragment.refCnt();
    }

    @Override
    public PDataTf retain() {
      return retain(1);
    }

    @Override
    public PDataTf retain(int increment) {
      fragment.retain(increment);
      return this;
    }

    @Override
    public PDataTf touch() {
      return touch(null);
    }

    @Override
    public PDataTf touch(Object hint) {
      fragment.touch(hint);
      return this;
    }

    @Override
    public boolean release() {
      return fragment.release();
    }

    @Override
    public boolean release(int decrement) {
      return fragment.release(decrement);
    }
  }

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

  /**
   * SCP/SCU role selection (PS3.7 §D.3.3.4): of a request, the roles that the requestor proposes to
   * take; of an answer, those of them that the acceptor agrees to.
   */
  record RoleSelection(String sopClassUid, boolean scu, boolean scp) {}

  /**
   * Asynchronous operations window (PS3.7 §D.3.3.3), of request and answer alike as the requestor
   * sees it; 0 is unlimited.
   *
   * @param invoked operations that the requestor may have outstanding
   * @param performed operations that the acceptor may have outstanding at the requestor
   */
  record AsyncWindow(int invoked, int performed) {
    public AsyncWindow {
      if (invoked < 0 || invoked > 0xffff || performed < 0 || performed > 0xffff) {
        throw new IllegalArgumentException(
            "ISO-DICOM-408: an asynchronous operations window of %d and %d, each must be 0 to 65535"
                .formatted(invoked, performed));
      }
    }
  }

  /**
   * SOP Class Extended Negotiation (PS3.7 §D.3.3.5).
   *
   * @param information service-class-application-information, as the service class defines it
   */
  record ExtendedNegotiation(String sopClassUid, byte[] information) {
    public ExtendedNegotiation {
      information = information.clone();
    }

    @Override
    public byte[] information() {
      return information.clone();
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof ExtendedNegotiation that
          && sopClassUid.equals(that.sopClassUid)
          && Arrays.equals(information, that.information);
    }

    @Override
    public int hashCode() {
      return sopClassUid.hashCode();
    }

    @Override
    public String toString() {
      return "ExtendedNegotiation[" + sopClassUid + ", " + information.length + " bytes]";
    }
  }

  /**
   * SOP Class Common Extended Negotiation, of requests only (PS3.7 §D.3.3.6).
   *
   * @param relatedGeneralSopClassUids more general SOP classes that an instance may be handled as
   */
  record CommonExtendedNegotiation(
      String sopClassUid, String serviceClassUid, List<String> relatedGeneralSopClassUids) {
    public CommonExtendedNegotiation {
      relatedGeneralSopClassUids = List.copyOf(relatedGeneralSopClassUids);
    }
  }

  /**
   * User identity negotiation of a request (PS3.7 §D.3.3.7.1). Its fields are credentials and never
   * shown.
   *
   * @param responseRequested whether the acceptor is asked to confirm
   * @param primary user name in UTF-8, ticket, assertion or token
   * @param secondary passcode in UTF-8 of type 2, else empty
   */
  record UserIdentity(int type, boolean responseRequested, byte[] primary, byte[] secondary) {
    public static final int USERNAME = 1;
    public static final int USERNAME_AND_PASSCODE = 2;
    public static final int KERBEROS = 3;
    public static final int SAML = 4;
    public static final int JWT = 5;
    private static final byte[] EMPTY = {};

    public static UserIdentity username(String name, boolean responseRequested) {
      return new UserIdentity(USERNAME, responseRequested, utf8(name), EMPTY);
    }

    public static UserIdentity usernameAndPasscode(
        String name, String passcode, boolean responseRequested) {
      return new UserIdentity(USERNAME_AND_PASSCODE, responseRequested, utf8(name), utf8(passcode));
    }

    /** A Kerberos service ticket. */
    public static UserIdentity kerberos(byte[] ticket, boolean responseRequested) {
      return new UserIdentity(KERBEROS, responseRequested, ticket, EMPTY);
    }

    public static UserIdentity saml(String assertion, boolean responseRequested) {
      return new UserIdentity(SAML, responseRequested, utf8(assertion), EMPTY);
    }

    /** A JSON Web Token in its compact form. */
    public static UserIdentity jwt(String token, boolean responseRequested) {
      return new UserIdentity(JWT, responseRequested, utf8(token), EMPTY);
    }

    private static byte[] utf8(String text) {
      return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof UserIdentity that
          && type == that.type
          && responseRequested == that.responseRequested
          && Arrays.equals(primary, that.primary)
          && Arrays.equals(secondary, that.secondary);
    }

    @Override
    public int hashCode() {
      return type;
    }

    @Override
    public String toString() {
      return "UserIdentity[type=" + type + "]";
    }
  }

  /**
   * The acceptor's word that it took the user's identity (PS3.7 §D.3.3.7.2). Never shown.
   *
   * @param bytes nothing for user names, else the server's ticket, assertion or token
   */
  record UserIdentityResponse(byte[] bytes) {
    @Override
    public boolean equals(Object other) {
      return other instanceof UserIdentityResponse that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
      return bytes.length;
    }

    @Override
    public String toString() {
      return "UserIdentityResponse[" + bytes.length + " bytes]";
    }
  }

  /**
   * User information item (PS3.8 §9.3.2.3, PS3.7 Annex D.3.3).
   *
   * @param maxPduLength largest P-DATA-TF variable field that its sender takes; 0 is no limit
   * @param asyncWindow or null
   * @param commonExtendedNegotiations of a request
   * @param userIdentity of a request, or null
   * @param userIdentityResponse of an answer, or null
   * @param unknownSubItems how many sub-items were passed over
   */
  record UserInformation(
      long maxPduLength,
      String implementationClassUid,
      String implementationVersionName,
      AsyncWindow asyncWindow,
      List<RoleSelection> roles,
      List<ExtendedNegotiation> extendedNegotiations,
      List<CommonExtendedNegotiation> commonExtendedNegotiations,
      UserIdentity userIdentity,
      UserIdentityResponse userIdentityResponse,
      int unknownSubItems) {
    /** Of a peer that told nothing. */
    public static final UserInformation NONE =
        new UserInformation(0, "", "", null, List.of(), null, 0);

    public UserInformation {
      roles = List.copyOf(roles);
      extendedNegotiations = List.copyOf(extendedNegotiations);
      commonExtendedNegotiations = List.copyOf(commonExtendedNegotiations);
    }

    /** Without extended negotiation. */
    public UserInformation(
        long maxPduLength,
        String implementationClassUid,
        String implementationVersionName,
        AsyncWindow asyncWindow,
        List<RoleSelection> roles,
        UserIdentity userIdentity,
        int unknownSubItems) {
      this(
          maxPduLength,
          implementationClassUid,
          implementationVersionName,
          asyncWindow,
          roles,
          List.of(),
          List.of(),
          userIdentity,
          null,
          unknownSubItems);
    }
  }
}
