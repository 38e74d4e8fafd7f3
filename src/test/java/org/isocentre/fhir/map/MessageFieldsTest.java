package org.isocentre.fhir.map;

import static org.assertj.core.api.Assertions.assertThat;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.parser.IParser;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.DiagnosticReport;
import org.hl7.fhir.r4.model.ServiceRequest;
import org.isocentre.model.Order;
import org.isocentre.model.OrderRequest;
import org.isocentre.model.OrderStatus;
import org.isocentre.model.Patient;
import org.isocentre.model.PatientDemographics;
import org.isocentre.model.PatientIdentity;
import org.isocentre.model.PersonName;
import org.isocentre.model.Practitioner;
import org.isocentre.model.Report;
import org.isocentre.model.ReportResult;
import org.isocentre.model.ScheduledStep;
import org.isocentre.model.Study;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What HL7 messages say, as FHIR shows it. */
class MessageFieldsTest {
  private static final UUID ID = new UUID(1, 2);
  private static final Instant NOON = Instant.parse("2026-11-01T12:00:00Z");
  private static final PatientIdentity WHO =
      new PatientIdentity(null, "9990000018", LocalDate.of(1974, 2, 13));
  private static final PatientDemographics PATIENT =
      new PatientDemographics(WHO, null, null, null, null, Patient.Source.ORDER);
  private static final FhirContext FHIR = FhirContext.forR4Cached();

  private static ServiceRequest order(String referrer) {
    LocalDateTime start = LocalDateTime.of(2026, 7, 2, 9, 30);
    OrderRequest request =
        new OrderRequest(
            "RTH",
            "P1",
            "RTH",
            null,
            "RTH",
            null,
            null,
            PATIENT,
            null,
            null,
            "asap",
            null,
            referrer,
            new PersonName("REFERRER", "ANN", "Dr"),
            null,
            OrderStatus.ACTIVE,
            NOON,
            "hl7/1",
            NOON,
            new ScheduledStep(start, null, null, null, null, null, null, null, null),
            "000000070000",
            Set.of());
    return ServiceRequestMapper.map(new Order(ID, ID, request, NOON));
  }

  private static Report report(String text, String filler, String document) {
    ReportResult result =
        new ReportResult(
            "RTH",
            null,
            "RTH",
            filler,
            "RTH",
            null,
            null,
            PATIENT,
            null,
            "appended",
            text,
            null,
            null,
            null,
            null,
            NOON,
            "hl7/1",
            NOON,
            document,
            List.of());
    return new Report(ID, ID, null, List.of(), result, NOON, new UUID(3, 4));
  }

  @Test
  void anOrderHasItsBookingReferenceAndItsTime() {
    ServiceRequest order = order("C1234567");
    assertThat(order.getIdentifier())
        .anySatisfy(
            i -> {
              assertThat(i.getSystem()).isEqualTo("https://fhir.nhs.uk/Id/UBRN");
              assertThat(i.getValue()).isEqualTo("000000070000");
            });
    // Half past nine in London, in summer.
    assertThat(order.getOccurrenceDateTimeType().getValue().toInstant())
        .isEqualTo(Instant.parse("2026-07-02T08:30:00Z"));
  }

  @ParameterizedTest
  @CsvSource({
    "C1234567, https://fhir.hl7.org.uk/Id/gmc-number, 1234567",
    "1234567, https://fhir.hl7.org.uk/Id/gmc-number, 1234567",
    "012345678901, https://fhir.nhs.uk/Id/sds-user-id, 012345678901",
    "c1234567, urn:isocentre:clinician:RTH, c1234567",
    "12345678, urn:isocentre:clinician:RTH, 12345678",
    "SMITHJ, urn:isocentre:clinician:RTH, SMITHJ"
  })
  void aRequestersCodeHasTheSystemThatItIsOf(String code, String system, String value) {
    Practitioner.Key key = Practitioner.Key.of(code, "RTH");
    var found =
        PractitionerMapper.practitioner(new Practitioner(key, null, NOON)).getIdentifierFirstRep();
    assertThat(found.getSystem()).isEqualTo(system);
    assertThat(found.getValue()).isEqualTo(value);
  }

  @Test
  void anOrderIsAskedForInARoleThatFollowsFromTheCode() {
    Practitioner.Key key = Practitioner.Key.of("1234567", "RTH");
    String organisation = order("C1234567").getRequester().getReference();
    assertThat(organisation).startsWith("PractitionerRole/");
    assertThat(order("1234567").getRequester().getReference()).isEqualTo(organisation);
    assertThat(Set.of(key.roleId("RJ1"), key.roleId("RTH"), key.roleId(null), key.id()))
        .hasSize(4)
        .anySatisfy(id -> assertThat("PractitionerRole/" + id).isEqualTo(organisation));
    // They are addresses: they must not change from one version to the next.
    assertThat(key.id()).hasToString("24913b70-90c1-82e6-88b3-0af8ccb69220");
  }

  @Test
  void aPatientsNhsNumberHasItsStatus() {
    Patient patient =
        new Patient(
            ID, WHO, List.of(), null, null, null, null, Patient.Source.ADT, false, NOON, "01");
    var number = PatientMapper.map(patient, List.of()).getIdentifier().get(0);
    CodeableConcept status =
        (CodeableConcept) number.getExtensionByUrl(Systems.NHS_NUMBER_STATUS_EXTENSION).getValue();
    assertThat(status.getCodingFirstRep().getCode()).isEqualTo("01");
  }

  @ParameterizedTest
  @ValueSource(strings = {"json", "xml"})
  void theTextOfAReportComesOutAsItCameIn(String format) {
    String text = "<5 mm & >2 \\.br\\ ^ ~ | \"'\n\n  1.\tM\u00fcller \u20ac";
    IParser parser = format.equals("json") ? FHIR.newJsonParser() : FHIR.newXmlParser();
    DiagnosticReport read =
        parser.parseResource(
            DiagnosticReport.class,
            parser.encodeResourceToString(
                DiagnosticReportMapper.map(report(text, "F1", null), null)));
    assertThat(read.getConclusion()).isEqualTo(text);
    assertThat(read.getStatus().toCode()).isEqualTo("appended");
    assertThat(read.getMeta().getVersionId()).isEqualTo(new UUID(3, 4).toString());
  }

  @Test
  void aDocumentWithoutAnOrderHasItsOwnNumber() {
    DiagnosticReport read = DiagnosticReportMapper.map(report("x", null, "D1^RIS"), null);
    assertThat(read.getIdentifier())
        .singleElement()
        .satisfies(
            i -> {
              assertThat(i.getSystem()).isEqualTo("urn:isocentre:document:RTH");
              assertThat(i.getValue()).isEqualTo("D1^RIS");
            });
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aStudyTellsWhetherItsReportIsAwaited(boolean awaited) {
    Study study =
        new Study(
            ID, "RTH", "1.1", ID, WHO, null, null, null, null, null, null, null, List.of(), 0, 0,
            NOON, NOON);
    assertThat(
            ImagingStudyMapper.map(study, List.of(), List.of(), List.of(), awaited)
                    .getMeta()
                    .getTag(Systems.REPORT, "awaited")
                != null)
        .isEqualTo(awaited);
  }
}
