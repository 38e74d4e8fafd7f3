package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.isocentre.dicom.data.Uid;
import org.isocentre.it.Pacs.About;
import org.isocentre.it.Pacs.Image;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which tokens are taken, what they open, and what a patient cannot find out about another. */
class TokensIT {
  private static final String BORN = "19740213";
  private static final String BIRTH_DATE = "1974-02-13";
  private static final String FIRST = "https://issuer.example";
  private static final ObjectMapper JSON = new ObjectMapper();
  @TempDir static Path data;
  private static Issuers issuers;
  private static Pacs rth;
  private static TestHub hub;
  private static final String MINE = MainJobIT.nhsNumber();
  private static final String THEIRS = MainJobIT.nhsNumber();
  private static final String NOBODYS = MainJobIT.nhsNumber();
  private static final String PARENT = MainJobIT.nhsNumber();
  private static Image mine;
  private static Image theirs;

  /** Of their records: an id of each, and of none. */
  private static final Map<String, String> KNOWN = new HashMap<>();

  private static final Map<String, String> UNKNOWN = new HashMap<>();

  @BeforeAll
  static void start() throws Exception {
    issuers = new Issuers();
    rth = new Pacs();
    hub =
        new TestHub(
                data,
                TestHub.freePort(),
                "--isocentre.auth.app-origins[0]=https://app.example",
                "--isocentre.auth.app-origins[1]=http://127.0.0.1:*")
            .with(issuers.settings())
            .start();
    mine = Pacs.image(Uid.random(), Uid.random(), new About(MINE, BORN, "MINE1"));
    theirs = Pacs.image(Uid.random(), Uid.random(), new About(THEIRS, BORN, "THEIRS1"));
    rth.send(hub.dicom, mine, theirs);
    new Ris(hub.mllp).send(Ris.order(THEIRS, BORN, "THEIRS1"));
    await()
        .atMost(Duration.ofSeconds(40))
        .until(
            () ->
                hub.search("ImagingStudy", hub.system()).size() == 2
                    && hub.search("ServiceRequest", hub.system()).size() == 1);
    JsonNode study = hub.study(theirs.study()).get(0);
    JsonNode own = hub.study(mine.study()).get(0);
    KNOWN.put("study", study.path("id").asText());
    KNOWN.put("patient", study.at("/subject/reference").asText().substring(8));
    KNOWN.put("order", hub.search("ServiceRequest", hub.system()).get(0).path("id").asText());
    KNOWN.put("uid", theirs.study());
    KNOWN.put("series", theirs.series());
    KNOWN.put("instance", theirs.uid());
    KNOWN.put("nhs", THEIRS);
    KNOWN.put("accession", "THEIRS1");
    UNKNOWN.put("study", UUID.randomUUID().toString());
    UNKNOWN.put("patient", UUID.randomUUID().toString());
    UNKNOWN.put("order", UUID.randomUUID().toString());
    UNKNOWN.put("uid", sameLength(theirs.study()));
    UNKNOWN.put("series", sameLength(theirs.series()));
    UNKNOWN.put("instance", sameLength(theirs.uid()));
    UNKNOWN.put("nhs", NOBODYS);
    UNKNOWN.put("accession", "NOBODY1");
    for (Map<String, String> one : List.of(KNOWN, UNKNOWN)) {
      one.put("own", own.at("/subject/reference").asText().substring(8));
      one.put("ownstudy", own.path("id").asText());
    }
    letIn(PARENT);
  }

  /** That somebody may act for the patient whose token most calls here bring. */
  private static void letIn(String proxy) throws Exception {
    String grant =
        permission()
            .replace(
                "\"dateTime\"",
                """
                "provision":{"type":"permit","period":{"end":"2099-12-31"},
                 "actor":[{"role":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-RoleClass","code":"GUARD"}]},
                  "reference":{"identifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"%s"}}}]},
                 "dateTime\""""
                    .formatted(proxy));
    assertThat(hub.call("POST", "/fhir/Consent", hub.system(), grant).statusCode()).isEqualTo(201);
  }

  /** Another UID that nobody has. */
  private static String sameLength(String uid) {
    char last = uid.charAt(uid.length() - 1);
    return uid.substring(0, uid.length() - 1) + (last == '9' ? '1' : (char) (last + 1));
  }

  @AfterAll
  static void stop() {
    hub.close();
    issuers.close();
    rth.close();
  }

  private static final String NONE = "401";
  private static final String OWN = "200 mine";
  private static final String ALL = "200 mine theirs";
  private static final String NOTHING = "200";
  private static final String NO_SCOPE = "403";

  /** A token and what it opens of the studies of two patients. */
  private record Case(String name, Supplier<String> token, String opens) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Map<String, Object> with(Map<String, Object> claims, Object... more) {
    Map<String, Object> all = new HashMap<>(claims);
    for (int i = 0; i < more.length; i += 2) {
      all.put((String) more[i], more[i + 1]);
    }
    return all;
  }

  private static Map<String, Object> patient(Object... more) {
    return with(
        Map.of(
            "scope", "patient/*.read",
            "aud", "isocentre",
            "nhs_number", MINE,
            "birthdate", BIRTH_DATE,
            "identity_proofing_level", "P9"),
        more);
  }

