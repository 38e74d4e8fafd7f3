package org.isocentre.fhir.provider;

import ca.uhn.fhir.rest.annotation.IdParam;
import ca.uhn.fhir.rest.annotation.Read;
import ca.uhn.fhir.rest.server.IResourceProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.hl7.fhir.r4.model.Binary;
import org.hl7.fhir.r4.model.IdType;
import org.hl7.fhir.r4.model.Reference;
import org.isocentre.index.Visibility;
import org.isocentre.model.Report;

/**
 * {@code /fhir/Binary}: documents of reports, as they are or as a resource (R4 §2.1.5.1). Who may
 * see the DocumentReference of the same id may read it, with a scope for Binary.
 */
public final class BinaryProvider implements IResourceProvider {
  private static final String TYPE = "Binary";
  private final Door door;
  private final Resources resources;
  private final Function<String, byte[]> documents;
  private final ReadReports read;

  /**
   * @param documents bytes of an embedded document by its key
   */
  public BinaryProvider(
      Door door, Resources resources, Function<String, byte[]> documents, ReadReports read) {
    this.door = door;
    this.resources = resources;
    this.documents = documents;
    this.read = read;
  }

  @Override
  public Class<Binary> getResourceType() {
    return Binary.class;
  }

  @Read
  public Binary read(@IdParam IdType id) {
    Visibility visible = door.reading(TYPE);
    List<Report> reports =
        resources.reports.documents(visible, List.of(Parameters.id(id.getIdPart())));
    List<Binary> found = new ArrayList<>();
    reports.forEach(r -> found.add(binary(r)));
    Binary binary =
        door.found(
            TYPE, id.getIdPart(), found, reports.isEmpty() ? null : reports.get(0).patientId());
    read.by(door.caller(), reports.get(0).id());
    return binary;
  }

  private Binary binary(Report report) {
    Binary binary = new Binary();
    binary.setId(report.id().toString());
    binary.getMeta().setVersionId(report.versionId().toString());
    binary.getMeta().setLastUpdated(java.util.Date.from(report.lastUpdated()));
    binary.setContentType(report.result().documentType());
    binary.setSecurityContext(new Reference("DocumentReference/" + report.id()));
    binary.setData(documents.apply(report.result().documentKey()));
    return binary;
  }
}
