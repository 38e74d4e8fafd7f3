package org.isocentre.fhir.provider;

import ca.uhn.fhir.rest.annotation.IdParam;
import ca.uhn.fhir.rest.annotation.OptionalParam;
import ca.uhn.fhir.rest.annotation.Read;
import ca.uhn.fhir.rest.annotation.Search;
import ca.uhn.fhir.rest.param.StringParam;
import ca.uhn.fhir.rest.param.TokenParam;
import ca.uhn.fhir.rest.server.IResourceProvider;
import java.util.List;
import org.hl7.fhir.r4.model.IdType;
import org.hl7.fhir.r4.model.Organization;
import org.isocentre.fhir.map.DirectoryMapper;
import org.isocentre.model.Organisation;

/** {@code /fhir/Organization}: the trust directory. */
public final class OrganizationProvider implements IResourceProvider {
  private final Door door;
  private final List<Organisation> directory;

  public OrganizationProvider(Door door, List<Organisation> directory) {
    this.door = door;
    this.directory = List.copyOf(directory);
  }

  @Override
  public Class<Organization> getResourceType() {
    return Organization.class;
  }

  @Read
  public Organization read(@IdParam IdType id) {
    door.reading("Organization");
    return door.found(
        "Organization",
        id.getIdPart(),
        directory.stream()
            .filter(o -> o.odsCode().equals(id.getIdPart()))
            .map(DirectoryMapper::organization)
            .toList(),
        null);
  }

  @Search
  public List<Organization> search(
      @OptionalParam(name = "_id") TokenParam id,
      @OptionalParam(name = "identifier") TokenParam identifier,
      @OptionalParam(name = "name") StringParam name) {
    door.searching("Organization");
    return directory.stream()
        .filter(o -> id == null || o.odsCode().equals(id.getValue()))
        .filter(o -> identifier == null || o.odsCode().equals(identifier.getValue()))
        .filter(
            o ->
                name == null
                    || o.name()
                        .toLowerCase(java.util.Locale.ROOT)
                        .startsWith(name.getValue().toLowerCase(java.util.Locale.ROOT)))
        .map(DirectoryMapper::organization)
        .toList();
  }
}
