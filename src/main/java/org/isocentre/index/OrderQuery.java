package org.isocentre.index;

import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.isocentre.model.AccessionKey;
import org.isocentre.model.OrderStatus;
import org.isocentre.model.PatientKey;

/**
 * What to search orders for. A null or empty part matches all; parts are joined by AND, the members
 * of a part by OR.
 *
 * @param visible what the caller may see
 * @param numbers placer or filler numbers, each with its issuer or, with a null issuer, whatever
 *     that is
 * @param identifierValues accession, placer or filler numbers whatever their issuer
 */
public record OrderQuery(
    Visibility visible,
    Set<UUID> ids,
    Set<UUID> patientIds,
    List<PatientKey> patientKeys,
    List<Number> numbers,
    List<AccessionKey> accessions,
    List<String> identifierValues,
    Set<OrderStatus> statuses,
    TimeRange authored,
    TimeRange lastUpdated,
    PageRequest page) {
  /** A number of an order. */
  public record Number(String issuer, String value) {
    @Override
    public String toString() {
      return "Number[" + issuer + ", …]";
    }
  }
}
