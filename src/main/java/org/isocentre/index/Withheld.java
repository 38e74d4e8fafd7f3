package org.isocentre.index;

import java.util.HashSet;
import java.util.Set;
import java.util.UUID;

/**
 * What consent and release rules keep from a caller. What is in the custody of the caller's own
 * organisation is never meant.
 *
 * @param onlyPatients if not null, nothing of other patients is shown, but what is open
 * @param patients of whom nothing is shown, but what is open
 * @param data studies, reports and orders that are not shown though their patient is
 * @param open studies, reports and orders that are shown though their patient is not
 */
public record Withheld(Set<UUID> onlyPatients, Set<UUID> patients, Set<UUID> data, Set<UUID> open) {
  public static final Withheld NOTHING = new Withheld(null, Set.of(), Set.of(), Set.of());

  public Withheld {
    onlyPatients = onlyPatients == null ? null : Set.copyOf(onlyPatients);
    patients = Set.copyOf(patients);
    data = Set.copyOf(data);
    open = Set.copyOf(open);
  }

  /**
   * The same, without what another keeps back, too.
   *
   * @param more that opens nothing
   */
  public Withheld without(Withheld more) {
    Set<UUID> all = new HashSet<>(patients);
    all.addAll(more.patients);
    Set<UUID> hidden = new HashSet<>(data);
    hidden.addAll(more.data);
    // What is open stays open whoever's it is: nothing may where all of a person is kept back.
    return new Withheld(onlyPatients, all, hidden, more.patients.isEmpty() ? open : Set.of());
  }

  /** Whether a study, report or order of this patient record is kept from the caller. */
  public boolean hides(UUID patient, UUID id) {
    boolean patientShown =
        !patients.contains(patient) && (onlyPatients == null || onlyPatients.contains(patient));
    return data.contains(id) || !patientShown && !open.contains(id);
  }

  @Override
  public String toString() {
    return "Withheld[" + patients.size() + " patients, " + data.size() + " resources]";
  }
}
