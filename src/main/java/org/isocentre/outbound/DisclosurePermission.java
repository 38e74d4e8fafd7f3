package org.isocentre.outbound;

import java.util.UUID;

/** Whether a trust may be told something of a patient: the one consent decision, audited. */
@FunctionalInterface
public interface DisclosurePermission {
  /**
   * @param custodian ODS code of whose the data is, or null if nobody's in particular
   * @param messageType what it would be told, such as {@code ORU^R01}
   */
  boolean mayReceive(UUID patientId, String custodian, String odsCode, String messageType);
}
