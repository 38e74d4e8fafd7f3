package org.isocentre.index;

import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Builds the {@code where} of one search from parts that may be absent. Values are always bound,
 * never written into the text.
 */
final class SearchSql {
  private final List<String> conditions = new ArrayList<>();
  private final Bindings values;

  SearchSql() {
    this(new Bindings());
  }

  /** For a select within another: both bind their values together. */
  SearchSql(Bindings values) {
    this.values = values;
  }

  private String bind(Object value) {
    return values.bind(value);
  }

  /** Rows without a value, and those with another one. */
  SearchSql noneOf(String column, Collection<?> none) {
    conditions.add("(" + column + " is null or " + column + " not in (" + bind(none) + "))");
    return this;
  }

  /** A condition whose values are bound already. */
  SearchSql and(String condition) {
    conditions.add(condition);
    return this;
  }

  /** {@code null} is no condition; an empty collection, too. */
  SearchSql in(String column, Collection<?> any) {
    if (any != null && !any.isEmpty()) {
      conditions.add(column + " in (" + bind(any) + ")");
    }
    return this;
  }

  /**
   * Rows of these patients, and of those that they absorbed. {@code null} or empty is no condition.
   *
   * @param column the patient record that a row was filed under
   */
  SearchSql ofPatients(String column, Collection<?> any) {
    if (any != null && !any.isEmpty()) {
      String ids = bind(any);
      conditions.add(
          column
              + " in (select id from patient where id in ("
              + ids
              + ") union all select id from patient where merged_into in ("
              + ids
              + "))");
    }
    return this;
  }

  /**
   * Narrows to what a caller may see of a resource type.
   *
   * @param alias of its rows
   */
  SearchSql visible(Visibility visible, String type, String alias) {
    SearchTables.of(type).narrowing().add(this, visible, alias, values);
    return part(visible, type, alias);
  }

  /** Narrows to the part of a type that a caller was granted. */
  SearchSql part(Visibility visible, String type, String alias) {
    List<List<Criterion>> parts = visible.parts().get(type);
    return parts == null
        ? this
        : and(
            new CriteriaSql(visible.only(Map.of()), Set.of(), values)
                .anyOf(SearchTables.of(type), alias, parts));
  }

  /**
   * Narrows rows of a patient to what a caller may see. A patient sees what is filed under a record
   * with their NHS number and birth date, or under one that people confirmed to be the same person.
   *
   * @param patient column of the patient record that a row was filed under
   * @param custodian column of the custodian, or null if rows have none
   */
  SearchSql ofPatient(Visibility visible, String patient, String custodian) {
    if (visible.nhsNumber() != null) {
      String own = "o.nhs_number = " + bind(visible.nhsNumber()) + " and o.in_review = false";
      if (visible.birthDate() != null) {
        own += " and o.birth_date = " + bind(visible.birthDate());
      }
      conditions.add(
          patient
              + " in (select o.id from patient o where "
              + own
              + " union all select f.id from patient o join patient f on f.person_id = o.person_id where "
              + own
              + " and f.in_review = false)");
    }
    withheld(visible, patient, custodian);
    related(visible, patient, custodian);
    return this;
  }

  private void related(Visibility visible, String patient, String custodian) {
    if (visible.relationship() != null) {
      conditions.add(
          visible
              .relationship()
              .condition(patient, idBeside(custodian), bind(visible.organisation()), values));
    }
  }

  private static String idBeside(String custodian) {
    return custodian == null ? null : custodian.substring(0, custodian.indexOf('.')) + ".id";
  }

  /** Rows with a custodian are studies, reports and orders: consent may be about one of them. */
  private void withheld(Visibility visible, String patient, String custodian) {
    Withheld withheld = visible.withheld();
    String id = idBeside(custodian);
    List<String> parts = new ArrayList<>();
    if (withheld.onlyPatients() != null) {
      parts.add(within(patient, withheld.onlyPatients()));
    }
    if (!withheld.patients().isEmpty()) {
      parts.add("not " + within(patient, withheld.patients()));
    }
    String shown = parts.isEmpty() ? "" : String.join(" and ", parts);
    if (id != null && !shown.isEmpty() && !withheld.open().isEmpty()) {
      shown = "(" + shown + " or " + within(id, withheld.open()) + ")";
    }
    if (id != null && !withheld.data().isEmpty()) {
      shown += (shown.isEmpty() ? "" : " and ") + "not " + within(id, withheld.data());
    }
    if (!shown.isEmpty()) {
      String own =
          id == null || visible.organisation() == null
              ? ""
              : " or " + custodian + " = " + bind(visible.organisation());
      conditions.add("((" + shown + ")" + own + ")");
    }
  }

  private String within(String column, Collection<?> values) {
    return values.isEmpty() ? "(1 = 0)" : "(" + column + " in (" + bind(values) + "))";
  }

  /** Adds {@code text} with its one {@code ?} bound. */
  SearchSql when(Object value, String text) {
    if (value != null) {
      conditions.add(text.replace("?", bind(value)));
    }
    return this;
  }

  /** One condition for each of {@code any}, joined by OR. */
  <T> SearchSql anyOf(Collection<T> any, Function<T, Pair> condition) {
    if (any != null && !any.isEmpty()) {
      List<String> parts = new ArrayList<>();
      for (T one : any) {
        Pair pair = condition.apply(one);
        parts.add(pair.text.replace("?1", bind(pair.first)).replace("?2", bind(pair.second)));
      }
      conditions.add("(" + String.join(" or ", parts) + ")");
    }
    return this;
  }

  /** A condition over two values, written {@code ?1} and {@code ?2}. */
  record Pair(String text, Object first, Object second) {}

  SearchSql between(String column, LocalDateTime from, LocalDateTime until) {
    return when(from, column + " >= ?").when(until, column + " < ?");
  }

  SearchSql between(String column, TimeRange range) {
    return range == null
        ? this
        : when(Rows.utc(range.from()), column + " >= ?")
            .when(Rows.utc(range.until()), column + " < ?");
  }

  boolean isEmpty() {
    return conditions.isEmpty();
  }

  /** The conditions alone, with an {@code and} between them. */
  String joined() {
    return String.join(" and ", conditions);
  }

  /** What is bound, by the names that conditions call it. */
  Map<String, ?> named() {
    return values.values();
  }

  /** With {@code where}, or empty. */
  String where() {
    return conditions.isEmpty() ? "" : " where " + joined();
  }

  <T> List<T> list(
      JdbcClient jdbc, String select, String order, PageRequest page, RowMapper<T> mapper) {
    return list(jdbc, select, "", order, page, mapper);
  }

  /**
   * @param grouping such as {@code " group by …"}, or empty
   */
  <T> List<T> list(
      JdbcClient jdbc,
      String select,
      String grouping,
      String order,
      PageRequest page,
      RowMapper<T> mapper) {
    if (page.limit() == 0) {
      return List.of();
    }
    String sql =
        select
            + where()
            + grouping
            + " order by "
            + order
            + " offset "
            + page.offset()
            + " rows fetch next "
            + page.limit()
            + " rows only";
    return jdbc.sql(sql).params(values.values()).query(mapper).list();
  }

  int count(JdbcClient jdbc, String from) {
    return jdbc.sql("select count(*) from " + from + where())
        .params(values.values())
        .query(Integer.class)
        .single();
  }
}
