package org.isocentre.outbound;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * All destinations of the trust directory; they do not change while the hub runs.
 *
 * @param all each with a name of its own
 */
public record Destinations(List<Destination> all) {
  /**
   * @throws IllegalArgumentException if two have one name
   */
  public Destinations {
    all = List.copyOf(all);
    Set<String> names = new HashSet<>();
    for (Destination d : all) {
      if (!names.add(d.name())) {
        throw new IllegalArgumentException(
            "ISO-OUTBOUND-020: two HL7 destinations are called "
                + d.name()
                + "; give one of them another name");
      }
    }
  }

  public List<String> names() {
    return all.stream().map(Destination::name).toList();
  }

  public boolean isEmpty() {
    return all.isEmpty();
  }
}
