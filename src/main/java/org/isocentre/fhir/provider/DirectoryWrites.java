package org.isocentre.fhir.provider;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.rest.api.MethodOutcome;
import ca.uhn.fhir.rest.api.PatchTypeEnum;
import ca.uhn.fhir.rest.server.exceptions.ForbiddenOperationException;
import ca.uhn.fhir.rest.server.exceptions.ResourceNotFoundException;
import ca.uhn.fhir.rest.server.exceptions.ResourceVersionConflictException;
import ca.uhn.fhir.rest.server.exceptions.UnprocessableEntityException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.hl7.fhir.r4.model.IdType;
import org.hl7.fhir.r4.model.Resource;
import org.isocentre.fhir.map.UnacceptableException;
import org.isocentre.model.DirectoryEntry;
import org.isocentre.model.Right;
import org.springframework.transaction.support.TransactionOperations;

/**
 * How resources of the directory are written, and what they were: by those who run the hub alone,
 * because who is in the directory is sent images. What the settings say is changed there.
 */
final class DirectoryWrites<T extends Resource> {
  private final Class<T> type;
  private final String name;
  private final Door door;
  private final Directory directory;
  private final Kind<T> kind;
  private final TransactionOperations transactions;
  private final Clock clock;

  /**
   * What is particular of a type.
   *
   * @param kept as it is kept; throws {@link UnacceptableException}
   * @param all there are
   * @param isOfSettings by id
   * @param conditions by which one is named
   */
  record Kind<T>(
      UnaryOperator<T> kept,
      Supplier<List<T>> all,
      Predicate<String> isOfSettings,
      Conditions<T> conditions) {}

  DirectoryWrites(
      Class<T> type,
      Door door,
      Directory directory,
      Kind<T> kind,
      TransactionOperations transactions,
      Clock clock) {
    this.type = type;
    this.name = type.getSimpleName();
    this.door = door;
    this.directory = directory;
    this.kind = kind;
    this.transactions = transactions;
    this.clock = clock;
  }

  private void writing(Right right) {
    door.writing(right, name);
    if (!door.caller().isHubStaff()) {
      door.refused(name, "directory-write", "not staff of the hub");
      throw new ForbiddenOperationException(
          "ISO-FHIR-096: the directory is written by staff of the hub alone");
    }
  }

  /**
   * @param condition of {@code If-None-Exist}, or null
   */
  MethodOutcome create(String raw, String condition) {
    writing(Right.CREATE);
    Optional<T> there = matching(condition);
    if (there.isPresent()) {
      return new MethodOutcome(there.get().getIdElement(), false).setResource(there.get());
    }
    return write(kept(raw), null, Right.CREATE);
  }

  /**
   * @param condition of {@code PUT Type?…}, or null
   */
  MethodOutcome update(IdType id, String raw, String condition) {
    writing(Right.UPDATE);
    T kept = kept(raw);
    IdType one = condition == null ? id : matching(condition).map(T::getIdElement).orElse(null);
    if (one != null && !one.getIdPart().equals(kept.getIdPart())) {
      throw refused(
          "its id follows from its identifier, and is %s then".formatted(kept.getIdPart()));
    }
    return write(kept, one, Right.UPDATE);
  }

  /**
   * @param condition of {@code PATCH Type?…}, or null
   */
  MethodOutcome patch(IdType id, PatchTypeEnum patch, String body, String condition) {
    writing(Right.UPDATE);
    IdType one =
        condition == null
            ? id
            : matching(condition).map(T::getIdElement).orElseThrow(() -> Searches.none(name));
    DirectoryEntry now = current(one);
    T resource = Directory.written(type, now);
    return update(
        new IdType(name, now.id(), Integer.toString(now.version())),
        JsonPatches.apply(resource, patch, body),
        null);
  }

  private Optional<T> matching(String condition) {
    if (condition == null) {
      return Optional.empty();
    }
    door.searching(name);
    return kind.conditions().one(condition, kind.all().get());
  }

