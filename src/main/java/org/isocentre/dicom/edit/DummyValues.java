package org.isocentre.dicom.edit;

import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.Vr;

/** Values that are valid for their VR and tell nothing (PS3.15 Table E.1-1a, D). */
final class DummyValues {
  private static final String TEXT = "ANONYMIZED";

  private final Pseudonyms pseudonyms;

  DummyValues(Pseudonyms pseudonyms) {
    this.pseudonyms = pseudonyms;
  }

  /** Replaces a value; of a sequence, all that its items have. */
  void replace(DataSet set, Element element) {
    int tag = element.tag();
    Vr vr = element.vr();
    if (element instanceof Element.Sequence sequence) {
      sequence.items().forEach(this::replaceAll);
    } else if (vr == Vr.UI) {
      set.set(tag, vr, set.strings(tag).stream().map(pseudonyms::uid).toArray(String[]::new));
    } else if (vr.kind() == Vr.Kind.BYTES) {
      set.put(new Element.Value(tag, vr, new byte[Math.max(2, vr.unit())]));
    } else {
      set.set(tag, vr, text(vr));
    }
  }

  private void replaceAll(DataSet item) {
    for (Element element : item.elements().toArray(Element[]::new)) {
      // A code string says what kind of item this is; without it the item cannot be read.
      if (element.vr() != Vr.CS) {
        replace(item, element);
      }
    }
  }

  private static String text(Vr vr) {
    return switch (vr) {
      case DA -> "19000101";
      case TM -> "000000";
      case DT -> "19000101000000";
      case AS -> "000Y";
      case AT -> "00000000";
      case UR -> "urn:anonymized";
      case IS, DS, US, SS, UL, SL, UV, SV, FL, FD -> "0";
      default -> TEXT;
    };
  }
}