  /** Who acts for the patient of a token. */
  private static Map<String, Object> act(String nhs, Object... more) {
    return with(Map.of("nhs_number", nhs, "identity_proofing_level", "P9"), more);
  }

  private static Map<String, Object> claims(Object... more) {
    return with(Map.of("scope", "user/*.read", "ods_code", "RJ1"), more);
  }

  private static Date in(int seconds) {
    return Date.from(Instant.now().plusSeconds(seconds));
  }

  private static Case login(String name, String opens, Object... claims) {
    return new Case("login: " + name, () -> issuers.token(Issuers.LOGIN, patient(claims)), opens);
  }

  private static Case staff(String name, String opens, Object... claims) {
    return new Case("staff: " + name, () -> issuers.token(Issuers.STAFF, claims(claims)), opens);
  }

  private static Case trust(String name, String opens, Object... claims) {
    return new Case("trust: " + name, () -> issuers.token(Issuers.TRUST, claims(claims)), opens);
  }

  private static Case first(String name, String opens, Object... claims) {
    return new Case("first: " + name, () -> hub.token(with(Map.of(), claims)), opens);
  }

  static Stream<Case> ofPatients() {
    return Stream.of(
        login("whole", OWN),
        login("with spaces in the number", OWN, "nhs_number", spaced(MINE)),
        login("scopes of version 2", OWN, "scope", "openid patient/*.rs"),
        login("scope as a list", OWN, "scope", List.of("patient/*.rs")),
        login("one type", OWN, "scope", "patient/ImagingStudy.read"),
        login("several audiences", OWN, "aud", List.of("other", "isocentre")),
        login("began a moment ago", OWN, "nbf", in(-10)),
        login("another audience", NONE, "aud", "other"),
        login("an audience that begins so", NONE, "aud", "isocentre2"),
        login("no audience", NONE, "aud", null),
        login("expired", NONE, "exp", in(-3600)),
        login("endless", NONE, "exp", null),
        login("begins later", NONE, "nbf", in(3600)),
        login("no issuer", NONE, "iss", null),
        login("issuer in other letters", NONE, "iss", "https://LOGIN.example"),
        login("issuer with a slash", NONE, "iss", Issuers.LOGIN + "/"),
        login("an issuer that is not known", NONE, "iss", "https://elsewhere.example"),
        login("another issuer's name", NONE, "iss", Issuers.STAFF),
        login("the first issuer's name", NONE, "iss", FIRST),
        login("no number", NONE, "nhs_number", null),
        login("number and nobody's scopes", NO_SCOPE, "scope", "system/*.read"),
        login("user scopes", NO_SCOPE, "scope", "user/*.read"),
        login("no scope", NO_SCOPE, "scope", null),
        login("other types", NO_SCOPE, "scope", "patient/Patient.read"),
        login("writes only", NO_SCOPE, "scope", "patient/*.write"),
        login("part of a type", NO_SCOPE, "scope", "patient/ImagingStudy.rs?modality.name=MR"),
        login("an organisation beside", OWN, "ods_code", "RTH"),
        login("an organisation, its scopes", NO_SCOPE, "ods_code", "RTH", "scope", "user/*.read"),
        login("a number as a list", NONE, "nhs_number", List.of(MINE, THEIRS)),
        login("a number as a number", NONE, "nhs_number", Long.parseLong(MINE)),
        login("an empty number", NOTHING, "nhs_number", ""),
        login("two numbers", NOTHING, "nhs_number", MINE + " " + THEIRS),
        login("a wildcard", NOTHING, "nhs_number", "%"),
        login("a quote", NOTHING, "nhs_number", "' or '1'='1"),
        login("nobody's number", NOTHING, "nhs_number", NOBODYS),
        login("proved to P5", NONE, "identity_proofing_level", "P5"),
        login("proved to p9", NONE, "identity_proofing_level", "p9"),
        login("not proved", NONE, "identity_proofing_level", null),
        login("no birth date", NONE, "birthdate", null),
        login("another birth date", NOTHING, "birthdate", "1974-02-14"),
        login("birth date as HL7 has it", NONE, "birthdate", BORN),
        login("no date", NONE, "birthdate", "yesterday"),
        login("an empty birth date", NONE, "birthdate", ""),
        first("patient", OWN, "scope", "patient/*.read", "nhs_number", MINE),
        first(
            "patient of another birth date",
            NOTHING,
            "scope",
            "patient/*.read",
            "nhs_number",
            MINE,
            "birthdate",
            "1974-02-14"),
        first(
            "patient of P5",
            NONE,
            "scope",
            "patient/*.read",
            "nhs_number",
            MINE,
            "identity_proofing_level",
            "P5"));
  }

