package org.isocentre.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.isocentre.model.AuditEntry;
import org.isocentre.model.AuditOrigin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openehealth.ipf.commons.audit.codes.EventActionCode;
import org.openehealth.ipf.commons.audit.codes.EventOutcomeIndicator;
import org.openehealth.ipf.commons.audit.model.ActiveParticipantType;
import org.openehealth.ipf.commons.audit.model.AuditMessage;
import org.openehealth.ipf.commons.audit.unmarshal.dicom.DICOMAuditParser;

class AuditMessagesTest {
  private static final AuditOrigin ORIGIN =
      new AuditOrigin("viewer-app", "192.0.2.7", "r-1", "ImagingStudy?patient");
  private final AuditMessages messages = new AuditMessages("hub-1", "host.example");

  private static AuditEntry row(
      String actor, String action, String type, boolean permitted, String detail) {
    return new AuditEntry(
        new UUID(1, 2),
        Instant.parse("2026-11-05T09:30:00.123Z"),
        actor,
        "RTH",
        action,
        type,
        "ImagingStudy",
        type.equals("search") ? null : "7",
        new UUID(3, 4),
        permitted,
        detail,
        ORIGIN);
  }

  private AuditMessage parsed(AuditEntry row) {
    return new DICOMAuditParser().parse(messages.xml(row), false);
  }

  @Test
  void aReadSaysWhoSawWhatFromWhere() {
    AuditMessage message = parsed(row("C1234567", "R", "read", true, null));
    var event = message.getEventIdentification();
    assertThat(event.getEventID().getCode()).isEqualTo("110103");
    assertThat(event.getEventActionCode()).isEqualTo(EventActionCode.Read);
    assertThat(event.getEventOutcomeIndicator()).isEqualTo(EventOutcomeIndicator.Success);
    assertThat(event.getEventDateTime()).isEqualTo(Instant.parse("2026-11-05T09:30:00.123Z"));
    assertThat(event.getEventTypeCode()).extracting("code").containsExactly("read", "read");
    assertThat(message.getAuditSourceIdentification().getAuditSourceID()).isEqualTo("hub-1");
    assertThat(message.getActiveParticipants())
        .extracting(ActiveParticipantType::getUserID)
        .containsExactly("viewer-app", "hub-1", "C1234567", "RTH");
    ActiveParticipantType client = message.getActiveParticipants().get(0);
    assertThat(client.getNetworkAccessPointID()).isEqualTo("192.0.2.7");
    assertThat(client.getRoleIDCodes()).extracting("code").containsExactly("110152");
    assertThat(message.getActiveParticipants().get(1).getRoleIDCodes())
        .extracting("code")
        .containsExactly("110153");
    assertThat(message.getActiveParticipants().get(2).isUserIsRequestor()).isTrue();
    assertThat(message.getParticipantObjectIdentifications())
        .extracting("participantObjectID")
        .containsExactly(
            "ImagingStudy/7", new UUID(3, 4).toString(), "AuditEvent/" + new UUID(1, 2));
  }

  @Test
  void aSearchSaysWhatWasAskedAndARefusalIsAFailure() {
    AuditMessage message = parsed(row("C1234567", "E", "search", true, "3 found"));
    assertThat(message.getEventIdentification().getEventID().getCode()).isEqualTo("110112");
    assertThat(
            new String(
                message.getParticipantObjectIdentifications().get(0).getParticipantObjectQuery(),
                StandardCharsets.UTF_8))
        .isEqualTo("ImagingStudy?patient");
    assertThat(message.getActiveParticipants().get(0).getRoleIDCodes())
        .extracting("code")
        .containsExactly("110153");
    AuditMessage refused = parsed(row("C1234567", "R", "scope", false, "no scope to read"));
    assertThat(refused.getEventIdentification().getEventOutcomeIndicator())
        .isEqualTo(EventOutcomeIndicator.MinorFailure);
    assertThat(refused.getEventIdentification().getEventOutcomeDescription())
        .isEqualTo("no scope to read");
  }

  /** Every kind of row is a message that the library finds complete. */
  @ParameterizedTest
  @ValueSource(strings = {"read", "search", "query", "retrieve", "store", "break-glass", "forward"})
  void messagesAreComplete(String type) {
    for (AuditOrigin origin : new AuditOrigin[] {AuditOrigin.HUB, ORIGIN, AuditOrigin.at("::1")}) {
      AuditEntry e = row("a", "E", type, true, null);
      for (String entity : new String[] {"ImagingStudy", null}) {
        messages
            .message(
                new AuditEntry(
                    e.id(), e.at(), "a", null, "E", type, entity, null, null, true, null, origin))
            .validate();
      }
      messages.message(e).validate();
    }
  }

  @Property(tries = 300)
  void whateverACallerIsCalledTheMessageIsXml(@ForAll String actor, @ForAll String detail) {
    AuditMessage message = parsed(row(actor, "R", "read", true, detail));
    assertThat(message.getActiveParticipants()).hasSize(4);
  }
}
