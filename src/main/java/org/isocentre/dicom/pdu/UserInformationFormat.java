package org.isocentre.dicom.pdu;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;

/** The user information item and its sub-items (PS3.8 §9.3.2.3, Annex D; PS3.7 §D.3.3). */
final class UserInformationFormat {
  static final int ITEM = 0x50;
  private static final int MAXIMUM_LENGTH = 0x51;
  private static final int IMPLEMENTATION_CLASS = 0x52;
  private static final int ASYNC_WINDOW = 0x53;
  private static final int ROLE_SELECTION = 0x54;
  private static final int IMPLEMENTATION_VERSION = 0x55;
  private static final int EXTENDED_NEGOTIATION = 0x56;
  private static final int COMMON_EXTENDED_NEGOTIATION = 0x57;
  private static final int USER_IDENTITY_RQ = 0x58;
  private static final int USER_IDENTITY_AC = 0x59;
  private static final String SUB_ITEM = "a user information sub-item";

  /** Sub-items of a kind; one a SOP class is right, and there are at most 128 contexts. */
  private static final int MAX_SUB_ITEMS = 256;

  private long maxPduLength;
  private String classUid = "";
  private String version = "";
  private Pdu.AsyncWindow window;
  private final List<Pdu.RoleSelection> roles = new ArrayList<>();
  private final List<Pdu.ExtendedNegotiation> extended = new ArrayList<>();
  private final List<Pdu.CommonExtendedNegotiation> common = new ArrayList<>();
  private Pdu.UserIdentity identity;
  private Pdu.UserIdentityResponse response;
  private int unknown;

  private UserInformationFormat() {}

  static Pdu.UserInformation decode(ByteBuf in) throws PduFormatException {
    UserInformationFormat parsed = new UserInformationFormat();
    Items.forEach(in, parsed::subItem);
    return new Pdu.UserInformation(
        parsed.maxPduLength,
        parsed.classUid,
        parsed.version,
        parsed.window,
        parsed.roles,
        parsed.extended,
        parsed.common,
        parsed.identity,
        parsed.response,
        parsed.unknown);
  }

  private void subItem(int type, ByteBuf in) throws PduFormatException {
    switch (type) {
      case MAXIMUM_LENGTH -> maxPduLength = Items.need(in, 4, SUB_ITEM).readUnsignedInt();
      case IMPLEMENTATION_CLASS -> classUid = Items.uid(in);
      case IMPLEMENTATION_VERSION -> version = Items.text(in, in.readableBytes());
      case ASYNC_WINDOW ->
          window =
              new Pdu.AsyncWindow(
                  Items.need(in, 4, SUB_ITEM).readUnsignedShort(), in.readUnsignedShort());
      case ROLE_SELECTION -> add(roles, role(in), type);
      case EXTENDED_NEGOTIATION -> add(extended, extended(in), type);
      case COMMON_EXTENDED_NEGOTIATION -> add(common, common(in), type);
      case USER_IDENTITY_RQ -> identity = identity(in);
      case USER_IDENTITY_AC ->
          response = new Pdu.UserIdentityResponse(Items.bytes(Items.field(in, SUB_ITEM)));
      default -> unknown++;
    }
  }

  private static <T> void add(List<T> items, T item, int type) throws PduFormatException {
    if (items.size() >= MAX_SUB_ITEMS) {
      throw Items.invalid("more than %d sub-items %02XH".formatted(MAX_SUB_ITEMS, type));
    }
    items.add(item);
  }

  private static Pdu.RoleSelection role(ByteBuf in) throws PduFormatException {
    String uid = Items.uid(Items.field(in, SUB_ITEM));
    Items.need(in, 2, SUB_ITEM);
    return new Pdu.RoleSelection(uid, in.readByte() != 0, in.readByte() != 0);
  }

  private static Pdu.ExtendedNegotiation extended(ByteBuf in) throws PduFormatException {
    String uid = Items.uid(Items.field(in, SUB_ITEM));
    return new Pdu.ExtendedNegotiation(uid, Items.bytes(in));
  }

