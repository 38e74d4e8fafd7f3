package org.isocentre.dicom.association;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufUtil;
import java.util.List;
import java.util.Map;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.pdu.Pdu;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an acceptor answers, and what either end takes from it (PS3.7 Annex D.3.3), as tables. */
class NegotiationTest {
  private static final String CLASS = "1.2.3";
  private static final String OTHER = "1.2.4";

  private static Pdu.RoleSelection role(String flags) {
    return new Pdu.RoleSelection(CLASS, flags.charAt(0) == '1', flags.charAt(1) == '1');
  }

  private static Agreement agreement(Pdu.UserInformation asked, Pdu.UserInformation told) {
    return Agreement.of(
        new Pdu.AssociateRq(
            1,
            "CALLED",
            "CALLING",
            Uid.APPLICATION_CONTEXT,
            List.of(
                new Pdu.ProposedContext(1, CLASS, List.of("1.5", "1.6")),
                new Pdu.ProposedContext(3, OTHER, List.of("1.5"))),
            asked),
        new Pdu.AssociateAc(
            1,
            "CALLED",
            "CALLING",
            Uid.APPLICATION_CONTEXT,
            List.of(
                new Pdu.ContextResult(1, 0, "1.6"),
                new Pdu.ContextResult(3, 3, "1.5"),
                new Pdu.ContextResult(5, 0, "1.5")),
            told));
  }

  private static Pdu.UserInformation told(
      Pdu.AsyncWindow window,
      List<Pdu.RoleSelection> roles,
      List<Pdu.ExtendedNegotiation> extended) {
    return new Pdu.UserInformation(0, "1.9", "", window, roles, extended, List.of(), null, null, 0);
  }

  /**
   * Proposed and allowed as (SCU, SCP); the answer; then what each end may do. "-": no sub-item.
   */
  @ParameterizedTest(name = "proposed {0}, allowed {1}: {2}")
  @CsvSource({
    //    proposed, allowed, answer, requestor SCU, SCP, acceptor SCU, SCP
    "-,  11, -,  true,  false, false, true",
    "10, 11, 10, true,  false, false, true",
    "01, 11, 01, false, true,  true,  false",
    "11, 11, 11, true,  true,  true,  true",
    "11, 10, 10, true,  false, false, true",
    "11, 01, 01, false, true,  true,  false",
    "11, 00, 00, false, false, false, false",
    "01, 10, 00, false, false, false, false",
    "00, 11, 00, false, false, false, false"
  })
  void roles(
      String proposed,
      String allowed,
      String answered,
      boolean requestorScu,
      boolean requestorScp,
      boolean acceptorScu,
      boolean acceptorScp) {
    List<Pdu.RoleSelection> asked = proposed.equals("-") ? List.of() : List.of(role(proposed));
    List<Pdu.RoleSelection> answer =
        Negotiation.roles(asked, uid -> allowed.charAt(0) == '1', uid -> allowed.charAt(1) == '1');
    assertThat(answer).isEqualTo(answered.equals("-") ? List.of() : List.of(role(answered)));
    Agreement agreed = agreement(told(null, asked, List.of()), told(null, answer, List.of()));
    assertThat(agreed.mayBeScu(AssociationRole.REQUESTOR, CLASS)).isEqualTo(requestorScu);
    assertThat(agreed.mayBeScu(AssociationRole.ACCEPTOR, CLASS)).isEqualTo(acceptorScu);
    // Who may be SCP is who the other end may be SCU to.
    assertThat(requestorScp).isEqualTo(acceptorScu);
    assertThat(acceptorScp).isEqualTo(requestorScu);
    assertThat(agreed.mayBeScu(AssociationRole.REQUESTOR, OTHER)).isTrue();
  }

  /** An answer that goes beyond the proposal gives nothing. */
  @ParameterizedTest
  @CsvSource({
    "-, 11, true, false",
    "10, 11, true, false",
    "10, -, true, false",
    "11, -, true, false"
  })
  void rolesThatWereNotProposedAreNotHad(
      String proposed, String answered, boolean requestorScu, boolean acceptorScu) {
    Agreement agreed =
        agreement(
            told(null, proposed.equals("-") ? List.of() : List.of(role(proposed)), List.of()),
            told(null, answered.equals("-") ? List.of() : List.of(role(answered)), List.of()));
    assertThat(agreed.mayBeScu(AssociationRole.REQUESTOR, CLASS)).isEqualTo(requestorScu);
    assertThat(agreed.mayBeScu(AssociationRole.ACCEPTOR, CLASS)).isEqualTo(acceptorScu);
  }