  static Stream<Case> ofProxies() {
    return Stream.of(
        login("who acts for the patient", OWN, "act", act(PARENT)),
        login("their number with spaces", OWN, "act", act(spaced(PARENT))),
        login(
            "their number as sub",
            OWN,
            "act",
            Map.of("sub", PARENT, "identity_proofing_level", "P9")),
        login("whom nobody let in", NOTHING, "act", act(NOBODYS)),
        login("the patient for themselves", NOTHING, "act", act(MINE)),
        login("for another", NOTHING, "act", act(PARENT), "nhs_number", THEIRS),
        login("for whom they are let in by", NOTHING, "act", act(MINE), "nhs_number", PARENT),
        login("for nobody", NOTHING, "act", act(PARENT), "nhs_number", ""),
        login("of another birth date", NOTHING, "act", act(PARENT), "birthdate", "1974-02-14"),
        login("no birth date of the patient", NONE, "act", act(PARENT), "birthdate", null),
        login("a text", NONE, "act", PARENT),
        login("several", NONE, "act", List.of(act(PARENT))),
        login("without a number", NONE, "act", Map.of("sub", "s", "identity_proofing_level", "P9")),
        login("no valid number", NONE, "act", act("9990000011")),
        login("numbers as a list", NONE, "act", act(PARENT, "nhs_number", List.of(PARENT))),
        login("proved to P5", NONE, "act", act(PARENT, "identity_proofing_level", "P5")),
        login("not proved", NONE, "act", Map.of("nhs_number", PARENT)),
        login("who acts for the actor", NONE, "act", act(PARENT, "act", act(NOBODYS))),
        login("user scopes", NO_SCOPE, "act", act(PARENT), "scope", "user/*.read"),
        login("writes only", NO_SCOPE, "act", act(PARENT), "scope", "patient/*.write"),
        first(
            "who acts for the patient",
            OWN,
            "scope",
            "patient/*.read",
            "nhs_number",
            MINE,
            "act",
            Map.of("nhs_number", PARENT)),
        first(
            "not proved",
            NONE,
            "scope",
            "patient/*.read",
            "nhs_number",
            MINE,
            "act",
            act(PARENT, "identity_proofing_level", "P0")),
        staff("a service for the organisation", ALL, "act", Map.of("sub", "service")));
  }

  private static String spaced(String nhs) {
    return nhs.substring(0, 3) + " " + nhs.substring(3, 6) + " " + nhs.substring(6);
  }

  static Stream<Case> ofStaff() {
    return Stream.of(
        staff("whole", ALL),
        staff("of another trust", ALL, "ods_code", "RTH"),
        staff("no organisation", NONE, "ods_code", null),
        staff("organisations as a list", NONE, "ods_code", List.of("RTH", "RJ1")),
        staff("a patient", NONE, "nhs_number", MINE, "scope", "patient/*.read"),
        staff("a patient without an organisation", NONE, "nhs_number", MINE, "ods_code", null),
        staff("an empty patient", NONE, "nhs_number", ""),
        staff("patient scopes", NO_SCOPE, "scope", "patient/*.read"),
        staff("system scopes", ALL, "scope", "system/*.rs"),
        staff(
            "no system scopes without an organisation",
            NONE,
            "scope",
            "system/*.read",
            "ods_code",
            null),
        staff("part of a type", NO_SCOPE, "scope", "user/ImagingStudy.rs?colour=CT"),
        staff("letters in another order", NO_SCOPE, "scope", "user/ImagingStudy.sr"),
        staff("expired", NONE, "exp", in(-3600)),
        staff("the login's name", NONE, "iss", Issuers.LOGIN),
        staff("the trust's name", NONE, "iss", Issuers.TRUST),
        trust("whole", ALL),
        trust("without its organisation", ALL, "ods_code", null),
        trust("of another trust", NONE, "ods_code", "RTH"),
        trust("of its trust in other letters", NONE, "ods_code", "rj1"),
        trust("of no trust", NONE, "ods_code", ""),
        trust("a patient", NONE, "nhs_number", THEIRS),
        first("staff of the hub", ALL, "scope", "system/*.read"),
        first("a user without an organisation", NO_SCOPE, "scope", "user/*.read"),
        first(
            "an organisation as a list",
            NONE,
            "scope",
            "system/*.read",
            "ods_code",
            List.of("RTH")),
        first("endless", NONE, "scope", "system/*.read", "exp", null));
  }

