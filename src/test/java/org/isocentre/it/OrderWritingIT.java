package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.rest.api.MethodOutcome;
import ca.uhn.fhir.rest.client.api.IGenericClient;
import ca.uhn.fhir.rest.client.interceptor.AdditionalRequestHeadersInterceptor;
import ca.uhn.fhir.rest.client.interceptor.BearerTokenAuthInterceptor;
import ca.uhn.fhir.rest.server.exceptions.BaseServerResponseException;
import ca.uhn.fhir.rest.server.exceptions.ForbiddenOperationException;
import ca.uhn.fhir.rest.server.exceptions.ResourceNotFoundException;
import ca.uhn.fhir.rest.server.exceptions.ResourceVersionConflictException;
import ca.uhn.fhir.rest.server.exceptions.UnprocessableEntityException;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.hl7.fhir.r4.model.AuditEvent;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.DateTimeType;
import org.hl7.fhir.r4.model.DateType;
import org.hl7.fhir.r4.model.IdType;
import org.hl7.fhir.r4.model.Identifier;
import org.hl7.fhir.r4.model.Patient;
import org.hl7.fhir.r4.model.Practitioner;
import org.hl7.fhir.r4.model.PractitionerRole;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.ServiceRequest;
import org.hl7.fhir.r4.model.ServiceRequest.ServiceRequestIntent;
import org.hl7.fhir.r4.model.ServiceRequest.ServiceRequestPriority;
import org.hl7.fhir.r4.model.ServiceRequest.ServiceRequestStatus;
import org.hl7.fhir.r4.model.Timing;
import org.isocentre.dicom.data.Uid;
import org.isocentre.it.Pacs.About;
import org.isocentre.it.Pacs.Image;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** An EPR that orders by FHIR instead of HL7 v2. */
class OrderWritingIT {
  private static final String BORN = "19740213";
  private static final String NHS = "https://fhir.nhs.uk/Id/nhs-number";
  private static final String PLACER = "urn:isocentre:placer:RTH";
  private static final String ACCESSION = "urn:isocentre:accession:RTH";
  private static final String DCM = "http://dicom.nema.org/resources/ontology/DCM";
  @TempDir static Path directory;
  private static TestHub hub;
  private static Pacs rth;
  private static IGenericClient epr;

  @BeforeAll
  static void start() {
    hub = new TestHub(directory, TestHub.freePort()).start();
    rth = new Pacs();
    epr = client(system("RTH"));
  }

  @AfterAll
  static void stop() {
    rth.close();
    hub.close();
  }

  private static String system(String ods) {
    return hub.token(Map.of("scope", "system/*.cruds", "ods_code", ods));
  }

  private static IGenericClient client(String token) {
    IGenericClient client =
        FhirContext.forR4Cached().newRestfulGenericClient("http://127.0.0.1:" + hub.http + "/fhir");
    client.registerInterceptor(new BearerTokenAuthInterceptor(token));
    return client;
  }

  private static String number() {
    return "W" + MainJobIT.nhsNumber();
  }

  private static Patient patient(String nhs) {
    Patient patient = new Patient();
    patient.setBirthDateElement(new DateType("1974-02-13")).setId("p");
    patient.addIdentifier().setSystem(NHS).setValue(nhs);
    patient.addName().setFamily("TEST").addGiven("CASE");
    return patient;
  }

  /** Of a patient whom the hub may not know. */
  private static ServiceRequest order(String nhs, String number) {
    ServiceRequest order = new ServiceRequest();
    order.addContained(patient(nhs));
    order
        .setSubject(new Reference("#p"))
        .setStatus(ServiceRequestStatus.ACTIVE)
        .setIntent(ServiceRequestIntent.ORDER)
        .setPriority(ServiceRequestPriority.URGENT)
        .addIdentifier(new Identifier().setSystem(PLACER).setValue("P" + number))
        .addIdentifier(new Identifier().setSystem(ACCESSION).setValue(number));
    order
        .getCode()
        .setText("CT head")
        .addCoding()
        .setSystem("http://snomed.info/sct")
        .setCode("303653007")
        .setDisplay("CT head");
    order.addOrderDetail().addCoding().setSystem(DCM).setCode("CT");
    order.setOccurrence(new DateTimeType("2026-11-05T09:30:00+00:00"));
    order.addReasonCode().setText("Headache <3 weeks> & nausea");
    return order;
  }

