package org.isocentre.dicomweb;

import java.io.IOException;
import org.isocentre.consent.Watch;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.TransferSyntax;
import org.isocentre.dicom.data.Vr;
import org.isocentre.dicom.io.DicomJson;

/** What the metadata of an object is (PS3.18 §10.4.1.1.2). */
final class Metadata {
  private Metadata() {}

  /** All but what may be long; Pixel Data, where the object has them, by URI. */
  static DataSet of(StoredFiles files, HeldObject object, Watch watch) throws IOException {
    DataSet set = files.attributes(object, watch);
    if (set.contains(Tag.Rows)
        && set.contains(Tag.BitsAllocated)
        && !set.contains(Tag.FloatPixelData)
        && !set.contains(Tag.DoubleFloatPixelData)) {
      Integer bits = set.integer(Tag.BitsAllocated);
      boolean encapsulated = TransferSyntax.of(object.transferSyntaxUid()).encapsulated();
      Vr vr = encapsulated || bits != null && bits <= 8 ? Vr.OB : Vr.OW;
      set.put(new Element.Bulk(Tag.PixelData, vr, 0, 0));
    }
    return set;
  }

  /**
   * Where its long values are got.
   *
   * @param base of the service, without a slash at the end
   */
  static DicomJson.BulkUri uris(String base, HeldObject object) {
    boolean bigEndian = TransferSyntax.of(object.transferSyntaxUid()).bigEndian();
    String instance = base + object.path();
    return element -> {
      if (element.tag() == Tag.PixelData) {
        return instance + "/bulkdata/7FE00010";
      }
      // Bulk data is served little endian: of a big endian object it is left out.
      return element instanceof Element.Bulk value && !bigEndian
          ? instance + "/bulkdata/" + value.offset() + "/" + value.length()
          : null;
    };
  }
}