  static Stream<Case> ofForgers() {
    return Stream.of(
        forged("signed by another issuer", () -> sign(Issuers.STAFF, Issuers.LOGIN, "JWT")),
        forged("signed by a trust", () -> sign(Issuers.TRUST, Issuers.LOGIN, "JWT")),
        forged("of an unknown type", () -> sign(Issuers.LOGIN, Issuers.LOGIN, "logout+jwt")),
        forged("not signed", () -> Issuers.unsigned(Issuers.LOGIN, patient())),
        forged(
            "public key as a secret",
            () -> issuers.withPublicKeyAsSecret(Issuers.LOGIN, patient())),
        forged("signature cut off", () -> cut(0)),
        forged("signature cut short", () -> cut(20)),
        forged("of another's number", TokensIT::swapped),
        forged("no token at all", () -> "x"),
        forged("dots", () -> "a.b.c"),
        forged("unknown and opaque", () -> "0123456789abcdef"),
        forged("opaque and no longer active", () -> opaque("ended", "false", "")),
        forged(
            "opaque, of another issuer",
            () -> opaque("o1", "true", ",\"iss\":\"https://staff.example\"")),
        forged("opaque, of another trust", () -> opaque("o2", "true", ",\"ods_code\":\"RTH\"")),
        forged(
            "opaque, of a patient", () -> opaque("o3", "true", ",\"nhs_number\":\"" + MINE + "\"")),
        forged("opaque, a list of trusts", () -> opaque("o4", "true", ",\"ods_code\":[\"RJ1\"]")),
        new Case(
            "with the type of RFC 9068", () -> sign(Issuers.LOGIN, Issuers.LOGIN, "at+jwt"), OWN),
        new Case("without a type", () -> sign(Issuers.LOGIN, Issuers.LOGIN, null), OWN),
        new Case("opaque", () -> opaque("o5", "true", ""), ALL),
        new Case(
            "opaque, with its issuer",
            () -> opaque("o6", "true", ",\"iss\":\"https://trust.example\",\"ods_code\":\"RJ1\""),
            ALL),
        new Case("issuer that cannot be asked", () -> "broken", "503"));
  }

  private static Case forged(String name, Supplier<String> token) {
    return new Case("forged: " + name, token, NONE);
  }

  private static String sign(String key, String issuer, String type) {
    return issuers.signed(key, issuer, type, patient());
  }

  private static String opaque(String token, String active, String more) {
    return issuers.opaque(
        token,
        "{\"active\":%s,\"sub\":\"somebody\",\"scope\":\"user/*.read\"%s}".formatted(active, more));
  }

  private static String cut(int left) {
    String token = issuers.token(Issuers.LOGIN, patient());
    int dot = token.lastIndexOf('.');
    return token.substring(0, dot + 1 + left);
  }

  /** The claims of one token with the signature of another. */
  private static String swapped() {
    String own = issuers.token(Issuers.LOGIN, patient());
    String other = issuers.token(Issuers.LOGIN, patient("nhs_number", THEIRS));
    return other.substring(0, other.lastIndexOf('.')) + own.substring(own.lastIndexOf('.'));
  }

  @ParameterizedTest
  @MethodSource({"ofPatients", "ofProxies", "ofStaff", "ofForgers"})
  void aTokenOpensWhatItSaysAtEachDoor(Case one) throws Exception {
    String token = one.token().get();
    assertThat(opened("/fhir/ImagingStudy", token)).as("FHIR").isEqualTo(one.opens());
    assertThat(opened("/dicomweb/studies", token))
        .as("DICOMweb")
        .isEqualTo(one.opens().replace(NOTHING, "204").replace("204 ", "200 "));
    if (!one.opens().equals(ALL)) {
      assertThat(hub.get("/fhir/ImagingStudy/" + KNOWN.get("study"), token).statusCode())
          .as("read")
          .isNotEqualTo(200);
      assertThat(hub.get("/dicomweb/studies/" + theirs.study(), token).statusCode())
          .as("retrieve")
          .isNotEqualTo(200);
    }
  }

  private static String opened(String path, String token) throws Exception {
    HttpResponse<byte[]> answer = hub.get(path, token);
    String body = new String(answer.body(), StandardCharsets.UTF_8);
    return answer.statusCode()
        + (answer.statusCode() == 200 && body.contains(mine.study()) ? " mine" : "")
        + (body.contains(theirs.study()) ? " theirs" : "");
  }

  /** What is refused says why in a code, and nothing of the token. */
  @Test
  void aRefusalSaysNothingOfTheToken() throws Exception {
    HttpResponse<byte[]> answer =
        hub.get(
            "/fhir/ImagingStudy",
            issuers.token(Issuers.LOGIN, patient("identity_proofing_level", "P5")));
    assertThat(answer.statusCode()).isEqualTo(401);
    assertThat(answer.headers().firstValue("WWW-Authenticate").orElse(""))
        .contains("invalid_token")
        .contains("ISO-AUTH-005")
        .contains("identity_proofing_level")
        .doesNotContain(MINE)
        .doesNotContain(BIRTH_DATE);
  }

  /** An app has no token before it knows where to get one. */
  @ParameterizedTest
  @ValueSource(
      strings = {"/fhir/.well-known/smart-configuration", "/.well-known/smart-configuration"})
  void appsAreToldWhereToGetATokenWithoutOne(String path) throws Exception {
    HttpResponse<byte[]> answer = hub.get(path, null);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
    JsonNode told = JSON.readTree(answer.body());
    assertThat(told.path("authorization_endpoint").asText())
        .isEqualTo("https://login.example/authorize");
    assertThat(told.path("token_endpoint").asText()).isEqualTo("https://login.example/token");
    assertThat(told.path("code_challenge_methods_supported").toString()).isEqualTo("[\"S256\"]");
    assertThat(told.path("capabilities").toString())
        .contains("smart-imaging-access", "permission-v2");
    assertThat(hub.call("POST", path, null, "{}").statusCode()).isEqualTo(405);
    assertThat(hub.get(path + "/x", null).statusCode()).isEqualTo(401);
    assertThat(hub.get("/fhir/metadata", null).statusCode()).isEqualTo(401);
    assertThat(hub.json("/fhir/metadata", hub.system()).at("/rest/0/security").toString())
        .contains("SMART-on-FHIR", "https://login.example/token");
  }

