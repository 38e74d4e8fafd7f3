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

  /**
   * The same decision where nothing is to be told yet: what is held back is looked at again and
   * again, and the audit trail is not filled with it.
   */
  default boolean couldReceive(
      UUID patientId, String custodian, String odsCode, String messageType) {
    return mayReceive(patientId, custodian, odsCode, messageType);
  }
}
