package org.isocentre.dicom.association;

import io.netty.buffer.ByteBuf;

/**
 * What a user of the upper layer is told. All calls come on the association's event loop, one after
 * the other: never wait in them; hand work to another thread and use {@link
 * Association#reading(boolean)} when behind.
 */
public interface AssociationHandler {
  /** The association is in Sta6; on the acceptor the A-ASSOCIATE-AC has been written. */
  void established(Association association);

  /**
   * One PDV arrived. {@code fragment} is valid during the call only (retain it to keep it).
   *
   * @param command true for a command fragment, false for a data-set fragment
   * @param last true for the last fragment of the command or data set
   */
  void pdv(Association association, int contextId, boolean command, boolean last, ByteBuf fragment);

  /** The peer asked for release; the A-RELEASE-RP is sent when this returns. */
  void released(Association association);

  /**
   * The end, however it came, told exactly once: after {@link #released}, an abort, a timeout or
   * the loss of the transport.
   */
  void closed(Association association, AssociationException cause);
}
