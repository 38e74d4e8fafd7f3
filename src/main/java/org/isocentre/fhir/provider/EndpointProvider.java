package org.isocentre.fhir.provider;

import ca.uhn.fhir.rest.annotation.ConditionalUrlParam;
import ca.uhn.fhir.rest.annotation.Create;
import ca.uhn.fhir.rest.annotation.History;
import ca.uhn.fhir.rest.annotation.IdParam;
import ca.uhn.fhir.rest.annotation.OptionalParam;
import ca.uhn.fhir.rest.annotation.Patch;
import ca.uhn.fhir.rest.annotation.Read;
import ca.uhn.fhir.rest.annotation.ResourceParam;
import ca.uhn.fhir.rest.annotation.Search;
import ca.uhn.fhir.rest.annotation.Update;
import ca.uhn.fhir.rest.api.MethodOutcome;
import ca.uhn.fhir.rest.api.PatchTypeEnum;
import ca.uhn.fhir.rest.api.server.IBundleProvider;
import ca.uhn.fhir.rest.api.server.RequestDetails;
import ca.uhn.fhir.rest.param.ReferenceParam;
import ca.uhn.fhir.rest.param.TokenParam;
import ca.uhn.fhir.rest.server.IResourceProvider;
import ca.uhn.fhir.rest.server.SimpleBundleProvider;
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
public final class EndpointProvider implements IResourceProvider {
  private final Door door;
  private final Directory directory;
  private final DirectoryWrites<Endpoint> writes;

  /**
   * @param transactions what is written is there with its row of the audit trail
   */
  public EndpointProvider(
      Door door, Directory directory, TransactionOperations transactions, Clock clock) {
    this.door = door;
    this.directory = directory;
    this.writes =
        new DirectoryWrites<>(
            Endpoint.class,
            door,
            directory,
            new DirectoryWrites.Kind<>(
                this::kept,
                directory::endpoints,
                id -> directory.isNodeOfSettings(id) || id.equals(ImagingStudyMapper.WADO_ENDPOINT),
                new Conditions<>(
                    "Endpoint",
                    Map.of(
                        "_id", (e, value) -> e.getIdPart().equals(value),
                        "identifier", (e, value) -> isNode(e, Tokens.token(value)),
                        "organization", EndpointProvider::isOf))),
            transactions,
            clock);
  }

  /** Of an organisation that is there. */
  private Endpoint kept(Endpoint asked) {
    return DirectoryReader.endpoint(
        asked, ods -> directory.combined().stream().anyMatch(o -> o.odsCode().equals(ods)));
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
    all.addAll(directory.endpoints());
    return all;
  }

  /** A node that is connected from now on. */
  @Create
  public MethodOutcome create(
      @ResourceParam Endpoint resource,
      @ResourceParam String raw,
      @ConditionalUrlParam String condition) {
    return writes.create(raw, condition);
  }

  /** As it is from now on; one that is not there yet is made. */
  @Update
  public MethodOutcome update(
      @IdParam IdType id,
      @ResourceParam Endpoint resource,
      @ResourceParam String raw,
      @ConditionalUrlParam String condition) {
    return writes.update(id, raw, condition);
  }

  /** The same by what is to be different. */
  @Patch
  public MethodOutcome patch(
      @IdParam IdType id,
      PatchTypeEnum kind,
      @ResourceParam String patch,
      @ConditionalUrlParam String condition) {
    return writes.patch(id, kind, patch, condition);
  }

  @Read(version = true)
  public Endpoint read(@IdParam IdType id, RequestDetails request) {
    if (id.getIdPart().equals(ImagingStudyMapper.WADO_ENDPOINT) && !id.hasVersionIdPart()) {
      door.reading("Endpoint");
      return door.found("Endpoint", id.getIdPart(), all(request).subList(0, 1), null);
    }
    return writes.read(id);
  }

  @History
  public IBundleProvider history(@IdParam IdType id) {
    return new SimpleBundleProvider(writes.history(id));
  }

  @Search
  public List<Endpoint> search(
      @OptionalParam(name = "_id") TokenParam id,
      @OptionalParam(name = "identifier") TokenParam identifier,
      @OptionalParam(name = "organization") ReferenceParam organization,
      @OptionalParam(name = "connection-type") TokenParam type,
      @OptionalParam(name = "status") TokenParam status,
      RequestDetails request) {
    door.searching("Endpoint");
    return all(request).stream()
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
