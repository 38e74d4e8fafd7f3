package org.isocentre.dicom.association;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.isocentre.dicom.pdu.Pdu;

/**
 * What both ends agreed on: a function of the request and its answer, and of nothing else (PS3.8
 * §7.1.1, PS3.7 Annex D.3). An answer can take away from the request, never add to it.
 *
 * @param contexts the accepted ones by id, in order
 * @param roles of the requestor by SOP class, where roles were negotiated
 * @param extended the acceptor's answers by SOP class
 * @param common the requestor's word by SOP class
 * @param window the effective one, (1, 1) unless negotiated
 */
record Agreement(
    Map<Integer, PresentationContext> contexts,
    Map<String, Pdu.RoleSelection> roles,
    Map<String, Pdu.ExtendedNegotiation> extended,
    Map<String, Pdu.CommonExtendedNegotiation> common,
    Pdu.AsyncWindow window) {
  private static final Pdu.AsyncWindow ONE_AT_A_TIME = new Pdu.AsyncWindow(1, 1);

  /** Before anything is agreed on. */
  static final Agreement NONE =
      new Agreement(Map.of(), Map.of(), Map.of(), Map.of(), ONE_AT_A_TIME);

  static Agreement of(Pdu.AssociateRq request, Pdu.AssociateAc answer) {
    Pdu.UserInformation asked = request.userInformation();
    Pdu.UserInformation told = answer.userInformation();
    return new Agreement(
        contexts(request, answer),
        roles(asked, told),
        extended(asked, told),
        bySopClass(asked.commonExtendedNegotiations(), Pdu.CommonExtendedNegotiation::sopClassUid),
        window(asked.asyncWindow(), told.asyncWindow()));
  }

  private static Map<Integer, PresentationContext> contexts(
      Pdu.AssociateRq request, Pdu.AssociateAc answer) {
    Map<Integer, Pdu.ProposedContext> proposed = new HashMap<>();
    request.contexts().forEach(context -> proposed.putIfAbsent(context.id(), context));
    Map<Integer, PresentationContext> accepted = new TreeMap<>();
    for (Pdu.ContextResult result : answer.contexts()) {
      Pdu.ProposedContext context = proposed.get(result.id());
      if (context != null && result.result() == Pdu.ContextResult.ACCEPTANCE) {
        accepted.put(
            context.id(),
            new PresentationContext(
                context.id(), context.abstractSyntax(), result.transferSyntax()));
      }
    }
    return accepted;
  }

  private static Map<String, Pdu.RoleSelection> roles(
      Pdu.UserInformation asked, Pdu.UserInformation told) {
    Map<String, Pdu.RoleSelection> proposed =
        bySopClass(asked.roles(), Pdu.RoleSelection::sopClassUid);
    Map<String, Pdu.RoleSelection> agreed = new HashMap<>();
    for (Pdu.RoleSelection answer : told.roles()) {
      Pdu.RoleSelection proposal = proposed.get(answer.sopClassUid());
      if (proposal != null) {
        agreed.put(
            answer.sopClassUid(),
            new Pdu.RoleSelection(
                answer.sopClassUid(),
                proposal.scu() && answer.scu(),
                proposal.scp() && answer.scp()));
      }
    }
    return agreed;
  }

  private static Map<String, Pdu.ExtendedNegotiation> extended(
      Pdu.UserInformation asked, Pdu.UserInformation told) {
    Map<String, Pdu.ExtendedNegotiation> agreed =
        bySopClass(told.extendedNegotiations(), Pdu.ExtendedNegotiation::sopClassUid);
    agreed
        .keySet()
        .retainAll(
            bySopClass(asked.extendedNegotiations(), Pdu.ExtendedNegotiation::sopClassUid)
                .keySet());
    return agreed;
  }

  /** One a SOP class is right; of several the first counts. */
  static <T> Map<String, T> bySopClass(List<T> items, Function<T, String> sopClassUid) {
    Map<String, T> map = new LinkedHashMap<>();
    items.forEach(item -> map.putIfAbsent(sopClassUid.apply(item), item));
    return map;
  }

  private static Pdu.AsyncWindow window(Pdu.AsyncWindow asked, Pdu.AsyncWindow told) {
    return asked == null || told == null
        ? ONE_AT_A_TIME
        : new Pdu.AsyncWindow(
            narrower(asked.invoked(), told.invoked()),
            narrower(asked.performed(), told.performed()));
  }

  /** Of two limits where 0 is none. */
  static int narrower(int one, int other) {
    return one == 0 || other == 0 ? Math.max(one, other) : Math.min(one, other);
  }

  /** Whether the requestor (or the acceptor) may invoke operations of a SOP class. */
  boolean mayBeScu(AssociationRole role, String sopClassUid) {
    Pdu.RoleSelection negotiated = roles.get(sopClassUid);
    return role == AssociationRole.REQUESTOR
        ? negotiated == null || negotiated.scu()
        : negotiated != null && negotiated.scp();
  }
}
