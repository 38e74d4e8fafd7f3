package org.isocentre.fhir.openapi;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.hl7.fhir.r4.model.CapabilityStatement;
import org.hl7.fhir.r4.model.CapabilityStatement.CapabilityStatementRestComponent;
import org.hl7.fhir.r4.model.CapabilityStatement.CapabilityStatementRestResourceComponent;
import org.hl7.fhir.r4.model.CapabilityStatement.CapabilityStatementRestResourceSearchParamComponent;
import org.hl7.fhir.r4.model.CapabilityStatement.ResourceInteractionComponent;
import org.hl7.fhir.r4.model.CapabilityStatement.TypeRestfulInteraction;
import org.hl7.fhir.r4.model.Enumerations.SearchParamType;
import org.hl7.fhir.r4.model.OperationDefinition;
import org.hl7.fhir.r4.model.OperationDefinition.OperationDefinitionParameterComponent;
import org.hl7.fhir.r4.model.OperationDefinition.OperationParameterUse;
import org.hl7.fhir.r4.model.StringType;

/**
 * What a server says of itself as FHIR R4 CapabilityStatement and OperationDefinitions, as OpenAPI
 * 3.0.3. Says no more and no less: what the server learns to do is here by itself.
 */
public final class OpenApi {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final List<String> FORMATS =
      List.of("application/fhir+json", "application/fhir+xml");
  private static final String R4 = "http://hl7.org/fhir/R4/";
  private static final String SMART_URIS =
      "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris";

  /** Answers beside success, by status, that any call may get; each with an OperationOutcome. */
  private static final List<String[]> FAILURES =
      List.of(
          new String[] {"400", "The request cannot be understood"},
          new String[] {"401", "No token, or none that is taken"},
          new String[] {"403", "The token's scopes or role do not allow it"},
          new String[] {"404", "Nothing that the token may see"});

  private final CapabilityStatement statement;
  private final CapabilityStatementRestComponent rest;
  private final ObjectNode paths = JSON.objectNode();

  private OpenApi(CapabilityStatement statement) {
    this.statement = statement;
    this.rest = statement.getRestFirstRep();
  }

  /**
   * @param operations definitions of the operations that the statement names
   */
  public static ObjectNode of(CapabilityStatement statement, List<OperationDefinition> operations) {
    OpenApi api = new OpenApi(statement);
    api.server();
    api.rest.getResource().forEach(api::resource);
    operations.forEach(api::operation);
    return api.document();
  }

  private ObjectNode document() {
    ObjectNode document = JSON.objectNode().put("openapi", "3.0.3");
    document
        .putObject("info")
        .put("title", statement.getSoftware().getName() + " FHIR API")
        .put("version", statement.getSoftware().getVersion())
        .put(
            "description",
            "FHIR R4. A token opens what its scopes, its holder and the patients' consent allow; what it may not see is answered as what is not there.");
    document.putArray("servers").addObject().put("url", statement.getImplementation().getUrl());
    ArrayNode tags = document.putArray("tags");
    tags.addObject().put("name", "Server");
    rest.getResource().forEach(r -> tag(tags.addObject(), r));
    document.set("paths", paths);
    ObjectNode components = document.putObject("components");
    schemas(components.putObject("schemas"));
    security(document, components.putObject("securitySchemes"));
    return document;
  }

  private static void tag(ObjectNode tag, CapabilityStatementRestResourceComponent r) {
    tag.put("name", r.getType());
    if (r.hasSupportedProfile()) {
      tag.put(
          "description",
          r.getSupportedProfile().stream()
              .map(p -> p.getValue())
              .collect(Collectors.joining(", ", "Profile: ", "")));
    }
    tag.putObject("externalDocs")
        .put("url", R4 + r.getType().toLowerCase(java.util.Locale.ROOT) + ".html");
  }

