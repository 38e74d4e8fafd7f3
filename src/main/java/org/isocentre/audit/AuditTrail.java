package org.isocentre.audit;

import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.isocentre.index.AuditIndex;
import org.isocentre.model.AuditEntry;
import org.isocentre.model.AuditOrigin;
import org.isocentre.model.TimeUuid;
import org.springframework.transaction.support.TransactionOperations;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Notes who did what, whether it was allowed, and to whose data. A row that cannot be written fails
 * what it is about.
 */
public final class AuditTrail {
  /** A search that is no REST call: C-FIND. */
  public static final String QUERY = "query";

  private static final String SEARCH = "search";

  private final AuditIndex index;
  private final GroupCommit<AuditEntry> together;
  private final Supplier<AuditOrigin> origins;
  private final Clock clock;

  /**
   * @param transactions in which rows are written that come within none
   * @param origins where the call came from that this thread serves
   */
  public AuditTrail(
      AuditIndex index,
      TransactionOperations transactions,
      Supplier<AuditOrigin> origins,
      Clock clock) {
    this(
        index,
        new GroupCommit<>(
            entries -> transactions.executeWithoutResult(status -> index.append(entries))),
        origins,
        clock);
  }

  private AuditTrail(
      AuditIndex index,
      GroupCommit<AuditEntry> together,
      Supplier<AuditOrigin> origins,
      Clock clock) {
    this.index = index;
    this.together = together;
    this.origins = origins;
    this.clock = clock;
  }

  /** The same trail, for what came from there. */
  public AuditTrail from(AuditOrigin origin) {
    return new AuditTrail(index, together, () -> origin, clock);
  }

  /**
   * @param actor token subject, AE title, facility
   * @param organisation ODS code or null
   * @param action C, R, U, D or E (FHIR AuditEvent.action)
   * @param type such as {@code read}, {@code search}, {@code forward}, {@code consent-decision}
   * @param detail without patient data, or null
   */
  public void note(
      String actor,
      String organisation,
      String action,
      String type,
      String entityType,
      String entityId,
      UUID patientId,
      boolean permitted,
      String detail) {
    append(
        List.of(
            new AuditEntry(
                TimeUuid.next(),
                clock.instant(),
                actor,
                organisation,
                action,
                type,
                entityType,
                entityId,
                patientId,
                permitted,
                detail,
                origins.get().withoutQuery())));
  }

  /**
   * Notes a search, once for each patient of whom something was shown, so that each of them can
   * read of it; once without a patient where nobody's was.
   *
   * @param detail without patient data
   */
  public void noteSearch(
      String actor, String organisation, String entityType, Set<UUID> patients, String detail) {
    noteSearch(SEARCH, actor, organisation, entityType, patients, detail);
  }

  /**
   * The same of a search of another type.
   *
   * @param type {@link #QUERY}
   */
  public void noteSearch(
      String type,
      String actor,
      String organisation,
      String entityType,
      Set<UUID> patients,
      String detail) {
    AuditOrigin origin = origins.get();
    Stream<UUID> of = patients.isEmpty() ? Stream.of((UUID) null) : patients.stream();
    Instant now = clock.instant();
    append(
        of.map(
                patient ->
                    new AuditEntry(
                        TimeUuid.next(),
                        now,
                        actor,
                        organisation,
                        "E",
                        type,
                        entityType,
                        null,
                        patient,
                        true,
                        detail,
                        origin))
            .toList());
  }

  /**
   * Notes what was done to some resources, one row each; one without a resource if there are none.
   *
   * @param entities ids of resources, and of their patients
   */
  public void noteEach(
      String actor,
      String organisation,
      String action,
      String type,
      String entityType,
      Map<UUID, UUID> entities,
      boolean permitted,
      String detail) {
    if (entities.isEmpty()) {
      note(actor, organisation, action, type, entityType, null, null, permitted, detail);
      return;
    }
    Instant now = clock.instant();
    AuditOrigin origin = origins.get().withoutQuery();
    append(
        entities.entrySet().stream()
            .map(
                entity ->
                    new AuditEntry(
                        TimeUuid.next(),
                        now,
                        actor,
                        organisation,
                        action,
                        type,
                        entityType,
                        entity.getKey().toString(),
                        entity.getValue(),
                        permitted,
                        detail,
                        origin))
            .toList());
  }

  private void append(List<AuditEntry> entries) {
    try {
      if (TransactionSynchronizationManager.isActualTransactionActive()) {
        // With what it is about, or not at all.
        index.append(entries);
      } else {
        together.write(entries);
      }
    } catch (RuntimeException e) {
      throw new AuditUnavailableException(e);
    }
  }
}
