package org.isocentre.exchange;

import java.io.InputStream;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.isocentre.model.Study;

/** Whether a study may go to an organisation: the patient's consent. */
@FunctionalInterface
public interface ForwardingPermission {
  /** Asked at the beginning, and noted in the audit trail. */
  boolean mayReceive(Study study, String odsCode);

  /** Asked again while it goes; only a refusal is noted. */
  default boolean mayStillReceive(Study study, String odsCode) {
    return mayReceive(study, odsCode);
  }

  /**
   * A transfer was stopped since its study may not go on.
   *
   * @param confirmed objects that the organisation has
   */
  default void stopped(Study study, String odsCode, int confirmed) {}

  /**
   * Puts a guard over what is sent, which ends it with an exception soon after it may not be sent
   * any more. One guard is for one attempt, and may be put over each of its objects.
   *
   * @param mayStillGo what the guard asks
   */
  default UnaryOperator<InputStream> guard(BooleanSupplier mayStillGo) {
    return in -> in;
  }
}
