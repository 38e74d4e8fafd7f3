package org.isocentre.fhir.provider;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.rest.api.PatchTypeEnum;
import ca.uhn.fhir.rest.server.exceptions.InvalidRequestException;
import ca.uhn.fhir.rest.server.exceptions.UnprocessableEntityException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.flipkart.zjsonpatch.InvalidJsonPatchException;
import com.flipkart.zjsonpatch.JsonPatch;
import com.flipkart.zjsonpatch.JsonPatchApplicationException;
import org.hl7.fhir.r4.model.Resource;

/** Resources with a JSON Patch (RFC 6902) applied (R4 §3.1.0.6). */
final class JsonPatches {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MAX_OPERATIONS = 100;

  private JsonPatches() {}

  /**
   * @return the resource as JSON; what it says is for the caller to check
   * @throws InvalidRequestException if it is no JSON Patch
   * @throws UnprocessableEntityException if it does not fit the resource, or a {@code test} fails
   */
  static String apply(Resource resource, PatchTypeEnum kind, String patch) {
    if (kind != PatchTypeEnum.JSON_PATCH) {
      throw new InvalidRequestException(
          "ISO-FHIR-076: a patch is a JSON Patch, application/json-patch+json");
    }
    try {
      JsonNode operations = JSON.readTree(patch);
      if (!operations.isArray() || operations.size() > MAX_OPERATIONS) {
        throw new InvalidRequestException(
            "ISO-FHIR-076: a JSON Patch is a list of at most " + MAX_OPERATIONS + " operations");
      }
      JsonNode now =
          JSON.readTree(FhirContext.forR4Cached().newJsonParser().encodeResourceToString(resource));
      for (JsonNode operation : operations) {
        exists(now, operation);
        now = JsonPatch.apply(JSON.createArrayNode().add(operation), now);
      }
      return JSON.writeValueAsString(now);
    } catch (IllegalArgumentException | InvalidJsonPatchException | JsonProcessingException e) {
      throw new InvalidRequestException("ISO-FHIR-076: no JSON Patch of RFC 6902");
    } catch (JsonPatchApplicationException e) {
      throw new UnprocessableEntityException(
          "ISO-FHIR-077: the patch does not fit the resource as it is now, or a test of it fails");
    }
  }

  /** RFC 6902 §4: what is removed, replaced, moved or copied has to be there. */
  private static void exists(JsonNode resource, JsonNode operation) {
    String op = operation.path("op").asText();
    String place =
        switch (op) {
          case "remove", "replace" -> operation.path("path").asText();
          case "move", "copy" -> operation.path("from").asText();
          default -> "";
        };
    if (resource.at(place).isMissingNode()) {
      throw new UnprocessableEntityException(
          "ISO-FHIR-077: the patch does not fit the resource as it is now: nothing to " + op);
    }
  }
}
