package org.isocentre.index;

import java.util.List;
import java.util.Map;

/**
 * Where resources of one type are, and how each of their fields is searched.
 *
 * @param type FHIR resource type
 * @param narrowing adds what a caller may see of rows with that alias
 * @param order where the caller does not say; ids do not change, so they are the last resort
 */
record SearchTable(
    String type,
    String table,
    Narrowing narrowing,
    Map<String, SearchField> fields,
    List<ResourceSearch.Order> order) {
  /** Adds the condition that keeps a search within what a caller may see. */
  @FunctionalInterface
  interface Narrowing {
    void add(SearchSql sql, Visibility visible, String alias, Bindings values);
  }

  SearchTable {
    fields = Map.copyOf(fields);
  }

  SearchTable orderedBy(List<ResourceSearch.Order> other) {
    return new SearchTable(type, table, narrowing, fields, other);
  }

  /** Rows with a patient and, or, a custodian of their own. */
  static Narrowing columns(String patient, String custodian) {
    return (sql, visible, alias, values) ->
        sql.ofPatient(
            visible, alias + "." + patient, custodian == null ? null : alias + "." + custodian);
  }

  /**
   * @throws IllegalArgumentException if there is none
   */
  SearchField field(String name) {
    SearchField field = fields.get(name);
    if (field == null) {
      throw new IllegalArgumentException("ISO-INDEX-030: " + type + " has no field " + name);
    }
    return field;
  }
}
