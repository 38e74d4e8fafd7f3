package org.isocentre.hl7;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.isocentre.model.MessageSender;
import org.isocentre.model.MessageSource;
import org.isocentre.model.MessageStored;

/** The messages of {@code hl7/messages.txt}, and how a hub of two trusts maps a message. */
public final class MessageTable {
  private static final Instant RECEIVED = Instant.parse("2026-11-01T12:00:00Z");
  private static final int MAX_DOCUMENT_BYTES = 1 << 20;

  private MessageTable() {}

  /**
   * One message and what is to come of it.
   *
   * @param expected by key, as the file's head says
   */
  public record Case(String name, Map<String, String> expected, byte[] raw) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Optional<String> issuer(String name) {
    return Set.of("RTH", "RJ1").contains(name) ? Optional.of(name) : Optional.empty();
  }

  public static MappingRules rules() {
    return new MappingRules(
        MessageTable::issuer,
        header ->
            switch (header.sendingApplication()) {
              case "ODD" -> places("OBR-19", "ZDS-2");
              case "PLC" -> places("OBR-2");
              default -> MappingRules.ACCESSION;
            });
  }

  private static List<FieldLocation> places(String... places) {
    return java.util.Arrays.stream(places).map(FieldLocation::parse).toList();
  }

  static MessageStored event() {
    return new MessageStored("e", "RTH", "X", "M1", "hl7/k", "UTF-8", RECEIVED);
  }

  /** As the hub does, by message type. */
  static List<?> map(Hl7Message message) {
    MessageStored event = event();
    Hl7Message.Header header = message.header();
    return switch (header.type()) {
      case "ADT" ->
          AdtToMerge.triggers().contains(header.trigger())
              ? new AdtToMerge(rules()).map(message, event)
              : List.of(new AdtToPatient(rules()).map(message, "RTH"));
      case "ORM" -> new OrmToOrder(rules()).map(message, event);
      case "OMG" -> new OmgToOrder(rules()).map(message, event);
      case "OMI" -> new OmiToOrder(rules()).map(message, event);
      case "SIU" -> List.of(new SiuToSchedule(rules()).map(message, event));
      case "ORU" -> new OruToReport(rules(), MAX_DOCUMENT_BYTES).map(message, event);
      case "MDM" -> List.of(new MdmToReport(rules(), MAX_DOCUMENT_BYTES).map(message, event));
      default -> throw new IllegalArgumentException(header.type());
    };
  }

  public static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    try (InputStream in = MessageTable.class.getResourceAsStream("/hl7/messages.txt")) {
      String all = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      for (String block : all.split("\n=== ")) {
        if (!block.startsWith("#")) {
          cases.add(one(block));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return cases;
  }

  private static Case one(String block) {
    int gap = block.indexOf("\n\n");
    String[] head = block.substring(0, gap).split("\n");
    Map<String, String> expected = new LinkedHashMap<>();
    for (int i = 1; i < head.length; i++) {
      int colon = head[i].indexOf(':');
      expected.put(head[i].substring(0, colon), head[i].substring(colon + 1).strip());
    }
    String end =
        switch (expected.getOrDefault("lines", "CR")) {
          case "LF" -> "\n";
          case "CRLF" -> "\r\n";
          default -> "\r";
        };
    expected.remove("lines");
    String text =
        block
                .substring(gap + 2)
                .strip()
                .replace("(empty)", "")
                .replace("^@", "\0")
                .replace("\n", end)
            + end;
    String encoding = Optional.ofNullable(expected.remove("bytes")).orElse("UTF-8");
    String mark = encoding.endsWith("-BOM") ? "\ufeff" : "";
    return new Case(
        head[0], expected, (mark + text).getBytes(Charset.forName(encoding.replace("-BOM", ""))));
  }

  static final MessageSource SOURCE = new MessageSource("10.1.2.3", List.of(), "c1");

  /** Takes what the facilities of the table send. */
  static MessageReceiver receiver() {
    return new MessageReceiver(
        (application, facility, source) ->
            issuer(facility).map(trust -> new MessageSender(trust, true)),
        (raw, event) -> event.apply("hl7/k"),
        new ControlIds(1, Duration.ofHours(1)),
        null,
        new Acknowledgement(Clock.systemUTC()),
        Clock.fixed(event().receivedAt(), ZoneOffset.UTC),
        (raw, header, custodian, problems) -> {});
  }
}
