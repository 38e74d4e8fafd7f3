package org.isocentre.index;

import java.util.List;
import java.util.Set;

/**
 * How one field of a resource is searched. In SQL, {@code {t}} stands for the alias of the
 * resource's row, {@code @} for what it is compared with.
 */
sealed interface SearchField {
  /**
   * @return SQL that is true where the field has a value
   */
  String present();

  /**
   * A code, or another value of few.
   *
   * @param condition with {@code @} for a bound list
   * @param text column of what the code means in words, or null
   */
  record Code(String condition, String present, String text) implements SearchField {
    Code(String condition, String present) {
      this(condition, present, null);
    }

    static Code column(String column) {
      return new Code("{t}." + column + " in (@)", "{t}." + column + " is not null");
    }

    /** The same, with a column of what the code means in words. */
    Code withText(String column) {
      return new Code(condition, present, column);
    }

    /** A code of rows that belong to the resource's. */
    static Code within(String rows, String column) {
      return new Code(
          "exists (select 1 from %s and %s in (@))".formatted(rows, column),
          "exists (select 1 from %s and %s is not null)".formatted(rows, column));
    }
  }

  /**
   * A reference.
   *
   * @param targets types that it leads to
   * @param from ids of resources that lead to one of {@code @}
   * @param to ids that the resources {@code @} lead to
   */
  record Lead(Set<String> targets, String from, String to, String present) implements SearchField {
    /** By a column of the resource's own table. */
    static Lead column(String table, String column, String target) {
      return new Lead(
          Set.of(target),
          "select x.id from %s x where x.%s in (@)".formatted(table, column),
          "select x.%s from %s x where x.id in (@)".formatted(column, table),
          "{t}." + column + " is not null");
    }

    /** By a table of pairs. */
    static Lead pairs(String table, String own, String other, String target) {
      return new Lead(
          Set.of(target),
          "select x.%s from %s x where x.%s in (@)".formatted(own, table, other),
          "select x.%s from %s x where x.%s in (@)".formatted(other, table, own),
          "exists (select 1 from %s x where x.%s = {t}.id)".formatted(table, own));
    }

    /** To the patient that rows of a table were filed under, and to the one that absorbed them. */
    static Lead patient(String table) {
      return new Lead(
          Set.of("Patient"),
          """
          select x.id from %1$s x where x.patient_id in (@)
          union all select x.id from patient m join %1$s x on x.patient_id = m.id where m.merged_into in (@)"""
              .formatted(table),
          """
          select x.patient_id from %1$s x where x.id in (@)
          union all select m.merged_into from %1$s x join patient m on m.id = x.patient_id
            where m.merged_into is not null and x.id in (@)"""
              .formatted(table),
          "{t}.patient_id is not null");
    }
  }

  /** An identifier: numbers of several kinds. */
  record Numbers(List<Column> columns) implements SearchField {
    /**
     * One kind of number.
     *
     * @param ids select of resources' ids that ends within its {@code where}
     * @param issuer column, or null where numbers are everybody's
     * @param claimed condition that the number is not only claimed, or empty; held to by chains
     */
    record Column(
        Criterion.Numbering numbering, String ids, String issuer, String value, String claimed) {
      static Column of(Criterion.Numbering numbering, String table, String issuer, String value) {
        return new Column(
            numbering,
            "select n.id from " + table + " n where ",
            issuer == null ? null : "n." + issuer,
            "n." + value,
            "");
      }
    }

    Numbers(Column... columns) {
      this(List.of(columns));
    }

    @Override
    public String present() {
      StringBuilder any = new StringBuilder();
      for (Column c : columns) {
        any.append(any.isEmpty() ? "" : " union all ")
            .append(c.ids())
            .append(c.value())
            .append(" is not null");
      }
      return "{t}.id in (" + any + ")";
    }
  }

  /**
   * A point in time.
   *
   * @param nullable whether rows may have none
   */
  record Moment(String column, Kind kind, boolean nullable) implements SearchField {
    /** What the column holds. */
    enum Kind {
      INSTANT,
      /** Time of England, without a zone. */
      LOCAL,
      DATE
    }

    @Override
    public String present() {
      return "{t}." + column + " is not null";
    }
  }

  /** Text in any of these columns. */
  record Text(List<String> columns) implements SearchField {
    @Override
    public String present() {
      return "coalesce("
          + String.join(", ", columns.stream().map(c -> "{t}." + c).toList())
          + (columns.size() == 1 ? ", null" : "")
          + ") is not null";
    }
  }
}
