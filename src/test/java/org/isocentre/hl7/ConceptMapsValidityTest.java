package org.isocentre.hl7;

import static org.assertj.core.api.Assertions.assertThat;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.validation.FhirValidator;
import ca.uhn.fhir.validation.ResultSeverityEnum;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.stream.Stream;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.PrePopulatedValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The maps are valid FHIR R4 by HAPI's instance validator, with the definitions of R4 alone. */
class ConceptMapsValidityTest {
  private static final FhirContext FHIR = FhirContext.forR4Cached();
  private static FhirValidator validator;

  @BeforeAll
  static void load() {
    PrePopulatedValidationSupport own = new PrePopulatedValidationSupport(FHIR);
    ConceptMaps.all().values().forEach(own::addResource);
    validator =
        FHIR.newValidator()
            .registerValidatorModule(
                new FhirInstanceValidator(
                    new ValidationSupportChain(
                        new DefaultProfileValidationSupport(FHIR),
                        own,
                        new CommonCodeSystemsTerminologyService(FHIR),
                        new InMemoryTerminologyServerValidationSupport(FHIR))));
  }

  private static List<String> errors(String json) {
    return validator.validateWithResult(json).getMessages().stream()
        .filter(m -> m.getSeverity().compareTo(ResultSeverityEnum.ERROR) >= 0)
        .map(m -> m.getLocationString() + ": " + m.getMessage())
        .toList();
  }

  @TestFactory
  Stream<DynamicTest> eachMap() {
    return ConceptMaps.all().keySet().stream()
        .map(
            file ->
                DynamicTest.dynamicTest(
                    file, () -> assertThat(errors(read(file))).as(file).isEmpty()));
  }

  /** The validator does look at maps. */
  @Test
  void whatIsWrongIsFound() throws IOException {
    String json = read("ConceptMap-hl7v2-sex-to-administrative-gender.json");
    assertThat(errors(json.replace("\"equivalent\"", "\"same\""))).isNotEmpty();
    assertThat(errors(json.replace("\"status\": \"active\",", ""))).isNotEmpty();
    assertThat(errors(json.replace("\"element\"", "\"elements\""))).isNotEmpty();
  }

  private static String read(String file) throws IOException {
    return Files.readString(ConceptMaps.FOLDER.resolve(file));
  }
}
