package org.isocentre.fhir.provider;

import ca.uhn.fhir.rest.annotation.OptionalParam;
import ca.uhn.fhir.rest.annotation.Search;
import ca.uhn.fhir.rest.param.StringParam;
import ca.uhn.fhir.rest.param.TokenParam;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.hl7.fhir.r4.model.Organization;
import org.isocentre.fhir.map.DirectoryReader;
import org.isocentre.fhir.map.Systems;
import org.springframework.transaction.support.TransactionOperations;

/** {@code /fhir/Organization}: the trusts of the directory. */
public final class OrganizationProvider extends DirectoryProvider<Organization> {

  /**
   * @param transactions what is written is there with its row of the audit trail
   */
  public OrganizationProvider(
      Door door, Directory directory, TransactionOperations transactions, Clock clock) {
    super(
        Organization.class,
        door,
        directory,
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
            clock));
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
