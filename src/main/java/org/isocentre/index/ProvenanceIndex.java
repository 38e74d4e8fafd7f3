package org.isocentre.index;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.isocentre.index.MessageJournal.Resource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Which messages resources came from. */
public final class ProvenanceIndex {
  private static final PageRequest MOST = new PageRequest(0, PageRequest.MAX_LIMIT);

  /** What messages become, and where it is. */
  private static final Map<String, String> TARGETS =
      Map.of("DiagnosticReport", "report", "Patient", "patient", "ServiceRequest", "imaging_order");

  private final JdbcClient jdbc;

  public ProvenanceIndex(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * A message that was filed.
   *
   * @param custodian ODS code of its sender
   * @param messageType such as {@code ORM^O01}
   * @param sentAt MSH-7, or null
   * @param became what it made or changed
   */
  public record Origin(
      UUID id,
      String custodian,
      String messageType,
      String controlId,
      Instant sentAt,
      Instant receivedAt,
      Instant lastUpdated,
      List<Resource> became) {
    public Origin {
      became = List.copyOf(became);
    }
  }

  static Set<String> targets() {
    return TARGETS.keySet();
  }

  /**
   * Messages all of whose resources the caller may see: of a report that is kept back, the order
   * that it came with would tell.
   *
   * @param alias of {@code hl7_message}
   */
  static void narrow(SearchSql sql, Visibility visible, String alias, Bindings values) {
    sql.and(alias + ".direction = 'IN'");
    sql.and("exists (select 1 from message_resource m where m.message_id = " + alias + ".id)");
    List<String> seen =
        TARGETS.entrySet().stream()
            .map(
                target ->
                    "m.resource_type = '"
                        + target.getKey()
                        + "'"
                        + shown(visible, target.getKey(), target.getValue(), values))
            .sorted()
            .toList();
    sql.and(
        "not exists (select 1 from message_resource m where m.message_id = %s.id and not (%s))"
            .formatted(alias, String.join(" or ", seen)));
    if (visible.nhsNumber() != null) {
      sql.and(
          alias
              + ".id in (select m.message_id from patient q join message_resource m on m.resource_id = q.id"
              + new SearchSql(values).visible(visible, "Patient", "q").where()
              + ")");
    }
  }

  private static String shown(Visibility visible, String type, String table, Bindings values) {
    SearchSql narrowed = new SearchSql(values).visible(visible, type, "q");
    return narrowed.isEmpty()
        ? ""
        : " and exists (select 1 from %s q where q.id = m.resource_id and %s)"
            .formatted(table, narrowed.joined());
  }

  public List<Origin> search(Visibility visible, Set<UUID> ids) {
    List<Origin> found =
        new SearchSql()
            .visible(visible, "Provenance", "r")
            .in("r.id", ids)
            .list(
                jdbc,
                "select r.* from hl7_message r",
                "r.id",
                MOST,
                (row, n) ->
                    new Origin(
                        Rows.uuid(row, "id"),
                        row.getString("custodian"),
                        row.getString("message_type"),
                        row.getString("control_id"),
                        Rows.instant(row, "message_at"),
                        Rows.instant(row, "received_at"),
                        Rows.instant(row, "last_updated"),
                        List.of()));
    return withResources(found);
  }

  private List<Origin> withResources(List<Origin> bare) {
    if (bare.isEmpty()) {
      return bare;
    }
    Map<UUID, List<Resource>> became = new HashMap<>();
    jdbc.sql(
            "select * from message_resource where message_id in (:ids) order by resource_type, resource_id")
        .param("ids", Rows.padded(bare.stream().map(Origin::id).collect(Collectors.toSet())))
        .query(
            row -> {
              became
                  .computeIfAbsent(Rows.uuid(row, "message_id"), id -> new ArrayList<>())
                  .add(new Resource(row.getString("resource_type"), Rows.uuid(row, "resource_id")));
            });
    return bare.stream()
        .map(
            o ->
                new Origin(
                    o.id(),
                    o.custodian(),
                    o.messageType(),
                    o.controlId(),
                    o.sentAt(),
                    o.receivedAt(),
                    o.lastUpdated(),
                    became.getOrDefault(o.id(), List.of())))
        .toList();
  }
}
