package org.isocentre.fhir.search;

import java.util.List;
import org.isocentre.index.Criterion;
import org.isocentre.index.ResourceSearch.Order;

/**
 * A search as it was asked for and understood.
 *
 * @param used parameters that count, {@code name=value}, for the self link
 * @param ignored names of parameters that are not known, where the caller allowed to ignore them
 * @param count resources a page; 0 asks for the total alone
 */
public record SearchRequest(
    String type,
    List<Criterion> criteria,
    List<Order> order,
    List<Inclusion> inclusions,
    int count,
    boolean total,
    List<String> used,
    List<String> ignored) {
  public SearchRequest {
    criteria = List.copyOf(criteria);
    order = List.copyOf(order);
    inclusions = List.copyOf(inclusions);
    used = List.copyOf(used);
    ignored = List.copyOf(ignored);
  }

  /**
   * Resources to be sent along (R4 §3.1.1.5.4).
   *
   * @param reverse those of {@code type} that lead to what was found, not those that what was found
   *     leads to
   * @param type whose field it is
   * @param target only resources of this type, or null for any
   * @param iterate from what was included, too
   */
  public record Inclusion(
      boolean reverse, String type, String field, String target, boolean iterate) {}
}
