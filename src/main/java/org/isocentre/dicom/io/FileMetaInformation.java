package org.isocentre.dicom.io;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.TransferSyntax;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.data.Vr;

/**
 * What stands in front of a data set in a file (PS3.10 §7.1).
 *
 * @param sopClassUid Media Storage SOP Class UID, or null
 * @param sopInstanceUid Media Storage SOP Instance UID, or null
 * @param transferSyntaxUid of the data set
 * @param sourceAeTitle or null
 */
public record FileMetaInformation(
    String sopClassUid, String sopInstanceUid, String transferSyntaxUid, String sourceAeTitle) {
  /** Of this toolkit: under 2.25, from a UUID made once. */
  public static final String IMPLEMENTATION_CLASS_UID =
      "2.25.262404155014424906379405263498463257683";

  public static final String IMPLEMENTATION_VERSION_NAME = "ISOCENTRE_01";
  private static final int PREAMBLE = 128;
  private static final int MAX_LENGTH = 1 << 16;
  private static final byte[] MAGIC = {'D', 'I', 'C', 'M'};

  /** A file that has been opened: what it says of itself, and where its data set begins. */
  public record Opened(FileMetaInformation meta, long dataSetOffset) {}

  /**
   * Preamble, prefix and group 0002 with its length, ready to stand before the data set's bytes.
   */
  public byte[] encode() {
    try {
      DataSet meta = new DataSet();
      meta.put(new Element.Value(Tag.FileMetaInformationVersion, Vr.OB, new byte[] {0, 1}));
      setIfKnown(meta, Tag.MediaStorageSOPClassUID, sopClassUid);
      setIfKnown(meta, Tag.MediaStorageSOPInstanceUID, sopInstanceUid);
      meta.set(Tag.TransferSyntaxUID, transferSyntaxUid);
      meta.set(Tag.ImplementationClassUID, IMPLEMENTATION_CLASS_UID);
      meta.set(Tag.ImplementationVersionName, IMPLEMENTATION_VERSION_NAME);
      setIfKnown(meta, Tag.SourceApplicationEntityTitle, sourceAeTitle);
      ByteArrayOutputStream group = new ByteArrayOutputStream();
      new DataSetWriter(
              group, TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN, DataSetWriter.BulkSource.NONE)
          .write(meta);
      ByteArrayOutputStream file = new ByteArrayOutputStream();
      file.write(new byte[PREAMBLE]);
      file.write(MAGIC);
      DataSet length =
          new DataSet().set(Tag.FileMetaInformationGroupLength, Integer.toString(group.size()));
      new DataSetWriter(
              file, TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN, DataSetWriter.BulkSource.NONE)
          .write(length);
      group.writeTo(file);
      return file.toByteArray();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static void setIfKnown(DataSet meta, int tag, String value) {
    if (value != null && !value.isEmpty()) {
      meta.set(tag, value);
    }
  }

  /**
   * Reads the preamble, the prefix and group 0002, and leaves the stream at the first byte of the
   * data set.
   *
   * @throws DicomParseException if it is no Part 10 file
   */
  public static Opened read(InputStream in) throws IOException {
    byte[] start = in.readNBytes(PREAMBLE + MAGIC.length);
    if (start.length < PREAMBLE + MAGIC.length
        || !java.util.Arrays.equals(start, PREAMBLE, start.length, MAGIC, 0, MAGIC.length)) {
      throw new DicomParseException(
          "ISO-DICOM-330", 0, "no DICM after the preamble: not a DICOM file (PS3.10 §7.1)");
    }
    byte[] lengthElement = in.readNBytes(12);
    ByteBuffer length = ByteBuffer.wrap(lengthElement).order(ByteOrder.LITTLE_ENDIAN);
    if (lengthElement.length < 12 || length.getShort() != 2 || length.getShort() != 0) {
      throw new DicomParseException(
          "ISO-DICOM-331",
          start.length,
          "the File Meta Information Group Length (0002,0000) is missing");
    }
    long groupLength = Integer.toUnsignedLong(length.getInt(8));
    if (groupLength > MAX_LENGTH) {
      throw new DicomParseException(
          "ISO-DICOM-332",
          start.length,
          "File Meta Information of %d bytes, more than the limit of %d"
              .formatted(groupLength, MAX_LENGTH));
    }
    byte[] group = in.readNBytes((int) groupLength);
    if (group.length < groupLength) {
      throw new DicomParseException(
          "ISO-DICOM-300", start.length, "the file ends within its File Meta Information");
    }
    return new Opened(of(group), start.length + 12 + groupLength);
  }

  private static FileMetaInformation of(byte[] group) throws IOException {
    DataSet meta =
        new DataSetReader(
                new ByteArrayInputStream(group),
                TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN,
                ReaderLimits.DEFAULT)
            .read();
    String syntax = meta.string(Tag.TransferSyntaxUID);
    if (!Uid.isTolerable(syntax)) {
      throw new DicomParseException(
          "ISO-DICOM-333", 0, "the File Meta Information names no Transfer Syntax UID (0002,0010)");
    }
    return new FileMetaInformation(
        meta.string(Tag.MediaStorageSOPClassUID),
        meta.string(Tag.MediaStorageSOPInstanceUID),
        syntax,
        meta.string(Tag.SourceApplicationEntityTitle));
  }
}
