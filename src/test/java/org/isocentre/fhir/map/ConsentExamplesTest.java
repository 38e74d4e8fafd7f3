package org.isocentre.fhir.map;

import static org.assertj.core.api.Assertions.assertThat;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.parser.StrictErrorHandler;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.hl7.fhir.r4.model.Consent;
import org.isocentre.model.ConsentRule;
import org.isocentre.model.ConsentRule.Criterion;
import org.junit.jupiter.api.Test;

/** The examples of docs/reference/consent.md are taken, and come back as they were sent. */
class ConsentExamplesTest {
  private static final Pattern EXAMPLE = Pattern.compile("```json\\n(.*?)```", Pattern.DOTALL);

  @Test
  void theExamplesOfTheDocumentationCanBeDecidedBy() throws Exception {
    List<List<ConsentRule>> rules = new ArrayList<>();
    Matcher example = EXAMPLE.matcher(Files.readString(Path.of("docs/reference/consent.md")));
    while (example.find()) {
      var parser = FhirContext.forR4().newJsonParser();
      parser.setParserErrorHandler(new StrictErrorHandler());
      Consent sent = parser.parseResource(Consent.class, example.group(1));
      UUID patient = UUID.fromString(sent.getPatient().getReferenceElement().getIdPart());
      var taken =
          ConsentMapper.map(sent, UUID.randomUUID(), 1, patient, Instant.EPOCH, "me").consent();
      rules.add(taken.rules());
      Consent back = ConsentMapper.map(taken);
      assertThat(back.getProvision().equalsDeep(sent.getProvision())).isTrue();
      assertThat(back.getMeta().getVersionId()).isEqualTo("1");
    }
    assertThat(rules).hasSize(3);
    assertThat(rules.get(0).get(0).terms()).containsEntry(Criterion.ACTOR, Set.of("RJ1"));
    assertThat(rules.get(1).get(1).terms(Criterion.PURPOSE)).containsExactly("HRESCH");
    assertThat(rules.get(1).get(1).parent()).isZero();
    assertThat(rules.get(1).get(1).dataUntil()).isBefore(Instant.parse("2020-01-01T13:00:00Z"));
    assertThat(rules.get(2).get(0).terms())
        .containsEntry(Criterion.ACTOR, Set.of(ConsentRule.person("9990000018")));
    assertThat(rules.get(2).get(0).validUntil()).isNotNull();
  }
}
