package org.isocentre.consent;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.isocentre.index.ConsentIndex.PersonRecord;

/** Which of some patient records are one person: by what is confirmed, or perhaps. */
final class People {
  private final Map<Object, Object> up = new HashMap<>();
  private final List<UUID> ids = new ArrayList<>();

  private People() {}

  /** The same NHS number, or confirmed to be one person, or both in turn. */
  static Collection<Set<UUID>> same(Collection<PersonRecord> records) {
    People people = new People();
    records.forEach(r -> people.add(r.id(), r.nhsNumber(), "person ", r.person()));
    return people.groups();
  }

  /** Beside those also what a message calls the same and nobody has confirmed. */
  static Collection<Set<UUID>> perhapsSame(Collection<PersonRecord> records) {
    People people = new People();
    records.forEach(
        r -> {
          people.add(r.id(), r.nhsNumber(), "person ", r.person());
          people.join(r.id(), "suspected ", r.suspected());
        });
    return people.groups();
  }

  private void add(UUID id, String nhsNumber, String kind, UUID person) {
    ids.add(id);
    join(id, "number ", nhsNumber);
    join(id, kind, person);
  }

  private void join(UUID id, String kind, Object what) {
    if (what != null) {
      Object one = root(id);
      Object other = root(kind + what);
      if (!one.equals(other)) {
        up.put(one, other);
      }
    }
  }

  private Object root(Object of) {
    Object at = of;
    for (Object next = up.get(at); next != null; next = up.get(at)) {
      at = next;
    }
    return at;
  }

  private Collection<Set<UUID>> groups() {
    Map<Object, Set<UUID>> groups = new LinkedHashMap<>();
    ids.forEach(id -> groups.computeIfAbsent(root(id), key -> new TreeSet<>()).add(id));
    return groups.values();
  }
}
