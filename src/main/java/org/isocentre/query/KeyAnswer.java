package org.isocentre.query;

import java.time.LocalDate;
import java.time.LocalTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Dictionary;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.Vr;
import org.isocentre.index.QueryField;

/** Puts values of a row under the keys that were asked for. */
final class KeyAnswer {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HHmmss");
  private static final DateTimeFormatter FRACTION = DateTimeFormatter.ofPattern("HHmmss.SSSSSS");
  private final Map<? extends QueryField, Object> row;

  KeyAnswer(Map<? extends QueryField, Object> row) {
    this.row = row;
  }

  /**
   * @param asked the item of a sequence key; none, or an empty one, asks for all of its attributes
   */
  void put(DataSet answer, Key key, List<DataSet> asked) {
    if (key.isSequence()) {
      sequence(answer, key, asked);
    } else {
      value(answer, key, key.constant() != null ? key.constant() : row.get(key.field()));
    }
  }

  /** An attribute without a value. */
  static void empty(DataSet answer, Element asked) {
    answer.put(
        asked.vr() == Vr.SQ
            ? new Element.Sequence(asked.tag(), List.of())
            : new Element.Value(asked.tag(), asked.vr(), new byte[0]));
  }

  private void sequence(DataSet answer, Key key, List<DataSet> asked) {
    if (key.fields().stream().noneMatch(row::containsKey)) {
      answer.put(new Element.Sequence(key.tag(), List.of()));
      return;
    }
    DataSet item = answer.addItem(key.tag());
    boolean all = asked.isEmpty() || asked.get(0).size() == 0;
    for (Key sub : key.items()) {
      if (all || asked.get(0).contains(sub.tag())) {
        put(item, sub, all ? List.of() : asked.get(0).items(sub.tag()));
      }
    }
    if (!all) {
      asked.get(0).elements().stream()
          .filter(other -> !item.contains(other.tag()))
          .forEach(other -> empty(item, other));
    }
  }

  private static void value(DataSet answer, Key key, Object value) {
    int tag = key.tag();
    if (value == null) {
      answer.put(new Element.Value(tag, Dictionary.vr(tag), new byte[0]));
    } else if (value instanceof LocalDate date) {
      answer.set(tag, date.format(DateTimeFormatter.BASIC_ISO_DATE));
    } else if (value instanceof LocalTime time) {
      answer.set(tag, time.format(time.getNano() == 0 ? TIME : FRACTION));
    } else if (key.field() != null && key.field().kind() == QueryField.Kind.SET) {
      answer.set(tag, value.toString().split(","));
    } else {
      answer.set(tag, value.toString());
    }
  }
}
