package org.isocentre.dicom.pdu;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The bytes of A-ASSOCIATE-RQ and A-ASSOCIATE-AC after the PDU header (PS3.8 §9.3.2, §9.3.3). */
final class AssociateFormat {
  private static final int APPLICATION_CONTEXT = 0x10;
  private static final int CONTEXT_RQ = 0x20;
  private static final int CONTEXT_AC = 0x21;
  private static final int ABSTRACT_SYNTAX = 0x30;
  private static final int TRANSFER_SYNTAX = 0x40;
  private static final int USER_INFORMATION = 0x50;
  private static final int MAXIMUM_LENGTH = 0x51;
  private static final int IMPLEMENTATION_CLASS = 0x52;
  private static final int ASYNC_WINDOW = 0x53;
  private static final int ROLE_SELECTION = 0x54;
  private static final int IMPLEMENTATION_VERSION = 0x55;
  private static final int USER_IDENTITY_RQ = 0x58;
  private static final int AE_TITLE = 16;
  private static final int RESERVED = 32;
  private static final int FIXED = 68;
  private static final int MAX_CONTEXTS = 128;
  private static final int MAX_UID = 64;

  private AssociateFormat() {}

  /** Everything of either PDU; the caller picks what is its own. */
  private static final class Parsed {
    int version;
    String called;
    String calling;
    String applicationContext = "";
    final List<Pdu.ProposedContext> proposed = new ArrayList<>();
    final List<Pdu.ContextResult> results = new ArrayList<>();
    Pdu.UserInformation user = new Pdu.UserInformation(0, "", "", null, List.of(), null, 0);
  }

  static Pdu.AssociateRq decodeRq(ByteBuf in) throws PduFormatException {
    Parsed p = parse(in);
    return new Pdu.AssociateRq(
        p.version, p.called, p.calling, p.applicationContext, p.proposed, p.user);
  }

  static Pdu.AssociateAc decodeAc(ByteBuf in) throws PduFormatException {
    Parsed p = parse(in);
    return new Pdu.AssociateAc(
        p.version, p.called, p.calling, p.applicationContext, p.results, p.user);
  }

  private static Parsed parse(ByteBuf in) throws PduFormatException {
    if (in.readableBytes() < FIXED) {
      throw invalid(
          "A-ASSOCIATE of %d bytes, expected at least %d".formatted(in.readableBytes(), FIXED));
    }
    Parsed p = new Parsed();
    p.version = in.readUnsignedShort();
    in.skipBytes(2);
    p.called = text(in, AE_TITLE);
    p.calling = text(in, AE_TITLE);
    in.skipBytes(RESERVED);
    while (in.isReadable()) {
      int type = itemType(in);
      ByteBuf item = itemBody(in, type);
      switch (type) {
        case APPLICATION_CONTEXT -> p.applicationContext = uid(item);
        case CONTEXT_RQ -> addContext(p.proposed, proposedContext(item));
        case CONTEXT_AC -> addContext(p.results, contextResult(item));
        case USER_INFORMATION -> p.user = userInformation(item);
        default -> {
          // PS3.8 §9.3.1: an item of a type that is not known is passed over.
        }
      }
    }
    return p;
  }

  private static <T> void addContext(List<T> contexts, T context) throws PduFormatException {
    if (contexts.size() >= MAX_CONTEXTS) {
      throw invalid("more than 128 presentation contexts");
    }
    contexts.add(context);
  }

  private static int itemType(ByteBuf in) throws PduFormatException {
    if (in.readableBytes() < 4) {
      throw invalid(
          "%d bytes left where an item of at least 4 was expected".formatted(in.readableBytes()));
    }
    int type = in.readUnsignedByte();
    in.skipBytes(1);
    return type;
  }

  private static ByteBuf itemBody(ByteBuf in, int type) throws PduFormatException {
    int length = in.readUnsignedShort();
    if (length > in.readableBytes()) {
      throw invalid(
          "item %02XH of %d bytes, but only %d are left"
              .formatted(type, length, in.readableBytes()));
    }
    return in.readSlice(length);
  }

