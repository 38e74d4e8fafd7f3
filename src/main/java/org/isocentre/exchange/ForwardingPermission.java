package org.isocentre.exchange;

import org.isocentre.model.Study;

/** Whether a study may go to an organisation: the patient's consent. */
@FunctionalInterface
public interface ForwardingPermission {
  boolean mayReceive(Study study, String odsCode);
}
