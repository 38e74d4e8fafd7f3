package org.isocentre.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.NumericChars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class SearchNamesTest {
  @Test
  void namesStayAndValuesOnlyWhereTheyShapeTheAnswer() {
    Map<String, String[]> asked = new LinkedHashMap<>();
    asked.put("patient.identifier", new String[] {"9990000018"});
    asked.put("family:exact", new String[] {"SMITH", "JONES"});
    asked.put("_count", new String[] {"20"});
    asked.put(
        "_include:iterate", new String[] {"ImagingStudy:basedon", "ServiceRequest:requester"});
    asked.put("_id", new String[] {"x"});
    asked.put("status", null);
    assertThat(SearchNames.of("ImagingStudy", asked))
        .isEqualTo(
            "ImagingStudy?patient.identifier&family:exact&_count=20&_include:iterate=ImagingStudy:basedon&_include:iterate=ServiceRequest:requester&_id&status");
    assertThat(SearchNames.of("/dicomweb/studies", Map.of())).isEqualTo("/dicomweb/studies");
  }

  @Test
  void itIsBounded() {
    assertThat(SearchNames.of("Patient", Map.of("x".repeat(5000), new String[] {"1"})))
        .hasSize(1000);
  }

  @Property
  void aNumberThatSomebodyIsSearchedByIsNotInIt(
      @ForAll @NumericChars @StringLength(10) String number) {
    for (String name : new String[] {"identifier", "birthdate", "_id", "_content", "00100020"}) {
      assertThat(SearchNames.of("Patient", Map.of(name, new String[] {number})).replace(name, ""))
          .doesNotContain(number);
    }
  }
}