  private void schemas(ObjectNode schemas) {
    ObjectNode resource = schemas.putObject("Resource").put("type", "object");
    resource.putArray("required").add("resourceType");
    ObjectNode properties = resource.putObject("properties");
    properties.putObject("resourceType").put("type", "string");
    properties.putObject("id").put("type", "string");
    resource.put("additionalProperties", true);
    ArrayNode patch = JSON.arrayNode();
    for (String name : List.of("op", "path")) {
      patch.add(name);
    }
    ObjectNode step = schemas.putObject("JsonPatch").put("type", "array").putObject("items");
    step.put("type", "object").set("required", patch);
    ObjectNode parts = step.putObject("properties");
    parts.putObject("op").put("type", "string");
    parts.putObject("path").put("type", "string");
    parts.putObject("value");
  }

  private void security(ObjectNode document, ObjectNode schemes) {
    schemes
        .putObject("token")
        .put("type", "http")
        .put("scheme", "bearer")
        .put("description", "A token of an issuer that this hub takes (RFC 6750)");
    ArrayNode any = document.putArray("security");
    any.addObject().putArray("token");
    String authorize = uri("authorize");
    String token = uri("token");
    if (authorize != null && token != null) {
      ObjectNode flow =
          schemes
              .putObject("smart")
              .put("type", "oauth2")
              .put("description", "SMART App Launch 2.2")
              .putObject("flows")
              .putObject("authorizationCode");
      flow.put("authorizationUrl", authorize).put("tokenUrl", token);
      ObjectNode scopes = flow.putObject("scopes");
      rest.getResource()
          .forEach(r -> scopes.put("patient/" + r.getType() + ".rs", "Read and search one's own"));
      any.addObject().putArray("smart");
    }
  }

  private String uri(String name) {
    var uris = rest.getSecurity().getExtensionByUrl(SMART_URIS);
    var uri = uris == null ? null : uris.getExtensionByUrl(name);
    return uri == null ? null : uri.getValue().primitiveValue();
  }

  private void server() {
    ok(
        call("/metadata", "get", "Server", "What this server does", "metadata"),
        "CapabilityStatement");
    List<String> bundles =
        rest.getInteraction().stream().map(i -> i.getCode().toCode()).sorted().toList();
    if (!bundles.isEmpty()) {
      ObjectNode call =
          call("/", "post", "Server", String.join(" or ", bundles), String.join("-", bundles));
      body(call, "Bundle");
      ok(call, "Bundle");
    }
  }

  private void resource(CapabilityStatementRestResourceComponent r) {
    Set<TypeRestfulInteraction> can = EnumSet.noneOf(TypeRestfulInteraction.class);
    r.getInteraction().stream().map(ResourceInteractionComponent::getCode).forEach(can::add);
    String type = r.getType();
    String all = "/" + type;
    String one = all + "/{id}";
    if (can.contains(TypeRestfulInteraction.SEARCHTYPE)) {
      search(call(all, "get", type, "Search", "search-" + type), r);
      ObjectNode posted = call(all + "/_search", "post", type, "Search", "post-search-" + type);
      ObjectNode form =
          posted
              .putObject("requestBody")
              .putObject("content")
              .putObject("application/x-www-form-urlencoded")
              .putObject("schema")
              .put("type", "object")
              .put("description", "The parameters of a search");
      form.putObject("additionalProperties").put("type", "string");
      ok(posted, "Bundle");
    }
    if (can.contains(TypeRestfulInteraction.CREATE)) {
      ObjectNode call = call(all, "post", type, "Create", "create-" + type);
      if (r.getConditionalCreate()) {
        header(call, "If-None-Exist", "Search that finds what must not be there yet");
      }
      body(call, type);
      answer(call, "201", "Created", type);
    }
    if (can.contains(TypeRestfulInteraction.READ)) {
      ObjectNode call = call(one, "get", type, "Read", "read-" + type);
      header(call, "If-None-Match", "ETag of what is known: 304 if it is the same");
      ok(call, type);
      call.withObject("responses").putObject("304").put("description", "Not modified");
    }
    if (can.contains(TypeRestfulInteraction.UPDATE)) {
      change(call(one, "put", type, "Replace", "update-" + type), type, false);
      if (r.getConditionalUpdate()) {
        ObjectNode call =
            call(
                all,
                "put",
                type,
                "Replace or create what a search finds",
                "conditional-update-" + type);
        criteria(call, r);
        change(call, type, false);
      }
    }
    if (can.contains(TypeRestfulInteraction.PATCH)) {
      change(call(one, "patch", type, "Change by JSON Patch", "patch-" + type), type, true);
    }
    if (can.contains(TypeRestfulInteraction.DELETE)) {
      deleted(call(one, "delete", type, "Delete", "delete-" + type));
      if (r.hasConditionalDelete()) {
        ObjectNode call =
            call(all, "delete", type, "Delete what a search finds", "conditional-delete-" + type);
        criteria(call, r);
        deleted(call);
      }
    }
    if (can.contains(TypeRestfulInteraction.HISTORYINSTANCE)) {
      ok(call(one + "/_history", "get", type, "Every version", "history-" + type), "Bundle");
    }
    if (can.contains(TypeRestfulInteraction.VREAD)) {
      ok(call(one + "/_history/{version}", "get", type, "Read a version", "vread-" + type), type);
    }
  }

