package org.isocentre.app;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.TransferSyntax;
import org.isocentre.dicom.image.ImageLimits;
import org.isocentre.dicom.image.Transcoder;
import org.isocentre.dicom.io.DataSetReader;
import org.isocentre.dicom.io.ReaderLimits;
import org.isocentre.query.LosslessForms;

/** What the toolkit can transcode stored objects to. */
final class TranscodedForms implements LosslessForms {
  private final Transcoder transcoder = new Transcoder(ImageLimits.DEFAULT);

  @Override
  public List<String> of(String transferSyntaxUid, StoredBytes object) throws IOException {
    try (InputStream in = object.open(0)) {
      DataSet attributes =
          new DataSetReader(in, TransferSyntax.of(transferSyntaxUid), ReaderLimits.DEFAULT)
              .readUntil(Tag.PixelData);
      return Transcoder.losslessTargets(transferSyntaxUid, attributes);
    }
  }

  @Override
  public InputStream convert(StoredBytes object, String from, String to) throws IOException {
    return transcoder.transcode(object::open, from, to);
  }
}
