package org.isocentre.exchange;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.isocentre.model.Organisation;
import org.isocentre.model.Organisation.ApplicationEntity;

/**
 * Who is connected: organisations with their DICOM nodes and HL7 facilities. Organisations and
 * nodes may be added while the hub runs; HL7 senders are those of the settings.
 */
public final class TrustDirectory {
  private final Hl7Senders senders;
  private final String loopbackCustodian;
  private volatile State now;

  /** All of it at one moment. */
  private static final class State {
    private final Map<String, Organisation> byOds = new HashMap<>();
    private final Map<String, Organisation> byAeTitle = new HashMap<>();
    private final Map<String, Organisation> byFacility = new HashMap<>();
    private final List<Organisation> all;

    State(List<Organisation> organisations) {
      this.all = List.copyOf(organisations);
      for (Organisation o : organisations) {
        once(byOds, o.odsCode(), o, "ODS code");
        o.applicationEntities().forEach(ae -> once(byAeTitle, ae.aeTitle(), o, "AE title"));
        o.facilities().forEach(f -> once(byFacility, f, o, "HL7 facility"));
        o.applicationEntities().forEach(TrustDirectory::mustListen);
      }
    }
  }

  /**
   * @param loopbackCustodian ODS code that any AE title from a loopback address counts for, or null
   *     (always, but for trying things out)
   * @throws IllegalArgumentException if an AE title or facility belongs to two organisations, or a
   *     node is to be asked that does not listen
   */
  public TrustDirectory(List<Organisation> organisations, String loopbackCustodian) {
    this.loopbackCustodian = loopbackCustodian;
    this.now = new State(organisations);
    this.senders = new Hl7Senders(organisations);
    if (loopbackCustodian != null && !now.byOds.containsKey(loopbackCustodian)) {
      throw new IllegalArgumentException(
          "ISO-EXCHANGE-001: the loopback custodian "
              + loopbackCustodian
              + " is no organisation of the directory");
    }
  }

  private static void mustListen(ApplicationEntity ae) {
    if ((ae.commitment() || ae.notified()) && !ae.listens()) {
      throw new IllegalArgumentException(
          "ISO-EXCHANGE-003: AE title %s has %s: true and no port; give it the port that it listens on"
              .formatted(ae.aeTitle(), ae.commitment() ? "commitment" : "notify"));
    }
  }

  private static void once(
      Map<String, Organisation> map, String key, Organisation organisation, String what) {
    Organisation other = map.putIfAbsent(key, organisation);
    if (other != null) {
      throw new IllegalArgumentException(
          "ISO-EXCHANGE-002: %s %s belongs to both %s and %s; it can belong to one organisation only"
              .formatted(what, key, other.odsCode(), organisation.odsCode()));
    }
  }

  /**
   * Whether these could be a directory.
   *
   * @throws IllegalArgumentException as the constructor does
   */
  public static void check(List<Organisation> organisations) {
    Objects.requireNonNull(new State(organisations));
  }

  /**
   * From now on these are connected, and no others.
   *
   * @throws IllegalArgumentException as the constructor does; then nothing has changed
   */
  public void replace(List<Organisation> organisations) {
    now = new State(organisations);
  }

  public List<Organisation> all() {
    return now.all;
  }

  public Optional<Organisation> find(String odsCode) {
    return Optional.ofNullable(now.byOds.get(odsCode));
  }

  /** The HL7 v2 senders. */
  public Hl7Senders senders() {
    return senders;
  }

  /** ODS code of an assigning authority or issuer: an ODS code itself, or a facility. */
  public Optional<String> issuer(String name) {
    State state = now;
    Organisation o = state.byOds.get(name);
    return Optional.ofNullable(o == null ? state.byFacility.get(name) : o)
        .map(Organisation::odsCode);
  }

  /** Whether this AE title may associate from this address. */
  public boolean mayAssociate(String aeTitle, InetAddress address) {
    if (loopbackCustodian != null && address.isLoopbackAddress()) {
      return true;
    }
    Organisation o = now.byAeTitle.get(aeTitle);
    return o != null
        && o.applicationEntities().stream()
            .filter(ae -> ae.aeTitle().equals(aeTitle))
            .anyMatch(ae -> comesFrom(ae, address));
  }

  private static boolean comesFrom(ApplicationEntity ae, InetAddress address) {
    if (ae.sources().isEmpty()) {
      return ae.host() == null || Addresses.matches(ae.host(), address);
    }
    return ae.sources().stream().anyMatch(source -> Addresses.matches(source, address));
  }

  /** The node of this AE title and whose it is, if it takes associations. */
  public Optional<Destination> destination(String aeTitle) {
    Organisation o = now.byAeTitle.get(aeTitle);
    return o == null
        ? Optional.empty()
        : o.applicationEntities().stream()
            .filter(ae -> ae.aeTitle().equals(aeTitle) && ae.listens())
            .findFirst()
            .map(ae -> new Destination(o.odsCode(), ae));
  }

  /** The node that an organisation is sent studies to: its first that listens. */
  public Optional<ApplicationEntity> receiver(String odsCode) {
    return find(odsCode)
        .flatMap(
            o -> o.applicationEntities().stream().filter(ApplicationEntity::listens).findFirst());
  }

  /** The node that commits to what an organisation was sent, if it is to be asked. */
  public Optional<ApplicationEntity> committer(String odsCode) {
    return find(odsCode)
        .flatMap(
            o ->
                o.applicationEntities().stream().filter(ApplicationEntity::commitment).findFirst());
  }

  /** Nodes of an organisation that are told when a study is available. */
  public List<ApplicationEntity> notified(String odsCode) {
    return find(odsCode).stream()
        .flatMap(o -> o.applicationEntities().stream())
        .filter(ApplicationEntity::notified)
        .toList();
  }

  /** All AE titles of the organisation that this one belongs to; it alone if to none. */
  public List<String> siblings(String aeTitle) {
    Organisation o = now.byAeTitle.get(aeTitle);
    return o == null
        ? List.of(aeTitle)
        : o.applicationEntities().stream().map(ApplicationEntity::aeTitle).toList();
  }

  /** A node that can be sent to. */
  public record Destination(String odsCode, ApplicationEntity node) {}

  /** ODS code of the trust that objects from this AE title at this address belong to. */
  public Optional<String> custodian(String aeTitle, String address) {
    Organisation o = now.byAeTitle.get(aeTitle);
    if (o != null) {
      return Optional.of(o.odsCode());
    }
    try {
      return InetAddress.getByName(address).isLoopbackAddress()
          ? Optional.ofNullable(loopbackCustodian)
          : Optional.empty();
    } catch (UnknownHostException e) {
      return Optional.empty();
    }
  }
}
