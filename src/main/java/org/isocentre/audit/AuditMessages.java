package org.isocentre.audit;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.isocentre.audit.AuditKind.Term;
import org.isocentre.model.AuditEntry;
import org.isocentre.model.AuditOrigin;
import org.jdom2.Verifier;
import org.openehealth.ipf.commons.audit.codes.AuditSourceType;
import org.openehealth.ipf.commons.audit.codes.EventActionCode;
import org.openehealth.ipf.commons.audit.codes.EventOutcomeIndicator;
import org.openehealth.ipf.commons.audit.codes.NetworkAccessPointTypeCode;
import org.openehealth.ipf.commons.audit.codes.ParticipantObjectIdTypeCode;
import org.openehealth.ipf.commons.audit.codes.ParticipantObjectTypeCode;
import org.openehealth.ipf.commons.audit.codes.ParticipantObjectTypeCodeRole;
import org.openehealth.ipf.commons.audit.event.CustomAuditMessageBuilder;
import org.openehealth.ipf.commons.audit.marshal.dicom.Current;
import org.openehealth.ipf.commons.audit.model.AuditMessage;
import org.openehealth.ipf.commons.audit.model.TypeValuePairType;
import org.openehealth.ipf.commons.audit.types.ActiveParticipantRoleId;
import org.openehealth.ipf.commons.audit.types.EventId;
import org.openehealth.ipf.commons.audit.types.EventType;
import org.openehealth.ipf.commons.audit.types.ParticipantObjectIdType;

/** Rows of the trail as audit messages of DICOM (PS3.15 §A.5.1). */
public final class AuditMessages {
  private static final String DCM = "DCM";
  private static final ParticipantObjectIdType RESOURCE =
      ParticipantObjectIdType.of("resource", AuditKind.CodeSystem.OWN, "Resource of the hub");
  private static final ParticipantObjectIdType REQUEST =
      ParticipantObjectIdType.of("XrequestId", AuditKind.CodeSystem.OWN, "X-Request-Id");
  private static final ActiveParticipantRoleId SOURCE =
      ActiveParticipantRoleId.of("110153", DCM, "Source Role ID");
  private static final ActiveParticipantRoleId DESTINATION =
      ActiveParticipantRoleId.of("110152", DCM, "Destination Role ID");
  private static final ActiveParticipantRoleId USER =
      ActiveParticipantRoleId.of(
          "IRCP",
          "http://terminology.hl7.org/CodeSystem/v3-ParticipationType",
          "information recipient");

  private static final ActiveParticipantRoleId PROVIDER =
      ActiveParticipantRoleId.of(
          "PROV", "http://terminology.hl7.org/CodeSystem/v3-RoleClass", "healthcare provider");

  private final String source;
  private final String host;

  /**
   * @param source AuditSourceID: how the repository knows this hub
   * @param host name of the machine that the hub is on
   */
  public AuditMessages(String source, String host) {
    this.source = source;
    this.host = host;
  }

  /** A row as XML, without an XML declaration. */
  String xml(AuditEntry e) {
    return new Current().marshal(message(e), false);
  }

  AuditMessage message(AuditEntry e) {
    Term event = AuditKind.event(e);
    List<Term> called = AuditKind.subtypes(e.type());
    CustomAuditMessageBuilder builder =
        new CustomAuditMessageBuilder(
            e.permitted() ? EventOutcomeIndicator.Success : EventOutcomeIndicator.MinorFailure,
            legal(e.detail()),
            EventActionCode.enumForCode(e.action()),
            EventId.of(event.code(), DCM, event.display()),
            eventType(called.get(0)));
    for (Term more : called.subList(1, called.size())) {
      builder.getMessage().getEventIdentification().getEventTypeCode().add(eventType(more));
    }
    builder.getMessage().getEventIdentification().setEventDateTime(e.at());
    builder.setAuditSource(source, null, AuditSourceType.ApplicationServerProcess);
    participants(builder, e);
    objects(builder, e);
    return builder.getMessage();
  }

  private static EventType eventType(Term term) {
    boolean dicom = term.system().equals(AuditKind.CodeSystem.DCM);
    return EventType.of(
        term.code(),
        dicom ? DCM : term.system(),
        term.display() == null ? term.code() : term.display());
  }

  private void participants(CustomAuditMessageBuilder builder, AuditEntry e) {
    AuditOrigin origin = e.origin();
    boolean toClient = e.action().equals("R");
    if (origin.client() != null || origin.address() != null) {
      builder.addActiveParticipant(
          legal(origin.client() == null ? e.actor() : origin.client()),
          null,
          null,
          false,
          List.of(toClient ? DESTINATION : SOURCE),
          origin.address(),
          origin.address() == null ? null : NetworkAccessPointTypeCode.IPAddress,
          null,
          null);
    }
    builder.addActiveParticipant(
        source,
        null,
        "Isocentre",
        false,
        List.of(toClient ? SOURCE : DESTINATION),
        host,
        NetworkAccessPointTypeCode.MachineName,
        null,
        null);
    builder.addActiveParticipant(
        legal(e.actor()), null, null, true, List.of(USER), null, null, null, null);
    if (e.actorOrganisation() != null) {
      builder.addActiveParticipant(
          e.actorOrganisation(), null, null, false, List.of(PROVIDER), null, null, null, null);
    }
  }

  private static void objects(CustomAuditMessageBuilder builder, AuditEntry e) {
    if (e.isSearch()) {
      String asked = e.origin().query() == null ? e.entityType() : e.origin().query();
      if (asked != null) {
        builder.addParticipantObjectIdentification(
            ParticipantObjectIdTypeCode.SearchCriteria,
            null,
            asked.getBytes(StandardCharsets.UTF_8),
            List.of(),
            e.entityType() == null ? asked : e.entityType(),
            ParticipantObjectTypeCode.System,
            ParticipantObjectTypeCodeRole.Query,
            null,
            null);
      }
    } else if (e.entityType() != null) {
      builder.addParticipantObjectIdentification(
          RESOURCE,
          null,
          null,
          List.of(),
          e.entityId() == null ? e.entityType() : e.entityType() + "/" + e.entityId(),
          ParticipantObjectTypeCode.System,
          ParticipantObjectTypeCodeRole.Resource,
          null,
          null);
    }
    if (e.patientId() != null) {
      builder.addPatientParticipantObject(e.patientId().toString(), null, List.of(), null);
    }
    // By its id a repository tells what it was sent twice.
    builder.addParticipantObjectIdentification(
        RESOURCE,
        null,
        null,
        e.origin().request() == null
            ? List.of()
            : List.of(new TypeValuePairType(REQUEST.getCode(), e.origin().request())),
        "AuditEvent/" + e.id(),
        ParticipantObjectTypeCode.System,
        ParticipantObjectTypeCodeRole.SecurityResource,
        null,
        null);
  }

  /** Callers choose what they are called; XML has no control characters. */
  private static String legal(String text) {
    return text == null
        ? null
        : text.codePoints()
            .map(c -> Verifier.isXMLCharacter(c) ? c : '?')
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
            .toString();
  }
}
