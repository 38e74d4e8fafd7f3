package org.isocentre.dicom.image;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Dictionary;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.Tags;
import org.isocentre.dicom.data.TransferSyntax;
import org.isocentre.dicom.data.Vr;

/**
 * Makes a data set ready to be encoded otherwise, items included: leaves out what describes the old
 * encoding, says VRs that implicit encoding left unsaid, and decodes the small images within items
 * (Icon Image Sequence), which are native in every transfer syntax.
 */
final class Preparation {
  private static final int ENCAPSULATED_PIXEL_DATA_VALUE_TOTAL_LENGTH = 0x7fe00003;

  private final TransferSyntax from;
  private final SeekableSource source;
  private final ImageLimits limits;

  Preparation(TransferSyntax from, SeekableSource source, ImageLimits limits) {
    this.from = from;
    this.source = source;
    this.limits = limits;
  }

  /** Changes {@code top}. */
  void prepare(DataSet top) throws IOException {
    prepare(top, true, false);
  }

  private void prepare(DataSet set, boolean top, boolean signedAround) throws IOException {
    Integer representation = set.integer(Tag.PixelRepresentation);
    boolean signed = representation == null ? signedAround : representation == 1;
    for (Element element : new ArrayList<>(set.elements())) {
      if (describesEncoding(element.tag())) {
        set.remove(element.tag());
      } else if (element instanceof Element.Sequence sequence) {
        for (DataSet item : sequence.items()) {
          prepare(item, false, signed);
        }
      } else if (element instanceof Element.Value value) {
        value(set, value, signed);
      } else if (element instanceof Element.Bulk bulk && bulk.tag() == Tag.PixelData) {
        nativePixels(set, bulk);
      } else if (element instanceof Element.Fragments fragments && !top) {
        decodeIcon(set, fragments);
      }
    }
  }

  private static boolean describesEncoding(int tag) {
    return Tags.isGroupLength(tag)
        || tag == Tag.ExtendedOffsetTable
        || tag == Tag.ExtendedOffsetTableLengths
        || tag == ENCAPSULATED_PIXEL_DATA_VALUE_TOTAL_LENGTH;
  }

  /** US or SS is told by Pixel Representation (PS3.5 §A.1). */
  private void value(DataSet set, Element.Value value, boolean signed) {
    if (!from.explicitVr()
        && signed
        && value.vr() == Vr.US
        && Dictionary.element(value.tag()).filter(e -> e.vr().contains("SS")).isPresent()) {
      set.put(new Element.Value(value.tag(), Vr.SS, value.bytes()));
    }
  }

  /** Words are OW, whatever was said (PS3.5 §A.2); in little endian nothing else changes. */
  private void nativePixels(DataSet set, Element.Bulk bulk) {
    Integer allocated = set.integer(Tag.BitsAllocated);
    boolean words = allocated != null && allocated > 8;
    Vr vr = words ? Vr.OW : bulk.vr() == Vr.OW ? Vr.OW : Vr.OB;
    if (!from.bigEndian() && vr != bulk.vr()) {
      set.put(new Element.Bulk(bulk.tag(), vr, bulk.offset(), bulk.length()));
    }
  }

  private void decodeIcon(DataSet item, Element.Fragments fragments) throws IOException {
    Frames frames = Frames.of(item, from, source, limits);
    PixelDecoder decoder = new PixelDecoder(from.uid(), frames.pixel(), limits);
    ImagePixel decoded = decoder.decoded();
    if (decoded.totalBytes() > limits.reader().maxValueBytes()) {
      throw new ImageException(
          "ISO-IMAGE-402",
          "an image within an item would be %d bytes, more than the limit of %d for a value"
              .formatted(decoded.totalBytes(), limits.reader().maxValueBytes()));
    }
    ByteArrayOutputStream pixels = new ByteArrayOutputStream();
    for (int i = 0; i < frames.count(); i++) {
      pixels.write(decoder.decode(frames.read(i)));
    }
    Vr vr = decoded.bitsAllocated() > 8 ? Vr.OW : Vr.OB;
    item.put(new Element.Value(fragments.tag(), vr, pixels.toByteArray()));
    item.set(Tag.PhotometricInterpretation, decoded.photometricInterpretation());
  }
}
