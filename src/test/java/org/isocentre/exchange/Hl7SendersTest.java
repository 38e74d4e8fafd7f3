package org.isocentre.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.isocentre.model.MessageSender;
import org.isocentre.model.MessageSource;
import org.isocentre.model.Organisation;
import org.isocentre.model.Organisation.Hl7Sender;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whose a message is, by its names and where it comes from. */
class Hl7SendersTest {
  private static Organisation trust(String ods, List<String> facilities, Hl7Sender... senders) {
    return new Organisation(
        ods, ods, List.of(), facilities, false, List.of(), List.of(senders), null);
  }

  private static Hl7Sender sender(
      String application, String facility, String source, String certificate) {
    return new Hl7Sender(
        application,
        facility,
        source == null ? List.of() : List.of(source),
        certificate == null ? List.of() : List.of(certificate),
        true,
        "host:1");
  }

  private final TrustDirectory directory =
      new TrustDirectory(
          List.of(
              trust(
                  "RTH",
                  List.of("RTH", "LAB|SHARED", "BOUND|RTH"),
                  sender("CRIS", "RAD", "10.1.0.0/16", null),
                  sender("BOUND", "RTH", "10.1.2.3", null),
                  sender("TLS", "RTH", null, "pas.rth.example"),
                  sender("DROP", "RTH", "file", null),
                  sender("BOTH", "X", "10.0.0.0/8", null)),
              trust(
                  "RJ1",
                  List.of("SHARED"),
                  sender("CRIS", "RAD", "10.2.0.0/16", null),
                  sender("BOTH", "X", "10.0.0.0/8", null),
                  new Hl7Sender("OLD", "RJ1", List.of(), List.of(), false, null))),
          null);

  @ParameterizedTest
  @CsvSource({
    // MSH-3, MSH-4, wherever it came from, where that is not known
    "ANY,RTH,RTH,RTH",
    "OLD,RJ1,RJ1,RJ1",
    "LAB,SHARED,RTH,RTH",
    "BOUND,RTH,RTH,''",
    "TLS,RTH,RTH,''",
    "DROP,RTH,RTH,''",
    "CRIS,RAD,'RJ1,RTH',''",
    "ANY,NOBODY,'',''"
  })
  void aBoundNameProvesNothingByItself(
      String application, String facility, String all, String open) {
    assertThat(new TreeSet<>(directory.senders().trusts(application, facility)))
        .hasToString("[" + all.replace(",", ", ") + "]");
    assertThat(directory.senders().openTrusts(application, facility)).hasToString("[" + open + "]");
  }

  @ParameterizedTest
  @CsvSource({
    // MSH-3, MSH-4, address, certificate, whose
    "ANY,RTH,10.9.9.9,,RTH",
    "LAB,SHARED,10.9.9.9,,RTH",
    "ANY,SHARED,10.9.9.9,,RJ1",
    "CRIS,RAD,10.1.9.9,,RTH",
    "CRIS,RAD,10.2.9.9,,RJ1",
    "CRIS,RAD,10.3.9.9,,",
    "OTHER,RAD,10.1.9.9,,",
    "BOUND,RTH,10.1.2.3,,RTH",
    "BOUND,RTH,10.1.2.4,,",
    "BOUND,RTH,file,,",
    "TLS,RTH,10.1.2.4,,",
    "TLS,RTH,10.1.2.4,PAS.rth.example,RTH",
    "TLS,RTH,10.1.2.4,pas.rj1.example,",
    "DROP,RTH,file,,RTH",
    "DROP,RTH,10.1.2.3,,",
    "BOTH,X,10.1.2.3,,",
    "OLD,RJ1,10.1.2.3,,RJ1",
    "OLD,RJ1,999.1.1.1,,RJ1",
    "CRIS,RAD,999.1.1.1,,",
    "ANY,NOBODY,10.1.2.3,,"
  })
  void aMessageIsWhoseItsNamesAndItsSourceTogetherSay(
      String application, String facility, String address, String certificate, String ods) {
    MessageSource source =
        new MessageSource(address, certificate == null ? List.of() : List.of(certificate), null);
    assertThat(directory.senders().find(application, facility, source).map(MessageSender::odsCode))
        .isEqualTo(Optional.ofNullable(ods));
  }

  @Test
  void eachIsAcknowledgedInItsWay() {
    MessageSource source = new MessageSource("10.1.2.3", List.of(), null);
    assertThat(directory.senders().find("OLD", "RJ1", source).orElseThrow().enhanced()).isFalse();
    assertThat(directory.senders().find("ANY", "RTH", source).orElseThrow().enhanced()).isTrue();
    assertThat(directory.senders().returnAddress("RTH", "CRIS", "RAD")).contains("host:1");
    assertThat(directory.senders().returnAddress("RTH", "ANY", "RTH")).isEmpty();
  }

  @Test
  void aNameOfTwoTrustsMustBeBoundInBoth() {
    assertThatThrownBy(
            () ->
                new TrustDirectory(
                    List.of(
                        trust("RTH", List.of(), sender("A", "B", "10.0.0.0/8", null)),
                        trust("RJ1", List.of(), sender("A", "B", null, null))),
                    null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("ISO-EXCHANGE-003")
        .hasMessageContaining("A|B of RJ1");
  }
}
