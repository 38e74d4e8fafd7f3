package org.isocentre.dicom.association;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.isocentre.dicom.pdu.Pdu;

/**
 * How an acceptor answers what is proposed: presentation contexts (PS3.8 §7.1.1.13, §9.3.3.2),
 * roles, extended negotiation and the asynchronous operations window (PS3.7 Annex D.3.3).
 */
public final class Negotiation {
  private Negotiation() {}

  /**
   * One result for each proposed context. Of the transfer syntaxes, the one that comes first in
   * {@code preference} is taken, else the peer's first.
   *
   * @param supported which SOP classes are served
   * @param acceptable which transfer syntaxes may be taken at all
   */
  public static List<Pdu.ContextResult> negotiate(
      List<Pdu.ProposedContext> proposed,
      Predicate<String> supported,
      Predicate<String> acceptable,
      List<String> preference) {
    List<Pdu.ContextResult> results = new ArrayList<>(proposed.size());
    for (Pdu.ProposedContext context : proposed) {
      results.add(answer(context, supported, acceptable, preference));
    }
    return results;
  }

  private static Pdu.ContextResult answer(
      Pdu.ProposedContext context,
      Predicate<String> supported,
      Predicate<String> acceptable,
      List<String> preference) {
    List<String> usable = context.transferSyntaxes().stream().filter(acceptable).toList();
    String shown = context.transferSyntaxes().isEmpty() ? "" : context.transferSyntaxes().get(0);
    if (!supported.test(context.abstractSyntax())) {
      return new Pdu.ContextResult(
          context.id(), Pdu.ContextResult.ABSTRACT_SYNTAX_NOT_SUPPORTED, shown);
    }
    if (usable.isEmpty()) {
      return new Pdu.ContextResult(
          context.id(), Pdu.ContextResult.TRANSFER_SYNTAXES_NOT_SUPPORTED, shown);
    }
    String chosen = preference.stream().filter(usable::contains).findFirst().orElse(usable.get(0));
    return new Pdu.ContextResult(context.id(), Pdu.ContextResult.ACCEPTANCE, chosen);
  }

  /**
   * Of the roles that a requestor proposes, those that it may have (PS3.7 §D.3.3.4). A SOP class of
   * which nothing is proposed gets no answer: there the requestor is SCU.
   *
   * @param scu SOP classes that the requestor may use
   * @param scp SOP classes that the requestor may provide, and this end use
   */
  public static List<Pdu.RoleSelection> roles(
      List<Pdu.RoleSelection> proposed, Predicate<String> scu, Predicate<String> scp) {
    return Agreement.bySopClass(proposed, Pdu.RoleSelection::sopClassUid).values().stream()
        .map(
            p ->
                new Pdu.RoleSelection(
                    p.sopClassUid(),
                    p.scu() && scu.test(p.sopClassUid()),
                    p.scp() && scp.test(p.sopClassUid())))
        .toList();
  }

  /**
   * Answers to extended negotiation whose bytes are switches, 0 or 1 each, as those of query and
   * retrieve, worklist and most others are (PS3.7 §D.3.3.5, PS3.4 §C.5): on where both have it on,
   * and as long as the proposal or as what is supported, whichever is shorter.
   *
   * @param supported by SOP class UID; of others nothing is answered
   */
  public static List<Pdu.ExtendedNegotiation> extended(
      List<Pdu.ExtendedNegotiation> proposed, Map<String, byte[]> supported) {
    return Agreement.bySopClass(proposed, Pdu.ExtendedNegotiation::sopClassUid).values().stream()
        .filter(p -> supported.containsKey(p.sopClassUid()))
        .map(
            p ->
                new Pdu.ExtendedNegotiation(
                    p.sopClassUid(), both(p.information(), supported.get(p.sopClassUid()))))
        .toList();
  }

  private static byte[] both(byte[] proposed, byte[] supported) {
    byte[] switches = new byte[Math.min(proposed.length, supported.length)];
    for (int i = 0; i < switches.length; i++) {
      switches[i] = (byte) (proposed[i] == 1 && supported[i] == 1 ? 1 : 0);
    }
    return switches;
  }

  /**
   * The window to answer with (PS3.7 §D.3.3.3): the smaller of what is proposed and what is set
   * here; unlimited becomes what is set here.
   *
   * @param proposed or null
   * @return null if nothing was proposed
   */
  public static Pdu.AsyncWindow window(Pdu.AsyncWindow proposed, AssociationSettings settings) {
    return proposed == null
        ? null
        : new Pdu.AsyncWindow(
            Agreement.narrower(proposed.invoked(), settings.maxOperationsPerformed()),
            Agreement.narrower(proposed.performed(), settings.maxOperationsInvoked()));
  }
}
