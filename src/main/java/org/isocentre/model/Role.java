package org.isocentre.model;

/** Roles that an issuer can give a caller, as the roles claim of a token names them. */
public final class Role {
  /** Treats patients: may break the glass, and what they read counts as seen by a clinician. */
  public static final String CLINICIAN = "clinician";

  /** Writes down what patients said, for them. */
  public static final String RECORDS = "records";

  /** Reads what was done by the people and systems of their organisation. */
  public static final String AUDITOR = "auditor";

  /** Looks after interfaces: messages and their repair. */
  public static final String INTEGRATION = "integration";

  /** Asks for research and not for care. */
  public static final String RESEARCH = "research";

  private Role() {}
}
