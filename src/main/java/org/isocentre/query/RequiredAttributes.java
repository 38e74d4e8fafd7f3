package org.isocentre.query;

import java.util.List;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Dictionary;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.Tags;
import org.isocentre.dicom.dimse.DimseStatusException;
import org.isocentre.dicom.dimse.Status;

/** Whether a data set has the attributes that it must have with a value (type 1). */
final class RequiredAttributes {

  private RequiredAttributes() {}

  /**
   * @throws DimseStatusException 0120 for the first that is missing, 0121 for the first that is
   *     empty
   */
  static void check(DataSet set, int... tags) {
    for (int tag : tags) {
      if (set == null || !set.contains(tag)) {
        throw new DimseStatusException(Status.MISSING_ATTRIBUTE, comment("missing", tag));
      }
      boolean empty =
          set.get(tag) instanceof Element.Sequence sequence
              ? sequence.items().isEmpty()
              : set.strings(tag).stream().allMatch(String::isEmpty);
      if (empty) {
        throw new DimseStatusException(Status.MISSING_ATTRIBUTE_VALUE, comment("no value", tag));
      }
    }
  }

  /** As {@link #check}, of each item. */
  static void checkItems(List<DataSet> items, int... tags) {
    items.forEach(item -> check(item, tags));
  }

  private static String comment(String what, int tag) {
    String name = Dictionary.element(tag).map(Dictionary.Entry::keyword).orElse(Tags.format(tag));
    String comment = "ISO-QUERY-030: " + what + ": " + name;
    return comment.length() > 64 ? comment.substring(0, 64) : comment;
  }
}
