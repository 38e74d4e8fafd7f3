package org.isocentre.fhir.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ca.uhn.fhir.rest.server.exceptions.ForbiddenOperationException;
import ca.uhn.fhir.rest.server.exceptions.InvalidRequestException;
import ca.uhn.fhir.rest.server.exceptions.ResourceGoneException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.NotEmpty;
import net.jqwik.api.constraints.Size;
import org.isocentre.fhir.search.PageSeal.Page;
import org.isocentre.index.ResourceSearch.Hit;
import org.junit.jupiter.api.Test;

class PageSealTest {
  private static final byte[] KEY = new byte[32];
  private static final Instant NOW = Instant.parse("2026-11-01T00:00:00Z");

  private static PageSeal at(Instant now) {
    return new PageSeal(() -> KEY, Clock.fixed(now, ZoneOffset.UTC), Duration.ofHours(1));
  }

  private static Page page(Map<String, String[]> parameters) {
    return new Page(
        "me", "Patient", parameters, new Hit(new UUID(1, 2), Arrays.asList("2026", null)));
  }

  @Property
  void whatIsSealedComesBack(
      @ForAll @Size(max = 5) Map<@NotEmpty String, @Size(max = 3) List<String>> parameters) {
    Map<String, String[]> all = new LinkedHashMap<>();
    parameters.forEach((name, values) -> all.put(name, values.toArray(String[]::new)));
    Page opened = at(NOW).open(at(NOW).seal(page(all)), "me");
    assertThat(opened.after()).isEqualTo(page(all).after());
    assertThat(opened.type()).isEqualTo("Patient");
    assertThat(opened.parameters().keySet()).isEqualTo(all.keySet());
    all.forEach((name, values) -> assertThat(opened.parameters().get(name)).isEqualTo(values));
  }

  /** No change of any character makes another page. */
  @Property
  void whatWasChangedIsRefused(@ForAll @IntRange(min = 0, max = 100) int where) {
    String sealed = at(NOW).seal(page(Map.of("family", new String[] {"Test"})));
    char[] changed = sealed.toCharArray();
    changed[where] = changed[where] == 'A' ? 'B' : 'A';
    assertThatThrownBy(() -> at(NOW).open(new String(changed), "me"))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("ISO-FHIR-041");
  }

  @Test
  void itTellsNothingAndIsNeverTheSame() {
    Page page = page(Map.of("family", new String[] {"Testperson"}));
    String sealed = at(NOW).seal(page);
    assertThat(
            new String(
                java.util.Base64.getUrlDecoder().decode(sealed),
                java.nio.charset.StandardCharsets.ISO_8859_1))
        .doesNotContain("Testperson", "family");
    assertThat(at(NOW).seal(page)).isNotEqualTo(sealed);
  }

  @Test
  void anotherCallerAndALaterDayAreRefused() {
    String sealed = at(NOW).seal(page(Map.of()));
    assertThatThrownBy(() -> at(NOW).open(sealed, "you"))
        .isInstanceOf(ForbiddenOperationException.class)
        .hasMessageContaining("ISO-FHIR-004");
    assertThatThrownBy(() -> at(NOW.plusSeconds(3601)).open(sealed, "me"))
        .isInstanceOf(ResourceGoneException.class)
        .hasMessageContaining("ISO-FHIR-043");
    for (String text : List.of("", "AAAA", "?", "A".repeat(40))) {
      assertThatThrownBy(() -> at(NOW).open(text, "me"))
          .isInstanceOf(InvalidRequestException.class);
    }
  }
}
