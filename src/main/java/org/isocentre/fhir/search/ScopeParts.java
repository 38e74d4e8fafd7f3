package org.isocentre.fhir.search;

import ca.uhn.fhir.rest.server.exceptions.InvalidRequestException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.isocentre.index.Criterion;

/**
 * Reads the part of a type that a scope asks for (SMART App Launch 2.2 §3.0.2.2): search parameters
 * of the resource itself. What leads through other resources is not taken, as whether the token
 * opens those is a question of its own.
 */
public final class ScopeParts {
  private static final int MAX_PARAMETERS = 10;
  private final CriterionParser criteria;

  public ScopeParts(CriterionParser criteria) {
    this.criteria = criteria;
  }

  /**
   * @param query such as {@code modality=CT&status=available}
   * @return what resources of that part meet, all of it; empty if any of it cannot be understood
   */
  public Optional<List<Criterion>> read(String type, String query) {
    String[] parameters = query.split("&", -1);
    if (parameters.length > MAX_PARAMETERS) {
      return Optional.empty();
    }
    List<Criterion> all = new ArrayList<>();
    for (String parameter : parameters) {
      try {
        String[] parts = parameter.split("=", 2);
        String name = decoded(parts[0]);
        String value = parts.length < 2 ? "" : decoded(parts[1]);
        if (value.isEmpty() || !isOwn(type, name)) {
          return Optional.empty();
        }
        all.add(criteria.parse(type, name, value, ""));
      } catch (InvalidRequestException | IllegalArgumentException e) {
        return Optional.empty();
      }
    }
    return Optional.of(List.copyOf(all));
  }

  private static boolean isOwn(String type, String name) {
    return name.indexOf('.') < 0
        && !name.endsWith(":identifier")
        && SearchParameters.find(type, name.split(":", 2)[0]).isPresent();
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }
}
