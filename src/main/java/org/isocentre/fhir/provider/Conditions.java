package org.isocentre.fhir.provider;

import ca.uhn.fhir.rest.server.exceptions.InvalidRequestException;
import ca.uhn.fhir.rest.server.exceptions.PreconditionFailedException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.BiPredicate;

/**
 * Conditions of writes (R4 §3.1.0.8) to what there is so little of that all of it is looked at.
 *
 * @param type for messages
 * @param parameters what each search parameter asks of a resource, by its value
 */
record Conditions<T>(String type, Map<String, BiPredicate<T, String>> parameters) {
  /**
   * The one resource that meets a condition.
   *
   * @param url {@code Type?parameter=value}
   * @throws PreconditionFailedException if there are several, or the condition says nothing
   * @throws InvalidRequestException if it names another parameter
   */
  Optional<T> one(String url, List<T> all) {
    Map<String, String[]> asked = Searches.condition(url);
    if (asked.values().stream().flatMap(Arrays::stream).allMatch(String::isEmpty)) {
      throw new PreconditionFailedException(
          "ISO-FHIR-075: a condition names a search parameter; found none");
    }
    if (!parameters.keySet().containsAll(asked.keySet())) {
      throw new InvalidRequestException(
          "ISO-FHIR-094: a condition on %s takes %s"
              .formatted(type, String.join(", ", new TreeSet<>(parameters.keySet()))));
    }
    List<T> found =
        all.stream()
            .filter(
                one ->
                    asked.entrySet().stream()
                        .allMatch(
                            parameter ->
                                Arrays.stream(parameter.getValue())
                                    .allMatch(
                                        value ->
                                            parameters.get(parameter.getKey()).test(one, value))))
            .toList();
    if (found.size() > 1) {
      throw Searches.several();
    }
    return found.stream().findFirst();
  }
}
