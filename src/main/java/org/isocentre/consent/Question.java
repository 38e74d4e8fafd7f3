package org.isocentre.consent;

import java.time.Instant;
import org.isocentre.model.ConsentData;

/**
 * Whether an organisation may do something with a patient's data.
 *
 * @param organisation ODS code
 * @param purpose code of v3-ActReason, such as {@code TREAT}
 * @param action code of consentaction: {@code access} or {@code disclose}
 * @param data what it is about, or null for the patient as such
 */
public record Question(
    String organisation, String purpose, String action, ConsentData data, Instant at) {
  /** Direct care. */
  public static final String TREATMENT = "TREAT";

  /** Health care research. */
  public static final String RESEARCH = "HRESCH";

  /** To see here. */
  public static final String ACCESS = "access";

  /** To send to them. */
  public static final String DISCLOSE = "disclose";

  /** The same of this data. */
  Question about(ConsentData one) {
    return new Question(organisation, purpose, action, one, at);
  }
}