  /** Window proposed, settings of the acceptor (performed here, invoked here), its answer. */
  @ParameterizedTest(name = "proposed {0}/{1}, settings {2}/{3}: {4}/{5}")
  @CsvSource({
    "1, 1, 8, 1, 1, 1",
    "4, 1, 8, 1, 4, 1",
    "20, 20, 8, 3, 8, 3",
    "0, 0, 8, 3, 8, 3",
    "0, 2, 8, 3, 8, 2",
    "65535, 0, 65535, 1, 65535, 1"
  })
  void window(
      int invoked, int performed, int performsHere, int invokesHere, int toInvoke, int toPerform) {
    Pdu.AsyncWindow asked = new Pdu.AsyncWindow(invoked, performed);
    Pdu.AsyncWindow answer =
        Negotiation.window(
            asked, AssociationSettings.DEFAULT.withOperations(invokesHere, performsHere));
    assertThat(answer).isEqualTo(new Pdu.AsyncWindow(toInvoke, toPerform));
    assertThat(
            agreement(told(asked, List.of(), List.of()), told(answer, List.of(), List.of()))
                .window())
        .isEqualTo(answer);
  }

  /** "-": no sub-item; what a requestor makes of answers that are too large, too. */
  @ParameterizedTest(name = "proposed {0}, answered {1}: {2}")
  @CsvSource({
    "-, -, 1/1",
    "-, 5/5, 1/1",
    "5/5, -, 1/1",
    "5/2, 9/9, 5/2",
    "5/2, 0/0, 5/2",
    "0/0, 0/7, 0/7"
  })
  void windowInEffect(String asked, String answered, String effective) {
    assertThat(
            agreement(
                    told(parsed(asked), List.of(), List.of()),
                    told(parsed(answered), List.of(), List.of()))
                .window())
        .isEqualTo(parsed(effective));
  }

  private static Pdu.AsyncWindow parsed(String text) {
    String[] parts = text.split("/");
    return parts.length == 1
        ? null
        : new Pdu.AsyncWindow(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
  }

  @Test
  void noWindowIsAnsweredWhereNoneWasProposed() {
    assertThat(Negotiation.window(null, AssociationSettings.DEFAULT)).isNull();
  }

  @ParameterizedTest(name = "proposed {0}, supported {1}: {2}")
  @CsvSource({
    "010101, 010100, 010100",
    "010101, 01, 01",
    "01, 010101, 01",
    "0102FF, 010202, 010000",
    "'', 01, ''"
  })
  void extendedNegotiation(String proposed, String supported, String expected) {
    List<Pdu.ExtendedNegotiation> asked =
        List.of(
            new Pdu.ExtendedNegotiation(CLASS, ByteBufUtil.decodeHexDump(proposed)),
            new Pdu.ExtendedNegotiation(OTHER, new byte[] {1}));
    List<Pdu.ExtendedNegotiation> answer =
        Negotiation.extended(asked, Map.of(CLASS, ByteBufUtil.decodeHexDump(supported)));
    assertThat(answer)
        .containsExactly(new Pdu.ExtendedNegotiation(CLASS, ByteBufUtil.decodeHexDump(expected)));
    Agreement agreed = agreement(told(null, List.of(), asked), told(null, List.of(), answer));
    assertThat(agreed.extended()).containsOnlyKeys(CLASS);
    // The answer to what was not proposed is not taken.
    assertThat(
            agreement(told(null, List.of(), List.of()), told(null, List.of(), answer)).extended())
        .isEmpty();
  }

  @Test
  void onlyContextsThatWereProposedAndAcceptedAreThere() {
    assertThat(agreement(Pdu.UserInformation.NONE, Pdu.UserInformation.NONE).contexts())
        .containsExactly(Map.entry(1, new PresentationContext(1, CLASS, "1.6")));
  }
}
