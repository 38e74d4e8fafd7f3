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
  private static final int AE_TITLE = 16;
  private static final int RESERVED = 32;
  private static final int FIXED = 68;
  private static final int MAX_CONTEXTS = 128;

  private int version;
  private String called;
  private String calling;
  private String applicationContext = "";
  private final List<Pdu.ProposedContext> proposed = new ArrayList<>();
  private final List<Pdu.ContextResult> results = new ArrayList<>();
  private Pdu.UserInformation user = Pdu.UserInformation.NONE;

  private AssociateFormat() {}

  static Pdu.AssociateRq decodeRq(ByteBuf in) throws PduFormatException {
    AssociateFormat p = parse(in);
    return new Pdu.AssociateRq(
        p.version, p.called, p.calling, p.applicationContext, p.proposed, p.user);
  }

  static Pdu.AssociateAc decodeAc(ByteBuf in) throws PduFormatException {
    AssociateFormat p = parse(in);
    return new Pdu.AssociateAc(
        p.version, p.called, p.calling, p.applicationContext, p.results, p.user);
  }

  /** Everything of either PDU; the caller picks what is its own. */
  private static AssociateFormat parse(ByteBuf in) throws PduFormatException {
    Items.need(in, FIXED, "an A-ASSOCIATE");
    AssociateFormat p = new AssociateFormat();
    p.version = in.readUnsignedShort();
    in.skipBytes(2);
    p.called = Items.text(in, AE_TITLE);
    p.calling = Items.text(in, AE_TITLE);
    in.skipBytes(RESERVED);
    Items.forEach(in, p::item);
    return p;
  }

  private void item(int type, ByteBuf body) throws PduFormatException {
    switch (type) {
      case APPLICATION_CONTEXT -> applicationContext = Items.uid(body);
      case CONTEXT_RQ -> addContext(proposed, proposedContext(body));
      case CONTEXT_AC -> addContext(results, contextResult(body));
      case UserInformationFormat.ITEM -> user = UserInformationFormat.decode(body);
      default -> {
        // PS3.8 §9.3.1: an item of a type that is not known is passed over.
      }
    }
  }

  private static <T> void addContext(List<T> contexts, T context) throws PduFormatException {
    if (contexts.size() >= MAX_CONTEXTS) {
      throw Items.invalid("more than 128 presentation contexts");
    }
    contexts.add(context);
  }

  private static Pdu.ProposedContext proposedContext(ByteBuf in) throws PduFormatException {
    int id = contextId(in);
    in.skipBytes(3);
    String[] abstractSyntax = {""};
    List<String> transferSyntaxes = new ArrayList<>();
    Items.forEach(
        in,
        (type, body) -> {
          if (type == ABSTRACT_SYNTAX) {
            abstractSyntax[0] = Items.uid(body);
          } else if (type == TRANSFER_SYNTAX) {
            transferSyntaxes.add(Items.uid(body));
          }
        });
    return new Pdu.ProposedContext(id, abstractSyntax[0], transferSyntaxes);
  }

  private static int contextId(ByteBuf in) throws PduFormatException {
    int id = Items.need(in, 4, "a presentation context item").readUnsignedByte();
    if ((id & 1) == 0) {
      throw Items.invalid("presentation context ID %d, expected an odd number".formatted(id));
    }
    return id;
  }

  private static Pdu.ContextResult contextResult(ByteBuf in) throws PduFormatException {
    int id = contextId(in);
    in.skipBytes(1);
    int result = in.readUnsignedByte();
    in.skipBytes(1);
    String[] transferSyntax = {""};
    Items.forEach(
        in,
        (type, body) -> {
          // Not significant, and not looked at, when the context is refused (PS3.8 §9.3.3.2).
          if (type == TRANSFER_SYNTAX && result == Pdu.ContextResult.ACCEPTANCE) {
            transferSyntax[0] = Items.uid(body);
          }
        });
    return new Pdu.ContextResult(id, result, transferSyntax[0]);
  }

  static void encode(Pdu.AssociateRq rq, ByteBuf out) {
    fixed(
        rq.protocolVersion(),
        rq.calledAeTitle(),
        rq.callingAeTitle(),
        rq.applicationContext(),
        out);
    for (Pdu.ProposedContext context : rq.contexts()) {
      int at = Items.begin(CONTEXT_RQ, out);
      out.writeByte(context.id()).writeZero(3);
      Items.write(ABSTRACT_SYNTAX, context.abstractSyntax(), out);
      context.transferSyntaxes().forEach(uid -> Items.write(TRANSFER_SYNTAX, uid, out));
      Items.end(at, out);
    }
    UserInformationFormat.encode(rq.userInformation(), out);
  }

  static void encode(Pdu.AssociateAc ac, ByteBuf out) {
    fixed(
        ac.protocolVersion(),
        ac.calledAeTitle(),
        ac.callingAeTitle(),
        ac.applicationContext(),
        out);
    for (Pdu.ContextResult context : ac.contexts()) {
      int at = Items.begin(CONTEXT_AC, out);
      out.writeByte(context.id()).writeByte(0).writeByte(context.result()).writeByte(0);
      // Not significant when not accepted, but some peers want one to be there.
      Items.write(TRANSFER_SYNTAX, context.transferSyntax(), out);
      Items.end(at, out);
    }
    UserInformationFormat.encode(ac.userInformation(), out);
  }

  private static void fixed(
      int version, String called, String calling, String applicationContext, ByteBuf out) {
    out.writeShort(version).writeShort(0);
    padded(called, out);
    padded(calling, out);
    out.writeZero(RESERVED);
    Items.write(APPLICATION_CONTEXT, applicationContext, out);
  }

  private static void padded(String aeTitle, ByteBuf out) {
    String field = (aeTitle + " ".repeat(AE_TITLE)).substring(0, AE_TITLE);
    out.writeCharSequence(field, StandardCharsets.ISO_8859_1);
  }
}
