package org.isocentre.index;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.isocentre.model.OrderRequest;
import org.isocentre.model.PersonName;
import org.isocentre.model.Practitioner;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Clinicians whom orders name, and for which organisations they ask. */
public final class PractitionerIndex {
  private static final int MOST_KNOWN = 8192;
  private static final PageRequest MOST = new PageRequest(0, PageRequest.MAX_LIMIT);

  private final JdbcClient jdbc;
  private final Clock clock;

  /** What is here already, by role, so that an order of somebody known writes nothing. */
  private final Map<UUID, PersonName> known =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<UUID, PersonName> eldest) {
          return size() > MOST_KNOWN;
        }
      };

  public PractitionerIndex(JdbcClient jdbc, Clock clock) {
    this.jdbc = jdbc;
    this.clock = clock;
  }

  /**
   * An order's requester, if it names one by a code.
   *
   * @param said when the message was made: an older one does not change the name
   */
  record Requester(Practitioner.Key key, PersonName name, String organisation, Instant said) {
    /**
     * @return null if it names none by a code
     */
    static Requester of(OrderRequest r) {
      String code = Rows.cut(r.referrerCode(), 64);
      return code == null
          ? null
          : new Requester(
              Practitioner.Key.of(code, r.custodian()),
              r.referrerName(),
              r.referringOrganisation(),
              r.messageAt());
    }

    UUID role() {
      return key.roleId(organisation);
    }
  }

  /**
   * Notes the requesters of orders. Outside of the transaction that files the orders: two that name
   * the same new people must not wait for each other.
   */
  void introduce(List<OrderRequest> orders) {
    orders.stream().map(Requester::of).filter(Objects::nonNull).forEach(this::introduce);
  }

  void introduce(Requester requester) {
    synchronized (known) {
      if (known.containsKey(requester.role())
          && (requester.name() == null || requester.name().equals(known.get(requester.role())))) {
        return;
      }
    }
    add(requester);
    synchronized (known) {
      known.put(requester.role(), requester.name());
    }
  }

  /** In the transaction of the caller if there is one: what is undone is not known. */
  void add(Requester requester) {
    Practitioner.Key key = requester.key();
    PersonName name =
        requester.name() == null ? new PersonName(null, null, null) : requester.name();
    Instant now = clock.instant();
    int added =
        jdbc.sql(
                """
                insert into practitioner (id, kind, issuer, code, family, given, prefix, said_at, last_updated)
                  values (?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing""")
            .params(
                key.id(),
                key.kind().name(),
                key.issuer(),
                key.code(),
                Rows.cut(name.family(), 200),
                Rows.cut(name.given(), 200),
                Rows.cut(name.prefix(), 64),
                Rows.utc(requester.said()),
                Rows.utc(now))
            .update();
    if (added == 0 && requester.name() != null) {
      rename(key.id(), name, requester.said(), now);
    }
    jdbc.sql(
            """
            insert into practitioner_role (id, practitioner_id, organisation, last_updated) values (?, ?, ?, ?)
              on conflict do nothing""")
        .params(
            requester.role(),
            key.id(),
            requester.organisation() == null ? "" : requester.organisation(),
            Rows.utc(now))
        .update();
  }

  private void rename(UUID id, PersonName name, Instant said, Instant now) {
    String family = Rows.cut(name.family(), 200);
    String given = Rows.cut(name.given(), 200);
    String prefix = Rows.cut(name.prefix(), 64);
    jdbc.sql(
            """
            update practitioner set family = :family, given = :given, prefix = :prefix, said_at = :said,
              last_updated = :now
            where id = :id and said_at <= :said and (coalesce(family, '') <> coalesce(:family, '')
              or coalesce(given, '') <> coalesce(:given, '') or coalesce(prefix, '') <> coalesce(:prefix, ''))""")
        .param("id", id)
        .param("family", family)
        .param("given", given)
        .param("prefix", prefix)
        .param("said", Rows.utc(said))
        .param("now", Rows.utc(now))
        .update();
  }

  /** Those that the caller may see. */
  public List<Practitioner> search(Visibility visible, Set<UUID> ids) {
    return new SearchSql()
        .visible(visible, "Practitioner", "p")
        .in("p.id", ids)
        .list(
            jdbc,
            "select p.* from practitioner p",
            "p.id",
            MOST,
            (row, n) -> practitioner(row, "last_updated"));
  }

  /** Those that the caller may see. */
  public List<Practitioner.Role> roles(Visibility visible, Set<UUID> ids) {
    return new SearchSql()
        .visible(visible, "PractitionerRole", "r")
        .in("r.id", ids)
        .list(
            jdbc,
            """
            select p.*, r.id as role_id, r.organisation, r.last_updated as role_updated
              from practitioner_role r join practitioner p on p.id = r.practitioner_id""",
            "r.id",
            MOST,
            (row, n) ->
                new Practitioner.Role(
                    Rows.uuid(row, "role_id"),
                    practitioner(row, "last_updated"),
                    row.getString("organisation").isEmpty() ? null : row.getString("organisation"),
                    Rows.instant(row, "role_updated")));
  }

  private static Practitioner practitioner(ResultSet row, String updated) throws SQLException {
    return new Practitioner(
        new Practitioner.Key(
            Practitioner.Kind.valueOf(row.getString("kind")),
            row.getString("issuer"),
            row.getString("code")),
        Rows.name(row, ""),
        Rows.instant(row, updated));
  }

  /**
   * Fills the tables from orders that were filed before there were any.
   *
   * @return how many orders name somebody
   */
  public int fill() {
    record Named(UUID id, Requester requester) {}
    int filled = 0;
    List<Named> some;
    do {
      some =
          jdbc.sql(
                  """
                  select id, custodian, referrer_code, referrer_family, referrer_given, referrer_prefix,
                    referring_organisation, message_at from imaging_order
                    where referrer_id is null and referrer_code is not null order by id fetch next 1000 rows only""")
              .query(
                  (row, n) ->
                      new Named(
                          Rows.uuid(row, "id"),
                          new Requester(
                              Practitioner.Key.of(
                                  row.getString("referrer_code"), row.getString("custodian")),
                              Rows.name(row, "referrer_"),
                              row.getString("referring_organisation"),
                              Rows.instant(row, "message_at"))))
              .list();
      for (Named one : new ArrayList<>(some)) {
        introduce(one.requester());
        jdbc.sql("update imaging_order set referrer_id = ? where id = ?")
            .params(one.requester().key().id(), one.id())
            .update();
      }
      filled += some.size();
    } while (!some.isEmpty());
    return filled;
  }
}
