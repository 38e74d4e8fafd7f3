package org.isocentre.hl7;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.hl7.fhir.r4.model.Identifier;
import org.isocentre.model.PatientDemographics;
import org.isocentre.model.PatientKey;
import org.isocentre.model.PatientMerge;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Which numbers of PID-3 are a patient's, from a sender of trust RTH; RJ1 is another trust. */
class LocalNumbersTest {
  private record Case(String pid3, String first, List<String> others, List<String> claimed) {}

  @TestFactory
  Stream<DynamicTest> eachNumberIsKept() {
    return Stream.of(
            new Case("L1^^^RTH^MR", "RTH L1", List.of(), List.of()),
            new Case("L1^^^RTH^MR~L2^^^RTH^MR", "RTH L1", List.of("RTH L2"), List.of()),
            new Case("L1~L2", "RTH L1", List.of("RTH L2"), List.of()),
            new Case("L1^^^RTH^MR~L1^^^RTH^MR", "RTH L1", List.of(), List.of()),
            new Case("L1^^^RTH^MR~R7^^^RIS^PI", "RTH L1", List.of("RIS R7"), List.of()),
            // One issuer may give a number of another kind to somebody else.
            new Case("L1^^^RTH^MR~55^^^RTH^PI", "RTH L1", List.of(), List.of("RTH 55")),
            new Case("L1^^^RTH^MR~55^^^RTH", "RTH L1", List.of(), List.of("RTH 55")),
            new Case(
                "L1^^^RTH^MR~R7^^^RIS^MR~8^^^RIS^PI~R9^^^RIS^MR",
                "RTH L1",
                List.of("RIS R7", "RIS R9"),
                List.of("RIS 8")),
            // Of another trust's numbers only that trust speaks.
            new Case("L1^^^RTH^MR~X9^^^RJ1^MR", "RTH L1", List.of(), List.of("RJ1 X9")),
            // Numbers of visits and accounts are not the patient's.
            new Case("V1^^^RTH^VN~L1^^^RTH^MR~A1^^^RTH^AN", "RTH L1", List.of(), List.of()),
            new Case(
                "9990000018^^^NHS^NH~L1^^^RTH^MR~L2^^^RTH^MR",
                "RTH L1",
                List.of("RTH L2"),
                List.of()))
        .map(
            c ->
                DynamicTest.dynamicTest(
                    c.pid3(),
                    () -> {
                      PatientDemographics p = adt(c.pid3());
                      assertThat(text(p.identity().key())).isEqualTo(c.first());
                      assertThat(p.otherKeys().stream().map(LocalNumbersTest::text))
                          .containsExactlyElementsOf(c.others());
                      assertThat(p.claimedKeys().stream().map(LocalNumbersTest::text))
                          .containsExactlyElementsOf(c.claimed());
                    }));
  }

  @Test
  void fhirShowsEachNumber() throws Exception {
    List<Identifier> shown =
        Mapped.patient(adt("L1^^^RTH^MR~L2^^^RTH^MR~X9^^^RJ1^MR")).getIdentifier();
    assertThat(shown).extracting(Identifier::getValue).containsExactly("L1", "L2", "X9");
    assertThat(shown)
        .extracting(Identifier::getUse)
        .containsExactly(null, null, Identifier.IdentifierUse.SECONDARY);
  }

  @TestFactory
  Stream<DynamicTest> theNumberThatAMergeEndsIsNotTheSurvivors() {
    return Stream.of("L1^^^RTH^MR~OLD^^^RTH^MR", "OLD^^^RTH^MR~L1^^^RTH^MR")
        .map(
            pid3 ->
                DynamicTest.dynamicTest(
                    pid3,
                    () -> {
                      PatientMerge merge =
                          (PatientMerge)
                              MessageTable.map(message("ADT^A40", pid3, "MRG|OLD^^^RTH^MR\r"))
                                  .get(0);
                      assertThat(text(merge.surviving().identity().key())).isEqualTo("RTH L1");
                      assertThat(merge.surviving().otherKeys()).isEmpty();
                      assertThat(text(merge.prior().key())).isEqualTo("RTH OLD");
                    }));
  }

  private static String text(PatientKey key) {
    return key.issuer() + " " + key.value();
  }

  private static PatientDemographics adt(String pid3) throws Exception {
    return (PatientDemographics) MessageTable.map(message("ADT^A31", pid3, "")).get(0);
  }

  private static Hl7Message message(String type, String pid3, String rest) throws Exception {
    return Hl7Message.parse(
        ("MSH|^~\\&|RIS|RTH|HUB|ISO|20261101093000||"
                + type
                + "|M1|P|2.4\rEVN||20261101093000\rPID|1||"
                + pid3
                + "||TEST^CASE||19740213|F\r"
                + rest)
            .getBytes(StandardCharsets.UTF_8));
  }
}
