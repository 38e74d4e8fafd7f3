package org.isocentre.query;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.TransferSyntax;
import org.isocentre.dicom.data.Vr;
import org.isocentre.dicom.io.DataSetReader;
import org.isocentre.dicom.io.DataSetWriter;
import org.isocentre.dicom.io.ReaderLimits;

/** Data sets as the index keeps them: explicit VR little endian, text in UTF-8. */
final class EncodedDataSet {
  private EncodedDataSet() {}

  static byte[] write(DataSet set) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      new DataSetWriter(
              out, TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN, DataSetWriter.BulkSource.NONE)
          .write(set);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  static DataSet read(byte[] bytes) {
    try {
      return new DataSetReader(
              new ByteArrayInputStream(bytes),
              TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN,
              ReaderLimits.DEFAULT)
          .read();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A copy whose text is UTF-8, so that values of several data sets can stand in one. */
  static DataSet inUtf8(DataSet from) {
    DataSet copy = new DataSet().set(Tag.SpecificCharacterSet, "ISO_IR 192");
    copyInto(copy, from);
    return copy;
  }

  private static void copyInto(DataSet copy, DataSet from) {
    for (Element element : from.elements()) {
      if (element instanceof Element.Sequence sequence) {
        copySequence(copy, sequence);
      } else if (element instanceof Element.Value value
          && value.vr().kind() == Vr.Kind.LOCAL_TEXT
          && value.bytes().length > 0) {
        copy.set(value.tag(), value.vr(), from.strings(value.tag()).toArray(String[]::new));
      } else if (element.tag() != Tag.SpecificCharacterSet) {
        copy.put(element);
      }
    }
  }

  private static void copySequence(DataSet copy, Element.Sequence sequence) {
    copy.put(new Element.Sequence(sequence.tag(), List.of()));
    for (DataSet item : sequence.items()) {
      copyInto(copy.addItem(sequence.tag()), item);
    }
  }
}
