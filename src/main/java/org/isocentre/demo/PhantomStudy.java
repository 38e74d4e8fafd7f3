package org.isocentre.demo;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.TransferSyntax;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.data.Vr;
import org.isocentre.dicom.io.DataSetWriter;
import org.isocentre.dicom.io.FileMetaInformation;

/**
 * A study of the phantom, as a modality would make it.
 *
 * @param objects each in Explicit VR Little Endian
 */
record PhantomStudy(String studyInstanceUid, List<Encoded> objects) {
  static final int CT_SLICES = 36;
  static final int CT_SIZE = 256;
  private static final int XRAY_SIZE = 512;

  /** One object, ready to be sent. */
  record Encoded(String sopClassUid, String sopInstanceUid, byte[] dataSet) {
    /** Writes a Part 10 file. */
    void writeTo(Path file) throws IOException {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      out.write(
          new FileMetaInformation(
                  sopClassUid, sopInstanceUid, Uid.EXPLICIT_VR_LITTLE_ENDIAN, "RTHPACS")
              .encode());
      out.write(dataSet);
      Files.write(file, out.toByteArray());
    }
  }

  static PhantomStudy ct(DemoPatient patient, String accession, LocalDateTime when, int slices) {
    String study = Uid.random();
    String series = Uid.random();
    List<Encoded> objects = new ArrayList<>();
    for (int i = 0; i < slices; i++) {
      double z = slices == 1 ? 0 : -0.8 + 1.6 * i / (slices - 1);
      DataSet set = new DataSet();
      common(set, patient, accession, when, study, series);
      set.set(Tag.SOPClassUID, Uid.CT_IMAGE_STORAGE)
          .set(Tag.ImageType, "ORIGINAL", "PRIMARY", "AXIAL")
          .set(Tag.Modality, "CT")
          .set(Tag.StudyDescription, "CT head")
          .set(Tag.SeriesDescription, "Axial")
          .set(Tag.BodyPartExamined, "HEAD")
          .set(Tag.SliceThickness, "5")
          .set(Tag.KVP, "120")
          .set(Tag.InstanceNumber, Integer.toString(i + 1))
          .set(Tag.FrameOfReferenceUID, series + ".1")
          .set(Tag.ImagePositionPatient, "-100", "-100", Integer.toString(5 * i))
          .set(Tag.ImageOrientationPatient, "1", "0", "0", "0", "1", "0")
          .set(Tag.PixelSpacing, "0.8", "0.8")
          .set(Tag.RescaleIntercept, "-1024")
          .set(Tag.RescaleSlope, "1")
          .set(Tag.WindowCenter, "300")
          .set(Tag.WindowWidth, "2000");
      objects.add(image(set, CT_SIZE, 16, SheppLogan.slice(CT_SIZE, z)));
    }
    return new PhantomStudy(study, objects);
  }

  static PhantomStudy xray(DemoPatient patient, String accession, LocalDateTime when) {
    String study = Uid.random();
    DataSet set = new DataSet();
    common(set, patient, accession, when, study, Uid.random());
    set.set(Tag.SOPClassUID, Uid.DIGITAL_X_RAY_IMAGE_STORAGE_FOR_PRESENTATION)
        .set(Tag.ImageType, "ORIGINAL", "PRIMARY")
        .set(Tag.Modality, "DX")
        .set(Tag.StudyDescription, "XR skull")
        .set(Tag.BodyPartExamined, "SKULL")
        .set(Tag.InstanceNumber, "1")
        .set(Tag.PresentationIntentType, "FOR PRESENTATION")
        .set(Tag.ImagerPixelSpacing, "0.4", "0.4");
    return new PhantomStudy(
        study, List.of(image(set, XRAY_SIZE, 12, SheppLogan.projection(XRAY_SIZE))));
  }

  private static void common(
      DataSet set,
      DemoPatient patient,
      String accession,
      LocalDateTime when,
      String study,
      String series) {
    String date = DateTimeFormatter.ofPattern("yyyyMMdd").format(when);
    String time = DateTimeFormatter.ofPattern("HHmmss").format(when);
    set.set(Tag.SpecificCharacterSet, "ISO_IR 192")
        .set(Tag.SOPInstanceUID, Uid.random())
        .set(Tag.StudyDate, date)
        .set(Tag.SeriesDate, date)
        .set(Tag.StudyTime, time)
        .set(Tag.SeriesTime, time)
        .set(Tag.AccessionNumber, accession)
        .set(Tag.Manufacturer, "Isocentre")
        .set(Tag.InstitutionName, "Simulated trust RTH")
        .set(Tag.ReferringPhysicianName, "EXAMPLE^GENERAL^^DR")
        .set(Tag.PatientName, patient.family() + "^" + patient.given())
        .set(Tag.PatientID, patient.nhsNumber())
        .set(Tag.PatientBirthDate, patient.birthDate())
        .set(Tag.PatientSex, patient.sex())
        .set(Tag.StudyInstanceUID, study)
        .set(Tag.SeriesInstanceUID, series)
        .set(Tag.StudyID, "1")
        .set(Tag.SeriesNumber, "1");
  }

  private static Encoded image(DataSet set, int size, int bits, byte[] pixels) {
    set.set(Tag.SamplesPerPixel, "1")
        .set(Tag.PhotometricInterpretation, "MONOCHROME2")
        .set(Tag.Rows, Integer.toString(size))
        .set(Tag.Columns, Integer.toString(size))
        .set(Tag.BitsAllocated, "16")
        .set(Tag.BitsStored, Integer.toString(bits))
        .set(Tag.HighBit, Integer.toString(bits - 1))
        .set(Tag.PixelRepresentation, "0");
    set.put(new Element.Value(Tag.PixelData, Vr.OW, pixels));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      new DataSetWriter(
              out, TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN, DataSetWriter.BulkSource.NONE)
          .write(set);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Encoded(
        set.string(Tag.SOPClassUID), set.string(Tag.SOPInstanceUID), out.toByteArray());
  }
}
