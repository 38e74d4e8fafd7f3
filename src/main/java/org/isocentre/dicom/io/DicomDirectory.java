package org.isocentre.dicom.io;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.TransferSyntax;
import org.isocentre.dicom.data.Vr;

/**
 * The DICOMDIR of a file-set (PS3.3 Annex F, PS3.10 §8): patients, studies, series and files, in
 * the order in which they were first added. Holds a few short values of each file in memory.
 */
public final class DicomDirectory {
  private static final String MEDIA_STORAGE_DIRECTORY = "1.2.840.10008.1.3.10";
  private static final int LOWER_LEVEL = 0x00041420;
  private static final int IN_USE = 0xffff;

  /** Heads of a sequence with a VR, of an item, and its delimiter. */
  private static final int SEQUENCE_HEAD = 12;

  private static final int ITEM_HEAD = 8;

  private static final Map<String, String> TYPES =
      Map.ofEntries(
          Map.entry("1.2.840.10008.5.1.4.1.1.88.59", "KEY OBJECT DOC"),
          Map.entry("1.2.840.10008.5.1.4.1.1.88.", "SR DOCUMENT"),
          Map.entry("1.2.840.10008.5.1.4.1.1.104.", "ENCAP DOC"),
          Map.entry("1.2.840.10008.5.1.4.1.1.11.", "PRESENTATION"),
          Map.entry("1.2.840.10008.5.1.4.1.1.9.", "WAVEFORM"),
          Map.entry("1.2.840.10008.5.1.4.1.1.66", "RAW DATA"),
          Map.entry("1.2.840.10008.5.1.4.1.1.481.2", "RT DOSE"),
          Map.entry("1.2.840.10008.5.1.4.1.1.481.3", "RT STRUCTURE SET"),
          Map.entry("1.2.840.10008.5.1.4.1.1.481.5", "RT PLAN"));

  private final Map<String, Entry> patients = new LinkedHashMap<>();
  private final String instanceUid;

  /** A directory record, and what lies under it. */
  private static final class Entry {
    final DataSet record;
    final Map<String, Entry> below = new LinkedHashMap<>();
    long offset;

    Entry(DataSet record) {
      this.record = record;
    }
  }

  /**
   * @param instanceUid of the directory itself
   */
  public DicomDirectory(String instanceUid) {
    this.instanceUid = instanceUid;
  }

  /**
   * Adds a file.
   *
   * @param set its attributes; what comes before Pixel Data is enough
   * @param fileId components of its path, each of at most 8 of {@code A-Z}, {@code 0-9} and {@code
   *     _}, 8 components at most (PS3.10 §8.2)
   */
  public void add(DataSet set, String transferSyntaxUid, String... fileId) {
    String patientId = orElse(set.string(Tag.PatientID), "");
    String study = orElse(set.string(Tag.StudyInstanceUID), "");
    String series = orElse(set.string(Tag.SeriesInstanceUID), "");
    Entry patient =
        patients.computeIfAbsent(
            patientId, id -> new Entry(record(set, "PATIENT", Tag.PatientName, Tag.PatientID)));
    Entry ofStudy =
        patient.below.computeIfAbsent(
            study,
            uid -> {
              DataSet record =
                  record(
                      set,
                      "STUDY",
                      Tag.StudyDate,
                      Tag.StudyTime,
                      Tag.AccessionNumber,
                      Tag.StudyDescription,
                      Tag.StudyInstanceUID,
                      Tag.StudyID);
              return new Entry(filled(record, Tag.StudyID, patient.below.size()));
            });
    Entry ofSeries =
        ofStudy.below.computeIfAbsent(
            series,
            uid -> {
              DataSet record =
                  record(set, "SERIES", Tag.Modality, Tag.SeriesInstanceUID, Tag.SeriesNumber);
              return new Entry(filled(record, Tag.SeriesNumber, ofStudy.below.size()));
            });
    DataSet file = record(set, type(orElse(set.string(Tag.SOPClassUID), "")), Tag.InstanceNumber);
    filled(file, Tag.InstanceNumber, ofSeries.below.size());
    file.set(Tag.ReferencedFileID, fileId);
    file.set(Tag.ReferencedSOPClassUIDInFile, orElse(set.string(Tag.SOPClassUID), ""));
    file.set(Tag.ReferencedSOPInstanceUIDInFile, orElse(set.string(Tag.SOPInstanceUID), ""));
    file.set(Tag.ReferencedTransferSyntaxUIDInFile, transferSyntaxUid);
    ofSeries.below.put(String.join("/", fileId), new Entry(file));
  }

