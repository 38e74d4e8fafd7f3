package org.isocentre.outbound;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.isocentre.hl7.OutboundMessage;
import org.isocentre.hl7.OutboundMessage.Head;
import org.isocentre.index.OutboundIndex.Draft;
import org.isocentre.model.ReportResult;
import org.isocentre.store.ObjectStore;

/** Makes a message for one destination: builder, rules, bytes in the store. */
public final class MessageMaker {
  /** 100 bits in 20 characters, as many as MSH-10 has before version 2.7. */
  private static final int CONTROL_ID_BITS = 100;

  private static final int CHUNK = 64 * 1024;

  private final ObjectStore store;
  private final Clock clock;
  private final String application;
  private final String facility;
  private final long maxDocument;
  private final SecureRandom random = new SecureRandom();

  /**
   * @param application MSH-3 of the hub
   * @param facility MSH-4 of the hub
   * @param maxDocument bytes of a document that a message may carry
   */
  public MessageMaker(
      ObjectStore store, Clock clock, String application, String facility, long maxDocument) {
    this.store = store;
    this.clock = clock;
    this.application = application;
    this.facility = facility;
    this.maxDocument = maxDocument;
  }

  /** A document is larger than a message may carry. */
  static final class DocumentTooLargeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    DocumentTooLargeException(long size, long most) {
      super(
          "ISO-OUTBOUND-003: the report's document has %d bytes, more than the %d of isocentre.outbound.max-document-size; raise it and resend, or give the message up"
              .formatted(size, most));
    }
  }

  /** A document is not in the store, or is damaged. */
  static final class DocumentUnreadableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    DocumentUnreadableException(IOException cause) {
      super(
          "ISO-OUTBOUND-006: the report's document cannot be read from the store (%s); restore it, then have the trust send the report again, or give the message up"
              .formatted(cause.getClass().getSimpleName()),
          cause);
    }
  }

  /**
   * Makes, changes and stores a message. One that cannot be made becomes a draft that says why, so
   * that a person sees it.
   *
   * @param custodian ODS code of whose the data is, or null
   */
  Draft make(
      Destination to, String custodian, String type, Function<Head, OutboundMessage> builder) {
    String controlId =
        new BigInteger(CONTROL_ID_BITS, random).toString(32).toUpperCase(Locale.ROOT);
    Head head =
        new Head(
            application,
            facility,
            to.application(),
            to.facility(),
            clock.instant(),
            controlId,
            to.version(),
            to.charsetName(),
            to.acknowledging().acceptField(),
            to.acknowledging().applicationField());
    try {
      OutboundMessage message = builder.apply(head);
      to.rules().apply(message);
      return new Draft(custodian, message.messageType(), controlId, keep(message, to), null);
    } catch (DocumentTooLargeException | DocumentUnreadableException e) {
      return new Draft(custodian, type, controlId, null, e.getMessage());
    } catch (CharacterCodingException e) {
      return new Draft(
          custodian,
          type,
          controlId,
          null,
          "ISO-OUTBOUND-004: the message has a character that "
              + to.charset()
              + " has not; set charset of "
              + to.name()
              + " to UNICODE UTF-8, or add a rule");
    } catch (IOException e) {
      throw new UncheckedIOException("ISO-OUTBOUND-005: a message out could not be stored", e);
    }
  }

  private String keep(OutboundMessage message, Destination to) throws IOException {
    try (ObjectStore.ObjectWriter writer = store.create("hl7")) {
      message.write(into(writer), to.charset());
      return writer.commit().key();
    }
  }

  private static OutputStream into(ObjectStore.ObjectWriter writer) {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        writer.write(ByteBuffer.wrap(new byte[] {(byte) b}));
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        writer.write(ByteBuffer.wrap(bytes, offset, length));
      }
    };
  }

  /** A report's PDF in Base64, or empty if it has none. */
  Optional<String> document(ReportResult report) {
    if (report.documentKey() == null) {
      return Optional.empty();
    }
    try {
      long size = store.size(report.documentKey());
      if (size > maxDocument) {
        throw new DocumentTooLargeException(size, maxDocument);
      }
      ByteArrayOutputStream text = new ByteArrayOutputStream(Math.toIntExact((size + 2) / 3 * 4));
      try (InputStream in = store.open(report.documentKey());
          OutputStream encoder = Base64.getEncoder().wrap(text)) {
        byte[] chunk = new byte[CHUNK];
        for (int n = in.read(chunk); n > 0; n = in.read(chunk)) {
          encoder.write(chunk, 0, n);
        }
      }
      return Optional.of(text.toString(java.nio.charset.StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      throw new DocumentUnreadableException(e);
    }
  }
}