  private void search(ObjectNode call, CapabilityStatementRestResourceComponent r) {
    criteria(call, r);
    choice(call, "_include", texts(r.getSearchInclude()), "Sent along: what matches lead to");
    choice(
        call, "_revinclude", texts(r.getSearchRevInclude()), "Sent along: what leads to matches");
    query(call, "_sort", "string", "Names of parameters, - before one that descends");
    query(call, "_count", "integer", "Matches on a page; 0 for the total alone");
    choice(call, "_total", List.of("none", "estimate", "accurate"), "Whether they are counted");
    choice(
        call,
        "_summary",
        List.of("true", "text", "data", "count", "false"),
        "Less of each resource");
    query(call, "_elements", "string", "These elements alone");
    header(call, "Prefer", "handling=lenient leaves out what is not known, instead of a refusal");
    ok(call, "Bundle");
  }

  private static List<String> texts(List<StringType> list) {
    return list.stream().map(StringType::getValue).toList();
  }

  private void criteria(ObjectNode call, CapabilityStatementRestResourceComponent r) {
    for (CapabilityStatementRestResourceSearchParamComponent p : r.getSearchParam()) {
      ObjectNode parameter =
          query(
              call,
              p.getName(),
              "string",
              p.getDocumentation() + " (" + p.getType().toCode() + ")");
      if (p.getType() == SearchParamType.DATE) {
        parameter.put("example", "ge2026-11-01");
      }
    }
  }

  private void change(ObjectNode call, String type, boolean patch) {
    header(call, "If-Match", "W/\"version\" that is changed: 409 if it is not the newest");
    if (patch) {
      schema(
          call.putObject("requestBody")
              .put("required", true)
              .putObject("content")
              .putObject("application/json-patch+json"),
          "JsonPatch");
    } else {
      body(call, type);
      answer(call, "201", "Created", type);
    }
    ok(call, type);
    call.withObject("responses").putObject("409").put("description", "Not the newest version");
  }

  private static void deleted(ObjectNode call) {
    call.withObject("responses").putObject("204").put("description", "Deleted");
  }

  private void operation(OperationDefinition definition) {
    String code = "$" + definition.getCode();
    for (var type : definition.getResource()) {
      String name = type.getCode();
      if (definition.getType()) {
        operation("/" + name + "/" + code, definition, name, "-type");
      }
      if (definition.getInstance()) {
        operation("/" + name + "/{id}/" + code, definition, name, "");
      }
    }
  }