  private static String orElse(String text, String otherwise) {
    return text == null ? otherwise : text;
  }

  /** Attributes that a record must have a value of are numbered where the object has none. */
  private static DataSet filled(DataSet record, int tag, int before) {
    if (record.string(tag) == null) {
      record.set(tag, Integer.toString(before + 1));
    }
    return record;
  }

  private static String type(String sopClassUid) {
    String longest = "";
    for (String prefix : TYPES.keySet()) {
      if (sopClassUid.startsWith(prefix) && prefix.length() > longest.length()) {
        longest = prefix;
      }
    }
    return TYPES.getOrDefault(longest, "IMAGE");
  }

  private static DataSet record(DataSet from, String type, int... tags) {
    DataSet record = new DataSet();
    record.setLongs(Tag.OffsetOfTheNextDirectoryRecord, 0);
    record.setLongs(Tag.RecordInUseFlag, IN_USE);
    record.put(new Element.Value(LOWER_LEVEL, Vr.UL, new byte[4]));
    record.set(Tag.DirectoryRecordType, type);
    List<String> terms = from.characterSet().terms();
    if (!terms.isEmpty()) {
      record.set(Tag.SpecificCharacterSet, terms.toArray(String[]::new));
    }
    for (int tag : tags) {
      byte[] bytes = from.bytes(tag);
      record.put(
          new Element.Value(
              tag,
              org.isocentre.dicom.data.Dictionary.vr(tag),
              bytes == null ? new byte[0] : bytes));
    }
    return record;
  }

  /** The whole file. */
  public byte[] encode() throws IOException {
    DataSet top = new DataSet();
    top.set(Tag.FileSetID);
    top.setLongs(Tag.OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity, 0);
    top.setLongs(Tag.OffsetOfTheLastDirectoryRecordOfTheRootDirectoryEntity, 0);
    top.setLongs(Tag.FileSetConsistencyFlag, 0);
    byte[] meta =
        new FileMetaInformation(
                MEDIA_STORAGE_DIRECTORY,
                instanceUid,
                TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN.uid(),
                null)
            .encode();
    List<Entry> all = new ArrayList<>();
    patients.values().forEach(patient -> flatten(patient, all));
    long offset = meta.length + bytes(top).length + (long) SEQUENCE_HEAD;
    for (Entry entry : all) {
      entry.offset = offset;
      offset += 2 * ITEM_HEAD + bytes(entry.record).length;
    }
    link(patients);
    List<Entry> roots = List.copyOf(patients.values());
    if (!roots.isEmpty()) {
      top.setLongs(
          Tag.OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity, roots.get(0).offset);
      top.setLongs(
          Tag.OffsetOfTheLastDirectoryRecordOfTheRootDirectoryEntity,
          roots.get(roots.size() - 1).offset);
    }
    top.put(
        new Element.Sequence(
            Tag.DirectoryRecordSequence, all.stream().map(entry -> entry.record).toList()));
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.write(meta);
    file.write(bytes(top));
    return file.toByteArray();
  }

  private static void flatten(Entry entry, List<Entry> all) {
    all.add(entry);
    entry.below.values().forEach(below -> flatten(below, all));
  }

  private static void link(Map<String, Entry> siblings) {
    Entry before = null;
    for (Entry entry : siblings.values()) {
      if (before != null) {
        before.record.setLongs(Tag.OffsetOfTheNextDirectoryRecord, entry.offset);
      }
      before = entry;
      if (!entry.below.isEmpty()) {
        entry.record.set(
            LOWER_LEVEL, Vr.UL, Long.toString(entry.below.values().iterator().next().offset));
        link(entry.below);
      }
    }
  }

  private static byte[] bytes(DataSet set) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new DataSetWriter(out, TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN, DataSetWriter.BulkSource.NONE)
        .write(set);
    return out.toByteArray();
  }
}
