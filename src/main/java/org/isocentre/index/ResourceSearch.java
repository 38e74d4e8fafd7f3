package org.isocentre.index;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.isocentre.index.SearchField.Moment;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Searches over resources: ids of a page in one statement. Pages follow each other by the values
 * that rows are ordered by, not by their number, so that rows that come or go meanwhile make no
 * double and no gap.
 */
public final class ResourceSearch {
  private final JdbcClient jdbc;

  public ResourceSearch(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * What to search for.
   *
   * @param readable types that the caller may read, which chains may lead through
   * @param order after these, by id
   */
  public record Query(
      String type,
      Visibility visible,
      Set<String> readable,
      List<Criterion> criteria,
      List<Order> order) {
    public Query {
      readable = Set.copyOf(readable);
      criteria = List.copyOf(criteria);
      order = List.copyOf(order);
    }
  }

  /** A field to order by: a time, text or code of the resource itself. Rows without it are last. */
  public record Order(String field, boolean descending) {}

  /**
   * A resource that was found.
   *
   * @param keys what it is ordered by, as text; null where it has none
   */
  public record Hit(UUID id, List<String> keys) {}

  /** Whether resources can be ordered by this field. */
  public static boolean isOrderable(String type, String field) {
    SearchField f = SearchTables.of(type).field(field);
    return f instanceof Moment
        || f instanceof SearchField.Text text && text.columns().size() == 1
        || f instanceof SearchField.Code code && code.condition().equals(column(code) + " in (@)");
  }

  private static String column(SearchField.Code code) {
    return code.condition().replaceAll(" in \\(@\\)$", "");
  }

  public int count(Query query) {
    SearchTable table = SearchTables.of(query.type());
    Bindings values = new Bindings();
    SearchSql where = sql(query, values).where(table, "r", query.criteria());
    return where.count(jdbc, table.table() + " r");
  }

  private static CriteriaSql sql(Query query, Bindings values) {
    return new CriteriaSql(query.visible(), query.readable(), values);
  }

  /**
   * @param after the last of the page before, or null for the first page
   * @param limit 0 or more
   */
  public List<Hit> page(Query query, Hit after, int limit) {
    SearchTable table = SearchTables.of(query.type());
    Bindings values = new Bindings();
    SearchSql where = sql(query, values).where(table, "r", query.criteria());
    List<Order> asked = query.order().isEmpty() ? table.order() : query.order();
    List<Key> keys = asked.stream().map(o -> key(table, o)).toList();
    if (after != null) {
      where.and(behind(keys, after, values));
    }
    StringBuilder select = new StringBuilder("select r.id");
    StringBuilder order = new StringBuilder();
    for (int i = 0; i < keys.size(); i++) {
      Key key = keys.get(i);
      select.append(", ").append(key.column()).append(" as k").append(i);
      if (key.nullable()) {
        order.append("case when ").append(key.column()).append(" is null then 1 else 0 end, ");
      }
      order.append(key.column()).append(key.descending() ? " desc, " : ", ");
    }
    return where.list(
        jdbc,
        select + " from " + table.table() + " r",
        order + "r.id",
        new PageRequest(0, limit),
        (row, n) -> hit(row, keys));
  }

  /** How rows are ordered by one field. */
  private record Key(String column, Moment.Kind kind, boolean nullable, boolean descending) {
    Object value(String text) {
      return kind == null
          ? text
          : switch (kind) {
            case INSTANT -> OffsetDateTime.parse(text);
            case LOCAL -> LocalDateTime.parse(text);
            case DATE -> LocalDate.parse(text);
          };
    }

    String text(ResultSet row, String name) throws SQLException {
      Object value =
          kind == null
              ? row.getString(name)
              : switch (kind) {
                case INSTANT -> Rows.utc(Rows.instant(row, name));
                case LOCAL -> Rows.dateTime(row, name);
                case DATE -> Rows.date(row, name);
              };
      return value == null ? null : value.toString();
    }
  }

  private static Key key(SearchTable table, Order order) {
    if (!isOrderable(table.type(), order.field())) {
      throw new IllegalArgumentException(
          "ISO-INDEX-033: " + table.type() + " cannot be ordered by " + order.field());
    }
    SearchField field = table.field(order.field());
    if (field instanceof Moment moment) {
      return new Key("r." + moment.column(), moment.kind(), moment.nullable(), order.descending());
    }
    String column =
        field instanceof SearchField.Text text
            ? "r." + text.columns().get(0)
            : column((SearchField.Code) field).replace("{t}", "r");
    boolean id = order.field().equals(SearchTables.ID);
    return new Key(id ? "cast(r.id as varchar(36))" : column, null, !id, order.descending());
  }

  private static Hit hit(ResultSet row, List<Key> keys) throws SQLException {
    List<String> values = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      values.add(keys.get(i).text(row, "k" + i));
    }
    return new Hit(Rows.uuid(row, "id"), values);
  }

  /** Rows after this one: equal in the first keys, behind it in the next, or of a later id. */
  private static String behind(List<Key> keys, Hit last, Bindings values) {
    List<String> ways = new ArrayList<>();
    StringBuilder equal = new StringBuilder();
    for (int i = 0; i < keys.size(); i++) {
      Key key = keys.get(i);
      String text = last.keys().get(i);
      if (text != null) {
        String value = values.bind(key.value(text));
        String later = key.column() + (key.descending() ? " < " : " > ") + value;
        ways.add(
            equal + (key.nullable() ? "(" + later + " or " + key.column() + " is null)" : later));
        equal.append(key.column()).append(" = ").append(value).append(" and ");
      } else {
        equal.append(key.column()).append(" is null and ");
      }
    }
    ways.add(equal + "r.id > " + values.bind(last.id()));
    return "(" + String.join(" or ", ways) + ")";
  }
}
