package org.isocentre.fhir.provider;

import ca.uhn.fhir.rest.annotation.OptionalParam;
import ca.uhn.fhir.rest.annotation.Search;
import ca.uhn.fhir.rest.api.server.IBundleProvider;
import ca.uhn.fhir.rest.param.DateRangeParam;
import ca.uhn.fhir.rest.param.ReferenceOrListParam;
import ca.uhn.fhir.rest.param.TokenOrListParam;
import ca.uhn.fhir.rest.server.IResourceProvider;
import ca.uhn.fhir.rest.server.exceptions.ForbiddenOperationException;
import java.util.List;
import java.util.function.Function;
import org.hl7.fhir.r4.model.AuditEvent;
import org.isocentre.fhir.map.AuditEventMapper;
import org.isocentre.index.AuditIndex;
import org.isocentre.index.PageRequest;

/** {@code /fhir/AuditEvent}: who did what. For systems. */
public final class AuditEventProvider implements IResourceProvider {
  private final Door door;
  private final AuditIndex audit;

  public AuditEventProvider(Door door, AuditIndex audit) {
    this.door = door;
    this.audit = audit;
  }

  @Override
  public Class<AuditEvent> getResourceType() {
    return AuditEvent.class;
  }

  @Search
  public IBundleProvider search(
      @OptionalParam(name = "patient") ReferenceOrListParam patient,
      @OptionalParam(name = "type") TokenOrListParam type,
      @OptionalParam(name = "date") DateRangeParam date) {
    door.reading("AuditEvent");
    if (door.caller().isPatient() || door.caller().organisation() != null) {
      throw new ForbiddenOperationException(
          "ISO-FHIR-005: the audit trail is for staff of the hub");
    }
    Function<PageRequest, AuditIndex.Query> query =
        page ->
            new AuditIndex.Query(
                null,
                Parameters.ids(patient),
                Parameters.codes(type),
                Parameters.range(date),
                page);
    int total = audit.count(query.apply(new PageRequest(0, 0)));
    return new SearchResult(
        door,
        total,
        page -> audit.search(query.apply(page)).stream().map(AuditEventMapper::map).toList(),
        page -> List.of());
  }
}
