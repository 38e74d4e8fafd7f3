package org.isocentre.it;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Dictionary;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.TransferSyntax;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.data.Vr;
import org.isocentre.dicom.dimse.StoredObject;
import org.isocentre.dicom.io.DataSetWriter;
import org.isocentre.dicom.io.FileMetaInformation;

/**
 * A well-formed CT object in any transfer syntax. Encapsulated pixel data is one fragment of random
 * bytes: nobody who takes the object over the network decodes it.
 */
record SampleObject(String study, String sopInstanceUid, String transferSyntaxUid, byte[] bytes)
    implements StoredObject {
  private static final int SIZE = 64;

  /** Every transfer syntax that DCMTK 3.6.7 takes, with the option that prefers it. */
  static final List<String[]> SYNTAXES =
      Stream.of(
              "+xi 1.2.840.10008.1.2",
              "+xe 1.2.840.10008.1.2.1",
              "+xd 1.2.840.10008.1.2.1.99",
              "+xb 1.2.840.10008.1.2.2",
              "+xy 1.2.840.10008.1.2.4.50",
              "+xx 1.2.840.10008.1.2.4.51",
              "+xs 1.2.840.10008.1.2.4.70",
              "+xt 1.2.840.10008.1.2.4.80",
              "+xu 1.2.840.10008.1.2.4.81",
              "+xv 1.2.840.10008.1.2.4.90",
              "+xw 1.2.840.10008.1.2.4.91",
              "+xm 1.2.840.10008.1.2.4.100",
              "+xh 1.2.840.10008.1.2.4.101",
              "+xn 1.2.840.10008.1.2.4.102",
              "+xl 1.2.840.10008.1.2.4.103",
              "+x2 1.2.840.10008.1.2.4.104",
              "+x3 1.2.840.10008.1.2.4.105",
              "+xo 1.2.840.10008.1.2.4.106",
              "+x4 1.2.840.10008.1.2.4.107",
              "+x5 1.2.840.10008.1.2.4.108",
              "+xr 1.2.840.10008.1.2.5")
          .map(row -> row.split(" "))
          .toList();

  /** Those that it takes too, where a profile names them: of JPEG, of JPEG 2000 part 2. */
  private static final List<String> RARER =
      Stream.of("52", "53", "54", "55", "56", "57", "58", "92", "93")
          .map("1.2.840.10008.1.2.4."::concat)
          .toList();

  /** All of both. */
  static List<String> everySyntaxOfDcmtk() {
    return Stream.concat(SYNTAXES.stream().map(row -> row[1]), RARER.stream()).toList();
  }

  /** All of PS3.6 §A but encodings of mail and XML, live video and sound, and Papyrus. */
  static List<String> everySyntaxOfFiles() {
    return Dictionary.uids("Transfer Syntax").stream()
        .map(Dictionary.UidEntry::uid)
        .filter(uid -> !uid.matches("1\\.2\\.840\\.10008\\.1\\.(2\\.[67]\\..*|20)"))
        .toList();
  }

  static List<SampleObject> inEach(List<String> syntaxes) {
    return syntaxes.stream().map(SampleObject::in).toList();
  }

  static List<SampleObject> inEach(List<String> syntaxes, String study) {
    return syntaxes.stream().map(syntax -> in(syntax, study)).toList();
  }

  static SampleObject in(String syntaxUid) {
    return in(syntaxUid, Uid.random());
  }

  static SampleObject in(String syntaxUid, String study) {
    String uid = Uid.random();
    TransferSyntax syntax = TransferSyntax.of(syntaxUid);
    byte[] pixels = new byte[SIZE * SIZE * 2];
    new Random(uid.hashCode()).nextBytes(pixels);
    DataSet set = header(study, uid);
    if (!syntax.encapsulated()) {
      set.put(new Element.Value(Tag.PixelData, Vr.OW, pixels));
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      new DataSetWriter(out, syntax, DataSetWriter.BulkSource.NONE).write(set);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (syntax.encapsulated()) {
      out.writeBytes(encapsulated(pixels));
    }
    return new SampleObject(study, uid, syntaxUid, out.toByteArray());
  }

  private static DataSet header(String study, String uid) {
    return new DataSet()
        .set(Tag.SpecificCharacterSet, "ISO_IR 192")
        .set(Tag.ImageType, "ORIGINAL", "PRIMARY", "AXIAL")
        .set(Tag.SOPClassUID, Uid.CT_IMAGE_STORAGE)
        .set(Tag.SOPInstanceUID, uid)
        .set(Tag.StudyDate, "20261101")
        .set(Tag.StudyTime, "101500")
        .set(Tag.AccessionNumber, "A1")
        .set(Tag.Modality, "CT")
        .set(Tag.PatientName, "TEST^CASE")
        .set(Tag.PatientID, "T1")
        .set(Tag.PatientBirthDate, "19740213")
        .set(Tag.PatientSex, "F")
        .set(Tag.StudyInstanceUID, study)
        .set(Tag.SeriesInstanceUID, study + ".1")
        .set(Tag.StudyID, "1")
        .set(Tag.SeriesNumber, "1")
        .set(Tag.InstanceNumber, "1")
        .set(Tag.SamplesPerPixel, "1")
        .set(Tag.PhotometricInterpretation, "MONOCHROME2")
        .set(Tag.Rows, Integer.toString(SIZE))
        .set(Tag.Columns, Integer.toString(SIZE))
        .set(Tag.BitsAllocated, "16")
        .set(Tag.BitsStored, "16")
        .set(Tag.HighBit, "15")
        .set(Tag.PixelRepresentation, "0");
  }

  /** PS3.5 §A.4: an empty offset table and one fragment. */
  private static byte[] encapsulated(byte[] fragment) {
    ByteBuffer out = ByteBuffer.allocate(fragment.length + 36).order(ByteOrder.LITTLE_ENDIAN);
    out.putShort((short) 0x7fe0).putShort((short) 0x0010).put(new byte[] {'O', 'B', 0, 0});
    out.putInt(-1);
    out.putShort((short) 0xfffe).putShort((short) 0xe000).putInt(0);
    out.putShort((short) 0xfffe).putShort((short) 0xe000).putInt(fragment.length).put(fragment);
    out.putShort((short) 0xfffe).putShort((short) 0xe0dd).putInt(0);
    return out.array();
  }

  @Override
  public String sopClassUid() {
    return Uid.CT_IMAGE_STORAGE;
  }

  @Override
  public InputStream openDataSet(String syntax) {
    return new ByteArrayInputStream(bytes);
  }

  /**
   * Whether a data set of this transfer syntax is the same, byte for byte. A deflated one is
   * compared inflated: a program that reads and writes it anew need not deflate as Java does.
   */
  boolean sameIn(byte[] dataSet) throws IOException {
    if (dataSet == null) {
      return false;
    }
    return TransferSyntax.of(transferSyntaxUid).deflated()
        ? Arrays.equals(inflated(dataSet), inflated(bytes))
        : Arrays.equals(dataSet, bytes);
  }

  private static byte[] inflated(byte[] dataSet) throws IOException {
    try (InputStream in =
        new InflaterInputStream(new ByteArrayInputStream(dataSet), new Inflater(true))) {
      return in.readAllBytes();
    }
  }

  /** A Part 10 file. */
  byte[] file() {
    byte[] meta =
        new FileMetaInformation(sopClassUid(), sopInstanceUid, transferSyntaxUid, "TEST").encode();
    ByteBuffer whole = ByteBuffer.allocate(meta.length + bytes.length);
    return whole.put(meta).put(bytes).array();
  }

  /** The data set of the Part 10 file of this object in a directory. */
  static byte[] dataSetOf(Path directory, String uid) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      Path file =
          files
              .filter(f -> f.getFileName().toString().contains(uid))
              .findFirst()
              .orElseThrow(
                  () ->
                      new AssertionError(
                          "no file of %s among %s"
                              .formatted(uid, List.of(directory.toFile().list()))));
      return dataSetOf(Files.readAllBytes(file));
    }
  }

  /** The data set of a Part 10 file. */
  static byte[] dataSetOf(byte[] file) {
    // Preamble, DICM, then (0002,0000) UL with the length of the rest of the group.
    int length = ByteBuffer.wrap(file, 140, 4).order(ByteOrder.LITTLE_ENDIAN).getInt();
    return Arrays.copyOfRange(file, 144 + length, file.length);
  }
}
