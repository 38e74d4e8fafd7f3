package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.parser.StrictErrorHandler;
import ca.uhn.fhir.validation.ResultSeverityEnum;
import ca.uhn.fhir.validation.SingleValidationMessage;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.flipkart.zjsonpatch.JsonPatch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.hl7.fhir.r4.model.ElementDefinition;
import org.hl7.fhir.r4.model.OperationDefinition;
import org.hl7.fhir.r4.model.Resource;
import org.hl7.fhir.r4.model.StructureDefinition;
import org.isocentre.fhir.map.Profiles;
import org.isocentre.fhir.search.SearchParameters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The definitions of {@code fhir-profiles}: each has an example that is valid, and each demand of
 * it can fail.
 */
class ProfilesTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path FOLDER = Path.of("fhir-profiles");

  static Stream<String> types() {
    return Profiles.types().stream().sorted();
  }

  private static ObjectNode example(String type) throws IOException {
    return (ObjectNode)
        JSON.readTree(Files.readString(FOLDER.resolve("examples").resolve(type + ".json")));
  }

  private static List<String> errors(JsonNode resource) {
    return ValidResources.validate(resource.toString()).stream()
        .filter(m -> m.getSeverity().compareTo(ResultSeverityEnum.ERROR) >= 0)
        .map(SingleValidationMessage::getMessage)
        .toList();
  }

  private static <T extends Resource> T parsed(Class<T> type, Path file) throws IOException {
    return FhirContext.forR4Cached()
        .newJsonParser()
        .setParserErrorHandler(new StrictErrorHandler())
        .parseResource(type, Files.readString(file));
  }

  private static StructureDefinition profile(String type) throws IOException {
    return parsed(
        StructureDefinition.class,
        FOLDER.resolve("StructureDefinition-Isocentre-" + type + ".json"));
  }

  @Test
  void everyDefinitionIsOneOfOurs() throws IOException {
    Set<String> files = new TreeSet<>();
    try (Stream<Path> all = Files.list(FOLDER)) {
      all.map(f -> f.getFileName().toString())
          .filter(f -> f.startsWith("StructureDefinition-"))
          .forEach(files::add);
    }
    // The extension that Organization has is in its example.
    assertThat(files)
        .isEqualTo(
            Stream.concat(types(), Stream.of("ForwardTo"))
                .map(t -> "StructureDefinition-Isocentre-" + t + ".json")
                .collect(Collectors.toCollection(TreeSet::new)));
  }

  @ParameterizedTest
  @MethodSource("types")
  void anExampleIsValid(String type) throws IOException {
    StructureDefinition profile = profile(type);
    assertThat(profile.getUrl()).isEqualTo(Profiles.of(type));
    assertThat(profile.getType()).isEqualTo(type);
    ObjectNode example = example(type);
    assertThat(example.at("/meta/profile/0").asText()).isEqualTo(Profiles.of(type));
    assertThat(errors(example)).isEmpty();
  }

  /** Elements that a profile demands of the resource itself. */
  static List<Arguments> demanded() throws IOException {
    List<Arguments> all = new ArrayList<>();
    for (String type : types().toList()) {
      for (ElementDefinition e : profile(type).getDifferential().getElement()) {
        String[] path = e.getPath().split("\\.");
        if (e.getMin() > 0 && path.length == 2) {
          all.add(Arguments.of(type, path[1]));
        }
      }
    }
    assertThat(all).hasSizeGreaterThan(20);
    return all;
  }

  @ParameterizedTest
  @MethodSource("demanded")
  void whatIsDemandedHasToBeThere(String type, String element) throws IOException {
    ObjectNode example = example(type);
    assertThat(example.remove(element)).isNotNull();
    assertThat(errors(example)).isNotEmpty();
  }

  /** A change of an example, and the rule that it breaks. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "Patient; iso-pat-1; [{'op':'replace','path':'/identifier/0/value','value':'999'}]",
        "Patient; iso-pat-2; [{'op':'add','path':'/identifier/1','value':{'system':'urn:isocentre:patient:RTH','value':'1'}}]",
        "ServiceRequest; iso-sr-1; [{'op':'replace','path':'/identifier','value':[{'system':'urn:x','value':'1'}]}]",
        "ServiceRequest; iso-sr-2; [{'op':'replace','path':'/category/0/coding/0/code','value':'1'}]",
        "ImagingStudy; iso-img-1; [{'op':'replace','path':'/identifier/0/value','value':'2.25.1'}]",
        "ImagingStudy; iso-img-1; [{'op':'replace','path':'/identifier/0/system','value':'urn:oid:1'}]",
        "ImagingStudy; iso-img-2; [{'op':'remove','path':'/identifier/1/assigner'}]",
        "ImagingStudy; iso-img-3; [{'op':'replace','path':'/status','value':'cancelled'}]",
        "ImagingStudy; iso-img-3; [{'op':'replace','path':'/numberOfInstances','value':0}]",
        "ImagingStudy; iso-img-4; [{'op':'replace','path':'/series/0/numberOfInstances','value':2}]",
        "DiagnosticReport; iso-rep-1; [{'op':'replace','path':'/category/0/coding/0/code','value':'LAB'}]",
        "DocumentReference; iso-doc-1; [{'op':'replace','path':'/content/0/attachment/url','value':'Binary/1'}]",
        "Appointment; iso-app-1; [{'op':'replace','path':'/participant/0/actor','value':{'display':'x'}}]",
        "Task; iso-task-1; [{'op':'remove','path':'/output'}]",
        "Task; iso-task-2; [{'op':'replace','path':'/status','value':'failed'}]",
        "Consent; iso-con-1; [{'op':'replace','path':'/scope','value':{'text':'x'}}]",
        "Organization; iso-org-1; [{'op':'replace','path':'/identifier/0/value','value':'XXX'}]",
        "Endpoint; iso-end-1; [{'op':'remove','path':'/managingOrganization'}]",
        "Endpoint; iso-end-2; [{'op':'remove','path':'/identifier'}]",
        "Organization; iso-fwd-1; [{'op':'replace','path':'/extension/0/valueCode','value':'some'}]",
        "AuditEvent; iso-aud-1; [{'op':'replace','path':'/outcome','value':'8'}]",
        "AuditEvent; iso-aud-2; [{'op':'replace','path':'/entity/1/role/code','value':'4'}]",
        "AuditEvent; iso-aud-3; [{'op':'replace','path':'/agent/1/requestor','value':true}]",
        "AuditEvent; iso-aud-3; [{'op':'replace','path':'/agent/2/requestor','value':false}]",
        "AuditEvent; iso-aud-4; [{'op':'remove','path':'/agent/1'}]",
        "AuditEvent; iso-aud-5; [{'op':'replace','path':'/entity/0/role/code','value':'4'}]",
      })
  void aRuleThatIsBrokenIsFound(String type, String rule, String change) throws IOException {
    JsonNode broken = JsonPatch.apply(JSON.readTree(change.replace('\'', '"')), example(type));
    assertThat(errors(broken)).anyMatch(m -> m.contains(rule));
  }

  /** Each operation of the server has a definition, and each definition an operation. */
  @ParameterizedTest
  @CsvSource({
    "ImagingStudy, request-transfer",
    "ImagingStudy, link-order",
    "ImagingStudy, unlink-order",
    "Consent, decide",
    "Consent, break-glass",
    "Patient, confirm-merge",
    "Patient, undo-merge",
    "Patient, same-person-as",
    "Patient, undo-same-person-as"
  })
  void anOperationIsDefined(String type, String code) throws IOException {
    OperationDefinition definition =
        parsed(
            OperationDefinition.class,
            FOLDER.resolve("OperationDefinition-" + type + "-" + code + ".json"));
    assertThat(definition.getCode()).isEqualTo(code);
    assertThat(
            errors(
                JSON.readTree(
                    FhirContext.forR4Cached().newJsonParser().encodeResourceToString(definition))))
        .isEmpty();
  }

  @Test
  void aSearchParameterOfOursIsServed() throws IOException {
    var parameter =
        parsed(
            org.hl7.fhir.r4.model.SearchParameter.class,
            FOLDER.resolve("SearchParameter-ServiceRequest-order-detail.json"));
    assertThat(SearchParameters.find("ServiceRequest", parameter.getCode())).isPresent();
  }
}