  /** Rights of version 2 each open their own way in. */
  @ParameterizedTest
  @CsvSource({
    "r, 403, 200, 403, 200",
    "s, 200, 403, 200, 403",
    "rs, 200, 200, 200, 200",
    "cud, 403, 403, 403, 403"
  })
  void readingAndSearchingAreTwoRights(String rights, int search, int read, int query, int retrieve)
      throws Exception {
    String token = issuers.token(Issuers.LOGIN, patient("scope", "patient/ImagingStudy." + rights));
    assertThat(hub.get("/fhir/ImagingStudy", token).statusCode()).isEqualTo(search);
    assertThat(hub.get("/fhir/ImagingStudy/" + KNOWN.get("ownstudy"), token).statusCode())
        .isEqualTo(read);
    assertThat(hub.get("/dicomweb/studies", token).statusCode()).isEqualTo(query);
    assertThat(hub.get("/dicomweb/studies/" + mine.study(), token).statusCode())
        .isEqualTo(retrieve);
  }

  /**
   * Whatever a patient asks about another's record, the answer is that of a record that is not
   * there: status, headers and bytes, but for what the call itself says.
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "GET /fhir/Patient/{patient}",
        "GET /fhir/Patient?_id={patient}",
        "GET /fhir/Patient?identifier={nhs}",
        "GET /fhir/Patient?identifier=https://fhir.nhs.uk/Id/nhs-number%7C{nhs}",
        "GET /fhir/Patient?_id={own},{patient}",
        "GET /fhir/Patient/{patient}/$everything",
        "GET /fhir/Patient?_has:ImagingStudy:patient:_id={study}",
        "GET /fhir/Patient?_has:ServiceRequest:patient:_id={order}",
        "GET /fhir/Patient?_has:ImagingStudy:patient:identifier=urn:dicom:uid%7Curn:oid:{uid}",
        "GET /fhir/Patient?_id={patient}&_revinclude=ImagingStudy:patient",
        "GET /fhir/Patient?_id={patient}&_revinclude=*",
        "GET /fhir/ImagingStudy/{study}",
        "GET /fhir/ImagingStudy?_id={study}",
        "GET /fhir/ImagingStudy?_id={study},{ownstudy}",
        "GET /fhir/ImagingStudy?patient={patient}",
        "GET /fhir/ImagingStudy?patient=Patient/{patient}",
        "GET /fhir/ImagingStudy?subject={patient}",
        "GET /fhir/ImagingStudy?patient={patient},{own}",
        "GET /fhir/ImagingStudy?patient={own}&patient={patient}",
        "GET /fhir/ImagingStudy?patient:Patient={patient}",
        "GET /fhir/ImagingStudy?patient.identifier={nhs}",
        "GET /fhir/ImagingStudy?patient.identifier=https://fhir.nhs.uk/Id/nhs-number%7C{nhs}",
        "GET /fhir/ImagingStudy?patient:identifier=https://fhir.nhs.uk/Id/nhs-number%7C{nhs}",
        "GET /fhir/ImagingStudy?patient._id={patient}",
        "GET /fhir/ImagingStudy?patient:not={patient}",
        "GET /fhir/ImagingStudy?identifier={accession}",
        "GET /fhir/ImagingStudy?identifier=urn:dicom:uid%7Curn:oid:{uid}",
        "GET /fhir/ImagingStudy?identifier:not=urn:dicom:uid%7Curn:oid:{uid}",
        "GET /fhir/ImagingStudy?basedon={order}",
        "GET /fhir/ImagingStudy?basedon.patient={patient}",
        "GET /fhir/ImagingStudy?_id={study}&_include=ImagingStudy:patient",
        "GET /fhir/ImagingStudy?_id={study}&_include=*",
        "GET /fhir/ImagingStudy?_id={study}&_include:iterate=*&_revinclude:iterate=*",
        "GET /fhir/ImagingStudy?_id={study}&_summary=count",
        "GET /fhir/ImagingStudy?_id={study}&_total=accurate&_count=0",
        "GET /fhir/ImagingStudy?_id={study}&_elements=id",
        "GET /fhir/ImagingStudy?_id={study}&_sort=-started",
        "GET /fhir/ImagingStudy?_has:Task:focus:status=completed&_id={study}",
        "GET /fhir/ImagingStudy/{study}/$everything",
        "GET /fhir/ServiceRequest/{order}",
        "GET /fhir/ServiceRequest?_id={order}",
        "GET /fhir/ServiceRequest?patient={patient}",
        "GET /fhir/ServiceRequest?identifier={accession}",
        "GET /fhir/ServiceRequest?_id={order}&_revinclude=ImagingStudy:basedon",
        "GET /fhir/ServiceRequest?_has:ImagingStudy:basedon:_id={study}",
        "GET /fhir/DiagnosticReport?patient={patient}",
        "GET /fhir/DiagnosticReport?result={study}",
        "GET /fhir/Task?patient={patient}",
        "GET /fhir/Task?focus={study}",
        "GET /fhir/Consent?patient={patient}",
        "GET /fhir/Consent?patient.identifier={nhs}",
        "GET /fhir/AuditEvent?patient={patient}",
        "GET /fhir/AuditEvent?entity={study}",
        "GET /fhir/AuditEvent?entity=ImagingStudy/{study}",
        "POST /fhir/ImagingStudy/_search?patient={patient}",
        "POST /fhir/ImagingStudy/_search?_id={study}",
        "POST /fhir/Patient/_search?identifier={nhs}",
        "POST /fhir/ImagingStudy/{study}/$request-transfer",
        "GET /fhir/Patient/{patient}/ImagingStudy",
        "GET /fhir/ImagingStudy/{study}/_history",
        "GET /fhir/ImagingStudy/{study}/_history/1",
        "GET /fhir/Consent/{study}/_history",
        "DELETE /fhir/Consent/{study}",
        "DELETE /fhir/ImagingStudy/{study}",
        "GET /dicomweb/studies/{uid}",
        "GET /dicomweb/studies/{uid}/metadata",
        "GET /dicomweb/studies/{uid}/series",
        "GET /dicomweb/studies/{uid}/series/{series}",
        "GET /dicomweb/studies/{uid}/series/{series}/metadata",
        "GET /dicomweb/studies/{uid}/series/{series}/instances",
        "GET /dicomweb/studies/{uid}/series/{series}/instances/{instance}",
        "GET /dicomweb/studies/{uid}/series/{series}/instances/{instance}/metadata",
        "GET /dicomweb/studies?StudyInstanceUID={uid}",
        "GET /dicomweb/studies?PatientID={nhs}",
        "GET /dicomweb/studies?AccessionNumber={accession}",
        "GET /api/messages?accession={accession}",
        "GET /api/reviews/{study}",
        "GET /api/transfers/{study}"
      })
  void anothersRecordIsAsOneThatIsNotThere(String method, String path) throws Exception {
    String token = issuers.token(Issuers.LOGIN, patient("scope", "patient/*.read patient/*.write"));
    Answer known = ask(method, path, KNOWN, token);
    Answer unknown = ask(method, path, UNKNOWN, token);
    assertThat(known).isEqualTo(unknown);
    assertThat(known.body()).doesNotContain("theirs");
  }

  private record Answer(int status, List<String> types, String body) {}

  private static Answer ask(String method, String path, Map<String, String> ids, String token)
      throws Exception {
    String call = path;
    for (Map.Entry<String, String> id : ids.entrySet()) {
      call = call.replace("{" + id.getKey() + "}", id.getValue());
    }
    HttpResponse<byte[]> answer = hub.call(method, call, token, null);
    String body = new String(answer.body(), StandardCharsets.UTF_8);
    // What the call says comes back in the link to itself; what it does not say must not.
    for (Map.Entry<String, String> id : ids.entrySet()) {
      if (call.contains(id.getValue())) {
        body = body.replace(id.getValue(), id.getKey());
      }
    }
    for (Map.Entry<String, String> id : KNOWN.entrySet()) {
      if (!id.getKey().startsWith("own")) {
        body = body.replace(id.getValue(), "theirs");
      }
    }
    List<String> types = new ArrayList<>(answer.headers().allValues("Content-Type"));
    return new Answer(
        answer.statusCode(),
        types,
        body.replaceAll("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "id")
            .replaceAll("20\\d\\d-\\d\\d-\\d\\dT[0-9:.]+(Z|[+]\\d\\d:\\d\\d)", "now"));
  }

  /** A patient writes about nobody else, whatever way the call takes. */
  @ParameterizedTest
  @CsvSource({"POST, /fhir/Consent", "PUT, /fhir/Consent/{study}", "POST, /fhir"})
  void nobodyWritesAboutAnother(String method, String path) throws Exception {
    String token = issuers.token(Issuers.LOGIN, patient("scope", "patient/*.read patient/*.write"));
    String consent =
        """
        {"resourceType":"Consent","id":"%s","status":"active",
         "scope":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentscope","code":"patient-privacy"}]},
         "category":[{"coding":[{"system":"http://loinc.org","code":"59284-0"}]}],
         "patient":{"reference":"Patient/%s"},"dateTime":"2026-11-01",
         "policyRule":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"OPTIN"}]}}"""
            .formatted(KNOWN.get("study"), KNOWN.get("patient"));
    String body =
        path.equals("/fhir")
            ? """
              {"resourceType":"Bundle","type":"batch","entry":[
               {"resource":%s,"request":{"method":"POST","url":"Consent"}},
               {"request":{"method":"GET","url":"ImagingStudy/%s"}}]}"""
                .formatted(consent, KNOWN.get("study"))
            : consent;
    HttpResponse<byte[]> answer =
        hub.call(method, path.replace("{study}", KNOWN.get("study")), token, body);
    boolean bundle = path.equals("/fhir");
    assertThat(answer.statusCode()).isBetween(bundle ? 200 : 400, bundle ? 200 : 499);
    assertThat(new String(answer.body(), StandardCharsets.UTF_8)).doesNotContain(theirs.study());
    if (bundle) {
      JsonNode entries = JSON.readTree(answer.body()).path("entry");
      assertThat(entries).hasSize(2);
      entries.forEach(e -> assertThat(e.at("/response/status").asText()).matches("4\\d\\d .*"));
    }
    assertThat(hub.search("Consent?patient=" + KNOWN.get("patient"), hub.system())).isEmpty();
    assertThat(JSON.readTree(answer.body()).path("resourceType").asText())
        .isEqualTo(bundle ? "Bundle" : "OperationOutcome");
  }

