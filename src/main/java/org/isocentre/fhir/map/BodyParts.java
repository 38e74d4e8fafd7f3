package org.isocentre.fhir.map;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.hl7.fhir.r4.model.Coding;

/**
 * Body Part Examined (0018,0015) as SNOMED CT codes it (PS3.16 Annex L, CID 4031): {@code
 * body-parts.tsv}.
 */
public final class BodyParts {
  private static final Map<String, Coding> BY_TERM = read();

  private BodyParts() {}

  private static Map<String, Coding> read() {
    Map<String, Coding> terms = new LinkedHashMap<>();
    try (InputStream in =
            BodyParts.class.getResourceAsStream("/org/isocentre/fhir/body-parts.tsv");
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!line.startsWith("#")) {
          String[] parts = line.split("\t");
          terms.put(parts[0], new Coding(Systems.SNOMED, parts[1], parts[2]));
        }
      }
      return terms;
    } catch (IOException e) {
      throw new UncheckedIOException("ISO-FHIR-080: the table of body parts cannot be read", e);
    }
  }

  /** Defined terms, as the standard writes them. */
  public static Set<String> terms() {
    return BY_TERM.keySet();
  }

  /**
   * @param said of any letters, with or without spaces between; what is no defined term stays as it
   *     was said
   */
  static Coding coded(String said) {
    Coding known = BY_TERM.get(said.toUpperCase(Locale.ROOT).replaceAll("[\\s_]", ""));
    return known == null ? new Coding().setDisplay(said) : known.copy();
  }

  /** Terms that a SNOMED CT code stands for, as objects have them. */
  public static Set<String> of(String code) {
    return BY_TERM.entrySet().stream()
        .filter(e -> e.getValue().getCode().equals(code))
        .map(Map.Entry::getKey)
        .collect(Collectors.toSet());
  }
}
