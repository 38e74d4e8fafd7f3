package org.isocentre.dicom.association;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.isocentre.dicom.pdu.Pdu;

/** How an acceptor answers proposed presentation contexts (PS3.8 §7.1.1.13, §9.3.3.2). */
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
}
