package org.isocentre.fhir;

import ca.uhn.fhir.interceptor.api.Hook;
import ca.uhn.fhir.interceptor.api.Interceptor;
import ca.uhn.fhir.interceptor.api.Pointcut;
import java.util.List;
import org.hl7.fhir.instance.model.api.IBaseConformance;
import org.hl7.fhir.r4.model.CapabilityStatement;
import org.hl7.fhir.r4.model.CapabilityStatement.CapabilityStatementRestResourceComponent;
import org.hl7.fhir.r4.model.CapabilityStatement.SystemRestfulInteraction;
import org.hl7.fhir.r4.model.Enumerations.SearchParamType;
import org.isocentre.fhir.search.SearchParameter;
import org.isocentre.fhir.search.SearchParameters;
import org.isocentre.index.SearchTables;

/** Names in the CapabilityStatement what can be searched for, from the tables that searches use. */
@Interceptor
public final class SearchCapabilities {
  /** For the server. */
  @Hook(Pointcut.SERVER_CAPABILITY_STATEMENT_GENERATED)
  public void describe(IBaseConformance statement) {
    CapabilityStatement capabilities = (CapabilityStatement) statement;
    for (SystemRestfulInteraction bundle :
        List.of(SystemRestfulInteraction.BATCH, SystemRestfulInteraction.TRANSACTION)) {
      capabilities.getRestFirstRep().addInteraction().setCode(bundle);
    }
    capabilities.getRest().stream()
        .flatMap(rest -> rest.getResource().stream())
        .filter(resource -> !SearchParameters.of(resource.getType()).isEmpty())
        .forEach(SearchCapabilities::describe);
  }

  private static void describe(CapabilityStatementRestResourceComponent resource) {
    String type = resource.getType();
    resource.getSearchParam().clear();
    resource.getSearchInclude().clear();
    resource.getSearchRevInclude().clear();
    SearchParameters.of(type).stream()
        .sorted(java.util.Comparator.comparing(SearchParameter::name))
        .forEach(p -> add(resource, p));
    for (String other : new java.util.TreeSet<>(SearchTables.types())) {
      SearchParameters.of(other).stream()
          .filter(p -> p.kind() == SearchParameter.Kind.REFERENCE)
          .filter(p -> SearchTables.targets(other, p.field()).contains(type))
          .forEach(p -> resource.addSearchRevInclude(other + ":" + p.name()));
    }
  }

  private static void add(CapabilityStatementRestResourceComponent resource, SearchParameter p) {
    resource
        .addSearchParam()
        .setName(p.name())
        .setType(SearchParamType.fromCode(p.kind().code()))
        .setDocumentation(p.description());
    if (p.kind().code().equals("reference")) {
      resource.addSearchInclude(resource.getType() + ":" + p.name());
    }
  }
}
