package org.isocentre.consent;

import java.util.UUID;

/**
 * What was decided, and why.
 *
 * @param reason in words, without patient data
 * @param consentId of the statement that decided, or null if none did
 * @param rule number of its provision, or -1
 */
public record Decision(boolean permit, String reason, UUID consentId, int rule) {
  static Decision of(boolean permit, String reason) {
    return new Decision(permit, reason, null, -1);
  }
}
