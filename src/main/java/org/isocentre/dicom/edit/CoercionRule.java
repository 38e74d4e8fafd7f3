package org.isocentre.dicom.edit;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.isocentre.dicom.data.AttributePath;
import org.isocentre.dicom.data.DataSet;

/** One change of a {@link Coercion}. */
public sealed interface CoercionRule {
  /** What the rule changes. */
  AttributePath target();

  /**
   * Changes the data set.
   *
   * @throws IllegalArgumentException if a value does not fit its VR or character set; nothing is
   *     changed by this rule then
   */
  void apply(DataSet dataSet);

  /** Sets values, whatever was there. */
  record SetValues(AttributePath target, List<String> values) implements CoercionRule {
    public SetValues {
      values = List.copyOf(values);
    }

    @Override
    public void apply(DataSet dataSet) {
      dataSet.set(target, values.toArray(String[]::new));
    }

    /** Never shows the values. */
    @Override
    public String toString() {
      return "SetValues[" + target + "]";
    }
  }

  /** Removes an element. */
  record Remove(AttributePath target) implements CoercionRule {
    @Override
    public void apply(DataSet dataSet) {
      dataSet.remove(target);
    }
  }

  /** Copies the values of another element; nothing happens if that is absent or empty. */
  record Copy(AttributePath source, AttributePath target) implements CoercionRule {
    @Override
    public void apply(DataSet dataSet) {
      List<String> values = dataSet.at(source).map(d -> d.strings(source.tag())).orElse(List.of());
      if (values.stream().anyMatch(v -> !v.isEmpty())) {
        dataSet.set(target, values.toArray(String[]::new));
      }
    }
  }

  /** Replaces each value that a table has; other values stay. */
  record MapValues(AttributePath target, Map<String, String> table) implements CoercionRule {
    public MapValues {
      table = Map.copyOf(table);
    }

    @Override
    public void apply(DataSet dataSet) {
      String[] values =
          dataSet.at(target).map(d -> d.strings(target.tag())).orElse(List.of()).stream()
              .toArray(String[]::new);
      if (Arrays.stream(values).anyMatch(table::containsKey)) {
        dataSet.set(
            target,
            Arrays.stream(values).map(v -> table.getOrDefault(v, v)).toArray(String[]::new));
      }
    }

    /** Never shows the table: it may hold identifiers. */
    @Override
    public String toString() {
      return "MapValues[" + target + ", " + table.size() + " rows]";
    }
  }
}