  private static Pdu.CommonExtendedNegotiation common(ByteBuf in) throws PduFormatException {
    String sopClass = Items.uid(Items.field(in, SUB_ITEM));
    String serviceClass = Items.uid(Items.field(in, SUB_ITEM));
    ByteBuf related = Items.field(in, SUB_ITEM);
    List<String> general = new ArrayList<>();
    while (related.isReadable()) {
      add(general, Items.uid(Items.field(related, SUB_ITEM)), COMMON_EXTENDED_NEGOTIATION);
    }
    // What follows is reserved, and passed over (PS3.7 Table D.3-12).
    return new Pdu.CommonExtendedNegotiation(sopClass, serviceClass, general);
  }

  private static Pdu.UserIdentity identity(ByteBuf in) throws PduFormatException {
    Items.need(in, 2, SUB_ITEM);
    int type = in.readUnsignedByte();
    boolean response = in.readByte() != 0;
    byte[] primary = Items.bytes(Items.field(in, SUB_ITEM));
    return new Pdu.UserIdentity(type, response, primary, Items.bytes(Items.field(in, SUB_ITEM)));
  }

  static void encode(Pdu.UserInformation user, ByteBuf out) {
    int at = Items.begin(ITEM, out);
    out.writeByte(MAXIMUM_LENGTH).writeByte(0).writeShort(4).writeInt((int) user.maxPduLength());
    if (!user.implementationClassUid().isEmpty()) {
      Items.write(IMPLEMENTATION_CLASS, user.implementationClassUid(), out);
    }
    if (user.asyncWindow() != null) {
      out.writeByte(ASYNC_WINDOW).writeByte(0).writeShort(4);
      out.writeShort(user.asyncWindow().invoked()).writeShort(user.asyncWindow().performed());
    }
    user.roles().forEach(role -> encode(role, out));
    if (!user.implementationVersionName().isEmpty()) {
      Items.write(IMPLEMENTATION_VERSION, user.implementationVersionName(), out);
    }
    user.extendedNegotiations().forEach(extended -> encode(extended, out));
    user.commonExtendedNegotiations().forEach(common -> encode(common, out));
    if (user.userIdentity() != null) {
      encode(user.userIdentity(), out);
    }
    if (user.userIdentityResponse() != null) {
      int start = Items.begin(USER_IDENTITY_AC, out);
      Items.writeField(user.userIdentityResponse().bytes(), out);
      Items.end(start, out);
    }
    Items.end(at, out);
  }

  private static void encode(Pdu.RoleSelection role, ByteBuf out) {
    int at = Items.begin(ROLE_SELECTION, out);
    Items.writeField(role.sopClassUid(), out);
    out.writeByte(role.scu() ? 1 : 0).writeByte(role.scp() ? 1 : 0);
    Items.end(at, out);
  }

  private static void encode(Pdu.ExtendedNegotiation extended, ByteBuf out) {
    int at = Items.begin(EXTENDED_NEGOTIATION, out);
    Items.writeField(extended.sopClassUid(), out);
    out.writeBytes(extended.information());
    Items.end(at, out);
  }

  private static void encode(Pdu.CommonExtendedNegotiation common, ByteBuf out) {
    int at = Items.begin(COMMON_EXTENDED_NEGOTIATION, out);
    Items.writeField(common.sopClassUid(), out);
    Items.writeField(common.serviceClassUid(), out);
    int related = Items.beginField(out);
    common.relatedGeneralSopClassUids().forEach(uid -> Items.writeField(uid, out));
    Items.end(related, out);
    Items.end(at, out);
  }

  private static void encode(Pdu.UserIdentity identity, ByteBuf out) {
    int at = Items.begin(USER_IDENTITY_RQ, out);
    out.writeByte(identity.type()).writeByte(identity.responseRequested() ? 1 : 0);
    Items.writeField(identity.primary(), out);
    Items.writeField(identity.secondary(), out);
    Items.end(at, out);
  }
}
