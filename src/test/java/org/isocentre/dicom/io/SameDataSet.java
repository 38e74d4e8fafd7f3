package org.isocentre.dicom.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.PersonName;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.Tags;
import org.isocentre.dicom.data.Vr;

/** Whether two data sets say the same, whatever their character sets. */
public final class SameDataSet {
  private SameDataSet() {}

  public static void assertSame(DataSet actual, DataSet expected) {
    assertThat(tags(actual)).isEqualTo(tags(expected));
    for (Element element : expected.elements()) {
      int tag = element.tag();
      if (tag == Tag.SpecificCharacterSet || Tags.isGroupLength(tag)) {
        continue;
      }
      String name = Tags.format(tag);
      assertThat(actual.get(tag).vr()).as(name).isEqualTo(element.vr());
      if (element instanceof Element.Sequence) {
        List<DataSet> items = actual.items(tag);
        assertThat(items).as(name).hasSameSizeAs(expected.items(tag));
        for (int i = 0; i < items.size(); i++) {
          assertSame(items.get(i), expected.items(tag).get(i));
        }
      } else if (element.vr().kind() == Vr.Kind.BYTES) {
        assertThat(actual.bytes(tag)).as(name).isEqualTo(expected.bytes(tag));
      } else if (element.vr() == Vr.DS || element.vr() == Vr.IS) {
        assertThat(numbers(actual, tag)).as(name).isEqualTo(numbers(expected, tag));
      } else {
        assertThat(texts(actual, tag)).as(name).isEqualTo(texts(expected, tag));
      }
    }
  }

  /** One empty value is an empty element; empty components at the end of a name say nothing. */
  private static List<String> texts(DataSet set, int tag) {
    List<String> texts = set.strings(tag);
    if (set.get(tag).vr() == Vr.PN) {
      texts = texts.stream().map(t -> PersonName.parse(t).format()).toList();
    }
    return texts.equals(List.of("")) ? List.of() : texts;
  }

  private static List<Object> numbers(DataSet set, int tag) {
    return texts(set, tag).stream().map(SameDataSet::number).toList();
  }

  private static Object number(String text) {
    try {
      return new java.math.BigDecimal(text).stripTrailingZeros();
    } catch (NumberFormatException e) {
      return text;
    }
  }

  private static List<String> tags(DataSet set) {
    return set.elements().stream()
        .map(Element::tag)
        .filter(t -> t != Tag.SpecificCharacterSet && !Tags.isGroupLength(t))
        .map(Tags::format)
        .toList();
  }
}
