package org.isocentre.hl7;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.isocentre.model.AccessionKey;
import org.isocentre.model.MessageStored;
import org.isocentre.model.OrderRequest;
import org.isocentre.model.PatientDemographics;
import org.isocentre.model.PatientKey;
import org.isocentre.model.ReportResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** HL7 v2 fields to the model, version by version and habit by habit. */
class MappingTest {
  private static final Function<String, Optional<String>> ISSUERS =
      name -> List.of("RTH", "RJ1").contains(name) ? Optional.of(name) : Optional.empty();
  private static final Instant RECEIVED = Instant.parse("2026-11-01T12:00:00Z");
  private static final String PID =
      "PID|1||L1^^^RTH^MR~999 000 0018^^^NHS^NH||TEST^CASE^^^Ms||19740213|F|||1 Test St^^Town^^ZZ99 9ZZ\r";

  private static String msh(String type, String version, String charset) {
    return "MSH|^~\\&|RIS|RTH|HUB|ISO|20261101093000+0000||"
        + type
        + "|M1|P|"
        + version
        + "||||||"
        + charset
        + "\r";
  }

  private static Hl7Message parse(String text, Charset charset) throws Exception {
    return Hl7Message.parse(text.getBytes(charset));
  }

  private static MessageStored event() {
    return new MessageStored("e", "RTH", "X", "M1", "hl7/k", "UTF-8", RECEIVED);
  }

  private static OrderRequest order(String body) throws Exception {
    return new OrmToOrder(ISSUERS)
        .map(parse(msh("ORM^O01", "2.4", "") + PID + body, StandardCharsets.UTF_8), event())
        .get(0);
  }

  private static MappedReport report(String body) throws Exception {
    return new OruToReport(ISSUERS, 1000)
        .map(parse(msh("ORU^R01", "2.4", "") + PID + body, StandardCharsets.UTF_8), event())
        .get(0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"2.3", "2.3.1", "2.4", "2.5", "2.5.1"})
  void aPatientIsReadAlikeInEachVersion(String version) throws Exception {
    PatientDemographics patient =
        new AdtToPatient(ISSUERS)
            .map(parse(msh("ADT^A28", version, "") + PID, StandardCharsets.UTF_8), "RTH");
    assertThat(patient.identity().key()).isEqualTo(new PatientKey("RTH", "L1"));
    assertThat(patient.identity().nhsNumber()).isEqualTo("9990000018");
    assertThat(patient.identity().birthDate()).isEqualTo(LocalDate.of(1974, 2, 13));
    assertThat(patient.name().family()).isEqualTo("TEST");
    assertThat(patient.name().given()).isEqualTo("CASE");
    assertThat(patient.sex()).isEqualTo("female");
    assertThat(patient.postalCode()).isEqualTo("ZZ99 9ZZ");
  }

  @ParameterizedTest
  @CsvSource({
    "L1^^^RTH^MR~9990000018^^^NHS, 9990000018",
    "9990000018^^^^NH, 9990000018",
    "9990000019^^^NHS^NH,",
    "1234567890^^^RTH^MR,",
    "9990000018^^^RTH^MR,"
  })
  void anNhsNumberCountsOnlyWhereItIsSaidToBeOneAndItsCheckDigitIsRight(String pid3, String nhs)
      throws Exception {
    String pid = "PID|1||" + pid3 + "||TEST\r";
    PatientDemographics patient =
        new AdtToPatient(ISSUERS)
            .map(parse(msh("ADT^A28", "2.4", "") + pid, StandardCharsets.UTF_8), "RTH");
    assertThat(patient.identity().nhsNumber()).isEqualTo(nhs);
  }

