package org.isocentre.exchange;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.isocentre.model.MessageSender;
import org.isocentre.model.MessageSource;
import org.isocentre.model.Organisation;
import org.isocentre.model.Organisation.Hl7Sender;

/**
 * Whose an HL7 v2 message is: by sending application and facility (MSH-3, MSH-4) and by where it
 * comes from, since anybody can claim a name. The same name may be used in two trusts if addresses
 * or certificates tell them apart.
 */
public final class Hl7Senders {
  private final Map<String, List<Bound>> byName = new HashMap<>();

  private record Bound(String odsCode, Hl7Sender sender) {
    /** Bound to no source and no certificate. */
    boolean isFree() {
      return sender.sources().isEmpty() && sender.certificateNames().isEmpty();
    }
  }

  /**
   * @throws IllegalArgumentException if a sender that is bound to nothing is in two organisations
   */
  Hl7Senders(List<Organisation> organisations) {
    for (Organisation o : organisations) {
      for (Hl7Sender sender : o.hl7Senders()) {
        byName
            .computeIfAbsent(sender.key(), k -> new ArrayList<>())
            .add(new Bound(o.odsCode(), sender));
      }
    }
    byName.forEach(Hl7Senders::check);
    for (Organisation o : organisations) {
      for (String facility : o.facilities()) {
        // Where a name is bound, the list of facilities does not free it.
        byName.computeIfAbsent(facility, k -> List.of(new Bound(o.odsCode(), free(facility))));
      }
    }
  }

  private static Hl7Sender free(String facility) {
    return new Hl7Sender(null, facility, List.of(), List.of(), true, null);
  }

  private static void check(String name, List<Bound> all) {
    List<Bound> free = all.stream().filter(Bound::isFree).toList();
    if (!free.isEmpty() && all.size() > 1) {
      throw new IllegalArgumentException(
          "ISO-EXCHANGE-003: HL7 sender %s of %s is there more than once and bound to no source or certificate; bind each of them"
              .formatted(name, free.get(0).odsCode()));
    }
  }

  /**
   * The sender of these names at this place. Of an application that is named, the facility's own
   * entry does not count.
   *
   * @return empty if nobody may send so, and also if more than one trust may: then it is nobody's
   *     to guess
   */
  public Optional<MessageSender> find(String application, String facility, MessageSource source) {
    List<Bound> fitting =
        candidates(application, facility).stream().filter(b -> admits(b.sender(), source)).toList();
    return fitting.isEmpty() || fitting.stream().map(Bound::odsCode).distinct().count() > 1
        ? Optional.empty()
        : Optional.of(
            new MessageSender(fitting.get(0).odsCode(), fitting.get(0).sender().enhanced()));
  }

  /** Where a trust's sender wants later acknowledgements, if not by the same connection. */
  public Optional<String> returnAddress(String odsCode, String application, String facility) {
    return candidates(application, facility).stream()
        .filter(b -> b.odsCode().equals(odsCode) && b.sender().returnAddress() != null)
        .map(b -> b.sender().returnAddress())
        .findFirst();
  }

  /** ODS codes of the trusts that have a sender of these names, wherever it sends from. */
  public Set<String> trusts(String application, String facility) {
    return candidates(application, facility).stream()
        .map(Bound::odsCode)
        .collect(Collectors.toSet());
  }

  /**
   * Of {@link #trusts} those that take a message of these names from anywhere: all that may be said
   * of a message of which it is not known where it came from.
   */
  public Set<String> openTrusts(String application, String facility) {
    return candidates(application, facility).stream()
        .filter(Bound::isFree)
        .map(Bound::odsCode)
        .collect(Collectors.toSet());
  }

  private List<Bound> candidates(String application, String facility) {
    List<Bound> named = byName.get(application + "|" + facility);
    return named != null ? named : byName.getOrDefault(facility, List.of());
  }

  private static boolean admits(Hl7Sender sender, MessageSource source) {
    return (sender.sources().isEmpty()
            || sender.sources().stream().anyMatch(s -> matches(s, source.address())))
        && (sender.certificateNames().isEmpty()
            || sender.certificateNames().stream()
                .anyMatch(n -> source.certificateNames().stream().anyMatch(n::equalsIgnoreCase)));
  }

  private static boolean matches(String source, String address) {
    if (source.equals(MessageSource.FILE) || address.equals(MessageSource.FILE)) {
      return source.equals(address);
    }
    try {
      return Addresses.matches(source, InetAddress.getByName(address));
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
