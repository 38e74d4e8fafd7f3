package org.isocentre.hl7;

import ca.uhn.hl7v2.HL7Exception;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.List;
import java.util.UUID;
import org.isocentre.hl7.OutboundMessage.Head;
import org.isocentre.model.AccessionKey;
import org.isocentre.model.Code;
import org.isocentre.model.Order;
import org.isocentre.model.OrderRequest;
import org.isocentre.model.OrderStatus;
import org.isocentre.model.Patient;
import org.isocentre.model.PatientDemographics;
import org.isocentre.model.PatientIdentity;
import org.isocentre.model.PatientKey;
import org.isocentre.model.PersonName;
import org.isocentre.model.Report;
import org.isocentre.model.ReportResult;
import org.isocentre.model.ScheduledStep;

/** Synthetic records, and messages made of them as they are read back. */
final class OutboundSamples {
  static final Instant NOON = Instant.parse("2026-11-01T12:00:00Z");
  static final UUID ID = UUID.fromString("00000000-0000-0001-0000-000000000002");

  private OutboundSamples() {}

  static Head head(String version) {
    return new Head("ISOCENTRE", "HUB", "RIS", "RJ1", NOON, "C1", version, "UNICODE UTF-8");
  }

  static Patient patient(String... numbers) {
    List<PatientKey> keys =
        java.util.Arrays.stream(numbers)
            .map(n -> new PatientKey(n.split(":")[0], n.split(":")[1]))
            .toList();
    return new Patient(
        ID,
        new PatientIdentity(
            keys.isEmpty() ? null : keys.get(0), "9990000018", LocalDate.of(1974, 2, 13)),
        keys,
        new PersonName("O'Test & Sons", "Zoë", "Ms"),
        "female",
        "1 Test Street",
        "SW1A 1AA",
        Patient.Source.ADT,
        false,
        NOON,
        null);
  }

  static Order order(OrderStatus status, String priority) {
    return new Order(
        ID,
        ID,
        new OrderRequest(
            "RTH",
            "P1",
            "RTH",
            "F1",
            "RTH",
            new AccessionKey("RTH", "ACC1"),
            "1.2.3",
            new PatientDemographics(
                new PatientIdentity(null, "9990000018", null),
                null,
                null,
                null,
                null,
                Patient.Source.ORDER),
            new Code("CTHEAD", "LOCAL", "CT head"),
            "CT",
            priority,
            "Fall | hit head",
            "G1234567",
            new PersonName("Refer", "Ann", "Dr"),
            "RJ1",
            status,
            NOON,
            "hl7/1",
            NOON,
            new ScheduledStep(
                LocalDateTime.of(2026, 11, 2, 9, 30),
                null,
                "CT1",
                null,
                "SPS1",
                "RP1",
                null,
                null,
                null)),
        NOON);
  }

  static Report report(String status, String text, String filler) {
    return new Report(
        ID,
        ID,
        ID,
        List.of(),
        new ReportResult(
            "RTH",
            null,
            null,
            filler,
            "RTH",
            new AccessionKey("RTH", "ACC1"),
            null,
            null,
            new Code("CTHEAD", "LOCAL", "CT head"),
            status,
            text,
            null,
            null,
            "C9",
            new PersonName("Report", "Bo", null),
            NOON,
            "hl7/2",
            NOON),
        NOON,
        ID);
  }

  static String text(OutboundMessage message) {
    try {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      message.write(out, StandardCharsets.UTF_8);
      return out.toString(StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Hl7Message parsed(OutboundMessage message) {
    try {
      return Hl7Message.parse(text(message).getBytes(StandardCharsets.UTF_8));
    } catch (HL7Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** A value as HAPI reads it, such as {@code OBR-4.2} or {@code PID-3[2].4}. */
  static String get(OutboundMessage message, String path) {
    FieldPath p = FieldPath.parse(path).orElseThrow();
    Hl7Message parsed = parsed(message);
    return Hl7Message.get(
        parsed.segments().stream()
            .filter(s -> s.getName().equals(p.segment()))
            .skip(Math.max(p.occurrence() - 1, 0))
            .findFirst()
            .orElse(null),
        p.field(),
        Math.max(p.repetition() - 1, 0),
        Math.max(p.component(), 1),
        Math.max(p.subcomponent(), 1));
  }
}
