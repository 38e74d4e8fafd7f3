package org.isocentre.fhir.provider;

import ca.uhn.fhir.rest.annotation.OptionalParam;
import ca.uhn.fhir.rest.annotation.Search;
import ca.uhn.fhir.rest.api.server.RequestDetails;
import ca.uhn.fhir.rest.param.ReferenceParam;
import ca.uhn.fhir.rest.param.TokenParam;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.hl7.fhir.r4.model.Endpoint;
import org.hl7.fhir.r4.model.IdType;
import org.isocentre.fhir.map.DirectoryMapper;
import org.isocentre.fhir.map.DirectoryReader;
import org.isocentre.fhir.map.ImagingStudyMapper;
import org.springframework.transaction.support.TransactionOperations;

/** {@code /fhir/Endpoint}: the hub's DICOMweb, and the trusts' DICOM nodes. */
public final class EndpointProvider extends DirectoryProvider<Endpoint> {
  private static final String HUB = ImagingStudyMapper.WADO_ENDPOINT;

  /**
   * @param transactions what is written is there with its row of the audit trail
   */
  public EndpointProvider(
      Door door, Directory directory, TransactionOperations transactions, Clock clock) {
    super(
        Endpoint.class,
        door,
        directory,
        new DirectoryWrites<>(
            Endpoint.class,
            door,
            directory,
            new DirectoryWrites.Kind<>(
                asked -> DirectoryReader.endpoint(asked, ods -> isThere(directory, ods)),
                directory::endpoints,
                id -> directory.isNodeOfSettings(id) || id.equals(HUB),
                new Conditions<>(
                    "Endpoint",
                    Map.of(
                        "_id", (e, value) -> e.getIdPart().equals(value),
                        "identifier", (e, value) -> isNode(e, Tokens.token(value)),
                        "organization", EndpointProvider::isOf))),
            transactions,
            clock));
  }

  private static boolean isThere(Directory directory, String ods) {
    return directory.combined().stream().anyMatch(o -> o.odsCode().equals(ods));
  }

  private static Endpoint hub(RequestDetails call) {
    return DirectoryMapper.dicomWeb(call.getFhirServerBase().replaceFirst("/fhir/?$", "/dicomweb"));
  }

  @Override
  Endpoint own(IdType id, RequestDetails call) {
    return id.getIdPart().equals(HUB) && !id.hasVersionIdPart() ? hub(call) : null;
  }

  @Search
  public List<Endpoint> search(
      @OptionalParam(name = "_id") TokenParam id,
      @OptionalParam(name = "identifier") TokenParam identifier,
      @OptionalParam(name = "organization") ReferenceParam organization,
      @OptionalParam(name = "connection-type") TokenParam type,
      @OptionalParam(name = "status") TokenParam status,
      RequestDetails call) {
    door.searching("Endpoint");
    List<Endpoint> all = new ArrayList<>(List.of(hub(call)));
    all.addAll(directory.endpoints());
    return all.stream()
        .filter(e -> id == null || e.getIdPart().equals(id.getValue()))
        .filter(e -> identifier == null || isNode(e, identifier))
        .filter(e -> organization == null || isOf(e, organization.getIdPart()))
        .filter(
            e ->
                type == null
                    || Tokens.meets(
                        e.getConnectionType().getSystem(), e.getConnectionType().getCode(), type))
        .filter(e -> status == null || e.getStatus().toCode().equals(status.getValue()))
        .toList();
  }

  private static boolean isNode(Endpoint e, TokenParam title) {
    return e.hasIdentifier()
        && Tokens.meets(DirectoryMapper.AE, e.getIdentifierFirstRep().getValue(), title);
  }

  /**
   * @param organisation id, or reference
   */
  private static boolean isOf(Endpoint e, String organisation) {
    String of = e.getManagingOrganization().getReferenceElement().getIdPart();
    return of != null && of.equals(organisation.replaceFirst("^Organization/", ""));
  }
}
