package org.isocentre.dicom.pdu;

import io.netty.channel.DefaultMessageSizeEstimator;
import io.netty.channel.MessageSizeEstimator;

/**
 * Sizes of PDUs on their way out, so that a channel's watermarks count those that still wait for
 * the event loop; without it each would count as 8 bytes.
 */
public final class PduSize implements MessageSizeEstimator {
  public static final PduSize ESTIMATOR = new PduSize();
  private static final int HEADERS = 12;
  private static final Handle OTHERS = DefaultMessageSizeEstimator.DEFAULT.newHandle();

  private PduSize() {}

  @Override
  public Handle newHandle() {
    return message ->
        message instanceof Pdu.PDataTf data
            ? HEADERS + data.fragment().readableBytes()
            : OTHERS.size(message);
  }
}
