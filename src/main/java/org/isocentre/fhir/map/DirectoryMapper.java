package org.isocentre.fhir.map;

import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.hl7.fhir.r4.model.CodeType;
import org.hl7.fhir.r4.model.Coding;
import org.hl7.fhir.r4.model.Endpoint;
import org.hl7.fhir.r4.model.Organization;
import org.hl7.fhir.r4.model.Reference;
import org.isocentre.model.Organisation;
import org.isocentre.model.Organisation.ApplicationEntity;
import org.isocentre.model.Organisation.ForwardRule;

/** The trust directory as FHIR R4 Organization and Endpoint. */
public final class DirectoryMapper {
  static final String CONNECTION_TYPE =
      "http://terminology.hl7.org/CodeSystem/endpoint-connection-type";

  /** The connection types of R4 know DICOMweb and no DIMSE. */
  static final String OTHER_CONNECTION_TYPE = "urn:isocentre:endpoint";

  static final String DIMSE = "dicom-dimse";
  static final String STOW = "dicom-stow-rs";

  /** AE titles. */
  public static final String AE = "urn:isocentre:ae-title";

  /** Which studies of other trusts an organisation gets. */
  static final String FORWARD_TO =
      "https://isocentre.org/fhir/StructureDefinition/Isocentre-ForwardTo";

  static final String DICOM = "dicom";
  static final String DICOM_TLS = "dicom+tls";

  private DirectoryMapper() {}

  public static Organization organization(Organisation o) {
    Organization resource = new Organization();
    resource.setId(o.odsCode());
    resource.setActive(true).setName(o.name());
    resource.addIdentifier().setSystem(Systems.ODS).setValue(o.odsCode());
    o.forwardTo().forEach(rule -> resource.addExtension(FORWARD_TO, code(rule)));
    addEndpoints(resource, o);
    return resource;
  }

  static CodeType code(ForwardRule rule) {
    return new CodeType(rule.name().toLowerCase(Locale.ROOT));
  }

  /** What an organisation can be sent studies at. */
  public static void addEndpoints(Organization resource, Organisation o) {
    endpoints(o).forEach(e -> resource.addEndpoint(new Reference("Endpoint/" + e.getIdPart())));
  }

  /** DICOM nodes of an organisation that listen, and its DICOMweb. */
  public static List<Endpoint> endpoints(Organisation o) {
    List<Endpoint> endpoints = new ArrayList<>();
    for (ApplicationEntity ae : o.applicationEntities()) {
      if (ae.listens()) {
        endpoints.add(endpoint(o.odsCode(), o.name(), ae));
      }
    }
    if (o.dicomWeb() != null) {
      endpoints.add(web(o.odsCode(), o.name(), o.dicomWeb()));
    }
    return endpoints;
  }

  /**
   * A DICOM node that listens.
   *
   * @param owner for people
   */
  static Endpoint endpoint(String ods, String owner, ApplicationEntity ae) {
    Endpoint e =
        endpoint(
            endpointId(ae.aeTitle()),
            new Coding(OTHER_CONNECTION_TYPE, DIMSE, "DICOM (PS3.4, PS3.7)"),
            owner + " " + ae.aeTitle(),
            "%s://%s:%d".formatted(ae.tls() ? DICOM_TLS : DICOM, ae.host(), ae.port()));
    e.addIdentifier().setSystem(AE).setValue(ae.aeTitle());
    return e.setManagingOrganization(Systems.organisation(ods));
  }

  /**
   * A DICOMweb service.
   *
   * @param owner for people
   */
  static Endpoint web(String ods, String owner, URI address) {
    return endpoint(
            webId(ods),
            new Coding(CONNECTION_TYPE, STOW, null),
            owner + " DICOMweb",
            address.toString())
        .setManagingOrganization(Systems.organisation(ods));
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

  /** Of all nodes of an organisation and its DICOMweb, also of those that only call. */
  public static Set<String> endpointIds(Organisation o) {
    Set<String> ids = new HashSet<>();
    o.applicationEntities().forEach(ae -> ids.add(endpointId(ae.aeTitle())));
    if (o.dicomWeb() != null) {
      ids.add(webId(o.odsCode()));
    }
    return ids;
  }

  private static String webId(String ods) {
    return "web-" + ods;
  }

  /** The Endpoint of a DICOM node. */
  static String endpointId(String aeTitle) {
    return "ae-" + aeTitle.replaceAll("[^A-Za-z0-9.-]", "-");
  }
}
