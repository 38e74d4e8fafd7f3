package org.isocentre.hl7;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.parser.StrictErrorHandler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiPredicate;
import java.util.stream.Stream;
import org.hl7.fhir.r4.model.ConceptMap;
import org.hl7.fhir.r4.model.ConceptMap.ConceptMapGroupComponent;
import org.hl7.fhir.r4.model.ConceptMap.ConceptMapGroupUnmappedMode;
import org.hl7.fhir.r4.model.ConceptMap.SourceElementComponent;
import org.hl7.fhir.r4.model.ConceptMap.TargetElementComponent;

/** The maps of {@code fhir-profiles}, and what they say of a code. */
public final class ConceptMaps {
  static final Path FOLDER = Path.of("fhir-profiles");
  private static final FhirContext FHIR = FhirContext.forR4Cached();

  private ConceptMaps() {}

  /** By file name. Unknown elements, wrong types and wrong codes are errors. */
  static Map<String, ConceptMap> all() {
    Map<String, ConceptMap> maps = new TreeMap<>();
    try (Stream<Path> files = Files.list(FOLDER)) {
      for (Path file :
          files.filter(f -> f.getFileName().toString().matches("ConceptMap-.*[.]json")).toList()) {
        maps.put(
            file.getFileName().toString(),
            FHIR.newJsonParser()
                .setParserErrorHandler(new StrictErrorHandler())
                .parseResource(ConceptMap.class, Files.readString(file)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return maps;
  }

  public static ConceptMap map(String id) {
    return Objects.requireNonNull(all().get("ConceptMap-" + id + ".json"), id);
  }

  public static List<SourceElementComponent> elements(ConceptMap map) {
    return map.getGroup().stream().flatMap(g -> g.getElement().stream()).toList();
  }

  /** The conditions of a target, by property. */
  static Map<String, String> conditions(TargetElementComponent target) {
    Map<String, String> conditions = new TreeMap<>();
    target.getDependsOn().forEach(d -> conditions.put(d.getProperty(), d.getValue()));
    return conditions;
  }

  /**
   * What a map says: of an element's targets that whose conditions hold, else that without
   * conditions; of a code that is not there, {@code group.unmapped}.
   *
   * @return a code, or null if the map says that there is none
   */
  static String translate(
      ConceptMap map, String code, Map<String, String> known, BiPredicate<String, String> same) {
    Optional<SourceElementComponent> element =
        elements(map).stream().filter(e -> same.test(e.getCode(), code)).findFirst();
    if (element.isEmpty()) {
      return map.getGroup().stream()
          .filter(ConceptMapGroupComponent::hasUnmapped)
          .map(g -> unmapped(g, code))
          .findFirst()
          .orElse(null);
    }
    List<TargetElementComponent> targets = element.get().getTarget();
    return targets.stream()
        .filter(TargetElementComponent::hasDependsOn)
        .filter(t -> known.entrySet().containsAll(conditions(t).entrySet()))
        .findFirst()
        .or(() -> targets.stream().filter(t -> !t.hasDependsOn()).findFirst())
        .map(TargetElementComponent::getCode)
        .orElse(null);
  }

  private static String unmapped(ConceptMapGroupComponent group, String code) {
    return group.getUnmapped().getMode() == ConceptMapGroupUnmappedMode.PROVIDED
        ? code
        : group.getUnmapped().getCode();
  }
}
