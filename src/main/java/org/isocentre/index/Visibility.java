package org.isocentre.index;

import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * What a caller may see; every search and every read is narrowed by it.
 *
 * @param nhsNumber when set, only records of patients with this NHS number who are not in review:
 *     the compartment of a patient
 * @param birthDate when set, only of those with this birth date, too
 * @param withheld what consent and release rules keep from the caller
 * @param organisation ODS code of the caller's organisation: its own records stay visible to it; or
 *     null
 * @param relationship when set, only records of patients whom the organisation cares for
 * @param parts by resource type: only those that meet all of one of these; other types whole
 */
public record Visibility(
    String nhsNumber,
    LocalDate birthDate,
    Withheld withheld,
    String organisation,
    LegitimateRelationship relationship,
    Map<String, List<List<Criterion>>> parts) {
  public Visibility {
    parts = Map.copyOf(parts);
  }

  /** For the hub's own work. */
  public static final Visibility ALL = new Visibility(null, Withheld.NOTHING, null);

  /** Whatever the birth date. */
  public Visibility(String nhsNumber, Withheld withheld, String organisation) {
    this(nhsNumber, null, withheld, organisation, null, Map.of());
  }

  /** The same, of patients alone whom the organisation cares for. */
  public Visibility within(LegitimateRelationship legitimate) {
    return new Visibility(nhsNumber, birthDate, withheld, organisation, legitimate, parts);
  }

  /** The same, of some types these parts alone. */
  public Visibility only(Map<String, List<List<Criterion>>> some) {
    return new Visibility(nhsNumber, birthDate, withheld, organisation, relationship, some);
  }

  /**
   * @param hiddenPatients patients who refuse the caller's organisation
   */
  public Visibility(String nhsNumber, Set<UUID> hiddenPatients, String organisation) {
    this(nhsNumber, new Withheld(null, hiddenPatients, Set.of(), Set.of()), organisation);
  }

  /** Whether consent keeps a study, report or order from the caller. */
  public boolean hides(String custodian, UUID patient, UUID id) {
    return !(organisation != null && organisation.equals(custodian)) && withheld.hides(patient, id);
  }

  @Override
  public String toString() {
    return "Visibility[patient=" + (nhsNumber != null) + ", organisation=" + organisation + "]";
  }
}
