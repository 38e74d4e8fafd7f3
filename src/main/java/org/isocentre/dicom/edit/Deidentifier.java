package org.isocentre.dicom.edit;

import java.util.EnumSet;
import java.util.HashSet;
import java.util.Set;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.edit.Deidentified.BurnedIn;
import org.isocentre.dicom.io.FileMetaInformation;

/**
 * De-identification by the Basic Application Level Confidentiality Profile and its options (PS3.15
 * Annex E), driven by Table E.1-1. Beyond the table, it removes elements that PS3.6 does not know
 * and empties names of persons. Safe for use by several threads if the cleaner is.
 */
public final class Deidentifier {
  /** Kinds of images that often have text in their pixels. */
  private static final Set<String> OFTEN_BURNED_IN =
      Set.of("US", "IVUS", "XA", "RF", "ES", "XC", "GM", "OT", "DOC", "OP", "BDUS", "ECG", "BMD");

  private static final String SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7";
  private static final String METHOD = "PS3.15 Table E.1-1 2026d, by Isocentre";

  private final Pseudonyms pseudonyms;
  private final Set<ProfileOption> options;
  private final TextCleaner cleaner;
  private final Set<SafePrivate> safe;

  /**
   * @param options none: the basic profile alone
   * @param cleaner for options that clean text; null if none of them is chosen
   * @param safe for Retain Safe Private, such as {@link SafePrivate#standard}, in addition to what
   *     data sets declare in Private Data Element Characteristics Sequence (0008,0300); their UIDs
   *     are replaced unless Retain UIDs is chosen, too, and items in them are treated
   * @throws IllegalArgumentException if options exclude each other or lack the cleaner
   */
  public Deidentifier(
      Pseudonyms pseudonyms,
      Set<ProfileOption> options,
      TextCleaner cleaner,
      Set<SafePrivate> safe) {
    this.pseudonyms = pseudonyms;
    this.options = options.isEmpty() ? Set.of() : Set.copyOf(EnumSet.copyOf(options));
    this.cleaner = cleaner;
    this.safe = Set.copyOf(safe);
    if (options.contains(ProfileOption.RETAIN_FULL_DATES)
        && options.contains(ProfileOption.RETAIN_MODIFIED_DATES)) {
      throw new IllegalArgumentException(
          "ISO-EDIT-002: dates are retained in full or modified, not both (PS3.15 §E.3.6)");
    }
    Set<ProfileOption> cleaning =
        new HashSet<>(
            Set.of(
                ProfileOption.CLEAN_DESCRIPTORS,
                ProfileOption.CLEAN_STRUCTURED_CONTENT,
                ProfileOption.CLEAN_GRAPHICS));
    cleaning.retainAll(options);
    if (cleaner == null && !cleaning.isEmpty()) {
      throw new IllegalArgumentException(
          "ISO-EDIT-003: " + cleaning + " needs a cleaner of text, and none was given");
    }
  }

  /** The basic profile alone. */
  public static Deidentifier basic(Pseudonyms pseudonyms) {
    return new Deidentifier(pseudonyms, Set.of(), null, Set.of());
  }

  /** A data set without what identifies the patient; the original stays as it is. */
  public Deidentified deidentify(DataSet original) {
    DataSet set = original.copy();
    String patient = patient(original);
    Deidentification work = new Deidentification(pseudonyms, options, cleaner, safe, patient);
    work.apply(set);
    if (set.contains(Tag.PatientID)) {
      set.set(Tag.PatientID, pseudonyms.patientId(patient));
    }
    declare(set);
    return work.result(set, burnedIn(original), hasFeatures(original));
  }

  /** File Meta Information to go with the data set: the same new UID, no AE title. */
  public FileMetaInformation deidentify(FileMetaInformation meta) {
    boolean keep = options.contains(ProfileOption.RETAIN_UIDS) || meta.sopInstanceUid() == null;
    return new FileMetaInformation(
        meta.sopClassUid(),
        keep ? meta.sopInstanceUid() : pseudonyms.uid(meta.sopInstanceUid()),
        meta.transferSyntaxUid(),
        null);
  }

  /** The patient whose dates move together; without Patient ID, those of the study do. */
  private static String patient(DataSet set) {
    String id = set.string(Tag.PatientID);
    return id == null
        ? "study\\" + set.string(Tag.StudyInstanceUID)
        : id + "\\" + set.string(Tag.IssuerOfPatientID);
  }

  private void declare(DataSet set) {
    set.set(Tag.PatientIdentityRemoved, "YES").set(Tag.DeidentificationMethod, METHOD);
    code(set, "113100", "Basic Application Confidentiality Profile");
    options.stream().sorted().forEach(o -> code(set, o.code(), o.meaning()));
    String dates =
        options.contains(ProfileOption.RETAIN_FULL_DATES)
            ? "UNMODIFIED"
            : options.contains(ProfileOption.RETAIN_MODIFIED_DATES) ? "MODIFIED" : "REMOVED";
    set.set(Tag.LongitudinalTemporalInformationModified, dates);
  }

  private static void code(DataSet set, String value, String meaning) {
    set.addItem(Tag.DeidentificationMethodCodeSequence)
        .set(Tag.CodeValue, value)
        .set(Tag.CodingSchemeDesignator, "DCM")
        .set(Tag.CodeMeaning, meaning);
  }

  private static BurnedIn burnedIn(DataSet set) {
    String stated = set.string(Tag.BurnedInAnnotation);
    if ("YES".equals(stated) || "NO".equals(stated)) {
      return BurnedIn.valueOf(stated);
    }
    String modality = set.string(Tag.Modality);
    String sopClass = set.string(Tag.SOPClassUID);
    return modality != null && OFTEN_BURNED_IN.contains(modality)
            || sopClass != null && sopClass.startsWith(SECONDARY_CAPTURE)
        ? BurnedIn.SUSPECTED
        : BurnedIn.NOT_STATED;
  }

  private static boolean hasFeatures(DataSet set) {
    return "YES".equals(set.string(Tag.RecognizableVisualFeatures));
  }
}
