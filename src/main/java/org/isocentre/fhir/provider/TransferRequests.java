package org.isocentre.fhir.provider;

import java.util.UUID;

/** Asks for a study to be sent to an organisation. */
@FunctionalInterface
public interface TransferRequests {
  /**
   * @param destination ODS code
   * @return null if the transfer is on its way or done, else why there is none
   */
  Refusal request(UUID studyId, String destination);

  /** Why a study is not sent. */
  enum Refusal {
    NO_DESTINATION,
    NOT_COMPLETE,
    NOT_PERMITTED
  }
}
