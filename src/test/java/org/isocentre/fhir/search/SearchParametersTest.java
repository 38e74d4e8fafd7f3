package org.isocentre.fhir.search;

import static org.assertj.core.api.Assertions.assertThat;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.RuntimeSearchParam;
import java.util.Set;
import org.isocentre.index.SearchTables;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SearchParametersTest {
  /** Ours: R4 has none of these names. */
  private static final Set<String> OWN =
      Set.of("DiagnosticReport:imaging-study", "ServiceRequest:order-detail");

  static Set<String> types() {
    return SearchTables.types();
  }

  @ParameterizedTest
  @MethodSource("types")
  void eachParameterHasItsFieldAndIsOneOfR4(String type) {
    assertThat(SearchParameters.of(type)).isNotEmpty();
    for (SearchParameter p : SearchParameters.of(type)) {
      assertThat(SearchTables.fields(type)).as(type + ":" + p.name()).contains(p.field());
      assertThat(SearchTables.targets(type, p.field()).isEmpty())
          .as("%s:%s is a reference", type, p.name())
          .isEqualTo(p.kind() != SearchParameter.Kind.REFERENCE);
      RuntimeSearchParam standard =
          FhirContext.forR4Cached().getResourceDefinition(type).getSearchParam(p.name());
      if (!p.name().startsWith("_") && !OWN.contains(type + ":" + p.name())) {
        assertThat(standard).as("R4 has %s:%s", type, p.name()).isNotNull();
        assertThat(p.kind().code()).isEqualTo(standard.getParamType().getCode());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("types")
  void eachFieldIsSearchedByAParameter(String type) {
    assertThat(SearchParameters.of(type).stream().map(SearchParameter::field))
        .containsAll(SearchTables.fields(type));
  }
}
