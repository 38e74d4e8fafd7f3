package org.isocentre.fhir.map;

import java.util.ArrayList;
import java.util.List;
import org.hl7.fhir.r4.model.Coding;
import org.hl7.fhir.r4.model.Endpoint;
import org.hl7.fhir.r4.model.Organization;
import org.hl7.fhir.r4.model.Reference;
import org.isocentre.model.Organisation;
import org.isocentre.model.Organisation.ApplicationEntity;

/** The trust directory as FHIR R4 Organization and Endpoint. */
public final class DirectoryMapper {
  private static final String CONNECTION_TYPE =
      "http://terminology.hl7.org/CodeSystem/endpoint-connection-type";

  /** The connection types of R4 know DICOMweb and no DIMSE. */
  private static final String OTHER_CONNECTION_TYPE = "urn:isocentre:endpoint";

  private DirectoryMapper() {}

  public static Organization organization(Organisation o) {
    Organization resource = new Organization();
    resource.setId(o.odsCode());
    resource.setActive(true).setName(o.name());
    resource.addIdentifier().setSystem(Systems.ODS).setValue(o.odsCode());
    o.applicationEntities().stream()
        .filter(ApplicationEntity::listens)
        .forEach(ae -> resource.addEndpoint(new Reference("Endpoint/" + endpointId(ae.aeTitle()))));
    if (o.dicomWeb() != null) {
      resource.addEndpoint(new Reference("Endpoint/" + webEndpointId(o)));
    }
    return resource;
  }

  /** DICOM nodes of an organisation that listen, and its DICOMweb. */
  public static List<Endpoint> endpoints(Organisation o) {
    List<Endpoint> endpoints = new ArrayList<>();
    for (ApplicationEntity ae : o.applicationEntities()) {
      if (ae.listens()) {
        Endpoint e =
            endpoint(
                endpointId(ae.aeTitle()),
                new Coding(OTHER_CONNECTION_TYPE, "dicom-dimse", "DICOM (PS3.4, PS3.7)"),
                o.name() + " " + ae.aeTitle(),
                "dicom://" + ae.host() + ":" + ae.port());
        e.setManagingOrganization(Systems.organisation(o.odsCode()));
        endpoints.add(e);
      }
    }
    if (o.dicomWeb() != null) {
      Endpoint e =
          endpoint(
              webEndpointId(o),
              new Coding(CONNECTION_TYPE, "dicom-stow-rs", null),
              o.name() + " DICOMweb",
              o.dicomWeb().toString());
      e.setManagingOrganization(Systems.organisation(o.odsCode()));
      endpoints.add(e);
    }
    return endpoints;
  }

  /** The hub's own DICOMweb. */
  public static Endpoint dicomWeb(String address) {
    return endpoint(
        ImagingStudyMapper.WADO_ENDPOINT,
        new Coding(CONNECTION_TYPE, "dicom-wado-rs", null),
        "DICOMweb of this hub",
        address);
  }

  private static Endpoint endpoint(String id, Coding type, String name, String address) {
    Endpoint e = new Endpoint();
    e.setId(id);
    e.setStatus(Endpoint.EndpointStatus.ACTIVE)
        .setConnectionType(type)
        .setName(name)
        .setAddress(address);
    e.addPayloadType().setText("DICOM");
    e.addPayloadMimeType("application/dicom");
    return e;
  }

  private static String webEndpointId(Organisation o) {
    return "web-" + o.odsCode();
  }

  /** The Endpoint of a DICOM node. */
  static String endpointId(String aeTitle) {
    return "ae-" + aeTitle.replaceAll("[^A-Za-z0-9.-]", "-");
  }
}