  /** One cell of the table of roles. */
  private record Cell(String what, String who, String may) {
    @Override
    public String toString() {
      return who + ": " + what;
    }
  }

  /** As {@code docs/reference/access.md} has them. */
  static List<Cell> cells() throws IOException {
    List<String> lines = Files.readAllLines(Path.of("docs", "reference", "access.md"));
    int head =
        lines.indexOf(
            "| | patient | proxy | system | clinician | records | auditor | integration | hub |");
    String[] who = lines.get(head).split("\\|");
    List<Cell> cells = new ArrayList<>();
    for (String line : lines.subList(head + 2, lines.size())) {
      if (!line.startsWith("|")) {
        break;
      }
      String[] row = line.split("\\|");
      for (int i = 2; i < row.length; i++) {
        cells.add(new Cell(row[1].strip(), who[i].strip(), row[i].strip()));
      }
    }
    assertThat(cells).hasSize(15 * 8);
    return cells;
  }

  private static String tokenOf(String who) {
    return switch (who) {
      case "patient" -> issuers.token(Issuers.LOGIN, patient("scope", "patient/*.cruds"));
      case "proxy" ->
          issuers.token(Issuers.LOGIN, patient("scope", "patient/*.cruds", "act", act(PARENT)));
      case "system" -> issuers.token(Issuers.TRUST, claims("scope", "system/*.cruds"));
      case "hub" -> hub.token(Map.of("scope", "system/*.cruds"));
      default ->
          issuers.token(
              Issuers.STAFF, claims("scope", "user/*.cruds", "roles", List.of(who), "sub", who));
    };
  }

