package org.isocentre.consent;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.isocentre.index.Criterion;
import org.isocentre.index.SearchTables;
import org.isocentre.model.Caller;
import org.isocentre.model.Right;

/**
 * How much of each resource type a token's scopes open (SMART App Launch 2.2 §3.0.2.2). A part that
 * cannot be understood opens nothing: all of the type would be more than was granted.
 */
public final class ScopeExtent {
  private static final int MAX_PARTS = 20;
  private final PartReader reader;

  /** Reads which resources of a type a part of a scope means. */
  @FunctionalInterface
  public interface PartReader {
    /**
     * @param query such as {@code modality=CT}
     * @return what they all meet; empty if it cannot be understood
     */
    Optional<List<Criterion>> read(String type, String query);
  }

  ScopeExtent(PartReader reader) {
    this.reader = reader;
  }

  /**
   * @return null for all of the type; else those that meet all of one of these, none if it is empty
   */
  List<List<Criterion>> of(Caller caller, Right right, String type) {
    if (caller.may(right, type)) {
      return null;
    }
    Set<List<Criterion>> parts = new LinkedHashSet<>();
    caller.parts(right, type).stream()
        .limit(MAX_PARTS)
        .flatMap(query -> reader.read(type, query).stream())
        .forEach(parts::add);
    return List.copyOf(parts);
  }

  /**
   * Parts of the types that are not open as a whole: of this one by this right, of others, which it
   * may lead to, by those to read and to search.
   */
  Map<String, List<List<Criterion>>> parts(Caller caller, Right right, String type) {
    Map<String, List<List<Criterion>>> parts = new HashMap<>();
    for (String other : SearchTables.types()) {
      List<List<Criterion>> some =
          other.equals(type) ? of(caller, right, type) : readAndSearched(caller, other);
      if (some != null && !some.isEmpty()) {
        parts.put(other, some);
      }
    }
    return parts;
  }

  private List<List<Criterion>> readAndSearched(Caller caller, String type) {
    List<List<Criterion>> read = of(caller, Right.READ, type);
    List<List<Criterion>> searched = of(caller, Right.SEARCH, type);
    if (read == null || searched == null || read.equals(searched)) {
      return read == null ? searched : read;
    }
    Set<List<Criterion>> both = new LinkedHashSet<>();
    for (List<Criterion> one : read) {
      for (List<Criterion> other : searched) {
        both.add(new ArrayList<>(Stream.concat(one.stream(), other.stream()).distinct().toList()));
      }
    }
    return List.copyOf(both);
  }
}
