package org.isocentre.dicom.edit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Dictionary;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.PrivateBlock;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.Tags;
import org.isocentre.dicom.data.Vr;
import org.isocentre.dicom.edit.ConfidentialityTable.Action;
import org.isocentre.dicom.edit.ConfidentialityTable.Row;

/** De-identification of one data set, with its counts. */
final class Deidentification {
  /** Free text within structured content and graphics, which the table does not name. */
  private static final Set<Integer> FREE_TEXT = Set.of(Tag.TextValue, Tag.UnformattedTextValue);

  private final Pseudonyms pseudonyms;
  private final DummyValues dummies;
  private final Set<ProfileOption> options;
  private final TextCleaner cleaner;
  private final Set<SafePrivate> safe;
  private final DateShift shift;
  private int removed;
  private int emptied;
  private int replaced;
  private int uids;
  private int dates;
  private int cleaned;
  private int privateRemoved;
  private int unknownRemoved;

  Deidentification(
      Pseudonyms pseudonyms,
      Set<ProfileOption> options,
      TextCleaner cleaner,
      Set<SafePrivate> safe,
      String patient) {
    this.pseudonyms = pseudonyms;
    this.dummies = new DummyValues(pseudonyms);
    this.options = options;
    this.cleaner = cleaner;
    this.safe = safe;
    this.shift = new DateShift(pseudonyms.days(patient));
  }

  Deidentified result(DataSet set, Deidentified.BurnedIn burnedIn, boolean features) {
    return new Deidentified(
        set,
        removed,
        emptied,
        replaced,
        uids,
        dates,
        cleaned,
        privateRemoved,
        unknownRemoved,
        burnedIn,
        features);
  }

  /** Treats a data set or an item, and all items in it. */
  void apply(DataSet set) {
    removePrivate(set);
    for (Element element : new ArrayList<>(set.elements())) {
      if (Tags.isPrivate(element.tag())) {
        keepPrivate(set, element);
        continue;
      }
      Optional<Row> row = ConfidentialityTable.row(element.tag());
      if (row.isPresent()) {
        Row found = row.get();
        apply(set, element, found.action(options), found.basic());
      } else {
        beyondTheTable(set, element);
      }
    }
  }

  private void removePrivate(DataSet set) {
    List<Element> all = set.elements().stream().filter(e -> Tags.isPrivate(e.tag())).toList();
    List<Element> kept = all.stream().filter(e -> isSafe(set, e)).toList();
    for (Element element : all) {
      boolean creatorOfKept =
          Tags.isPrivateCreator(element.tag())
              && kept.stream().anyMatch(k -> creatorTag(k.tag()) == element.tag());
      if (!kept.contains(element) && !creatorOfKept) {
        set.remove(element.tag());
        privateRemoved++;
      }
    }
  }

  private static int creatorTag(int tag) {
    return tag & 0xffff0000 | tag >>> 8 & 0xff;
  }

  private boolean isSafe(DataSet set, Element element) {
    String creator = PrivateBlock.creator(set, element.tag());
    if (creator == null || !options.contains(ProfileOption.RETAIN_SAFE_PRIVATE)) {
      return false;
    }
    int group = element.tag() >>> 16;
    int last = element.tag() & 0xff;
    SafePrivate known = new SafePrivate(group, creator, last);
    return safe.contains(known) && !isClosed(element, SafePrivateTable.vr(known))
        || set.items(Tag.PrivateDataElementCharacteristicsSequence).stream()
            .anyMatch(item -> declaresSafe(item, group, creator, last));
  }

  /** Whether it is read as bytes, but has items or UIDs in them that would have to be treated. */
  private static boolean isClosed(Element element, String vr) {
    return element.vr() == Vr.UN
        && !(element instanceof Element.Sequence)
        && ("SQ".equals(vr) || "UI".equals(vr));
  }

  /** Cleaned: UIDs and what is in items are no safer than elsewhere. */
  private void keepPrivate(DataSet set, Element element) {
    if (element.vr() == Vr.UI && !options.contains(ProfileOption.RETAIN_UIDS)) {
      uid(set, element);
    } else {
      recurse(element);
    }
  }