  private static Pdu.ProposedContext proposedContext(ByteBuf in) throws PduFormatException {
    int id = contextId(in);
    String abstractSyntax = "";
    List<String> transferSyntaxes = new ArrayList<>();
    while (in.isReadable()) {
      int type = itemType(in);
      ByteBuf item = itemBody(in, type);
      if (type == ABSTRACT_SYNTAX) {
        abstractSyntax = uid(item);
      } else if (type == TRANSFER_SYNTAX) {
        transferSyntaxes.add(uid(item));
      }
    }
    return new Pdu.ProposedContext(id, abstractSyntax, transferSyntaxes);
  }

  private static int contextId(ByteBuf in) throws PduFormatException {
    if (in.readableBytes() < 4) {
      throw invalid("presentation context item of %d bytes".formatted(in.readableBytes()));
    }
    int id = in.getUnsignedByte(in.readerIndex());
    if ((id & 1) == 0) {
      throw invalid("presentation context ID %d, expected an odd number".formatted(id));
    }
    in.skipBytes(1);
    in.skipBytes(1);
    in.markReaderIndex();
    in.skipBytes(2);
    return id;
  }

  private static Pdu.ContextResult contextResult(ByteBuf in) throws PduFormatException {
    int id = contextId(in);
    in.resetReaderIndex();
    int result = in.readUnsignedByte();
    in.skipBytes(1);
    String transferSyntax = "";
    while (in.isReadable()) {
      int type = itemType(in);
      ByteBuf item = itemBody(in, type);
      if (type == TRANSFER_SYNTAX && result == Pdu.ContextResult.ACCEPTANCE) {
        transferSyntax = uid(item);
      }
    }
    return new Pdu.ContextResult(id, result, transferSyntax);
  }

  private static Pdu.UserInformation userInformation(ByteBuf in) throws PduFormatException {
    long maxLength = 0;
    String classUid = "";
    String version = "";
    Pdu.AsyncWindow window = null;
    List<Pdu.RoleSelection> roles = new ArrayList<>();
    Pdu.UserIdentity identity = null;
    int unknown = 0;
    while (in.isReadable()) {
      int type = itemType(in);
      ByteBuf item = itemBody(in, type);
      switch (type) {
        case MAXIMUM_LENGTH -> maxLength = need(item, 4).readUnsignedInt();
        case IMPLEMENTATION_CLASS -> classUid = uid(item);
        case IMPLEMENTATION_VERSION -> version = text(item, item.readableBytes());
        case ASYNC_WINDOW ->
            window =
                new Pdu.AsyncWindow(need(item, 4).readUnsignedShort(), item.readUnsignedShort());
        case ROLE_SELECTION -> roles.add(role(item));
        case USER_IDENTITY_RQ -> identity = identity(item);
        default -> unknown++;
      }
    }
    return new Pdu.UserInformation(maxLength, classUid, version, window, roles, identity, unknown);
  }

  private static ByteBuf need(ByteBuf item, int bytes) throws PduFormatException {
    if (item.readableBytes() < bytes) {
      throw invalid(
          "user information sub-item of %d bytes, expected %d"
              .formatted(item.readableBytes(), bytes));
    }
    return item;
  }

  private static byte[] field(ByteBuf item) throws PduFormatException {
    int length = need(item, 2).readUnsignedShort();
    byte[] value = new byte[need(item, length).readableBytes() < length ? 0 : length];
    item.readBytes(value);
    return value;
  }

  private static Pdu.RoleSelection role(ByteBuf item) throws PduFormatException {
    String uid = new String(field(item), StandardCharsets.US_ASCII).trim();
    need(item, 2);
    return new Pdu.RoleSelection(uid, item.readByte() != 0, item.readByte() != 0);
  }

  private static Pdu.UserIdentity identity(ByteBuf item) throws PduFormatException {
    need(item, 2);
    int type = item.readUnsignedByte();
    boolean response = item.readByte() != 0;
    byte[] primary = field(item);
    return new Pdu.UserIdentity(type, response, primary, field(item));
  }

  private static String uid(ByteBuf item) throws PduFormatException {
    String uid = text(item, item.readableBytes());
    if (uid.length() > MAX_UID) {
      throw invalid(
          "a UID of %d characters, at most %d are allowed".formatted(uid.length(), MAX_UID));
    }
    return uid;
  }

  /** Without padding, be it spaces or nulls. */
  private static String text(ByteBuf in, int length) {
    String text = in.readCharSequence(length, StandardCharsets.ISO_8859_1).toString();
    int end = text.length();
    while (end > 0 && (text.charAt(end - 1) == ' ' || text.charAt(end - 1) == 0)) {
      end--;
    }
    return text.substring(0, end).stripLeading();
  }