  private T kept(String raw) {
    try {
      return kind.kept().apply(StrictBody.read(type, raw, "ISO-FHIR-097"));
    } catch (UnacceptableException e) {
      throw refused(e.getMessage());
    }
  }

  private UnprocessableEntityException refused(String why) {
    return new UnprocessableEntityException("ISO-FHIR-097: " + name + " not recorded: " + why);
  }

  private MethodOutcome write(T kept, IdType id, Right right) {
    String key = kept.getIdPart();
    if (kind.isOfSettings().test(key)) {
      throw new UnprocessableEntityException(
          "ISO-FHIR-098: %s/%s is of the settings (isocentre.trusts), and is changed there"
              .formatted(name, key));
    }
    Optional<DirectoryEntry> before = directory.index().find(name, key);
    if (right == Right.CREATE && before.isPresent()) {
      throw new ResourceVersionConflictException(
          "ISO-FHIR-099: there is %s/%s already; change that".formatted(name, key));
    }
    if (id != null && id.hasVersionIdPart()) {
      current(id);
    }
    int version = before.map(DirectoryEntry::version).orElse(0) + 1;
    String json = FhirContext.forR4Cached().newJsonParser().encodeResourceToString(kept);
    if (json.length() > DirectoryEntry.MOST) {
      throw refused("it has more than " + DirectoryEntry.MOST + " characters as JSON");
    }
    DirectoryEntry entry = new DirectoryEntry(name, key, version, json, clock.instant());
    transactions.executeWithoutResult(
        status -> {
          if (!directory.index().write(entry)) {
            throw changed();
          }
          try {
            directory.check(entry);
          } catch (IllegalArgumentException e) {
            throw refused(e.getMessage());
          }
          if (version == 1) {
            door.created(name, key, null);
          } else {
            door.changed(name, key, null, "U", "update");
          }
        });
    T resource = Directory.written(type, entry);
    return new MethodOutcome(resource.getIdElement(), version == 1).setResource(resource);
  }

  private DirectoryEntry current(IdType id) {
    String key = id.getIdPart();
    DirectoryEntry now =
        directory
            .index()
            .find(name, key)
            .orElseThrow(
                () ->
                    kind.isOfSettings().test(key)
                        ? new UnprocessableEntityException(
                            "ISO-FHIR-098: %s/%s is of the settings (isocentre.trusts), and is changed there"
                                .formatted(name, key))
                        : new ResourceNotFoundException(
                            "ISO-FHIR-003: there is no "
                                + name
                                + "/"
                                + key
                                + " that this token may read"));
    if (id.hasVersionIdPart() && !id.getVersionIdPart().equals(now.version() + "")) {
      throw changed();
    }
    return now;
  }

  private ResourceVersionConflictException changed() {
    return new ResourceVersionConflictException(
        "ISO-FHIR-099: the " + name + " was changed meanwhile; read it and try again");
  }

  /** As it is, or as it was where the id has a version. */
  T read(IdType id) {
    door.reading(name);
    List<T> found =
        id.hasVersionIdPart()
            ? versions(id)
                .filter(v -> v.getIdElement().getVersionIdPart().equals(id.getVersionIdPart()))
                .toList()
            : kind.all().get().stream()
                .filter(one -> one.getIdPart().equals(id.getIdPart()))
                .toList();
    return door.found(name, id.getIdPart(), found, null);
  }

  /** As it is and was, the newest first; of the settings, as it is. */
  List<T> history(IdType id) {
    T now = read(new IdType(name, id.getIdPart()));
    List<T> versions = versions(id).toList();
    return versions.isEmpty() ? List.of(now) : versions;
  }

  private java.util.stream.Stream<T> versions(IdType id) {
    return kind.isOfSettings().test(id.getIdPart())
        ? java.util.stream.Stream.empty()
        : directory.index().history(name, id.getIdPart()).stream()
            .map(e -> Directory.written(type, e));
  }
}
