package org.isocentre.dicom.edit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.isocentre.dicom.data.AttributePath;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Dictionary;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.PrivateBlock;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.TransferSyntax;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.data.Vr;
import org.isocentre.dicom.edit.Deidentified.BurnedIn;
import org.isocentre.dicom.io.DataSetReader;
import org.isocentre.dicom.io.DataSetWriter;
import org.isocentre.dicom.io.FileMetaInformation;
import org.isocentre.dicom.io.ReaderLimits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeidentifierTest {
  private static final Pseudonyms KEY = new Pseudonyms("0123456789abcdef".getBytes());
  private static final Pseudonyms OTHER_KEY = new Pseudonyms("fedcba9876543210".getBytes());
  private static final String UID = "1.2.826.0.1.3680043.99.1";

  private static Deidentifier with(ProfileOption... options) {
    return new Deidentifier(KEY, Set.of(options), (tag, text) -> "CLEAN", Set.of());
  }

  /** Bytes that tell on whoever lets them through; valid for the VR where that matters. */
  private static DataSet secret(int tag) {
    DataSet set = new DataSet();
    Vr vr = Dictionary.vr(tag);
    switch (vr) {
      case SQ -> set.addItem(tag).set(Tag.PatientComments, "SECRET").set(Tag.CodeMeaning, "SECRET");
      case DA -> set.set(tag, "19770707");
      case TM -> set.set(tag, "070707");
      case DT -> set.set(tag, "19770707070707");
      case UI -> set.set(tag, UID);
      case DS, IS -> set.set(tag, "777777");
      case US, SS -> set.set(tag, "7777");
      case FD, FL, UL, SL -> set.set(tag, "777777");
      default -> set.put(new Element.Value(tag, vr, "SECRET".getBytes()));
    }
    return set;
  }

  private static String content(DataSet set) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    DataSet copy = set.copy();
    for (int tag :
        List.of(
            Tag.PatientIdentityRemoved,
            Tag.DeidentificationMethod,
            Tag.DeidentificationMethodCodeSequence,
            Tag.LongitudinalTemporalInformationModified)) {
      copy.remove(tag);
    }
    new DataSetWriter(out, TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN, DataSetWriter.BulkSource.NONE)
        .write(copy);
    return out.toString(StandardCharsets.ISO_8859_1);
  }

  private static List<String[]> rows() throws IOException {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                Deidentifier.class.getResourceAsStream("confidentiality.tsv"),
                StandardCharsets.UTF_8))) {
      return lines.lines().filter(l -> !l.startsWith("#")).map(l -> l.split("\t", -1)).toList();
    }
  }

  private static int tag(String mask) {
    return Integer.parseUnsignedInt(mask.replaceFirst("xx", "02").replace("xxxx", "0010"), 16);
  }

  @Test
  void noValueOfAnyRowOfTheTableGetsThrough() throws IOException {
    assertThat(rows()).hasSize(656).allSatisfy(row -> assertThat(row).hasSize(11));
    for (String[] row : rows()) {
      int tag = tag(row[0]);
      DataSet set = secret(tag);
      if (row[1].endsWith("U*")) {
        // Such a sequence stays, with the table applied to its items.
        set = new DataSet();
        set.addItem(tag).set(Tag.ReferencedSOPInstanceUID, UID).set(Tag.PatientComments, "SECRET");
      }
      String before = content(set);
      String after = content(Deidentifier.basic(KEY).deidentify(set).dataSet());
      assertThat(after).as(row[0]).isNotEqualTo(before);
      assertThat(after).as(row[0]).doesNotContain("SECRET", "7777", "19770707", "070707", UID);
      if (row[1].equals("X")) {
        assertThat(after).as(row[0]).isEmpty();
      }
      if (row[1].endsWith("D")) {
        assertThat(after).as(row[0]).isNotEmpty();
      }
    }
  }

  @Test
  void whatAnOptionKeepsIsKept() throws IOException {
    List<ProfileOption> columns =
        List.of(
            ProfileOption.RETAIN_UIDS,
            ProfileOption.RETAIN_DEVICE_IDENTITY,
            ProfileOption.RETAIN_INSTITUTION_IDENTITY,
            ProfileOption.RETAIN_PATIENT_CHARACTERISTICS,
            ProfileOption.RETAIN_FULL_DATES);
    int kept = 0;
    for (String[] row : rows()) {
      for (int i = 0; i < columns.size(); i++) {
        Vr vr = Dictionary.vr(tag(row[0]));
        if (row[i + 2].equals("K") && vr != Vr.SQ) {
          DataSet set = secret(tag(row[0]));
          assertThat(content(with(columns.get(i)).deidentify(set).dataSet()))
              .as(row[0])
              .isEqualTo(content(set));
          kept++;
        }
      }
    }
    assertThat(kept).isGreaterThan(200);
  }

  @Test
  void uidsMapTheSameEverywhereWithOneKey() {
    DataSet set =
        new DataSet().set(Tag.StudyInstanceUID, UID).set(Tag.SOPClassUID, Uid.CT_IMAGE_STORAGE);
    set.addItem(Tag.ReferencedImageSequence).set(Tag.ReferencedSOPInstanceUID, UID);
    DataSet out = Deidentifier.basic(KEY).deidentify(set).dataSet();
    String mapped = out.string(Tag.StudyInstanceUID);
    assertThat(Uid.isValid(mapped)).isTrue();
    assertThat(mapped).startsWith("2.25.").isNotEqualTo(UID);
    assertThat(
            out.string(AttributePath.parse("ReferencedImageSequence[1].ReferencedSOPInstanceUID")))
        .isEqualTo(mapped);
    assertThat(out.string(Tag.SOPClassUID)).isEqualTo(Uid.CT_IMAGE_STORAGE);
    assertThat(OTHER_KEY.uid(UID)).isNotEqualTo(mapped);
    FileMetaInformation meta =
        Deidentifier.basic(KEY)
            .deidentify(
                new FileMetaInformation(
                    Uid.CT_IMAGE_STORAGE, UID, Uid.EXPLICIT_VR_LITTLE_ENDIAN, "TRUSTPACS"));
    assertThat(meta.sopInstanceUid()).isEqualTo(mapped);
    assertThat(meta.sourceAeTitle()).isNull();
    assertThatThrownBy(() -> new Pseudonyms(new byte[15])).hasMessageContaining("ISO-EDIT-001");
  }

  @Test
  void modifiedDatesKeepIntervalsOfAPatient() {
    DataSet first =
        new DataSet()
            .set(Tag.PatientID, "9990000018")
            .set(Tag.StudyDate, "20240301")
            .set(Tag.StudyTime, "101500")
            .set(Tag.AcquisitionDateTime, "20240302101500.5+0100");
    DataSet second = new DataSet().set(Tag.PatientID, "9990000018").set(Tag.StudyDate, "20240401");
    Deidentifier deidentifier = with(ProfileOption.RETAIN_MODIFIED_DATES);
    Deidentified one = deidentifier.deidentify(first);
    LocalDate moved = one.dataSet().date(Tag.StudyDate);
    assertThat(moved).isBefore(LocalDate.of(2024, 3, 1));
    assertThat(one.dataSet().string(Tag.StudyTime)).isEqualTo("101500");
    assertThat(one.dataSet().string(Tag.AcquisitionDateTime))
        .isEqualTo(moved.plusDays(1).toString().replace("-", "") + "101500.5+0100");
    assertThat(one.datesShifted()).isEqualTo(3);
    LocalDate later = deidentifier.deidentify(second).dataSet().date(Tag.StudyDate);
    assertThat(ChronoUnit.DAYS.between(moved, later)).isEqualTo(31);
    assertThat(one.dataSet().string(Tag.LongitudinalTemporalInformationModified))
        .isEqualTo("MODIFIED");
    assertThat(one.dataSet().string(Tag.PatientID))
        .hasSize(16)
        .isEqualTo(deidentifier.deidentify(second).dataSet().string(Tag.PatientID));
  }

  @Test
  void noDateStaysWhereTheOthersAreMoved() {
    DataSet set =
        new DataSet().set(Tag.StudyDate, "20240301").set(Tag.DateOfLastCalibration, "20240301");
    DataSet out =
        with(ProfileOption.RETAIN_MODIFIED_DATES, ProfileOption.RETAIN_DEVICE_IDENTITY)
            .deidentify(set)
            .dataSet();
    assertThat(out.string(Tag.DateOfLastCalibration))
        .isNotEqualTo("20240301")
        .isEqualTo(out.string(Tag.StudyDate));
  }

  @ParameterizedTest
  @CsvSource({
    "DA,20240301,20240229",
    "DA,2024.03.01,20240229",
    "DT,202403,202402",
    "DT,2024,2023",
    "DT,20240301-0500,20240229-0500",
    "TM,1015,1015",
    "DA,,''"
  })
  void aDateMovesWithAsManyDigits(Vr vr, String text, String moved) {
    assertThat(new DateShift(1).shift(vr, text == null ? "" : text)).contains(moved);
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "20241301", "20240301x", "00010101"})
  void whatIsNoDateFallsBackToTheBasicProfile(String text) {
    DataSet set = new DataSet();
    set.put(new Element.Value(Tag.StudyDate, Vr.DA, text.getBytes()));
    DataSet out = with(ProfileOption.RETAIN_MODIFIED_DATES).deidentify(set).dataSet();
    assertThat(out.bytes(Tag.StudyDate)).isEmpty();
  }

  @Test
  void privateElementsGoUnlessTheyAreKnownToBeSafe() {
    DataSet set = new DataSet();
    PrivateBlock.reserve(set, 0x0019, "VENDOR").set(1, Vr.LO, "SECRET").set(2, Vr.DS, "1.5");
    PrivateBlock.reserve(set, 0x0021, "DECLARED").set(7, Vr.DS, "2.5");
    set.addItem(Tag.PrivateDataElementCharacteristicsSequence)
        .set(Tag.PrivateGroupReference, "33")
        .set(Tag.PrivateCreatorReference, "DECLARED")
        .set(Tag.BlockIdentifyingInformationStatus, "SAFE");
    Deidentified basic = Deidentifier.basic(KEY).deidentify(set);
    assertThat(basic.privateRemoved()).isEqualTo(5);
    assertThat(basic.dataSet().contains(0x00190010)).isFalse();
    DataSet safe =
        new Deidentifier(
                KEY,
                Set.of(ProfileOption.RETAIN_SAFE_PRIVATE),
                null,
                Set.of(new SafePrivate(0x0019, "VENDOR", 2)))
            .deidentify(set)
            .dataSet();
    assertThat(safe.getPrivate(0x0019, "VENDOR", 1)).isNull();
    assertThat(safe.getPrivate(0x0019, "VENDOR", 2)).isNotNull();
    assertThat(safe.getPrivate(0x0021, "DECLARED", 7)).isNotNull();
  }

  /** PS3.15 Table E.3.10-1. */
  @Test
  void privateElementsThatTheStandardListsAreSafeAndCleaned() {
    assertThat(SafePrivate.standard()).hasSize(479);
    assertThat(SafePrivate.standard().stream().map(SafePrivate::creator).distinct()).hasSize(20);
    DataSet set = new DataSet().set(Tag.SeriesInstanceUID, UID);
    PrivateBlock philips = PrivateBlock.reserve(set, 0x2001, "Philips Imaging DD 001");
    philips.set(3, Vr.FL, "1000").set(0x0d, Vr.LO, "SECRET");
    PrivateBlock.reserve(set, 0x0099, "NQHeader").set(2, Vr.UI, UID);
    set.put(
        new Element.Sequence(
            philips.tag(0x5f), List.of(new DataSet().set(Tag.PatientComments, "SECRET"))));
    set.put(new Element.Value(philips.tag(0x68), Vr.UN, "SECRET".getBytes()));
    DataSet safe =
        new Deidentifier(
                KEY, Set.of(ProfileOption.RETAIN_SAFE_PRIVATE), null, SafePrivate.standard())
            .deidentify(set)
            .dataSet();
    assertThat(safe.getPrivate(0x2001, "Philips Imaging DD 001", 3)).isNotNull();
    assertThat(safe.getPrivate(0x2001, "Philips Imaging DD 001", 0x0d)).isNull();
    assertThat(safe.getPrivate(0x2001, "Philips Imaging DD 001", 0x68)).isNull();
    assertThat(safe.items(philips.tag(0x5f)))
        .singleElement()
        .satisfies(item -> assertThat(item.contains(Tag.PatientComments)).isFalse());
    assertThat(safe.string(0x00991002))
        .isEqualTo(safe.string(Tag.SeriesInstanceUID))
        .isEqualTo(KEY.uid(UID));
  }

  @Test
  void beyondTheTableNothingThatCannotBeJudgedIsKept() {
    DataSet set = new DataSet().set(Tag.Rows, "512").set(0x00f00010, Vr.LO, "SECRET");
    set.put(new Element.Value(Tag.ReferencedSeriesSequence, Vr.UN, "SECRET".getBytes()));
    set.addItem(Tag.SharedFunctionalGroupsSequence)
        .addItem(Tag.FrameAnatomySequence)
        .set(Tag.PatientComments, "SECRET");
    Deidentified out = Deidentifier.basic(KEY).deidentify(set);
    assertThat(out.unknownRemoved()).isEqualTo(2);
    assertThat(out.removed()).isEqualTo(1);
    assertThat(out.dataSet().integer(Tag.Rows)).isEqualTo(512);
    assertThat(set.contains(0x00f00010)).isTrue();
  }

  @Test
  void textIsCleanedByTheCallersCleaner() {
    DataSet set = new DataSet().set(Tag.StudyDescription, "CT of SECRET").set(Tag.PatientName, "S");
    DataSet item = set.addItem(Tag.ContentSequence).set(Tag.ValueType, "TEXT");
    item.set(Tag.TextValue, "SECRET").set(Tag.PersonName, "SECRET");
    DataSet out =
        with(ProfileOption.CLEAN_DESCRIPTORS, ProfileOption.CLEAN_STRUCTURED_CONTENT)
            .deidentify(set)
            .dataSet();
    assertThat(out.string(Tag.StudyDescription)).isEqualTo("CLEAN");
    DataSet content = out.item(Tag.ContentSequence).orElseThrow();
    assertThat(content.string(Tag.TextValue)).isEqualTo("CLEAN");
    assertThat(content.string(Tag.ValueType)).isEqualTo("TEXT");
    assertThat(content.string(Tag.PersonName)).isEqualTo("ANONYMIZED");
    DataSet refused =
        new Deidentifier(
                KEY,
                Set.of(ProfileOption.CLEAN_DESCRIPTORS, ProfileOption.CLEAN_STRUCTURED_CONTENT),
                (tag, text) -> null,
                Set.of())
            .deidentify(set)
            .dataSet();
    assertThat(refused.contains(Tag.StudyDescription)).isFalse();
    assertThat(refused.item(Tag.ContentSequence).orElseThrow().string(Tag.TextValue))
        .isEqualTo("ANONYMIZED");
  }

  @Test
  void textOfAGraphicIsCleanedWithTheGraphic() throws IOException {
    DataSet set = new DataSet();
    set.addItem(Tag.GraphicAnnotationSequence)
        .addItem(Tag.TextObjectSequence)
        .set(Tag.UnformattedTextValue, "SECRET");
    AttributePath text =
        AttributePath.parse(
            "GraphicAnnotationSequence[1].TextObjectSequence[1].UnformattedTextValue");
    assertThat(with(ProfileOption.CLEAN_GRAPHICS).deidentify(set).dataSet().string(text))
        .isEqualTo("CLEAN");
    assertThat(content(Deidentifier.basic(KEY).deidentify(set).dataSet())).doesNotContain("SECRET");
  }

  @Test
  void optionsThatCannotBeHeldAreRefused() {
    assertThatThrownBy(
            () -> with(ProfileOption.RETAIN_FULL_DATES, ProfileOption.RETAIN_MODIFIED_DATES))
        .hasMessageContaining("ISO-EDIT-002");
    assertThatThrownBy(
            () -> new Deidentifier(KEY, Set.of(ProfileOption.CLEAN_GRAPHICS), null, Set.of()))
        .hasMessageContaining("ISO-EDIT-003");
  }

  @ParameterizedTest
  @EnumSource(ProfileOption.class)
  void theDataSetSaysWhatWasDone(ProfileOption option) {
    DataSet out = with(option).deidentify(new DataSet()).dataSet();
    assertThat(out.string(Tag.PatientIdentityRemoved)).isEqualTo("YES");
    assertThat(out.items(Tag.DeidentificationMethodCodeSequence))
        .extracting(i -> i.string(Tag.CodeValue))
        .containsExactly("113100", option.code());
    assertThat(out.string(Tag.DeidentificationMethod)).isNotBlank();
  }

  @ParameterizedTest
  @CsvSource({
    "YES,CT,YES,true",
    "NO,US,NO,false",
    ",US,SUSPECTED,true",
    ",CT,NOT_STATED,false",
    ",XA,SUSPECTED,true"
  })
  void pixelsThatMayTellAreReported(
      String stated, String modality, BurnedIn burnedIn, boolean look) {
    DataSet set = new DataSet().set(Tag.Modality, modality);
    if (stated != null) {
      set.set(Tag.BurnedInAnnotation, stated);
    }
    Deidentified out = Deidentifier.basic(KEY).deidentify(set);
    assertThat(out.burnedIn()).isEqualTo(burnedIn);
    assertThat(out.needsReview()).isEqualTo(look);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        Uid.IMPLICIT_VR_LITTLE_ENDIAN,
        Uid.EXPLICIT_VR_LITTLE_ENDIAN,
        Uid.EXPLICIT_VR_BIG_ENDIAN,
        Uid.DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN
      })
  void pixelDataGoesFromFileToFile(String syntaxUid, @TempDir Path folder) throws IOException {
    byte[] pixels = new byte[3 << 20];
    new java.util.Random(7).nextBytes(pixels);
    DataSet set =
        new DataSet()
            .set(Tag.SOPInstanceUID, UID)
            .set(Tag.PatientName, "SECRET^NAME")
            .set(Tag.Rows, "1024");
    set.put(new Element.Value(Tag.PixelData, Vr.OW, pixels));
    set.put(new Element.Value(Tag.DataSetTrailingPadding, Vr.OB, new byte[10]));
    TransferSyntax syntax = TransferSyntax.of(syntaxUid);
    Path file = folder.resolve("in.dcm");
    FileMetaInformation meta =
        new FileMetaInformation(Uid.CT_IMAGE_STORAGE, UID, syntaxUid, "SECRET");
    try (var out = Files.newOutputStream(file)) {
      out.write(meta.encode());
      new DataSetWriter(out, syntax, DataSetWriter.BulkSource.NONE).write(set);
    }
    ByteArrayOutputStream result = new ByteArrayOutputStream();
    Deidentifier deidentifier = Deidentifier.basic(KEY);
    ReaderLimits small = new ReaderLimits(8, 100, 1000, 4000, 10);
    new ObjectRewriter(small)
        .rewrite(
            file,
            result,
            parts ->
                new ObjectRewriter.Parts(
                    deidentifier.deidentify(parts.meta()),
                    deidentifier.deidentify(parts.dataSet()).dataSet()));
    var in = new java.io.ByteArrayInputStream(result.toByteArray());
    FileMetaInformation written = FileMetaInformation.read(in).meta();
    DataSet back =
        new DataSetReader(in, syntax, ReaderLimits.DEFAULT.withMaxValueBytes(1 << 23)).read();
    assertThat(back.string(Tag.SOPInstanceUID))
        .isEqualTo(written.sopInstanceUid())
        .isEqualTo(KEY.uid(UID));
    assertThat(back.contains(Tag.DataSetTrailingPadding)).isFalse();
    assertThat(back.string(Tag.PatientName)).isNull();
    assertThat(back.get(Tag.PixelData)).isInstanceOf(Element.Bulk.class);
    byte[] plain = plain(result.toByteArray(), syntax);
    Element.Bulk bulk = (Element.Bulk) back.get(Tag.PixelData);
    byte[] copied =
        Arrays.copyOfRange(plain, (int) bulk.offset(), (int) (bulk.offset() + bulk.length()));
    if (syntax.bigEndian()) {
      for (int i = 0; i < copied.length; i += 2) {
        byte b = copied[i];
        copied[i] = copied[i + 1];
        copied[i + 1] = b;
      }
    }
    assertThat(Arrays.equals(copied, pixels)).isTrue();
    assertThat(Map.of("text", new String(plain, StandardCharsets.ISO_8859_1).contains("SECRET")))
        .containsEntry("text", false);
  }

  private static byte[] plain(byte[] file, TransferSyntax syntax) throws IOException {
    var in = new java.io.ByteArrayInputStream(file);
    FileMetaInformation.read(in);
    return syntax.deflated()
        ? new java.util.zip.InflaterInputStream(in, new java.util.zip.Inflater(true)).readAllBytes()
        : in.readAllBytes();
  }
}
