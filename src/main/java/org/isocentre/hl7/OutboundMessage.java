package org.isocentre.hl7;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.util.ArrayList;
import java.util.List;

/**
 * A message that is being made: segments in order. The delimiters are always {@code |^~\&}. Made by
 * one builder, changed by the rules of its destination, then written once; not for several threads.
 */
public final class OutboundMessage {
  private final OutboundKind kind;
  private final String trigger;
  private final List<OutboundSegment> segments = new ArrayList<>();

  OutboundMessage(OutboundKind kind, String trigger) {
    this.kind = kind;
    this.trigger = trigger;
  }

  /**
   * What of its destination and its sending goes into MSH.
   *
   * @param accept MSH-15, or null
   * @param application MSH-16, or null
   */
  public record Head(
      String sendingApplication,
      String sendingFacility,
      String receivingApplication,
      String receivingFacility,
      java.time.Instant at,
      String controlId,
      String version,
      String charset,
      String accept,
      String application) {
    /** In original mode. */
    public Head(
        String sendingApplication,
        String sendingFacility,
        String receivingApplication,
        String receivingFacility,
        java.time.Instant at,
        String controlId,
        String version,
        String charset) {
      this(
          sendingApplication,
          sendingFacility,
          receivingApplication,
          receivingFacility,
          at,
          controlId,
          version,
          charset,
          null,
          null);
    }

    /** Whether the message is of this version or a later one. */
    boolean since(String other) {
      return version.compareTo(other) >= 0;
    }
  }

  public OutboundKind kind() {
    return kind;
  }

  /** Such as {@code ORU^R01}. */
  public String messageType() {
    return kind + "^" + trigger;
  }

  OutboundSegment add(String name) {
    OutboundSegment segment = new OutboundSegment(name);
    segments.add(segment);
    return segment;
  }

  List<OutboundSegment> segments() {
    return segments;
  }

  List<OutboundSegment> segments(String name) {
    return segments.stream().filter(s -> s.name().equals(name)).toList();
  }

  /**
   * Writes the message without a frame.
   *
   * @throws CharacterCodingException if a value has a character that the character set has not;
   *     nothing is ever replaced by a question mark
   */
  public void write(OutputStream to, Charset charset) throws IOException {
    Writer out =
        new BufferedWriter(
            new OutputStreamWriter(
                to,
                charset
                    .newEncoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)));
    for (OutboundSegment segment : segments) {
      segment.write(out);
    }
    out.flush();
  }

  /** Never shows what it holds. */
  @Override
  public String toString() {
    return "OutboundMessage[" + messageType() + "]";
  }
}
