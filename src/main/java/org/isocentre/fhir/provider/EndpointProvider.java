package org.isocentre.fhir.provider;

import ca.uhn.fhir.rest.annotation.IdParam;
import ca.uhn.fhir.rest.annotation.OptionalParam;
import ca.uhn.fhir.rest.annotation.Read;
import ca.uhn.fhir.rest.annotation.Search;
import ca.uhn.fhir.rest.api.server.RequestDetails;
import ca.uhn.fhir.rest.param.ReferenceParam;
import ca.uhn.fhir.rest.param.TokenParam;
import ca.uhn.fhir.rest.server.IResourceProvider;
import java.util.ArrayList;
import java.util.List;
import org.hl7.fhir.r4.model.Endpoint;
import org.hl7.fhir.r4.model.IdType;
import org.isocentre.fhir.map.DirectoryMapper;
import org.isocentre.model.Organisation;

/** {@code /fhir/Endpoint}: the hub's DICOMweb, and the trusts' DICOM nodes. */
public final class EndpointProvider implements IResourceProvider {
  private final Door door;
  private final List<Organisation> directory;

  public EndpointProvider(Door door, List<Organisation> directory) {
    this.door = door;
    this.directory = List.copyOf(directory);
  }

  @Override
  public Class<Endpoint> getResourceType() {
    return Endpoint.class;
  }

  private List<Endpoint> all(RequestDetails request) {
    List<Endpoint> all = new ArrayList<>();
    all.add(
        DirectoryMapper.dicomWeb(
            request.getFhirServerBase().replaceFirst("/fhir/?$", "/dicomweb")));
    directory.forEach(o -> all.addAll(DirectoryMapper.endpoints(o)));
    return all;
  }

  @Read
  public Endpoint read(@IdParam IdType id, RequestDetails request) {
    door.reading("Endpoint");
    return door.found(
        "Endpoint",
        id.getIdPart(),
        all(request).stream()
            .filter(e -> e.getIdElement().getIdPart().equals(id.getIdPart()))
            .toList(),
        null);
  }

  @Search
  public List<Endpoint> search(
      @OptionalParam(name = "_id") TokenParam id,
      @OptionalParam(name = "organization") ReferenceParam organization,
      @OptionalParam(name = "connection-type") TokenParam type,
      RequestDetails request) {
    door.searching("Endpoint");
    return all(request).stream()
        .filter(e -> id == null || e.getIdElement().getIdPart().equals(id.getValue()))
        .filter(
            e ->
                organization == null
                    || e.getManagingOrganization().hasReference()
                        && e.getManagingOrganization()
                            .getReferenceElement()
                            .getIdPart()
                            .equals(organization.getIdPart()))
        .filter(e -> type == null || e.getConnectionType().getCode().equals(type.getValue()))
        .toList();
  }
}