  /** PS3.3 §C.12.1.1.7: a block is safe, or the elements of it that are listed. */
  private static boolean declaresSafe(DataSet item, int group, String creator, int element) {
    if (!creator.equals(item.string(Tag.PrivateCreatorReference))
        || Arrays.stream(item.longs(Tag.PrivateGroupReference)).noneMatch(g -> g == group)) {
      return false;
    }
    String status = item.string(Tag.BlockIdentifyingInformationStatus);
    return "SAFE".equals(status)
        || "MIXED".equals(status)
            && Arrays.stream(item.longs(Tag.NonidentifyingPrivateElements))
                .anyMatch(e -> (e & 0xff) == element);
  }

  private void beyondTheTable(DataSet set, Element element) {
    int tag = element.tag();
    boolean known = Dictionary.element(tag).isPresent() || Tags.isGroupLength(tag);
    boolean closed = element.vr() == Vr.UN && Dictionary.vr(tag) == Vr.SQ;
    if (!known || closed && !(element instanceof Element.Sequence)) {
      set.remove(tag);
      unknownRemoved++;
    } else if (element.vr() == Vr.PN || Dictionary.vr(tag) == Vr.PN) {
      empty(set, element);
    } else {
      recurse(element);
    }
  }

  private void recurse(Element element) {
    if (element instanceof Element.Sequence sequence) {
      sequence.items().forEach(this::apply);
    }
  }

  private void apply(DataSet set, Element element, Action action, Action basic) {
    switch (action) {
      case REMOVE -> {
        set.remove(element.tag());
        removed++;
      }
      case EMPTY -> empty(set, element);
      case DUMMY -> {
        dummies.replace(set, element);
        replaced++;
      }
      case UID -> uid(set, element);
      case KEEP -> recurse(element);
      case CLEAN -> {
        if (!clean(set, element)) {
          apply(set, element, basic, Action.REMOVE);
        }
      }
    }
  }

  private void empty(DataSet set, Element element) {
    set.put(
        element instanceof Element.Sequence
            ? new Element.Sequence(element.tag(), new ArrayList<>())
            : new Element.Value(element.tag(), element.vr(), new byte[0]));
    emptied++;
  }

  private void uid(DataSet set, Element element) {
    if (element instanceof Element.Sequence) {
      recurse(element);
    } else if (element.vr() == Vr.UI) {
      set.set(
          element.tag(),
          Vr.UI,
          set.strings(element.tag()).stream().map(pseudonyms::uid).toArray(String[]::new));
      uids++;
    } else {
      empty(set, element);
    }
  }

  /**
   * @return false if it cannot be cleaned
   */
  private boolean clean(DataSet set, Element element) {
    if (element instanceof Element.Sequence sequence) {
      if (cleaner == null) {
        return false;
      }
      sequence.items().forEach(this::cleanText);
      recurse(element);
      return true;
    }
    boolean isDate =
        ConfidentialityTable.row(element.tag())
            .filter(r -> r.options().containsKey(ProfileOption.RETAIN_MODIFIED_DATES))
            .isPresent();
    return isDate ? shift(set, element) : cleanText(set, element);
  }

  private boolean shift(DataSet set, Element element) {
    List<Optional<String>> moved =
        set.strings(element.tag()).stream().map(t -> shift.shift(element.vr(), t)).toList();
    if (!element.vr().isText() || moved.stream().anyMatch(Optional::isEmpty)) {
      return false;
    }
    set.set(element.tag(), element.vr(), moved.stream().map(Optional::get).toArray(String[]::new));
    dates++;
    return true;
  }

  /** Free text at all levels of an item; what cannot be cleaned is replaced. */
  private void cleanText(DataSet item) {
    for (Element element : new ArrayList<>(item.elements())) {
      if (element instanceof Element.Sequence sequence) {
        sequence.items().forEach(this::cleanText);
      } else if (FREE_TEXT.contains(element.tag()) && !cleanText(item, element)) {
        dummies.replace(item, element);
        replaced++;
      }
    }
  }

  private boolean cleanText(DataSet set, Element element) {
    if (cleaner == null || !(element instanceof Element.Value) || !element.vr().isText()) {
      return false;
    }
    List<String> texts = new ArrayList<>();
    for (String text : set.strings(element.tag())) {
      String clean = cleaner.clean(element.tag(), text);
      if (clean == null) {
        return false;
      }
      texts.add(clean);
    }
    set.set(element.tag(), element.vr(), texts.toArray(String[]::new));
    cleaned++;
    return true;
  }
}
