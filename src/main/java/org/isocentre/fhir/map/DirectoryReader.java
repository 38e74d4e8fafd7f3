package org.isocentre.fhir.map;

import ca.uhn.fhir.context.FhirContext;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.hl7.fhir.r4.model.Base;
import org.hl7.fhir.r4.model.CodeType;
import org.hl7.fhir.r4.model.Endpoint;
import org.hl7.fhir.r4.model.Endpoint.EndpointStatus;
import org.hl7.fhir.r4.model.Extension;
import org.hl7.fhir.r4.model.Identifier;
import org.hl7.fhir.r4.model.Organization;
import org.hl7.fhir.r4.model.Property;
import org.hl7.fhir.r4.model.Reference;
import org.isocentre.model.DirectoryEntry;
import org.isocentre.model.Organisation;
import org.isocentre.model.Organisation.ApplicationEntity;
import org.isocentre.model.Organisation.ForwardRule;

/** R4 Organization and Endpoint, as they are written, to the trust directory. */
public final class DirectoryReader {
  private static final String ODS_CODE = "[A-Z0-9]{3,10}";

  /** Value representation AE (PS3.5 §6.2), of which not all is blank. */
  private static final String AE_TITLE = "(?=.*[^ ])[ -\\[\\]-~]{1,16}";

  private static final String NOBODYS =
      "managingOrganization must be an Organization of the directory";

  private static final int MOST_NAME = 200;
  private static final int MOST_ADDRESS = 500;
  private static final int MOST_PORT = 65535;

  /** What is there of every resource, or follows from what is said. */
  private static final Set<String> DERIVED =
      Set.of("id", "meta", "endpoint", "payloadType", "payloadMimeType");

  private static final Set<String> OF_ORGANIZATION =
      Set.of("extension", "identifier", "active", "type", "name", "alias", "telecom", "address");

  private static final Set<String> OF_ENDPOINT =
      Set.of("identifier", "status", "connectionType", "name", "managingOrganization", "address");

  private DirectoryReader() {}

  /**
   * An organisation as it is kept.
   *
   * @throws UnacceptableException if it cannot be
   */
  public static Organization organization(Organization asked) {
    kept(asked.children(), OF_ORGANIZATION);
    String ods = code(asked.getIdentifier(), Systems.ODS, ODS_CODE);
    String name = text("name", asked.getName(), MOST_NAME);
    Organization o = new Organization();
    o.setId(ods);
    o.setActive(!asked.hasActive() || asked.getActive()).setName(name);
    o.addIdentifier().setSystem(Systems.ODS).setValue(ods);
    o.setType(asked.getType());
    o.setAlias(asked.getAlias());
    o.setTelecom(asked.getTelecom());
    o.setAddress(asked.getAddress());
    forwardTo(asked)
        .forEach(rule -> o.addExtension(DirectoryMapper.FORWARD_TO, DirectoryMapper.code(rule)));
    return o;
  }

  /**
   * A node as it is kept.
   *
   * @param known whether an ODS code is of the directory
   * @throws UnacceptableException if it cannot be
   */
  public static Endpoint endpoint(Endpoint asked, Predicate<String> known) {
    kept(asked.children(), OF_ENDPOINT);
    if (asked.getStatus() == null) {
      throw new UnacceptableException("status must be active, suspended or off");
    }
    String ods = ods(asked.getManagingOrganization());
    if (!known.test(ods)) {
      throw new UnacceptableException(NOBODYS);
    }
    String name = asked.hasName() ? text("name", asked.getName(), MOST_NAME) : null;
    Endpoint e =
        switch (String.valueOf(asked.getConnectionType().getCode())) {
          case DirectoryMapper.DIMSE -> node(asked, ods);
          case DirectoryMapper.STOW -> web(asked, ods);
          default ->
              throw new UnacceptableException(
                  "connectionType must be %s|%s or %s|%s"
                      .formatted(
                          DirectoryMapper.OTHER_CONNECTION_TYPE,
                          DirectoryMapper.DIMSE,
                          DirectoryMapper.CONNECTION_TYPE,
                          DirectoryMapper.STOW));
        };
    e.setStatus(asked.getStatus());
    if (name != null) {
      e.setName(name);
    }
    return e;
  }

  private static Endpoint node(Endpoint asked, String ods) {
    String title = code(asked.getIdentifier(), DirectoryMapper.AE, AE_TITLE);
    URI address = address(asked);
    boolean tls = DirectoryMapper.DICOM_TLS.equals(address.getScheme());
    boolean plain =
        address.getRawUserInfo() == null
            && address.getRawQuery() == null
            && address.getRawFragment() == null
            && (address.getRawPath() == null || address.getRawPath().isEmpty());
    if (!(tls || DirectoryMapper.DICOM.equals(address.getScheme()))
        || address.getHost() == null
        || address.getPort() < 1
        || address.getPort() > MOST_PORT
        || !plain) {
      throw new UnacceptableException(
          "address must be %s://host:port, or %s://host:port"
              .formatted(DirectoryMapper.DICOM, DirectoryMapper.DICOM_TLS));
    }
    return DirectoryMapper.endpoint(
        ods,
        ods,
        new ApplicationEntity(
            title, address.getHost(), address.getPort(), List.of(), tls, List.of(), false, false));
  }

  private static Endpoint web(Endpoint asked, String ods) {
    if (asked.hasIdentifier()) {
      throw new UnacceptableException("identifier: a DICOMweb service has none; leave it out");
    }
    URI address = address(asked);
    if (address.getHost() == null
        || address.getRawUserInfo() != null
        || address.getRawQuery() != null
        || !("https".equals(address.getScheme()) || isHere(address))) {
      throw new UnacceptableException("address must be https://host/path, without a query");
    }
    return DirectoryMapper.web(ods, ods, address);
  }