  private void operation(String path, OperationDefinition definition, String type, String suffix) {
    List<OperationDefinitionParameterComponent> in =
        definition.getParameter().stream()
            .filter(p -> p.getUse() == OperationParameterUse.IN)
            .toList();
    String summary =
        definition.hasDescription()
            ? definition.getDescription()
            : "Operation $" + definition.getCode();
    String id = type + "-" + definition.getCode() + suffix;
    if (!definition.getAffectsState()) {
      ObjectNode call = call(path, "get", type, summary, "get-" + id);
      in.forEach(
          p ->
              query(
                      call,
                      p.getName(),
                      "string",
                      p.hasDocumentation() ? p.getDocumentation() : p.getType())
                  .put("required", p.getMin() > 0));
      ok(call, "Resource");
    }
    ObjectNode call = call(path, "post", type, summary, "post-" + id);
    body(call, "Parameters");
    String parameters =
        in.stream()
            .map(
                p -> p.getName() + " (" + p.getType() + ", " + p.getMin() + ".." + p.getMax() + ")")
            .collect(Collectors.joining(", "));
    call.withObject("requestBody")
        .put("required", in.stream().anyMatch(p -> p.getMin() > 0))
        .put("description", parameters.isEmpty() ? "No parameters" : "Parameters: " + parameters);
    ok(call, "Resource");
  }

  private ObjectNode call(String path, String method, String tag, String summary, String id) {
    ObjectNode call = paths.withObject("/" + path.replace("~", "~0").replace("/", "~1"));
    ObjectNode one = call.putObject(method);
    one.putArray("tags").add(tag);
    one.put("summary", summary).put("operationId", id);
    ArrayNode parameters = one.putArray("parameters");
    for (String name : List.of("id", "version")) {
      if (path.contains("{" + name + "}")) {
        parameter(parameters, name, "path", "string", name.equals("id") ? "Logical id" : "Version")
            .put("required", true);
      }
    }
    ObjectNode responses = one.putObject("responses");
    for (String[] failure : FAILURES) {
      content(responses.putObject(failure[0]).put("description", failure[1]), "OperationOutcome");
    }
    return one;
  }

  private static ObjectNode parameter(
      ArrayNode parameters, String name, String in, String type, String description) {
    ObjectNode parameter = parameters.addObject().put("name", name).put("in", in);
    parameter.put("description", description);
    parameter.putObject("schema").put("type", type);
    return parameter;
  }

  private static ObjectNode query(ObjectNode call, String name, String type, String description) {
    return parameter((ArrayNode) call.get("parameters"), name, "query", type, description);
  }

  private static void header(ObjectNode call, String name, String description) {
    parameter((ArrayNode) call.get("parameters"), name, "header", "string", description);
  }

  private static void choice(
      ObjectNode call, String name, List<String> values, String description) {
    if (!values.isEmpty()) {
      ArrayNode known = JSON.arrayNode();
      values.forEach(known::add);
      ((ObjectNode) query(call, name, "string", description).get("schema")).set("enum", known);
    }
  }

  private static void body(ObjectNode call, String type) {
    content(call.putObject("requestBody").put("required", true), type);
  }

  private static void ok(ObjectNode call, String type) {
    answer(call, "200", "Done", type);
  }

  private static void answer(ObjectNode call, String status, String what, String type) {
    content(call.withObject("responses").putObject(status).put("description", what), type);
  }

  private static void content(ObjectNode into, String type) {
    ObjectNode content = into.putObject("content");
    for (String format : FORMATS) {
      ObjectNode media = content.putObject(format);
      schema(media, "Resource");
      if (!type.equals("Resource")) {
        ((ObjectNode) media.get("schema")).removeAll();
        ObjectNode schema = (ObjectNode) media.get("schema");
        schema.put("title", type);
        schema.putArray("allOf").addObject().put("$ref", "#/components/schemas/Resource");
      }
    }
  }

  private static void schema(ObjectNode media, String name) {
    media.putObject("schema").put("$ref", "#/components/schemas/" + name);
  }
}
