package org.isocentre.dicom.association;

import io.netty.buffer.ByteBuf;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Takes what comes and remembers it; says nothing. */
class SilentHandler implements AssociationHandler {
  final Queue<Association> established = new ConcurrentLinkedQueue<>();
  final Queue<AssociationException> ends = new ConcurrentLinkedQueue<>();

  @Override
  public void established(Association association) {
    established.add(association);
  }

  @Override
  public void pdv(
      Association association, int contextId, boolean command, boolean last, ByteBuf fragment) {
    // Not looked at here.
  }

  @Override
  public void released(Association association) {
    // The answer is the machine's.
  }

  @Override
  public void closed(Association association, AssociationException cause) {
    ends.add(cause);
  }
}
