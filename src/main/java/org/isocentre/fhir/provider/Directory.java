package org.isocentre.fhir.provider;

import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.hl7.fhir.r4.model.Endpoint;
import org.hl7.fhir.r4.model.IdType;
import org.hl7.fhir.r4.model.Organization;
import org.hl7.fhir.r4.model.Resource;
import org.isocentre.fhir.map.DirectoryMapper;
import org.isocentre.fhir.map.DirectoryReader;
import org.isocentre.index.DirectoryIndex;
import org.isocentre.model.DirectoryEntry;
import org.isocentre.model.Organisation;
import org.isocentre.model.Organisation.ApplicationEntity;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** The trust directory: what the settings say, and what was written beside it. */
public final class Directory {
  private final List<Organisation> configured;
  private final DirectoryIndex index;
  private final Consumer<List<Organisation>> check;
  private volatile Snapshot last;

  /**
   * @param configured of the settings
   * @param check throws IllegalArgumentException for what cannot be a directory
   */
  public Directory(
      List<Organisation> configured, DirectoryIndex index, Consumer<List<Organisation>> check) {
    this.configured = List.copyOf(configured);
    this.index = index;
    this.check = check;
  }

  /**
   * All of it at one revision.
   *
   * @param endpoints without the hub's own
   */
  private record Snapshot(
      long revision,
      List<Organisation> combined,
      List<Organization> organizations,
      List<Endpoint> endpoints) {}

  private Snapshot now() {
    long revision = index.revision();
    Snapshot known = last;
    boolean inTransaction = TransactionSynchronizationManager.isActualTransactionActive();
    if (known != null && known.revision() == revision && !inTransaction) {
      return known;
    }
    Snapshot fresh = snapshot(revision, index.entries());
    if (!inTransaction) {
      // What a transaction sees may never have been: it is not kept.
      last = fresh;
    }
    return fresh;
  }

  private Snapshot snapshot(long revision, List<DirectoryEntry> entries) {
    List<Organisation> combined = DirectoryReader.combined(configured, entries);
    List<Organization> organizations = new ArrayList<>();
    List<Endpoint> endpoints = new ArrayList<>();
    for (Organisation o : configured) {
      DirectoryMapper.endpoints(o).forEach(endpoints::add);
    }
    Set<String> settled = endpoints.stream().map(Endpoint::getIdPart).collect(Collectors.toSet());
    for (Organisation o : combined) {
      if (isOfSettings(o.odsCode())) {
        organizations.add(DirectoryMapper.organization(o));
      }
    }
    for (DirectoryEntry e : entries) {
      if (e.type().equals("Endpoint") && !settled.contains(e.id())) {
        endpoints.add(written(Endpoint.class, e));
      } else if (e.type().equals("Organization") && !isOfSettings(e.id())) {
        Organization resource = written(Organization.class, e);
        combined.stream()
            .filter(o -> o.odsCode().equals(e.id()))
            .forEach(o -> DirectoryMapper.addEndpoints(resource, o));
        organizations.add(resource);
      }
    }
    return new Snapshot(revision, combined, List.copyOf(organizations), List.copyOf(endpoints));
  }

  /** As it was kept, with its version. */
  static <T extends Resource> T written(Class<T> type, DirectoryEntry e) {
    T resource = DirectoryReader.parse(type, e);
    resource.setId(new IdType(e.type(), e.id(), Integer.toString(e.version())));
    resource.getMeta().setLastUpdated(Date.from(e.at()));
    return resource;
  }

  /** Whether an organisation is of the settings, where it is changed. */
  boolean isOfSettings(String ods) {
    return configured.stream().anyMatch(o -> o.odsCode().equals(ods));
  }

  /** Whether an Endpoint is of the settings, or would be if its node listened. */
  boolean isNodeOfSettings(String id) {
    return configured.stream().anyMatch(o -> DirectoryMapper.endpointIds(o).contains(id));
  }

  /**
   * Whether all would be a directory still.
   *
   * @throws IllegalArgumentException if not
   */
  void check(DirectoryEntry written) {
    List<DirectoryEntry> entries = new ArrayList<>(index.entries());
    entries.removeIf(e -> e.type().equals(written.type()) && e.id().equals(written.id()));
    entries.add(written);
    check.accept(DirectoryReader.combined(configured, entries));
  }

  DirectoryIndex index() {
    return index;
  }

  /** What is connected now. */
  public List<Organisation> combined() {
    return now().combined();
  }

  List<Organization> organizations() {
    return now().organizations().stream().map(Organization::copy).toList();
  }

  List<Endpoint> endpoints() {
    return now().endpoints().stream().map(Endpoint::copy).toList();
  }

  /** AE titles that have an Endpoint. */
  Set<String> listening() {
    return combined().stream()
        .flatMap(o -> o.applicationEntities().stream())
        .filter(ApplicationEntity::listens)
        .map(ApplicationEntity::aeTitle)
        .collect(Collectors.toSet());
  }
}
