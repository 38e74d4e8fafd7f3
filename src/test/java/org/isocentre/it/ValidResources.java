package org.isocentre.it;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.validation.FhirValidator;
import ca.uhn.fhir.validation.ResultSeverityEnum;
import ca.uhn.fhir.validation.SingleValidationMessage;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.PrePopulatedValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.SnapshotGeneratingValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;
import org.hl7.fhir.r4.model.StructureDefinition;

/**
 * Every FHIR resource that a hub sent in a test, of each shape the first, is valid R4 by HAPI's
 * validator, without a network: no error, and no warning that is not explained here.
 */
final class ValidResources {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Shapes that were found valid; for all hubs of this process. */
  private static final Set<String> SEEN = ConcurrentHashMap.newKeySet();

  /** Warnings that are right and stay, each with its reason. */
  private static final List<String> EXPLAINED =
      List.of(
          // Narrative is for people; these are read by programs.
          "dom-6",
          // The binding is extensible, and R4's codes do not know the events of HL7 v2.
          "'Provenance activity type'",
          // Value sets of DICOM, which the definitions of R4 name and do not hold.
          "ValueSet 'http://dicom.nema.org/medical/dicom/current/output/chtml/",
          // Codes of ours, and of the trusts' own procedure lists.
          "CodeSystem is unknown and can't be validated: urn:isocentre:",
          // Not to be had without a terminology server.
          "CodeSystem is unknown and can't be validated: http://loinc.org",
          "CodeSystem is unknown and can't be validated: http://snomed.info/sct",
          "because codeSystem 'http://snomed.info/sct' version 'null' is not supported",
          "CodeSystem is unknown and can't be validated: http://dicom.nema.org/resources/ontology/DCM",
          "Unable to expand ValueSet because CodeSystem could not be found: http://loinc.org",
          // A sender that names no coding system: the code stays as it was sent.
          "Coding has no system",
          // Codes of IHE BALP, a guide that no library here holds.
          "CodeSystem is unknown and can't be validated: https://profiles.ihe.net/ITI/BALP/",
          "was not found in the value set 'Audit Event Sub-Type'",
          // What is noted is finer than the codes of R4, which has none for a consent decision.
          "was not found in the value set 'Audit Event ID'",
          // Profiles of a guide that no library here holds; SubscriptionIT looks at what they ask.
          "http://hl7.org/fhir/uv/subscriptions-backport/",
          // R4 lists laws of the United States; opting in or out is all that is said here.
          "in the value set 'Consent PolicyRule Codes'");

  private final Map<String, JsonNode> shapes = new LinkedHashMap<>();

  private static final class Holder {
    static final FhirValidator VALIDATOR = validator();

    /** The profiles that resources name. */
    private static PrePopulatedValidationSupport ours(FhirContext fhir) {
      PrePopulatedValidationSupport ours = new PrePopulatedValidationSupport(fhir);
      try (var files =
          Files.newDirectoryStream(Path.of("fhir-profiles"), "StructureDefinition-*.json")) {
        for (Path file : files) {
          ours.addStructureDefinition(
              fhir.newJsonParser()
                  .parseResource(StructureDefinition.class, Files.readString(file)));
        }
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
      return ours;
    }

    private static FhirValidator validator() {
      FhirContext fhir = FhirContext.forR4Cached();
      FhirInstanceValidator instances =
          new FhirInstanceValidator(
              new ValidationSupportChain(
                  new DefaultProfileValidationSupport(fhir),
                  ours(fhir),
                  new SnapshotGeneratingValidationSupport(fhir),
                  new CommonCodeSystemsTerminologyService(fhir),
                  new InMemoryTerminologyServerValidationSupport(fhir)));
      // A warning, which counts unless it is explained.
      instances.setErrorForUnknownProfiles(false);
      return fhir.newValidator().registerValidatorModule(instances);
    }
  }

  /** All that the validator says of a resource. */
  static List<SingleValidationMessage> validate(String resource) {
    return Holder.VALIDATOR.validateWithResult(resource).getMessages();
  }

  /** Takes an answer of {@code /fhir}; what is no resource is left alone. */
  synchronized void sent(byte[] body) {
    JsonNode answer;
    try {
      answer = JSON.readTree(body);
    } catch (IOException e) {
      return;
    }
    if (!answer.path("resourceType").isTextual()) {
      return;
    }
    if (answer.path("resourceType").asText().equals("Bundle")) {
      answer.path("entry").forEach(e -> keep(e.path("resource")));
      ((com.fasterxml.jackson.databind.node.ObjectNode) answer).remove("entry");
    }
    keep(answer);
  }

  private void keep(JsonNode resource) {
    if (!resource.isObject()) {
      return;
    }
    Set<String> paths = new TreeSet<>();
    shape(resource.path("resourceType").asText(), resource, paths);
    String shape = String.join("\n", paths);
    if (!SEEN.contains(shape)) {
      shapes.putIfAbsent(shape, resource);
    }
  }

  /** Names of elements, and values of those that say what kind of thing something is. */
  private static void shape(String path, JsonNode node, Set<String> paths) {
    if (node.isContainerNode()) {
      node.properties().forEach(f -> shape(path + "." + f.getKey(), f.getValue(), paths));
      node.elements()
          .forEachRemaining(
              e -> {
                if (node.isArray()) {
                  shape(path, e, paths);
                }
              });
    } else {
      boolean kind =
          path.endsWith(".system")
              || path.endsWith(".code")
              || path.endsWith("tatus")
              || path.endsWith(".type");
      paths.add(kind ? path + "=" + node.asText() : path);
    }
  }

  /**
   * What is wrong with what was sent; without values of patients.
   *
   * @return empty if all is valid
   */
  synchronized List<String> problems() {
    List<String> problems = new ArrayList<>();
    shapes.forEach(
        (shape, resource) -> {
          List<String> found =
              validate(resource.toString()).stream()
                  .filter(ValidResources::counts)
                  .map(
                      m ->
                          resource.path("resourceType").asText()
                              + " "
                              + m.getSeverity()
                              + " "
                              + m.getLocationString()
                              + ": "
                              + m.getMessage())
                  .toList();
          if (found.isEmpty()) {
            SEEN.add(shape);
          }
          problems.addAll(found);
        });
    shapes.clear();
    return problems.stream().distinct().toList();
  }

  private static boolean counts(SingleValidationMessage m) {
    return m.getSeverity().compareTo(ResultSeverityEnum.ERROR) >= 0
        || m.getSeverity() == ResultSeverityEnum.WARNING
            && EXPLAINED.stream().noneMatch(e -> m.getMessage().contains(e));
  }
}
