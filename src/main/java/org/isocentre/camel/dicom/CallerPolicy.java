package org.isocentre.camel.dicom;

import java.net.InetAddress;

/** Decides who may associate with a consumer. Called on the event loop: must not wait. */
@FunctionalInterface
public interface CallerPolicy {
  /**
   * @param callingAeTitle trimmed
   * @param address where the peer's connection comes from
   * @return false to reject: calling AE title not recognized (PS3.8 §9.3.4)
   */
  boolean mayAssociate(String callingAeTitle, InetAddress address);
}