  @ParameterizedTest
  @MethodSource("cells")
  void theTableOfRolesHolds(Cell cell) throws Exception {
    HttpResponse<byte[]> answer = call(cell.what(), tokenOf(cell.who()));
    String body = new String(answer.body(), StandardCharsets.UTF_8);
    if (cell.may().equals("no")) {
      assertThat(answer.statusCode()).isEqualTo(403);
      return;
    }
    assertThat(answer.statusCode()).as(body).isIn(200, 201, 404, 409, 422);
    if (cell.may().equals("granted")) {
      assertThat(answer.statusCode()).isEqualTo(200);
    }
    if (cell.may().equals("granted") || cell.may().equals("own") && cell.who().equals("patient")) {
      assertThat(body).doesNotContain(KNOWN.get("study"), KNOWN.get("patient"), theirs.study());
    } else {
      assertThat(cell.may()).isIn("yes", "own", "cared for");
    }
  }

  /** Another each time, as one that is there already is refused to all. */
  private static String trust() {
    return "{\"resourceType\":\"Organization\",\"name\":\"x\",\"identifier\":[{\"system\":\"https://fhir.nhs.uk/Id/ods-organization-code\",\"value\":\"R%d\"}]}"
        .formatted(java.util.concurrent.ThreadLocalRandom.current().nextInt(1000, 1000000));
  }

  private static HttpResponse<byte[]> call(String what, String token) throws Exception {
    String own = "/fhir/ImagingStudy/" + KNOWN.get("ownstudy");
    return switch (what) {
      case "read studies, orders, reports" -> hub.get("/fhir/ImagingStudy", token);
      case "retrieve images" -> hub.get("/dicomweb/studies/" + mine.study(), token);
      case "read AuditEvent" -> hub.get("/fhir/AuditEvent?_count=1000", token);
      case "write Consent" -> hub.call("POST", "/fhir/Consent", token, permission());
      case "write ServiceRequest" -> hub.call("POST", "/fhir/ServiceRequest", token, order());
      case "write Organization, Endpoint" -> hub.call("POST", "/fhir/Organization", token, trust());
      case "Consent/$decide" -> hub.call("POST", "/fhir/Consent/$decide", token, question());
      case "Consent/$break-glass" ->
          hub.call("POST", "/fhir/Consent/$break-glass", token, emergency());
      case "ImagingStudy/$request-transfer to itself" ->
          hub.call("POST", own + "/$request-transfer", token, destination());
      case "Patient/$same-person-as" ->
          hub.call(
              "POST",
              "/fhir/Patient/" + KNOWN.get("own") + "/$same-person-as",
              token,
              parameters(
                  "patient",
                  "\"valueReference\":{\"reference\":\"Patient/1\"}",
                  "why",
                  "\"valueString\":\"test\""));
      case "Patient/$confirm-merge" ->
          hub.call(
              "POST",
              "/fhir/Patient/" + KNOWN.get("own") + "/$confirm-merge",
              token,
              "{\"resourceType\":\"Parameters\"}");
      case "/api/messages" -> hub.get("/api/messages", token);
      case "/api/reviews, /api/rejections, /api/transfers, /api/outbound" -> first(token);
      case "/api/audit/verification" -> hub.get(what, token);
      case "/actuator" -> hub.get("/actuator/prometheus", token);
      default -> throw new IllegalArgumentException("no call for " + what);
    };
  }

