package org.isocentre.dicom.dimse;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Dictionary;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.TransferSyntax;
import org.isocentre.dicom.data.Vr;
import org.isocentre.dicom.io.DataSetReader;
import org.isocentre.dicom.io.DataSetWriter;
import org.isocentre.dicom.io.ReaderLimits;

/** Data sets that are held whole: identifiers, attribute lists, event information. */
final class Identifiers {
  private static final ReaderLimits LIMITS = new ReaderLimits(16, 100_000, 1 << 20, 4L << 20, 0);

  private static final int MAX_SHORT_LENGTH = 0xffff;

  private Identifiers() {}

  static DataSet decode(byte[] bytes, String transferSyntaxUid) throws IOException {
    DataSet dataSet =
        new DataSetReader(
                new ByteArrayInputStream(bytes), TransferSyntax.of(transferSyntaxUid), LIMITS)
            .read();
    for (Element element : List.copyOf(dataSet.elements())) {
      if (element instanceof Element.Value value && isLongText(value)) {
        dataSet.put(new Element.Value(value.tag(), Dictionary.vr(value.tag()), value.bytes()));
      }
    }
    return dataSet;
  }

  /**
   * A list too long for the length field of its VR, such as Failed SOP Instance UID List, comes as
   * UN (PS3.5 §6.2.2).
   */
  private static boolean isLongText(Element.Value value) {
    return value.vr() == Vr.UN
        && value.bytes().length > MAX_SHORT_LENGTH
        && Dictionary.vr(value.tag()).kind() == Vr.Kind.TEXT;
  }

  static byte[] encode(DataSet dataSet, String transferSyntaxUid) {
    try {
      ByteArrayOutputStream out = new ByteArrayOutputStream(512);
      new DataSetWriter(out, TransferSyntax.of(transferSyntaxUid), DataSetWriter.BulkSource.NONE)
          .write(dataSet);
      return out.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
