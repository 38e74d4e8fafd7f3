package org.isocentre.query;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.dimse.Query;
import org.isocentre.index.QueryLevel;
import org.isocentre.index.StudyField;
import org.isocentre.index.StudyFind;
import org.isocentre.index.Visibility;

/**
 * A search by attributes that came another way than by C-FIND: the same keys, matched in the same
 * way (PS3.18 §8.3.4.1 refers to PS3.4 §C.2.2.2), of any level in any combination.
 */
public final class AttributeSearch {
  private static final String STUDY_ROOT_FIND = "1.2.840.10008.5.1.4.1.2.2.1";

  private final DataSet keys;
  private final StudyIdentifier identifier;

  private AttributeSearch(DataSet keys, StudyIdentifier identifier) {
    this.keys = keys;
    this.identifier = identifier;
  }

  /**
   * @param keys matching keys with values, return keys without; is changed
   * @param fuzzy whether names are matched word by word
   * @throws org.isocentre.dicom.dimse.DimseStatusException whose message says which key has a value
   *     that cannot be
   */
  public static AttributeSearch of(QueryLevel level, DataSet keys, boolean fuzzy) {
    keys.set(Tag.QueryRetrieveLevel, level.name());
    Set<Query.Option> options =
        fuzzy
            ? Set.of(
                Query.Option.RELATIONAL, Query.Option.COMBINED_DATE_TIME, Query.Option.FUZZY_NAMES)
            : Set.of(Query.Option.RELATIONAL, Query.Option.COMBINED_DATE_TIME);
    Query query = new Query(STUDY_ROOT_FIND, keys, options, null);
    return new AttributeSearch(
        keys,
        StudyIdentifier.of(InformationModel.STUDY_ROOT, query, QueryTimezone.of(query, null)));
  }

  /** Whether an attribute can be returned at some level. */
  public static boolean isKnown(int tag) {
    return StudyKeys.of(tag) != null;
  }

  /** Whether an attribute can be matched. */
  public static boolean isMatched(int tag) {
    Key key = StudyKeys.of(tag);
    return key != null && key.constant() == null;
  }

  /** The attributes that can be returned for a level: its own, and those above. */
  public static List<Integer> returned(QueryLevel level) {
    return StudyKeys.all().stream()
        .filter(key -> key.fields().stream().noneMatch(f -> isBelow((StudyField) f, level)))
        .map(Key::tag)
        .sorted()
        .toList();
  }

  private static boolean isBelow(StudyField field, QueryLevel level) {
    return field.level().compareTo(level) > 0;
  }

  public QueryLevel level() {
    return identifier.level();
  }

  /** Keywords of the keys that are matched, never their values. */
  public String matched() {
    return identifier.matched();
  }

  /**
   * @param more fields that rows have beside those of the return keys
   */
  public StudyFind find(Visibility visible, Collection<StudyField> more, StudyFind.Page page) {
    Set<StudyField> fields = new LinkedHashSet<>(identifier.returned());
    fields.addAll(more);
    return new StudyFind(
        level(),
        visible,
        StudyFind.Reach.VISIBLE,
        identifier.matches(),
        new ArrayList<>(fields),
        page,
        false);
  }

  /** The return keys with the values of a row, in UTF-8; those that are not known are left out. */
  public DataSet answer(Map<StudyField, Object> row) {
    DataSet answer = new DataSet();
    answer.set(Tag.SpecificCharacterSet, "ISO_IR 192");
    KeyAnswer values = new KeyAnswer(row);
    for (Element asked : keys.elements()) {
      if (identifier.answers(asked.tag())) {
        values.put(answer, StudyKeys.of(asked.tag()), keys.items(asked.tag()));
      }
    }
    return answer;
  }
}
