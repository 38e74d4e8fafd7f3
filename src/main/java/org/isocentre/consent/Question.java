package org.isocentre.consent;

import java.time.Instant;
import org.isocentre.model.ConsentData;
import org.isocentre.model.ConsentRule;

/**
 * Whether an organisation, or a person who acts for the patient, may do something with a patient's
 * data.
 *
 * @param actor ODS code, or {@link ConsentRule#person}
 * @param purpose code of v3-ActReason, such as {@code TREAT}
 * @param action code of consentaction: {@code access} or {@code disclose}
 * @param data what it is about, or null for the patient as such
 */
public record Question(String actor, String purpose, String action, ConsentData data, Instant at) {
  /** Direct care. */
  public static final String TREATMENT = "TREAT";

  /** Health care research. */
  public static final String RESEARCH = "HRESCH";

  /** For somebody of the family, or a carer, who acts for the patient. */
  public static final String FAMILY = "FAMRQT";

  /** To see here. */
  public static final String ACCESS = "access";

  /** To send to them. */
  public static final String DISCLOSE = "disclose";

  boolean isOfPerson() {
    return ConsentRule.personOf(actor).isPresent();
  }

  /** The same of this data. */
  Question about(ConsentData one) {
    return new Question(actor, purpose, action, one, at);
  }
}
