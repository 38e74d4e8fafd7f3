package org.isocentre.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.UUID;
import org.isocentre.audit.AuditKind.CodeSystem;
import org.isocentre.model.AuditEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AuditKindTest {
  private static AuditEntry row(String type, String entity, boolean patient) {
    return new AuditEntry(
        new UUID(1, 2),
        Instant.EPOCH,
        "a",
        null,
        "R",
        type,
        entity,
        "1",
        patient ? new UUID(3, 4) : null,
        true,
        null);
  }

  @ParameterizedTest
  @CsvSource({
    "read, rest, read, Patient, 110110",
    "read, rest, read, ServiceRequest, 110109",
    "read, rest, read, ImagingStudy, 110103",
    "read, rest, read, Organization, 110106",
    "read, rest, read, AuditEvent, 110101",
    "search, rest, search-type, Patient, 110112",
    "search, rest, search-type, AuditEvent, 110101",
    "create, rest, create, Consent, 110113",
    "update, rest, update, Task, 110104",
    "query, 110112, query, ImagingStudy, 110112",
    "retrieve, 110104, retrieve, ImagingStudy, 110104",
    "store, 110104, store, ImagingStudy, 110104",
    "viewer, 110103, viewer, ImagingStudy, 110103",
    "reject, 110105, reject, ImagingStudy, 110105",
    "subscription, 110106, subscription, ImagingStudy, 110106",
    "upload-accept, 110107, upload-accept, Task, 110107",
    "patient-merge, 110110, patient-merge, Patient, 110110",
    "mpps-create, 110111, mpps-create, ServiceRequest, 110111",
    "break-glass, 110113, 110127, Patient, 110113",
    "consent-decision, 110113, AuthZ-Consent, ImagingStudy, 110113",
    "scope, 110113, AuthZ-Role, Patient, 110113",
    "flag-safeguarding, 110113, flag-safeguarding, Patient, 110113",
  })
  void rowsAreEventsOfOthers(
      String type, String code, String subtype, String entity, String event) {
    assertThat(AuditKind.of(type).term().code()).isEqualTo(code);
    assertThat(AuditKind.subtypes(type).get(0).code()).isEqualTo(subtype);
    assertThat(AuditKind.subtypes(type).get(AuditKind.subtypes(type).size() - 1))
        .isEqualTo(new AuditKind.Term(CodeSystem.OWN, type, null));
    boolean patient = !entity.equals("Organization");
    assertThat(AuditKind.event(row(type, entity, patient)).code()).isEqualTo(event);
    assertThat(AuditKind.event(row(type, entity, patient)).system()).isEqualTo(CodeSystem.DCM);
  }

  /** What a search by a code finds has that code. */
  @Test
  void everyTypeIsFoundByWhatItIs() {
    for (String type : AuditKind.known()) {
      AuditKind.Term kind = AuditKind.of(type).term();
      assertThat(AuditKind.typesOf(kind.system(), kind.code())).contains(type);
      assertThat(AuditKind.typesOf(null, kind.code())).contains(type);
      assertThat(AuditKind.typesOf("urn:other", kind.code())).isEmpty();
      for (AuditKind.Term called : AuditKind.subtypes(type)) {
        assertThat(AuditKind.typesCalled(called.system(), called.code())).contains(type);
        assertThat(AuditKind.typesCalled(null, called.code())).contains(type);
      }
    }
    assertThat(AuditKind.typesCalled("urn:other", "read")).isEmpty();
    assertThat(AuditKind.typesOf(null, "read")).isEmpty();
  }
}
