package org.isocentre.hl7;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.isocentre.hl7.OutboundSamples.get;
import static org.isocentre.hl7.OutboundSamples.head;
import static org.isocentre.hl7.OutboundSamples.order;
import static org.isocentre.hl7.OutboundSamples.parsed;
import static org.isocentre.hl7.OutboundSamples.patient;
import static org.isocentre.hl7.OutboundSamples.report;
import static org.isocentre.hl7.OutboundSamples.text;

import ca.uhn.hl7v2.DefaultHapiContext;
import ca.uhn.hl7v2.HapiContext;
import ca.uhn.hl7v2.model.Message;
import java.io.OutputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.isocentre.model.MessageStored;
import org.isocentre.model.Order;
import org.isocentre.model.OrderRequest;
import org.isocentre.model.OrderStatus;
import org.isocentre.model.ReportResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What each builder makes, as a parser that knows nothing of it reads it. */
class OutboundBuildersTest {
  private static final MessageStored EVENT =
      new MessageStored("e", "RTH", "ORM^O01", "C1", "hl7/1", "UTF-8", Instant.EPOCH);

  private static OutboundMessage orm(String version) {
    return OrmOut.status(
        head(version), patient("RTH:L1"), order(OrderStatus.ACTIVE, "stat"), "STARTED");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "MSH-3;ISOCENTRE",
        "MSH-5;RIS",
        "MSH-6;RJ1",
        "MSH-7;20261101120000+0000",
        "MSH-9.1;ORM",
        "MSH-9.2;O01",
        "MSH-10;C1",
        "MSH-12;2.4",
        "MSH-18;UNICODE UTF-8",
        "PID-3[1].1;9990000018",
        "PID-3[1].4;NHS",
        "PID-3[1].5;NH",
        "PID-3[2].1;L1",
        "PID-3[2].4;RTH",
        "PID-5.1;O'Test & Sons",
        "PID-5.2;Zoë",
        "PID-5.5;Ms",
        "PID-7;19740213",
        "PID-8;F",
        "PID-11.1;1 Test Street",
        "PID-11.5;SW1A 1AA",
        "ORC-1;SC",
        "ORC-2.1;P1",
        "ORC-3.2;RTH",
        "ORC-5;IP",
        "ORC-7.4;20261102093000",
        "ORC-7.6;S",
        "ORC-12.2;Refer",
        "ORC-21.10;RJ1",
        "OBR-4.1;CTHEAD",
        "OBR-16.1;G1234567",
        "OBR-18;ACC1",
        "OBR-19;RP1",
        "OBR-20;SPS1",
        "OBR-24;CT",
        "OBR-31.2;Fall | hit head",
        "ZDS-1.1;1.2.3",
      })
  void ormSaysWhatTheOrderIs(String path, String value) {
    assertThat(get(orm("2.4"), path)).isEqualTo(value);
  }

  @ParameterizedTest
  @CsvSource({
    "ACTIVE,SCHEDULED,SC,SC",
    "ACTIVE,STARTED,SC,IP",
    "ACTIVE,COMPLETED,SC,CM",
    "COMPLETED,COMPLETED,SC,CM",
    "ON_HOLD,SCHEDULED,OH,HD",
    "REVOKED,SCHEDULED,OC,CA",
    "ENTERED_IN_ERROR,SCHEDULED,OC,CA",
    "UNKNOWN,SCHEDULED,SC,SC",
  })
  void statusBecomesControlAndState(OrderStatus status, String step, String control, String state) {
    OutboundMessage m = OrmOut.status(head("2.4"), patient(), order(status, null), step);
    assertThat(get(m, "ORC-1")).isEqualTo(control);
    assertThat(get(m, "ORC-5")).isEqualTo(state);
  }

  @ParameterizedTest
  @CsvSource({"stat,S", "asap,A", "urgent,U", "routine,R"})
  void priorityIsWhereTheVersionHasIt(String priority, String code) {
    Order order = order(OrderStatus.ACTIVE, priority);
    OutboundMessage old = OrmOut.status(head("2.3.1"), patient(), order, "SCHEDULED");
    OutboundMessage modern = OrmOut.status(head("2.5.1"), patient(), order, "SCHEDULED");
    assertThat(get(old, "OBR-27.6")).isEqualTo(code);
    assertThat(parsed(old).first("TQ1")).isNull();
    assertThat(get(modern, "TQ1-9")).isEqualTo(code);
    assertThat(get(modern, "TQ1-7")).isEqualTo("20261102093000");
    assertThat(get(modern, "OBR-27.6")).isNull();
  }

  /** What the hub sends, it reads as it was meant. */
  @Test
  void theHubReadsItsOwnOrm() {
    Order order = order(OrderStatus.ACTIVE, "stat");
    List<OrderRequest> read =
        new OrmToOrder(Optional::of)
            .map(parsed(OrmOut.status(head("2.4"), patient("RTH:L1"), order, "SCHEDULED")), EVENT);
    assertThat(read)
        .singleElement()
        .satisfies(
            r -> {
              assertThat(r.placerNumber()).isEqualTo("P1");
              assertThat(r.fillerNumber()).isEqualTo("F1");
              assertThat(r.accession()).isEqualTo(order.request().accession());
              assertThat(r.studyInstanceUid()).isEqualTo("1.2.3");
              assertThat(r.priority()).isEqualTo("stat");
              assertThat(r.reason()).isEqualTo("Fall | hit head");
              assertThat(r.referringOrganisation()).isEqualTo("RJ1");
              assertThat(r.status()).isEqualTo(OrderStatus.ACTIVE);
              assertThat(r.patient().identity().nhsNumber()).isEqualTo("9990000018");
              assertThat(r.step().start()).isEqualTo(order.request().step().start());
            });
  }

  @Test
  void omiHasTheIdentifiersOfImagingInIpc() {
    OutboundMessage m =
        OmiOut.status(
            head("2.5.1"), patient(), order(OrderStatus.ACTIVE, null), "1.2.9", "SCHEDULED");
    Map<String, String> expected =
        new TreeMap<>(
            Map.of(
                "MSH-9.3", "OMI_O23",
                "IPC-1.1", "ACC1",
                "IPC-1.2", "RTH",
                "IPC-2", "RP1",
                "IPC-3", "1.2.9",
                "IPC-4", "SPS1",
                "IPC-5", "CT",
                "IPC-9", "CT1"));
    expected.forEach((path, value) -> assertThat(get(m, path)).as(path).isEqualTo(value));
  }

  @ParameterizedTest
  @CsvSource({
    "final,F,F",
    "corrected,C,C",
    "amended,C,C",
    "appended,C,C",
    "preliminary,P,P",
    "partial,A,P",
    "cancelled,X,X",
    "entered-in-error,X,W",
    "registered,I,I",
    "unknown,I,I",
  })
  void oruSaysHowFarTheResultIs(String status, String result, String observation) {
    OutboundMessage m =
        OruOut.result(head("2.4"), patient(), report(status, "Text", "R1").result(), null, null);
    assertThat(get(m, "OBR-25")).isEqualTo(result);
    assertThat(get(m, "OBX-11")).isEqualTo(observation);
  }

  @Test
  void oruCarriesTextWithItsLinesAndItsDelimiters() {
    String text = "Heart < 50 % & lungs | clear\nImpression: a^b~c\\d\n\nDr Test";
    OutboundMessage m =
        OruOut.result(
            head("2.4"),
            patient("RTH:L1"),
            report("final", text, "R1").result(),
            order(OrderStatus.COMPLETED, null),
            null);
    assertThat(text(m)).contains("|FT|").contains("\\.br\\").contains(" < 50 % \\T\\ lungs \\F\\ ");
    assertThat(get(m, "OBR-2.1")).isEqualTo("P1");
    assertThat(get(m, "OBR-16.2")).isEqualTo("Refer");
    assertThat(get(m, "OBR-32.1.2")).isEqualTo("Report");
    ReportResult read = new OruToReport(Optional::of, 1000).map(parsed(m), EVENT).get(0).result();
    assertThat(read.text()).isEqualTo(text);
    assertThat(read.status()).isEqualTo("final");
    assertThat(read.reporterName().family()).isEqualTo("Report");
    assertThat(read.fillerNumber()).isEqualTo("R1");
  }

  @Test
  void oruCarriesADocument() {
    OutboundMessage m =
        OruOut.result(
            head("2.4"), patient(), report("final", null, "R1").result(), null, "JVBERg==");
    assertThat(text(m)).contains("OBX|1|ED|R^Report^LOCAL||^application^pdf^Base64^JVBERg==|");
    assertThat(new OruToReport(Optional::of, 1000).map(parsed(m), EVENT).get(0).document())
        .isEqualTo("%PDF".getBytes(StandardCharsets.US_ASCII));
  }

  @ParameterizedTest
  @CsvSource({
    "final,T02,MDM_T02,AU,AV,true",
    "preliminary,T02,MDM_T02,PA,AV,true",
    "registered,T02,MDM_T02,IP,AV,true",
    "corrected,T10,MDM_T02,AU,AV,true",
    "amended,T10,MDM_T02,AU,AV,true",
    "appended,T10,MDM_T02,AU,AV,true",
    "partial,T02,MDM_T02,PA,AV,true",
    "unknown,T02,MDM_T02,IP,AV,true",
    "cancelled,T11,MDM_T01,AU,CA,false",
    "entered-in-error,T11,MDM_T01,AU,CA,false",
  })
  void mdmIsNewReplacedOrWithdrawn(
      String status, String trigger, String structure, String done, String there, boolean content) {
    OutboundMessage m =
        MdmOut.document(head("2.5.1"), patient(), report(status, null, "R1"), null, "JVBERg==");
    assertThat(get(m, "MSH-9.2")).isEqualTo(trigger);
    assertThat(get(m, "MSH-9.3")).isEqualTo(structure);
    assertThat(get(m, "EVN-1")).isEqualTo(trigger);
    assertThat(get(m, "TXA-2")).isEqualTo("DI");
    assertThat(get(m, "TXA-9.1")).isEqualTo("C9");
    assertThat(get(m, "TXA-12")).isEqualTo("R1");
    assertThat(get(m, "TXA-13")).isEqualTo(trigger.equals("T02") ? null : "R1");
    assertThat(get(m, "TXA-17")).isEqualTo(done);
    assertThat(get(m, "TXA-19")).isEqualTo(there);
    assertThat(parsed(m).first("OBX") != null).isEqualTo(content);
  }

  @Test
  void aDocumentWithoutANumberIsNamedByItsId() {
    OutboundMessage m =
        MdmOut.document(head("2.4"), patient(), report("final", "Text", null), null, null);
    assertThat(get(m, "TXA-12")).isEqualTo(OutboundSamples.ID.toString());
    assertThat(get(m, "TXA-3")).isEqualTo("FT");
    assertThat(parsed(m).first("ORC")).isNull();
  }

  @Test
  void a31SaysWhoThePatientIs() {
    OutboundMessage m = AdtOut.changed(head("2.4"), patient("RTH:L1", "RJ1:77"));
    assertThat(get(m, "MSH-9.2")).isEqualTo("A31");
    assertThat(get(m, "MSH-9.3")).isEqualTo("ADT_A05");
    assertThat(get(m, "PID-3[3].1")).isEqualTo("77");
    assertThat(get(m, "PV1-2")).isEqualTo("N");
  }

  @Test
  void a40NamesTheNumbersThatGoAndThoseThatStay() {
    OutboundMessage m =
        AdtOut.merged(head("2.4"), patient("RTH:L1", "RTH:L2", "RJ1:77"), patient("RTH:L2"));
    assertThat(text(m)).contains("MRG|L2^^^RTH^MR\r");
    assertThat(text(m))
        .contains("PID|1||9990000018^^^NHS^NH~L1^^^RTH^MR~77^^^RJ1^MR|")
        .contains("ADT^A40^ADT_A39");
  }

  @Test
  void a37NamesTwoPatientsEachWithTheirNumbers() {
    OutboundMessage m = AdtOut.unlinked(head("2.4"), patient("RTH:L1"), patient("RTH:L2"));
    assertThat(text(m))
        .contains("ADT^A37^ADT_A37")
        .contains("\rPID|1||9990000018^^^NHS^NH~L1^^^RTH^MR|")
        .contains("\rPID|2||9990000018^^^NHS^NH~L2^^^RTH^MR|");
  }

  /**
   * The structure parser of each version takes it: all segments are where the standard has them.
   */
  @ParameterizedTest
  @ValueSource(strings = {"2.3", "2.3.1", "2.4", "2.5", "2.5.1"})
  void eachVersionHasItsSegmentsInTheirPlaces(String version) throws Exception {
    Order order = order(OrderStatus.ACTIVE, "stat");
    List<OutboundMessage> all =
        new java.util.ArrayList<>(
            List.of(
                orm(version),
                OruOut.result(
                    head(version), patient(), report("final", "T", "R").result(), order, "AAAA"),
                MdmOut.document(head(version), patient(), report("final", "T", "R"), order, "AA"),
                AdtOut.changed(head(version), patient("RTH:L1")),
                AdtOut.merged(head(version), patient("RTH:L1"), patient("RTH:L2")),
                AdtOut.unlinked(head(version), patient("RTH:L1"), patient("RTH:L2"))));
    if (version.startsWith("2.5")) {
      all.add(OmiOut.status(head(version), patient(), order, "1.2", "STARTED"));
    }
    try (HapiContext context = new DefaultHapiContext()) {
      for (OutboundMessage m : all) {
        Message parsed = context.getPipeParser().parse(text(m));
        assertThat(parsed.getClass().getSimpleName())
            .as(m.messageType() + " " + version)
            .isNotEqualTo("GenericMessage");
        assertThat(List.of(parsed.getNames()))
            .as(m.messageType() + " " + version)
            // Two patients are what A37 is about.
            .filteredOn(n -> !(m.messageType().equals("ADT^A37") && n.equals("PID2")))
            .noneMatch(n -> n.matches("(ORC|OBR|OBX|TXA|MRG|IPC|PID|EVN)\\d"));
      }
    }
  }

  @Test
  void whatTheCharacterSetHasNotIsRefused() {
    OutboundMessage m = AdtOut.changed(head("2.4"), patient());
    m.segments("PID").get(0).field(5, "Łukasz");
    assertThatThrownBy(() -> m.write(OutputStream.nullOutputStream(), StandardCharsets.ISO_8859_1))
        .isInstanceOf(CharacterCodingException.class);
  }
}
