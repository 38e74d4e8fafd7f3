package org.isocentre.bench;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.TransferSyntax;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.data.Vr;
import org.isocentre.dicom.io.DataSetWriter;

/** CT slices of 16 bit that share their pixels in memory, each with UIDs of its own. */
final class Slices {
  /** Rows and columns of a usual slice, and of a small one that takes the same way. */
  static final int USUAL = 512;

  static final int SMALL = 184;

  private Slices() {}

  /** One slice: its header with the start of Pixel Data; the shared pixels follow. */
  record Slice(String uid, byte[] header, byte[] pixels) {
    InputStream open() {
      return new SequenceInputStream(
          new ByteArrayInputStream(header), new ByteArrayInputStream(pixels));
    }

    int length() {
      return header.length + pixels.length;
    }
  }

  /** A study of one series; every UID is new. */
  static ConcurrentLinkedQueue<Slice> study(int count) throws IOException {
    return study(count, USUAL);
  }

  /** A study of one series, of slices of so many rows and columns. */
  static ConcurrentLinkedQueue<Slice> study(int count, int side) throws IOException {
    byte[] pixels = new byte[side * side * 2];
    new Random(1).nextBytes(pixels);
    String study = Uid.random();
    String series = Uid.random();
    ConcurrentLinkedQueue<Slice> slices = new ConcurrentLinkedQueue<>();
    for (int i = 0; i < count; i++) {
      String uid = Uid.random();
      DataSet set =
          new DataSet()
              .set(Tag.SOPClassUID, Uid.CT_IMAGE_STORAGE)
              .set(Tag.SOPInstanceUID, uid)
              .set(Tag.StudyDate, "20261101")
              .set(Tag.StudyTime, "101500")
              .set(Tag.AccessionNumber, "BENCH1")
              .set(Tag.Modality, "CT")
              .set(Tag.PatientName, "BENCH^TEST")
              .set(Tag.PatientID, "BENCH1")
              .set(Tag.PatientBirthDate, "19700101")
              .set(Tag.PatientSex, "O")
              .set(Tag.StudyInstanceUID, study)
              .set(Tag.SeriesInstanceUID, series)
              .set(Tag.SeriesNumber, "1")
              .set(Tag.InstanceNumber, Integer.toString(i + 1))
              .set(Tag.SamplesPerPixel, "1")
              .set(Tag.PhotometricInterpretation, "MONOCHROME2")
              .set(Tag.Rows, Integer.toString(side))
              .set(Tag.Columns, Integer.toString(side))
              .set(Tag.BitsAllocated, "16")
              .set(Tag.BitsStored, "16")
              .set(Tag.HighBit, "15")
              .set(Tag.PixelRepresentation, "0");
      set.put(new Element.Value(Tag.PixelData, Vr.OW, pixels));
      ByteArrayOutputStream out = new ByteArrayOutputStream(pixels.length + 2048);
      new DataSetWriter(
              out, TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN, DataSetWriter.BulkSource.NONE)
          .write(set);
      byte[] whole = out.toByteArray();
      slices.add(new Slice(uid, Arrays.copyOf(whole, whole.length - pixels.length), pixels));
    }
    return slices;
  }
}
