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
import ca.uhn.fhir.rest.param.StringParam;
import ca.uhn.fhir.rest.param.TokenParam;
import ca.uhn.fhir.rest.server.IResourceProvider;
import ca.uhn.fhir.rest.server.SimpleBundleProvider;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.hl7.fhir.r4.model.IdType;
import org.hl7.fhir.r4.model.Organization;
import org.isocentre.fhir.map.DirectoryReader;
import org.isocentre.fhir.map.Systems;
import org.springframework.transaction.support.TransactionOperations;

/** {@code /fhir/Organization}: the trust directory. */
public final class OrganizationProvider implements IResourceProvider {
  private final Door door;
  private final Directory directory;
  private final DirectoryWrites<Organization> writes;

  /**
   * @param transactions what is written is there with its row of the audit trail
   */
  public OrganizationProvider(
      Door door, Directory directory, TransactionOperations transactions, Clock clock) {
    this.door = door;
    this.directory = directory;
    this.writes =
        new DirectoryWrites<>(
            Organization.class,
            door,
            directory,
            new DirectoryWrites.Kind<>(
                DirectoryReader::organization,
                directory::organizations,
                directory::isOfSettings,
                new Conditions<>(
                    "Organization",
                    Map.of(
                        "_id", (o, value) -> o.getIdPart().equals(value),
                        "identifier", (o, value) -> isOf(o, Tokens.token(value)),
                        "name", OrganizationProvider::isNamed))),
            transactions,
            clock);
  }

  @Override
  public Class<Organization> getResourceType() {
    return Organization.class;
  }

  /** A trust that is connected from now on. */
  @Create
  public MethodOutcome create(
      @ResourceParam Organization resource,
      @ResourceParam String raw,
      @ConditionalUrlParam String condition) {
    return writes.create(raw, condition);
  }

  /** As it is from now on; one that is not there yet is made. */
  @Update
  public MethodOutcome update(
      @IdParam IdType id,
      @ResourceParam Organization resource,
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
  public Organization read(@IdParam IdType id) {
    return writes.read(id);
  }

  @History
  public IBundleProvider history(@IdParam IdType id) {
    return new SimpleBundleProvider(writes.history(id));
  }

  @Search
  public List<Organization> search(
      @OptionalParam(name = "_id") TokenParam id,
      @OptionalParam(name = "identifier") TokenParam identifier,
      @OptionalParam(name = "name") StringParam name,
      @OptionalParam(name = "active") TokenParam active) {
    door.searching("Organization");
    return directory.organizations().stream()
        .filter(o -> id == null || o.getIdPart().equals(id.getValue()))
        .filter(o -> identifier == null || isOf(o, identifier))
        .filter(o -> name == null || isNamed(o, name.getValue()))
        .filter(o -> active == null || active.getValue().equals("" + o.getActive()))
        .toList();
  }

  private static boolean isOf(Organization o, TokenParam code) {
    return Tokens.meets(Systems.ODS, o.getIdPart(), code);
  }

  private static boolean isNamed(Organization o, String name) {
    return o.getName().toLowerCase(Locale.ROOT).startsWith(name.toLowerCase(Locale.ROOT));
  }
}
