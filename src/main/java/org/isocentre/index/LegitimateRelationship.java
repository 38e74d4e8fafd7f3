package org.isocentre.index;

import java.util.Set;
import java.util.UUID;

/**
 * Narrows a clinician to people whom their organisation cares for: it asked for, made or reported
 * something of theirs, has them in its own register or diary, or was sent a study. What is named
 * here needs none of that.
 *
 * @param patients records of whom all is shown: the patient permits it, or the glass is broken
 * @param data studies, reports and orders that the patient permits, though not the rest
 */
public record LegitimateRelationship(Set<UUID> patients, Set<UUID> data) {
  /** Holds for a record {@code {p}} and an organisation {@code {o}}. */
  private static final String CARES_FOR =
      """
      exists (select 1 from imaging_order c where c.patient_id = {p} and (c.custodian = {o} or c.referring_organisation = {o}))
      or exists (select 1 from study c where c.patient_id = {p} and c.custodian = {o})
      or exists (select 1 from report c where c.patient_id = {p} and c.custodian = {o})
      or exists (select 1 from appointment c where c.patient_id = {p} and c.custodian = {o})
      or exists (select 1 from patient_key c where c.patient_id = {p} and c.issuer = {o} and not c.claimed)
      or exists (select 1 from study c join transfer t on t.study_id = c.id
        where c.patient_id = {p} and t.destination = {o} and t.state not in ('CANCELLED', 'SUSPENDED'))""";

  public LegitimateRelationship {
    patients = Set.copyOf(patients);
    data = Set.copyOf(data);
  }

  /**
   * The condition on a row; records that people confirmed to be one person count together.
   *
   * @param patient column of the patient record that a row was filed under
   * @param id column of a study's, report's or order's id, or null for rows that are none
   * @param organisation parameter of the organisation
   */
  String condition(String patient, String id, String organisation, Bindings values) {
    String open = patients.isEmpty() ? "" : " or {p} in (" + values.bind(patients) + ")";
    String record = (CARES_FOR + open).replace("{o}", organisation);
    return "("
        + record.replace("{p}", patient)
        + " or exists (select 1 from patient me join patient also on also.person_id = me.person_id where me.id = "
        + patient
        + " and ("
        + record.replace("{p}", "also.id")
        + "))"
        + (id == null || data.isEmpty() ? "" : " or " + id + " in (" + values.bind(data) + ")")
        + ")";
  }

  @Override
  public String toString() {
    return "LegitimateRelationship[" + patients.size() + " patients beside]";
  }
}