  private static PduFormatException invalid(String what) {
    return new PduFormatException(Pdu.Abort.INVALID_PARAMETER, what);
  }

  static void encode(Pdu.AssociateRq rq, ByteBuf out) {
    fixed(
        rq.protocolVersion(),
        rq.calledAeTitle(),
        rq.callingAeTitle(),
        rq.applicationContext(),
        out);
    for (Pdu.ProposedContext context : rq.contexts()) {
      int at = begin(CONTEXT_RQ, out);
      out.writeByte(context.id()).writeZero(3);
      item(ABSTRACT_SYNTAX, context.abstractSyntax(), out);
      context.transferSyntaxes().forEach(uid -> item(TRANSFER_SYNTAX, uid, out));
      end(at, out);
    }
    userInformation(rq.userInformation(), out);
  }

  static void encode(Pdu.AssociateAc ac, ByteBuf out) {
    fixed(
        ac.protocolVersion(),
        ac.calledAeTitle(),
        ac.callingAeTitle(),
        ac.applicationContext(),
        out);
    for (Pdu.ContextResult context : ac.contexts()) {
      int at = begin(CONTEXT_AC, out);
      out.writeByte(context.id()).writeByte(0).writeByte(context.result()).writeByte(0);
      // Not significant when not accepted, but some peers want one to be there.
      item(TRANSFER_SYNTAX, context.transferSyntax(), out);
      end(at, out);
    }
    userInformation(ac.userInformation(), out);
  }

  private static void fixed(
      int version, String called, String calling, String applicationContext, ByteBuf out) {
    out.writeShort(version).writeShort(0);
    padded(called, out);
    padded(calling, out);
    out.writeZero(RESERVED);
    item(APPLICATION_CONTEXT, applicationContext, out);
  }

  private static void padded(String aeTitle, ByteBuf out) {
    String field = (aeTitle + " ".repeat(AE_TITLE)).substring(0, AE_TITLE);
    out.writeCharSequence(field, StandardCharsets.ISO_8859_1);
  }

  private static void userInformation(Pdu.UserInformation user, ByteBuf out) {
    int at = begin(USER_INFORMATION, out);
    out.writeByte(MAXIMUM_LENGTH).writeByte(0).writeShort(4).writeInt((int) user.maxPduLength());
    if (!user.implementationClassUid().isEmpty()) {
      item(IMPLEMENTATION_CLASS, user.implementationClassUid(), out);
    }
    if (user.asyncWindow() != null) {
      out.writeByte(ASYNC_WINDOW).writeByte(0).writeShort(4);
      out.writeShort(user.asyncWindow().invoked()).writeShort(user.asyncWindow().performed());
    }
    for (Pdu.RoleSelection role : user.roles()) {
      out.writeByte(ROLE_SELECTION)
          .writeByte(0)
          .writeShort(role.sopClassUid().length() + 4)
          .writeShort(role.sopClassUid().length());
      out.writeCharSequence(role.sopClassUid(), StandardCharsets.US_ASCII);
      out.writeByte(role.scu() ? 1 : 0).writeByte(role.scp() ? 1 : 0);
    }
    if (!user.implementationVersionName().isEmpty()) {
      item(IMPLEMENTATION_VERSION, user.implementationVersionName(), out);
    }
    if (user.userIdentity() != null) {
      Pdu.UserIdentity id = user.userIdentity();
      int start = begin(USER_IDENTITY_RQ, out);
      out.writeByte(id.type()).writeByte(id.responseRequested() ? 1 : 0);
      out.writeShort(id.primary().length).writeBytes(id.primary());
      out.writeShort(id.secondary().length).writeBytes(id.secondary());
      end(start, out);
    }
    end(at, out);
  }

  private static void item(int type, String text, ByteBuf out) {
    out.writeByte(type).writeByte(0).writeShort(text.length());
    out.writeCharSequence(text, StandardCharsets.ISO_8859_1);
  }

  private static int begin(int type, ByteBuf out) {
    out.writeByte(type).writeByte(0).writeShort(0);
    return out.writerIndex();
  }

  private static void end(int start, ByteBuf out) {
    out.setShort(start - 2, out.writerIndex() - start);
  }
}
