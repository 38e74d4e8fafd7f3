package org.isocentre.dicom.pdu;

import io.netty.buffer.ByteBuf;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/**
 * Items and sub-items as A-ASSOCIATE PDUs are made of: a type, a reserved byte, a length of two
 * bytes, a body (PS3.8 §9.3.1). A length is held against what is left before anything is read.
 */
final class Items {
  private static final int HEADER = 4;
  private static final int MAX_UID = 64;
  private static final int MAX_LENGTH = 0xffff;
  private static final Charset TEXT = StandardCharsets.ISO_8859_1;

  private Items() {}

  /** Takes one item's body. */
  @FunctionalInterface
  interface Visitor {
    void item(int type, ByteBuf body) throws PduFormatException;
  }

  /** Reads items to the end of {@code in}; the bodies are slices, nothing is copied. */
  static void forEach(ByteBuf in, Visitor visitor) throws PduFormatException {
    while (in.isReadable()) {
      need(in, HEADER, "an item");
      int type = in.readUnsignedByte();
      in.skipBytes(1);
      int length = in.readUnsignedShort();
      if (length > in.readableBytes()) {
        throw invalid(
            "item %02XH of %d bytes, but only %d are left"
                .formatted(type, length, in.readableBytes()));
      }
      visitor.item(type, in.readSlice(length));
    }
  }

  static ByteBuf need(ByteBuf in, int bytes, String what) throws PduFormatException {
    if (in.readableBytes() < bytes) {
      throw invalid(
          "%s of %d bytes, expected at least %d".formatted(what, in.readableBytes(), bytes));
    }
    return in;
  }

  /** A field behind its own length of two bytes. */
  static ByteBuf field(ByteBuf in, String what) throws PduFormatException {
    int length = need(in, 2, what).readUnsignedShort();
    return need(in, length, what).readSlice(length);
  }

  static byte[] bytes(ByteBuf in) {
    byte[] bytes = new byte[in.readableBytes()];
    in.readBytes(bytes);
    return bytes;
  }

  static String uid(ByteBuf in) throws PduFormatException {
    if (in.readableBytes() > MAX_UID) {
      throw invalid(
          "a UID of %d characters, at most %d are allowed".formatted(in.readableBytes(), MAX_UID));
    }
    return text(in, in.readableBytes());
  }

  /** Without padding, be it spaces or nulls. */
  static String text(ByteBuf in, int length) {
    String text = in.readCharSequence(length, TEXT).toString();
    int end = text.length();
    while (end > 0 && (text.charAt(end - 1) == ' ' || text.charAt(end - 1) == 0)) {
      end--;
    }
    return text.substring(0, end).stripLeading();
  }

  static PduFormatException invalid(String what) {
    return new PduFormatException(Pdu.Abort.INVALID_PARAMETER, what);
  }

  static void write(int type, String text, ByteBuf out) {
    int at = begin(type, out);
    out.writeCharSequence(text, TEXT);
    end(at, out);
  }

  static void writeField(String text, ByteBuf out) {
    writeField(text.getBytes(TEXT), out);
  }

  static void writeField(byte[] bytes, ByteBuf out) {
    checkLength(bytes.length);
    out.writeShort(bytes.length).writeBytes(bytes);
  }

  /** Opens an item. @return what {@link #end} is given */
  static int begin(int type, ByteBuf out) {
    out.writeByte(type).writeByte(0);
    return beginField(out);
  }

  static int beginField(ByteBuf out) {
    out.writeShort(0);
    return out.writerIndex();
  }

  /** Writes the length of the item or field that was opened. */
  static void end(int start, ByteBuf out) {
    int length = out.writerIndex() - start;
    checkLength(length);
    out.setShort(start - 2, length);
  }

  private static void checkLength(int length) {
    if (length > MAX_LENGTH) {
      throw new IllegalArgumentException(
          "ISO-DICOM-407: an item of %d bytes in an A-ASSOCIATE PDU, at most %d can be told (PS3.8 §9.3.1); propose less, or use a shorter token"
              .formatted(length, MAX_LENGTH));
    }
  }
}