  private static ServiceRequest written(ServiceRequest order) {
    MethodOutcome outcome = epr.create().resource(order).execute();
    assertThat(outcome.getCreated()).isTrue();
    return (ServiceRequest) outcome.getResource();
  }

  private static ServiceRequest written() {
    return written(order(MainJobIT.nhsNumber(), number()));
  }

  private static void awaitLink(String study, ServiceRequest order) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () ->
                assertThat(hub.study(study))
                    .singleElement()
                    .extracting(s -> s.path("basedOn").toString())
                    .asString()
                    .contains("ServiceRequest/" + order.getIdPart()));
  }

  @Test
  void imagesThatComeLaterAreLinkedToIt() throws Exception {
    String nhs = MainJobIT.nhsNumber();
    String number = number();
    ServiceRequest order = written(order(nhs, number));
    assertThat(order.getSubject().getReference()).startsWith("Patient/");
    assertThat(order.getPerformerFirstRep().getReference()).isEqualTo("Organization/RTH");
    assertThat(order.getReasonCodeFirstRep().getText()).isEqualTo("Headache <3 weeks> & nausea");
    assertThat(order.getCode().getCodingFirstRep().getSystem()).isEqualTo("http://snomed.info/sct");
    assertThat(order.getOccurrenceDateTimeType().getValueAsString()).startsWith("2026-11-05T09:30");
    Image image = Pacs.image(Uid.random(), Uid.random(), new About(nhs, BORN, number));
    rth.send(hub.dicom, image);
    awaitLink(image.study(), order);
  }

  @Test
  void imagesThatCameBeforeAreLinkedToIt() throws Exception {
    String nhs = MainJobIT.nhsNumber();
    String number = number();
    Image image = Pacs.image(Uid.random(), Uid.random(), new About(nhs, BORN, number));
    rth.send(hub.dicom, image);
    JsonNode before =
        Awaitility.await()
            .atMost(Duration.ofSeconds(30))
            .until(() -> hub.study(image.study()), found -> found.size() == 1)
            .get(0);
    ServiceRequest order = order(nhs, number);
    order.setContained(new ArrayList<>());
    order.setSubject(new Reference(before.at("/subject/reference").asText()));
    ServiceRequest known = written(order);
    assertThat(known.getSubject().getReference())
        .isEqualTo(before.at("/subject/reference").asText());
    awaitLink(image.study(), known);
  }

  @Test
  void aMessageOfTheSameNumberIsOfTheSameOrder() throws Exception {
    String nhs = MainJobIT.nhsNumber();
    String number = number();
    ServiceRequest order = written(order(nhs, number));
    assertThat(new Ris(hub.mllp).send(Ris.order(nhs, BORN, number).replace("ORC|NW", "ORC|CA")))
        .contains("MSA|AA");
    // What the message was made before says nothing new.
    Awaitility.await()
        .untilAsserted(
            () ->
                assertThat(hub.json("/api/messages?accession=" + number, integration()).toString())
                    .contains("FILED"));
    assertThat(
            epr.search()
                .byUrl("ServiceRequest?identifier=" + ACCESSION + "|" + number)
                .returnBundle(Bundle.class)
                .execute()
                .getEntry())
        .hasSize(1)
        .allMatch(e -> e.getResource().getIdElement().getIdPart().equals(order.getIdPart()));
  }

  private static String integration() {
    return hub.token(
        Map.of("scope", "system/*.read", "ods_code", "RTH", "roles", List.of("integration")));
  }

  @Test
  void whatIsReadCanBeWrittenBack() {
    ServiceRequest order = written();
    MethodOutcome same = epr.update().resource(order).execute();
    ServiceRequest after = (ServiceRequest) same.getResource();
    assertThat(after.getMeta().getVersionId()).isNotEqualTo(order.getMeta().getVersionId());
    for (ServiceRequest one : List.of(order, after)) {
      one.setMeta(null).setId("1");
    }
    assertThat(text(after)).isEqualTo(text(order));
  }

  private static String text(ServiceRequest order) {
    return FhirContext.forR4Cached().newJsonParser().encodeResourceToString(order);
  }

  @Test
  void aChangeLeavesAVersionAndWhoSawAnOlderOneIsRefused() {
    ServiceRequest first = written();
    IdType seen = first.getIdElement();
    first.setStatus(ServiceRequestStatus.ONHOLD).setPriority(null);
    first.getIdentifier().removeIf(i -> i.getSystem().equals(ACCESSION));
    ServiceRequest second = (ServiceRequest) epr.update().resource(first).execute().getResource();
    assertThat(second.getStatus()).isEqualTo(ServiceRequestStatus.ONHOLD);
    assertThat(second.hasPriority()).isFalse();
    assertThat(second.getIdentifier()).extracting(Identifier::getSystem).containsExactly(PLACER);
    first.setId(seen);
    assertThatThrownBy(
            () ->
                epr.update()
                    .resource(first)
                    .withAdditionalHeader(
                        "If-Match", "W/\"" + first.getMeta().getVersionId() + "\"")
                    .execute())
        .isInstanceOf(ResourceVersionConflictException.class)
        .hasMessageContaining("ISO-FHIR-084");
    ServiceRequest third =
        (ServiceRequest)
            epr.patch()
                .withBody("[{\"op\":\"replace\",\"path\":\"/status\",\"value\":\"revoked\"}]")
                .withId(seen.toUnqualifiedVersionless())
                .execute()
                .getResource();
    assertThat(third.getStatus()).isEqualTo(ServiceRequestStatus.REVOKED);
    Bundle history =
        epr.history()
            .onInstance(seen.toUnqualifiedVersionless())
            .returnBundle(Bundle.class)
            .execute();
    assertThat(history.getEntry())
        .extracting(e -> ((ServiceRequest) e.getResource()).getStatus())
        .containsExactly(
            ServiceRequestStatus.REVOKED, ServiceRequestStatus.ONHOLD, ServiceRequestStatus.ACTIVE);
    ServiceRequest old =
        epr.read()
            .resource(ServiceRequest.class)
            .withIdAndVersion(seen.getIdPart(), first.getMeta().getVersionId())
            .execute();
    assertThat(old.getPriority()).isEqualTo(ServiceRequestPriority.URGENT);
    assertThat(old.getIdentifier()).hasSize(2);
    assertThatThrownBy(
            () ->
                epr.read()
                    .resource(ServiceRequest.class)
                    .withIdAndVersion(seen.getIdPart(), "1")
                    .execute())
        .isInstanceOf(ResourceNotFoundException.class);
  }

  @Test
  void conditionsFindWhatIsThere() {
    String nhs = MainJobIT.nhsNumber();
    String number = number();
    String condition = "ServiceRequest?identifier=" + PLACER + "|P" + number;
    ServiceRequest first = written(order(nhs, number));
    MethodOutcome again =
        epr.create().resource(order(nhs, number)).conditionalByUrl(condition).execute();
    assertThat(again.getCreated()).isNotEqualTo(Boolean.TRUE);
    assertThat(again.getId().getIdPart()).isEqualTo(first.getIdPart());
    assertThatThrownBy(() -> epr.create().resource(order(nhs, number)).execute())
        .isInstanceOf(ResourceVersionConflictException.class)
        .hasMessageContaining("ISO-FHIR-085");
    first.setStatus(ServiceRequestStatus.COMPLETED);
    MethodOutcome updated = epr.update().resource(first).conditionalByUrl(condition).execute();
    assertThat(updated.getId().getIdPart()).isEqualTo(first.getIdPart());
    String other = number();
    MethodOutcome made =
        epr.update()
            .resource(order(nhs, other))
            .conditionalByUrl("ServiceRequest?identifier=" + PLACER + "|P" + other)
            .execute();
    assertThat(made.getId().getIdPart()).isNotEqualTo(first.getIdPart());
  }

  @Test
  void anOrderWithoutANumberGetsOne() {
    ServiceRequest order = order(MainJobIT.nhsNumber(), number());
    order.setIdentifier(new ArrayList<>());
    ServiceRequest written = written(order);
    assertThat(written.getIdentifierFirstRep().getSystem()).isEqualTo(PLACER);
    assertThat(written.getIdentifierFirstRep().getValue()).isEqualTo(written.getIdPart());
  }

  @Test
  void itsRequesterIsInTheDirectory() {
    ServiceRequest order = order(MainJobIT.nhsNumber(), number());
    Practitioner who = new Practitioner();
    who.addIdentifier().setSystem("https://fhir.hl7.org.uk/Id/gmc-number").setValue("7654321");
    who.addName().setFamily("WHITE").addGiven("Sam").addPrefix("Dr");
    who.setId("who");
    PractitionerRole role = new PractitionerRole();
    role.setPractitioner(new Reference("#who"))
        .setOrganization(
            new Reference()
                .setIdentifier(
                    new Identifier()
                        .setSystem("https://fhir.nhs.uk/Id/ods-organization-code")
                        .setValue("RJ1")));
    role.setId("role");
    order.addContained(who).addContained(role);
    order.setRequester(new Reference("#role"));
    Reference requester = written(order).getRequester();
    assertThat(requester.getReference()).startsWith("PractitionerRole/");
    assertThat(requester.getDisplay()).isEqualTo("Dr Sam WHITE");
    PractitionerRole known =
        epr.read().resource(PractitionerRole.class).withUrl(requester.getReference()).execute();
    assertThat(known.getOrganization().getReference()).isEqualTo("Organization/RJ1");
    // By the directory's own entry, next time.
    ServiceRequest next = order(MainJobIT.nhsNumber(), number());
    next.setRequester(new Reference(requester.getReference()));
    assertThat(written(next).getRequester().getReference()).isEqualTo(requester.getReference());
  }

  @Test
  void aTransactionWritesAllOrNone() {
    String number = number();
    String nhs = MainJobIT.nhsNumber();
    ServiceRequest wrong = order(nhs, number() + "x");
    wrong.setStatus(ServiceRequestStatus.DRAFT);
    Bundle bundle = new Bundle().setType(Bundle.BundleType.TRANSACTION);
    for (ServiceRequest order : List.of(order(nhs, number), wrong)) {
      bundle
          .addEntry()
          .setResource(order)
          .getRequest()
          .setMethod(Bundle.HTTPVerb.POST)
          .setUrl("ServiceRequest");
    }
    assertThatThrownBy(() -> epr.transaction().withBundle(bundle).execute())
        .isInstanceOf(BaseServerResponseException.class);
    String query = "ServiceRequest?identifier=" + PLACER + "|P" + number;
    assertThat(epr.search().byUrl(query).returnBundle(Bundle.class).execute().getEntry()).isEmpty();
    wrong.setStatus(ServiceRequestStatus.ACTIVE);
    assertThat(epr.transaction().withBundle(bundle).execute().getEntry())
        .allMatch(e -> e.getResponse().getStatus().startsWith("201"));
    assertThat(epr.search().byUrl(query).returnBundle(Bundle.class).execute().getEntry())
        .hasSize(1);
  }

  static Stream<Arguments> refusals() {
    return Stream.of(
        refusal("status", o -> o.setStatus(ServiceRequestStatus.DRAFT)),
        refusal("status", o -> o.setStatus(null)),
        refusal("intent", o -> o.setIntent(ServiceRequestIntent.PLAN)),
        refusal("doNotPerform", o -> o.setDoNotPerform(true)),
        refusal("note", o -> o.addNote().setText("x")),
        refusal("bodySite", o -> o.addBodySite().setText("x")),
        refusal("category", o -> o.addCategory().setText("laboratory")),
        refusal("performer", o -> o.addPerformer(new Reference("Organization/RJ1"))),
        refusal("performer", o -> o.addPerformer(new Reference("Practitioner/1"))),
        refusal("subject", o -> o.setSubject(new Reference("Patient/1"))),
        refusal("subject", o -> o.setSubject(null)),
        refusal(
            "NHS number is not a valid one",
            o ->
                o.setSubject(
                    new Reference()
                        .setIdentifier(new Identifier().setSystem(NHS).setValue("9990000011")))),
        refusal(
            "subject: an identifier's system",
            o ->
                o.setSubject(
                    new Reference()
                        .setIdentifier(new Identifier().setSystem("urn:x").setValue("1")))),
        refusal("two of one kind", o -> o.addIdentifier().setSystem(PLACER).setValue("P2")),
        refusal("no value", o -> o.addIdentifier().setSystem("urn:isocentre:filler:RTH")),
        refusal(
            "64 characters",
            o -> o.addIdentifier().setSystem("urn:isocentre:filler:RTH").setValue("1".repeat(65))),
        refusal("identifier of a system", o -> o.addIdentifier().setSystem("urn:x").setValue("1")),
        refusal(
            "UBRN", o -> o.addIdentifier().setSystem("https://fhir.nhs.uk/Id/UBRN").setValue("1")),
        refusal(
            "Study Instance UID",
            o -> o.addIdentifier().setSystem("urn:dicom:uid").setValue("urn:oid:x")),
        refusal("no system", o -> o.getCode().getCodingFirstRep().setSystem(null)),
        refusal(
            "code.coding but the first",
            o -> o.getCode().addCoding().setSystem("urn:x").setCode("1")),
        refusal("orderDetail", o -> o.addOrderDetail().setText("with contrast")),
        refusal("occurrence", o -> o.setOccurrence(new DateTimeType("2026-11"))),
        refusal("occurrence", o -> o.setOccurrence(new Timing().addEvent(new java.util.Date()))),
        refusal("requester", o -> o.setRequester(new Reference("Practitioner/1"))),
        refusal("requester", o -> o.setRequester(new Reference("Device/1"))),
        refusal(
            "requester: the identifier's value",
            o ->
                o.setRequester(
                    new Reference()
                        .setIdentifier(
                            new Identifier()
                                .setSystem("https://fhir.hl7.org.uk/Id/gmc-number")
                                .setValue("x")))),
        refusal("4000", o -> o.addReasonCode().setText("x".repeat(4001))),
        refusal("modifierExtension", o -> o.addModifierExtension().setUrl("urn:x")));
  }

  private static Arguments refusal(String named, Consumer<ServiceRequest> change) {
    return Arguments.of(named, change);
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void whatAnOrderIsNotIsRefusedAndNamed(String named, Consumer<ServiceRequest> change) {
    String number = number();
    ServiceRequest order = order(MainJobIT.nhsNumber(), number);
    change.accept(order);
    assertThatThrownBy(() -> epr.create().resource(order).execute())
        .isInstanceOf(UnprocessableEntityException.class)
        .hasMessageContaining("ISO-FHIR-081")
        .hasMessageContaining(named)
        .hasMessageNotContaining("TEST");
    assertThat(
            epr.search()
                .byUrl("ServiceRequest?identifier=" + PLACER + "|P" + number)
                .returnBundle(Bundle.class)
                .execute()
                .getEntry())
        .isEmpty();
  }

  @Test
  void whatAnOrderDoesNotKeepIsPassedOverOnRequest() {
    ServiceRequest order = order(MainJobIT.nhsNumber(), number());
    order.addNote().setText("uses a wheelchair");
    IGenericClient lenient = client(system("RTH"));
    AdditionalRequestHeadersInterceptor prefer = new AdditionalRequestHeadersInterceptor();
    prefer.addHeaderValue("Prefer", "handling=lenient");
    lenient.registerInterceptor(prefer);
    assertThat(lenient.create().resource(order).execute().getCreated()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"identifier", "subject"})
  void whatItIsKnownByStays(String element) {
    ServiceRequest order = written();
    if (element.equals("subject")) {
      order.setSubject(written().getSubject());
    } else {
      order.getIdentifierFirstRep().setValue("another");
    }
    assertThatThrownBy(() -> epr.update().resource(order).execute())
        .isInstanceOf(UnprocessableEntityException.class)
        .hasMessageContaining(element);
  }

  @Test
  void onlySystemsOfTheTrustWrite() {
    String nhs = MainJobIT.nhsNumber();
    ServiceRequest order = written(order(nhs, number()));
    order.setStatus(ServiceRequestStatus.REVOKED);
    for (String token :
        List.of(
            hub.token(Map.of("scope", "patient/*.cruds", "nhs_number", nhs)),
            hub.token(
                Map.of("scope", "user/*.cruds", "ods_code", "RTH", "roles", List.of("clinician"))),
            system("X99"))) {
      IGenericClient client = client(token);
      assertThatThrownBy(() -> client.update().resource(order).execute())
          .isInstanceOf(ForbiddenOperationException.class);
      assertThatThrownBy(() -> client.create().resource(order(nhs, number())).execute())
          .isInstanceOf(ForbiddenOperationException.class);
    }
    // Another trust may see it, and changes nothing of it.
    assertThatThrownBy(() -> client(system("RJ1")).update().resource(order).execute())
        .isInstanceOf(ForbiddenOperationException.class)
        .hasMessageContaining("ISO-FHIR-086");
    assertThatThrownBy(() -> client(hub.organisation("RTH")).update().resource(order).execute())
        .isInstanceOf(ForbiddenOperationException.class)
        .hasMessageContaining("ISO-FHIR-002");
    assertThat(
            epr.read()
                .resource(ServiceRequest.class)
                .withId(order.getIdPart())
                .execute()
                .getStatus())
        .isEqualTo(ServiceRequestStatus.ACTIVE);
  }

  @Test
  void theHubsOwnSystemsNameTheTrust() {
    IGenericClient own = client(hub.token(Map.of("scope", "system/*.cruds")));
    ServiceRequest order = order(MainJobIT.nhsNumber(), number());
    assertThatThrownBy(() -> own.create().resource(order).execute())
        .isInstanceOf(UnprocessableEntityException.class)
        .hasMessageContaining("performer");
    order.addPerformer(new Reference("Organization/RTH"));
    assertThat(own.create().resource(order).execute().getCreated()).isTrue();
  }

  @Test
  void anElementThatR4DoesNotHaveIsNotLost() throws Exception {
    String body =
        FhirContext.forR4Cached()
            .newJsonParser()
            .encodeResourceToString(order(MainJobIT.nhsNumber(), number()))
            .replaceFirst("\\{", "{\"unheardOf\":1,");
    var answer = hub.call("POST", "/fhir/ServiceRequest", system("RTH"), body);
    assertThat(answer.statusCode()).isEqualTo(422);
    assertThat(new String(answer.body())).contains("ISO-FHIR-081");
  }

  @Test
  void whoWroteItIsOnRecord() {
    ServiceRequest order = written();
    order.setStatus(ServiceRequestStatus.REVOKED);
    epr.update().resource(order).execute();
    IGenericClient staff = client(hub.system());
    Bundle audit =
        staff
            .search()
            .byUrl("AuditEvent?_count=200&entity-type=ServiceRequest")
            .returnBundle(Bundle.class)
            .execute();
    assertThat(audit.getEntry())
        .map(e -> (AuditEvent) e.getResource())
        .filteredOn(
            e ->
                e.getEntityFirstRep()
                    .getWhat()
                    .getReference()
                    .endsWith("ServiceRequest/" + order.getIdPart()))
        .extracting(e -> e.getAction().toCode())
        .contains("C", "U");
  }
}
