package org.isocentre.dicom.testkit;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.isocentre.dicom.association.PresentationContext;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.TransferSyntax;
import org.isocentre.dicom.dimse.Command;
import org.isocentre.dicom.io.DataSetReader;
import org.isocentre.dicom.io.ReaderLimits;

/**
 * A whole DIMSE message as it came (PS3.7 §6.3).
 *
 * @param dataSet its bytes, or null if it has none
 */
public record Message(PresentationContext context, Command command, byte[] dataSet) {
  /** The data set, parsed; or null. */
  public DataSet parsed() {
    if (dataSet == null) {
      return null;
    }
    try {
      return new DataSetReader(
              new ByteArrayInputStream(dataSet),
              TransferSyntax.of(context.transferSyntax()),
              ReaderLimits.DEFAULT)
          .read();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Never shows the data set. */
  @Override
  public String toString() {
    return command + (dataSet == null ? "" : " and %d bytes".formatted(dataSet.length));
  }
}
