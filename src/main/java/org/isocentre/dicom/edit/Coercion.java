package org.isocentre.dicom.edit;

import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.Tags;

/**
 * Changes of a data set that leave the old values in Original Attributes Sequence (0400,0561)
 * (PS3.3 §C.12.1.1.9). Only elements in memory are changed; Pixel Data may be anywhere.
 *
 * @param rules applied in their order
 * @param modifyingSystem that makes the changes: (0400,0563)
 * @param sourceOfPreviousValues whose values are replaced: (0400,0564); empty if not known
 */
public record Coercion(
    List<CoercionRule> rules, String modifyingSystem, String sourceOfPreviousValues) {
  private static final String REASON = "COERCE";
  private static final DateTimeFormatter DT = DateTimeFormatter.ofPattern("yyyyMMddHHmmssxx");

  /** What says how others are to be read, or that changes were made; not to be changed by rule. */
  private static final Set<Integer> FIXED =
      Set.of(Tag.SpecificCharacterSet, Tag.OriginalAttributesSequence, Tag.PixelData);

  /**
   * @throws IllegalArgumentException if a rule's target must not be changed by rule
   */
  public Coercion {
    rules = List.copyOf(rules);
    for (CoercionRule rule : rules) {
      int top = top(rule);
      if (FIXED.contains(top) || Tags.isGroupLength(rule.target().tag())) {
        throw new IllegalArgumentException(
            "ISO-EDIT-010: %s cannot be changed by a rule".formatted(rule.target()));
      }
    }
  }

  private static int top(CoercionRule rule) {
    return rule.target().items().isEmpty()
        ? rule.target().tag()
        : rule.target().items().get(0).sequence();
  }

  /**
   * Applies the rules. What did not change is not recorded, and without a change nothing is.
   *
   * @param now for Attribute Modification DateTime (0400,0562)
   * @return the coerced copy and how many attributes of the top level changed
   * @throws IllegalArgumentException if a value does not fit its VR or character set
   */
  public Result apply(DataSet original, OffsetDateTime now) {
    DataSet coerced = original.copy();
    Set<Integer> changed = new TreeSet<>(Integer::compareUnsigned);
    for (CoercionRule rule : rules) {
      rule.apply(coerced);
      changed.add(top(rule));
    }
    changed.removeIf(tag -> same(original.get(tag), coerced.get(tag)));
    if (!changed.isEmpty()) {
      record(original, coerced, changed, now);
    }
    return new Result(coerced, changed.size());
  }

  /**
   * A coerced data set.
   *
   * @param changed attributes of the top level
   */
  public record Result(DataSet dataSet, int changed) {}

  private static boolean same(Element one, Element other) {
    if (one instanceof Element.Value a && other instanceof Element.Value b) {
      return a.vr() == b.vr() && Arrays.equals(a.bytes(), b.bytes());
    }
    if (one instanceof Element.Sequence a && other instanceof Element.Sequence b) {
      return a.items().size() == b.items().size() && sameItems(a.items(), b.items());
    }
    return one == null ? other == null : one.equals(other);
  }

  private static boolean sameItems(List<DataSet> one, List<DataSet> other) {
    for (int i = 0; i < one.size(); i++) {
      List<Element> a = List.copyOf(one.get(i).elements());
      List<Element> b = List.copyOf(other.get(i).elements());
      if (a.size() != b.size()) {
        return false;
      }
      for (int e = 0; e < a.size(); e++) {
        if (a.get(e).tag() != b.get(e).tag() || !same(a.get(e), b.get(e))) {
          return false;
        }
      }
    }
    return true;
  }

  private void record(DataSet original, DataSet coerced, Set<Integer> changed, OffsetDateTime now) {
    DataSet item =
        coerced
            .addItem(Tag.OriginalAttributesSequence)
            .set(Tag.SourceOfPreviousValues, sourceOfPreviousValues)
            .set(Tag.AttributeModificationDateTime, DT.format(now))
            .set(Tag.ModifyingSystem, modifyingSystem)
            .set(Tag.ReasonForTheAttributeModification, REASON);
    DataSet previous = item.addItem(Tag.ModifiedAttributesSequence);
    DataSet source = original.copy();
    for (int tag : changed) {
      Element old = source.get(tag);
      if (old instanceof Element.Sequence sequence) {
        previous.put(new Element.Sequence(tag, List.of()));
        sequence.items().forEach(i -> previous.addItem(tag, i));
      } else {
        previous.put(old != null ? old : empty(coerced.get(tag)));
      }
    }
  }

  /** An attribute that was not there is recorded as one without a value. */
  private static Element empty(Element added) {
    return added instanceof Element.Sequence
        ? new Element.Sequence(added.tag(), List.of())
        : new Element.Value(added.tag(), added.vr(), new byte[0]);
  }
}
