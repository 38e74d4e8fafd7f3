package org.isocentre.dicom.testkit;

import org.isocentre.dicom.dimse.Command;
import org.isocentre.dicom.pdu.Pdu;

/** One association that was made with a {@link ScriptedScp}. */
final class ScpConversation extends Conversation {
  private final ScriptedScp scp;

  ScpConversation(ScriptedScp scp) {
    this.scp = scp;
  }

  @Override
  void associate(Pdu pdu) {
    if (!(pdu instanceof Pdu.AssociateRq request)) {
      throw new IllegalStateException("ISO-DICOM-523: an A-ASSOCIATE-AC to an acceptor");
    }
    Pdu answer = scp.answer(request);
    if (answer instanceof Pdu.AssociateAc accept) {
      agreed(request, accept, request.userInformation().maxPduLength());
    }
    if (answer != null) {
      send(answer);
    }
  }

  @Override
  void message(Message message) {
    scp.react(message, this);
  }

  @Override
  void progress(Command of, int soFar) {
    scp.progress(of, soFar, this);
  }
}
