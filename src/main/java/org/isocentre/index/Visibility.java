package org.isocentre.index;

import java.util.Set;
import java.util.UUID;

/**
 * What a caller may see; every search and every read is narrowed by it.
 *
 * @param nhsNumber when set, only records of patients with this NHS number who are not in review:
 *     the compartment of a patient
 * @param hiddenPatients patients who refuse the caller's organisation
 * @param organisation ODS code of the caller's organisation: its own records stay visible to it; or
 *     null
 */
public record Visibility(String nhsNumber, Set<UUID> hiddenPatients, String organisation) {
  /** For the hub's own work. */
  public static final Visibility ALL = new Visibility(null, Set.of(), null);

  public Visibility {
    hiddenPatients = Set.copyOf(hiddenPatients);
  }

  @Override
  public String toString() {
    return "Visibility[patient=" + (nhsNumber != null) + ", organisation=" + organisation + "]";
  }
}