  @ParameterizedTest
  @CsvSource({
    "8859/1, ISO-8859-1",
    "UNICODE UTF-8, UTF-8",
    "'', UTF-8",
    "'', ISO-8859-1",
    "ASCII, UTF-8"
  })
  void textIsReadInItsCharacterSet(String named, String used) throws Exception {
    String pid = "PID|1||L1^^^RTH^MR||M\u00fcller\\T\\S\u00f6hne\r";
    PatientDemographics patient =
        new AdtToPatient(ISSUERS)
            .map(parse(msh("ADT^A28", "2.4", named) + pid, Charset.forName(used)), "RTH");
    assertThat(patient.name().family()).isEqualTo("M\u00fcller&S\u00f6hne");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "ORC|NW|P1|F1~OBR|1|P1|F1|C||||||||||||||A18||A20;A18",
        "ORC|NW|P1|F1~OBR|1|P1|F1|C||||||||||||||||A20;A20",
        "ORC|NW|P1|F1~OBR|1|P1|F1|C~IPC|A-IPC;A-IPC",
        "ORC|NW|P1|F1~OBR|1|P1|F1|C;F1",
        "ORC|NW|P1~OBR|1|P1||C;"
      })
  void theAccessionIsWhereTheSenderPutIt(String body, String value) throws Exception {
    OrderRequest order = order(body.replace('~', '\r') + "\r");
    assertThat(order.accession()).isEqualTo(value == null ? null : new AccessionKey("RTH", value));
  }

  @ParameterizedTest
  @CsvSource({
    "NW,,ACTIVE", "XO,SC,ACTIVE", "SC,CM,COMPLETED", "SC,IP,ACTIVE", "CA,,REVOKED", "DC,,REVOKED",
    "OC,,REVOKED", "HD,,ON_HOLD", "SC,CA,REVOKED", "RL,,ACTIVE", "ZZ,HD,ON_HOLD", "'',IP,ACTIVE"
  })
  void orderControlAndStatusMakeTheStatus(String control, String status, String expected)
      throws Exception {
    assertThat(
            order(
                    "ORC|"
                        + control
                        + "|P1|F1||"
                        + (status == null ? "" : status)
                        + "\rOBR|1|P1|F1\r")
                .status())
        .hasToString(expected);
  }

  @ParameterizedTest
  @CsvSource({"S,stat", "A,asap", "R,routine", "T,urgent", "U,urgent"})
  void thePriorityIsWhereTheVersionPutsIt(String code, String expected) throws Exception {
    String tail = "|".repeat(22) + "^^^^^" + code + "\r";
    assertThat(order("ORC|NW|P1|F1\rOBR|1|P1|F1|C|" + tail).priority()).isEqualTo(expected);
    assertThat(order("ORC|NW|P1|F1||||^^^^^" + code + "\rOBR|1|P1|F1\r").priority())
        .isEqualTo(expected);
    assertThat(order("ORC|NW|P1|F1\rOBR|1|P1|F1|C|" + code + "\r").priority()).isEqualTo(expected);
  }

  @Test
  void anOrderHasWhoAskedAndForWhat() throws Exception {
    OrderRequest order =
        order(
            "PV1|1|O|^^^RJ1\rORC|NW|P1^RIS|F1^RIS||||||20261101080000|||C1234567^REFERRER^A^^^Dr\r"
                + "OBR|1|P1|F1|CTHEAD^CT head^LOCAL||||||||||||||||||||CT|||||||^Head\\F\\ache\r"
                + "ZDS|1.2.3^HUB^Application^DICOM\r");
    assertThat(order.placerNumber()).isEqualTo("P1");
    assertThat(order.placerIssuer()).isEqualTo("RTH");
    assertThat(order.studyInstanceUid()).isEqualTo("1.2.3");
    assertThat(order.procedure().display()).isEqualTo("CT head");
    assertThat(order.modality()).isEqualTo("CT");
    assertThat(order.reason()).isEqualTo("Head|ache");
    assertThat(order.referrerCode()).isEqualTo("C1234567");
    assertThat(order.referrerName().prefix()).isEqualTo("Dr");
    assertThat(order.referringOrganisation()).isEqualTo("RJ1");
    assertThat(order.messageAt()).isEqualTo(Instant.parse("2026-11-01T09:30:00Z"));
  }

  @Test
  void eachGroupIsAnOrder() throws Exception {
    List<OrderRequest> orders =
        new OrmToOrder(ISSUERS)
            .map(
                parse(
                    msh("ORM^O01", "2.4", "")
                        + PID
                        + "ORC|NW|P1|F1\rOBR|1|P1|F1|A\rORC|CA|P2|F2\rOBR|2|P2|F2|B\r",
                    StandardCharsets.UTF_8),
                event());
    assertThat(orders).extracting(OrderRequest::fillerNumber).containsExactly("F1", "F2");
    assertThat(orders).extracting(o -> o.procedure().value()).containsExactly("A", "B");
    assertThat(orders).extracting(o -> o.status().name()).containsExactly("ACTIVE", "REVOKED");
  }

  @ParameterizedTest
  @CsvSource({
    "F,final",
    "C,corrected",
    "A,partial",
    "P,preliminary",
    "R,preliminary",
    "X,cancelled",
    "I,registered",
    "'',unknown"
  })
  void theResultStatus(String code, String expected) throws Exception {
    String obr = "OBR|1|P1|F1|C" + "|".repeat(21) + code + "\r";
    assertThat(report(obr + "OBX|1|TX|R||x\r").result().status()).isEqualTo(expected);
  }

  @Test
  void theTextIsInOrderWithItsLinesAndItsReader() throws Exception {
    String obr =
        "OBR|1|P1|F1|C"
            + "|".repeat(18)
            + "20261101100000|||F"
            + "|".repeat(7)
            + "C7654321&READER&R^20261101\r";
    ReportResult result =
        report(
                obr
                    + "OBX|1|TX|R||First <5 mm \\T\\ stable\r"
                    + "OBX|2|NM|R||17\r"
                    + "OBX|3|FT|R||Second\\.br\\third~fourth\r")
            .result();
    assertThat(result.text()).isEqualTo("First <5 mm & stable\nSecond\nthird\nfourth");
    assertThat(result.reporterCode()).isEqualTo("C7654321");
    assertThat(result.reporterName().family()).isEqualTo("READER");
    assertThat(result.reporterName().given()).isEqualTo("R");
    assertThat(result.issued()).isEqualTo(Instant.parse("2026-11-01T10:00:00Z"));
    assertThat(result.accession()).isEqualTo(new AccessionKey("RTH", "F1"));
  }

  @Test
  void anEmbeddedPdfIsTakenUpToTheLimit() throws Exception {
    byte[] pdf = "%PDF-1.4 test".getBytes(StandardCharsets.US_ASCII);
    String data = Base64.getEncoder().encodeToString(pdf);
    String obx = "OBX|1|ED|PDF||RIS^AP^PDF^Base64^";
    assertThat(report("OBR|1|P1|F1|C\r" + obx + data + "\r").document()).isEqualTo(pdf);
    assertThat(report("OBR|1|P1|F1|C\r" + obx + "\r").document()).isNull();
    String large = Base64.getEncoder().encodeToString(new byte[2000]);
    assertThat(report("OBR|1|P1|F1|C\r" + obx + large + "\r").document()).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "ORC|NW|P1|F1||||^^^20261102103000, OBR|1|P1|F1|CT, 2026-11-02T10:30",
    "ORC|NW|P1|F1, OBR|1|P1|F1|CT||||||||||||||||||||||||||||||||20261103120000, 2026-11-03T12:00",
    "ORC|NW|P1|F1, OBR|1|P1|F1|CT\rTQ1|1||||||20261104081500, 2026-11-04T08:15",
    "ORC|NW|P1|F1, OBR|1|P1|F1|CT, "
  })
  void whereTheScheduledStartStands(String orc, String obr, String start) throws Exception {
    assertThat(order(orc + "\r" + obr.replace("\\r", "\r") + "\r").step().start())
        .isEqualTo(start == null ? null : java.time.LocalDateTime.parse(start));
  }

  @Test
  void theStepIsReadAsScheduledWorkflowWritesIt() throws Exception {
    var step =
        order(
                "ORC|NW|P1|F1\r"
                    + "OBR|1|P1|F1|CT||||||||||||||ACC1|RP1|SPS1|CTSCANNER|||CT||||||||||"
                    + "C9&CURIE&MARIE^^^^ROOM 1\r")
            .step();
    assertThat(step.requestedProcedureId()).isEqualTo("RP1");
    assertThat(step.stepId()).isEqualTo("SPS1");
    assertThat(step.stationAeTitle()).isEqualTo("CTSCANNER");
    assertThat(step.performer().family()).isEqualTo("CURIE");
    assertThat(step.location()).isEqualTo("ROOM 1");
    assertThat(order("ORC|NW|P1|F1\rOBR|1|P1|F1|CT||||||||||||||||ACC2\r").step().stepId())
        .isNull();
  }
}