  /** Where nobody else listens. */
  private static boolean isHere(URI address) {
    return "http".equals(address.getScheme())
        && Set.of("localhost", "127.0.0.1", "[::1]").contains(address.getHost());
  }

  private static URI address(Endpoint asked) {
    try {
      return new URI(text("address", asked.getAddress(), MOST_ADDRESS));
    } catch (URISyntaxException e) {
      throw new UnacceptableException("address is no URI");
    }
  }

  private static String ods(Reference organisation) {
    String id = organisation.getReferenceElement().getIdPart();
    String code =
        organisation.hasReference()
            ? "Organization".equals(organisation.getReferenceElement().getResourceType())
                ? id
                : null
            : Systems.ODS.equals(organisation.getIdentifier().getSystem())
                ? organisation.getIdentifier().getValue()
                : null;
    if (code == null || !code.matches(ODS_CODE)) {
      throw new UnacceptableException(NOBODYS);
    }
    return code;
  }

  /** The one identifier there may be. */
  private static String code(List<Identifier> identifiers, String system, String pattern) {
    if (identifiers.size() != 1 || !system.equals(identifiers.get(0).getSystem())) {
      throw new UnacceptableException("identifier must be one, of the system " + system);
    }
    String value = identifiers.get(0).getValue();
    if (value == null || !value.matches(pattern)) {
      throw new UnacceptableException("identifier is no value of the system " + system);
    }
    return value;
  }

  private static String text(String element, String value, int most) {
    if (value == null || value.isBlank() || value.length() > most) {
      throw new UnacceptableException(element + " must have 1 to " + most + " characters");
    }
    return value;
  }

  private static void kept(List<Property> elements, Set<String> kept) {
    List<String> others =
        elements.stream()
            .filter(Property::hasValues)
            .map(Property::getName)
            .filter(name -> !kept.contains(name) && !DERIVED.contains(name))
            .toList();
    if (!others.isEmpty()) {
      throw new UnacceptableException(
          "the directory does not keep " + String.join(", ", others) + "; leave that out");
    }
  }

  private static List<ForwardRule> forwardTo(Organization o) {
    List<ForwardRule> rules = new ArrayList<>();
    for (Extension extension : o.getExtension()) {
      Base value = extension.getValue();
      Optional<ForwardRule> rule =
          DirectoryMapper.FORWARD_TO.equals(extension.getUrl()) && value instanceof CodeType code
              ? Stream.of(ForwardRule.values())
                  .filter(r -> r.name().toLowerCase(Locale.ROOT).equals(code.getValue()))
                  .findFirst()
              : Optional.empty();
      rules.add(
          rule.orElseThrow(
              () ->
                  new UnacceptableException(
                      "extension must be %s, referrer or all"
                          .formatted(DirectoryMapper.FORWARD_TO))));
    }
    return rules;
  }

  /**
   * The directory: what the settings say, and what was written beside it. Where both say something,
   * the settings count.
   */
  public static List<Organisation> combined(
      List<Organisation> configured, List<DirectoryEntry> entries) {
    Map<String, Organisation> all = new LinkedHashMap<>();
    Set<String> titles = new HashSet<>();
    configured.forEach(
        o -> {
          all.put(o.odsCode(), o);
          o.applicationEntities().forEach(ae -> titles.add(ae.aeTitle()));
        });
    Set<String> inactive = new HashSet<>();
    for (DirectoryEntry e : of("Organization", entries)) {
      Organization o = parse(Organization.class, e);
      if (all.putIfAbsent(e.id(), organisation(o)) == null && !o.getActive()) {
        inactive.add(e.id());
      }
    }
    for (DirectoryEntry e : of("Endpoint", entries)) {
      Endpoint node = parse(Endpoint.class, e);
      String ods = ods(node.getManagingOrganization());
      if (node.getStatus() == EndpointStatus.ACTIVE
          && all.containsKey(ods)
          && !inactive.contains(ods)) {
        all.computeIfPresent(ods, (code, o) -> with(o, node, titles));
      }
    }
    return List.copyOf(all.values());
  }

  private static List<DirectoryEntry> of(String type, List<DirectoryEntry> entries) {
    return entries.stream().filter(e -> e.type().equals(type)).toList();
  }

  /** As it was kept. */
  public static <T extends org.hl7.fhir.r4.model.Resource> T parse(
      Class<T> type, DirectoryEntry e) {
    return FhirContext.forR4Cached().newJsonParser().parseResource(type, e.resource());
  }

  private static Organisation organisation(Organization o) {
    return new Organisation(
        o.getIdElement().getIdPart(),
        o.getName(),
        List.of(),
        List.of(),
        false,
        o.getActive() ? forwardTo(o) : List.of());
  }

  private static Organisation with(Organisation o, Endpoint e, Set<String> titles) {
    List<ApplicationEntity> nodes = new ArrayList<>(o.applicationEntities());
    URI web = o.dicomWeb();
    URI address = URI.create(e.getAddress());
    if (e.getConnectionType().getCode().equals(DirectoryMapper.STOW)) {
      web = web == null ? address : web;
    } else if (titles.add(e.getIdentifierFirstRep().getValue())) {
      nodes.add(
          new ApplicationEntity(
              e.getIdentifierFirstRep().getValue(),
              address.getHost(),
              address.getPort(),
              List.of(),
              DirectoryMapper.DICOM_TLS.equals(address.getScheme()),
              List.of(),
              false,
              false));
    }
    return new Organisation(
        o.odsCode(),
        o.name(),
        nodes,
        o.facilities(),
        o.patientIdIsNhsNumber(),
        o.forwardTo(),
        o.hl7Senders(),
        web);
  }
}