  /** All four, which must agree. */
  private static HttpResponse<byte[]> first(String token) throws Exception {
    HttpResponse<byte[]> reviews = hub.get("/api/reviews", token);
    assertThat(hub.get("/api/transfers", token).statusCode()).isEqualTo(reviews.statusCode());
    assertThat(hub.get("/api/rejections", token).statusCode()).isEqualTo(reviews.statusCode());
    assertThat(hub.get("/api/outbound/destinations", token).statusCode())
        .isEqualTo(reviews.statusCode());
    return reviews;
  }

  private static String parameters(String... namesAndValues) {
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      parts.add("{\"name\":\"%s\",%s}".formatted(namesAndValues[i], namesAndValues[i + 1]));
    }
    return "{\"resourceType\":\"Parameters\",\"parameter\":[" + String.join(",", parts) + "]}";
  }

  private static String question() {
    return parameters(
        "patient",
        "\"valueString\":\"" + KNOWN.get("own") + "\"",
        "organization",
        "\"valueString\":\"RJ1\"");
  }

  private static String emergency() {
    return parameters(
        "nhsNumber",
        "\"valueString\":\"" + MINE + "\"",
        "reason",
        "\"valueString\":\"unconscious in the emergency department\"");
  }

  private static String destination() {
    return parameters("destination", "\"valueReference\":{\"reference\":\"Organization/RJ1\"}");
  }

  private static String order() {
    return """
        {"resourceType":"ServiceRequest","status":"active","intent":"order",
         "performer":[{"reference":"Organization/%s"}],"subject":{"reference":"Patient/%s"}}"""
        .formatted("RJ1", KNOWN.get("own"));
  }

  private static String permission() {
    return """
        {"resourceType":"Consent","status":"active",
         "scope":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentscope","code":"patient-privacy"}]},
         "category":[{"coding":[{"system":"http://loinc.org","code":"59284-0"}]}],
         "patient":{"reference":"Patient/%s"},"dateTime":"2026-11-01",
         "policyRule":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"OPTIN"}]}}"""
        .formatted(KNOWN.get("own"));
  }

  /** An auditor reads what their organisation did, and nothing of another. */
  @Test
  void auditorsReadWhatTheirOrganisationDid() throws Exception {
    hub.get("/fhir/ImagingStudy", issuers.token(Issuers.STAFF, claims("ods_code", "RTH")));
    hub.get("/fhir/ImagingStudy", issuers.token(Issuers.STAFF, claims()));
    JsonNode seen =
        hub.json(
            "/fhir/AuditEvent?_count=1000",
            issuers.token(Issuers.STAFF, claims("roles", List.of("auditor"))));
    assertThat(seen.path("entry")).isNotEmpty();
    for (JsonNode entry : seen.path("entry")) {
      assertThat(entry.at("/resource/agent").findValuesAsText("reference"))
          .containsExactly("Organization/RJ1");
    }
  }

  /** Of apps that run in a browser, those that are named may call, and no others. */
  @ParameterizedTest
  @CsvSource({
    "https://app.example, /fhir/Patient, true",
    "https://app.example, /dicomweb/studies, true",
    "http://127.0.0.1:4711, /fhir/Patient, true",
    "https://app.example, /api/transfers, false",
    "https://app.example, /actuator/health, false",
    "https://app.example, /, false",
    "https://evil.example, /fhir/Patient, false",
    "https://app.example.evil.example, /fhir/Patient, false",
    "http://app.example, /fhir/Patient, false",
    "null, /fhir/Patient, false"
  })
  void appsOfOtherOriginsMayCallWhereTheyAreNamed(String origin, String path, boolean may)
      throws Exception {
    HttpRequest preflight =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + hub.http + path))
            .method("OPTIONS", HttpRequest.BodyPublishers.noBody())
            .header("Origin", origin)
            .header("Access-Control-Request-Method", "GET")
            .header("Access-Control-Request-Headers", "authorization")
            .build();
    HttpResponse<String> answer =
        HttpClient.newHttpClient().send(preflight, HttpResponse.BodyHandlers.ofString());
    assertThat(answer.headers().firstValue("Access-Control-Allow-Origin").isPresent())
        .isEqualTo(may);
    assertThat(answer.headers().firstValue("Access-Control-Allow-Credentials")).isEmpty();
    if (may) {
      assertThat(answer.statusCode()).isEqualTo(200);
      // The call itself needs its token all the same.
      HttpRequest call =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + hub.http + path))
              .header("Origin", origin)
              .build();
      assertThat(
              HttpClient.newHttpClient()
                  .send(call, HttpResponse.BodyHandlers.ofString())
                  .statusCode())
          .isEqualTo(401);
    }
  }
}
