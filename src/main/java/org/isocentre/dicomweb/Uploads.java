package org.isocentre.dicomweb;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.isocentre.consent.Watch;
import org.isocentre.dicom.data.AttributePath;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.TransferSyntax;
import org.isocentre.dicom.dimse.DataSetInfo;
import org.isocentre.dicom.dimse.DataSetSink;
import org.isocentre.dicom.dimse.DimseStatusException;
import org.isocentre.dicom.dimse.ReceivedDataSet;
import org.isocentre.dicom.dimse.Status;
import org.isocentre.dicom.edit.Coercion;
import org.isocentre.dicom.edit.CoercionRule;
import org.isocentre.dicom.image.ImageObject;
import org.isocentre.dicom.io.DataSetReader;
import org.isocentre.dicom.io.DataSetWriter;
import org.isocentre.dicom.io.DicomParseException;
import org.isocentre.dicom.io.ReaderLimits;
import org.isocentre.index.PatientIndex;
import org.isocentre.index.UploadIndex;
import org.isocentre.index.UploadIndex.Says;
import org.isocentre.index.UploadIndex.Upload;
import org.isocentre.ingest.InstanceReceiver;
import org.isocentre.ingest.SpoolingSink;
import org.isocentre.model.Caller;
import org.isocentre.model.NhsNumber;
import org.isocentre.model.Patient;
import org.isocentre.model.PatientKey;
import org.isocentre.model.TimeUuid;
import org.isocentre.store.ObjectStore;
import org.isocentre.store.ObjectStore.StoredObject;
import org.isocentre.store.StoreFullException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Objects that patients bring: kept apart in the store, seen by nobody but who decides on them. Of
 * what is accepted a copy is filed that says whose it is by their NHS number (PS3.3 §C.12.1.1.9,
 * IHE Import Reconciliation Workflow): the number that another hospital gave them could be somebody
 * else's here, and so could its accession number.
 */
public final class Uploads {
  private static final Logger LOG = LoggerFactory.getLogger(Uploads.class);
  private static final String KIND = "upload";
  private static final String KEY_OBJECT_SELECTION = "1.2.840.10008.5.1.4.1.1.88.59";
  private static final String NHS = "NHS";
  private static final String SYSTEM = "ISOCENTRE";
  private static final String CALLER = "UPLOAD";
  private static final int BATCH = 200;
  private static final int MAX_ATTEMPTS = 20;
  private static final int BUFFER = 128 * 1024;
  private static final Watch OPEN = new Watch(() -> true);

  private final ObjectStore store;
  private final UploadIndex index;
  private final PatientIndex patients;
  private final StoredFiles files;
  private final DataSetSink.Factory sinks;
  private final InstanceReceiver receiver;
  private final Renderer renderer;
  private final Limits limits;
  private final Clock clock;

  /**
   * Of what may wait of one patient.
   *
   * @param maxBytes of all objects
   */
  public record Limits(int maxObjects, long maxBytes) {}

  /**
   * @param sinks of objects that are filed
   */
  public Uploads(
      ObjectStore store,
      UploadIndex index,
      PatientIndex patients,
      StoredFiles files,
      DataSetSink.Factory sinks,
      InstanceReceiver receiver,
      Renderer renderer,
      Limits limits,
      Clock clock) {
    this.store = store;
    this.index = index;
    this.patients = patients;
    this.files = files;
    this.sinks = sinks;
    this.receiver = receiver;
    this.renderer = renderer;
    this.limits = limits;
    this.clock = clock;
  }

  DataSetSink.Factory sinks() {
    return info -> new SpoolingSink(store, info, KIND);
  }

  /**
   * Makes an object durable, and notes that it waits.
   *
   * @return its study
   * @throws DimseStatusException C000, A900 for what could not be filed either, 0122 for what may
   *     take back other objects, A700 for more than may wait
   */
  UUID receive(Caller patient, ReceivedDataSet object) throws IOException {
    DataSetInfo info = object.info();
    if (info.sopClassUid().equals(KEY_OBJECT_SELECTION)) {
      // Of a trust it may take back what was sent: nobody may do that for it in passing.
      throw new DimseStatusException(
          Status.SOP_CLASS_NOT_SUPPORTED, "key object selections are not taken from patients");
    }
    DataSet set = read(object);
    String study = InstanceReceiver.checked(info, set);
    coerced(set, patient.nhsNumber(), patient.birthDate());
    UploadIndex.Waiting waits = index.waiting(patient.nhsNumber());
    if (waits.objects() >= limits.maxObjects()
        || waits.bytes() + object.part10Length() > limits.maxBytes()) {
      throw new DimseStatusException(
          Status.OUT_OF_RESOURCES, "more waits of this patient than may; it has to be decided on");
    }
    StoredObject stored = commit(object);
    UUID group = UploadIndex.study(patient.nhsNumber(), study);
    index.record(
        new Upload(
            TimeUuid.next(),
            group,
            patient.nhsNumber(),
            clock.instant(),
            info.sopClassUid(),
            info.sopInstanceUid(),
            study,
            set.string(Tag.SeriesInstanceUID),
            set.string(Tag.Modality),
            info.transferSyntaxUid(),
            says(set, patient),
            stored.key(),
            stored.sha256(),
            stored.size(),
            null,
            null,
            0));
    return group;
  }

  private static DataSet read(ReceivedDataSet object) throws IOException {
    try (InputStream in = object.openDataSet()) {
      return new DataSetReader(
              in, TransferSyntax.of(object.info().transferSyntaxUid()), ReaderLimits.DEFAULT)
          .readUntil(Tag.PixelData);
    } catch (DicomParseException e) {
      throw new DimseStatusException(
          Status.CANNOT_UNDERSTAND, "not readable in its transfer syntax: " + e.code(), e);
    }
  }

  private static StoredObject commit(ReceivedDataSet object) throws IOException {
    try {
      return ((SpoolingSink.Spooled) object).commit();
    } catch (StoreFullException e) {
      throw new DimseStatusException(Status.OUT_OF_RESOURCES, "the store is full", e);
    }
  }

  private Says says(DataSet set, Caller patient) {
    Optional<String> number =
        isNhs(set.string(Tag.IssuerOfPatientID))
            ? NhsNumber.parse(set.string(Tag.PatientID))
            : Optional.empty();
    LocalDate born = birthDate(patient.nhsNumber(), patient.birthDate());
    LocalDate said = set.date(Tag.PatientBirthDate);
    if (number.isPresent() && !number.get().equals(patient.nhsNumber())
        || born != null && said != null && !said.equals(born)) {
      return Says.OTHER;
    }
    return number.isPresent() || born != null && said != null ? Says.SAME : Says.UNSAID;
  }

  private static boolean isNhs(String issuer) {
    return issuer != null && issuer.toUpperCase(Locale.ROOT).equals(NHS);
  }

  /** What the index says, else what the token does. */
  private LocalDate birthDate(String nhsNumber, LocalDate said) {
    return patients.findByKey(new PatientKey(NHS, nhsNumber)).stream()
        .map((Patient p) -> p.identity().birthDate())
        .filter(java.util.Objects::nonNull)
        .findFirst()
        .orElse(said);
  }

  private DataSet coerced(DataSet set, String nhsNumber, LocalDate birthDate) {
    try {
      return coercion(nhsNumber, birthDate(nhsNumber, birthDate))
          .apply(set, clock.instant().atOffset(ZoneOffset.UTC))
          .dataSet();
    } catch (IllegalArgumentException e) {
      throw new DimseStatusException(
          Status.CANNOT_UNDERSTAND, "its attributes cannot be changed, which filing needs", e);
    }
  }

  private static Coercion coercion(String nhsNumber, LocalDate birthDate) {
    List<CoercionRule> rules = new ArrayList<>();
    rules.add(set(Tag.PatientID, nhsNumber));
    rules.add(set(Tag.IssuerOfPatientID, NHS));
    if (birthDate != null) {
      rules.add(set(Tag.PatientBirthDate, birthDate.toString().replace("-", "")));
    }
    for (int tag :
        Set.of(
            Tag.OtherPatientIDsSequence,
            Tag.IssuerOfPatientIDQualifiersSequence,
            Tag.AccessionNumber,
            Tag.IssuerOfAccessionNumberSequence,
            Tag.RequestAttributesSequence,
            Tag.ReferencedRequestSequence)) {
      rules.add(new CoercionRule.Remove(AttributePath.of(tag)));
    }
    return new Coercion(rules, SYSTEM, "");
  }

  private static CoercionRule set(int tag, String value) {
    return new CoercionRule.SetValues(AttributePath.of(tag), List.of(value));
  }

  // --- what a person looks at

  /** A JPEG, at most 1,024 pixels a side. */
  public byte[] picture(Upload upload) throws IOException {
    try (ImageObject image = files.image(held(upload), OPEN)) {
      return renderer.picture(image, 0, Renderer.JPEG, RenderingRequest.within(1024));
    }
  }

  /** The Part 10 file as it was brought. */
  public InputStream open(Upload upload) throws IOException {
    return store.open(upload.objectKey());
  }

  private static HeldObject held(Upload u) {
    return new HeldObject(
        u.study(),
        u.study(),
        u.studyInstanceUid(),
        u.seriesInstanceUid(),
        u.sopInstanceUid(),
        u.sopClassUid(),
        u.transferSyntaxUid(),
        u.objectKey(),
        u.sha256(),
        u.size());
  }

  // --- filing

  /**
   * Files what was accepted. Idempotent: of an object that was filed before, and not noted, the
   * same copy is made again, which the store has.
   */
  public void file() {
    for (Upload upload : index.toFile(BATCH)) {
      try {
        file(upload);
        index.filed(upload.id());
      } catch (IOException | DimseStatusException e) {
        boolean last = upload.attempts() + 1 >= MAX_ATTEMPTS;
        LOG.warn(
            "ISO-UPLOAD-001: object {} cannot be filed ({} of {} attempts): {}",
            upload.id(),
            upload.attempts() + 1,
            MAX_ATTEMPTS,
            e.getMessage());
        index.failed(upload.id(), last);
      }
    }
  }

  private void file(Upload upload) throws IOException {
    DataSetSink sink =
        sinks.open(
            new DataSetInfo(
                CALLER,
                CALLER,
                "",
                upload.sopClassUid(),
                upload.sopInstanceUid(),
                upload.transferSyntaxUid(),
                "",
                ""));
    boolean whole = false;
    try (ImageObject image = files.image(held(upload), OPEN)) {
      DataSet copy =
          coercion(upload.nhsNumber(), birthDate(upload.nhsNumber(), null))
              .apply(image.dataSet(), upload.decidedAt().atOffset(ZoneOffset.UTC))
              .dataSet();
      OutputStream out = new BufferedOutputStream(new SinkOutput(sink), BUFFER);
      new DataSetWriter(
              out,
              TransferSyntax.of(upload.transferSyntaxUid()),
              (offset, length, to) -> {
                try (InputStream in = image.source().open(offset)) {
                  Bytes.copy(in, to, length);
                }
              })
          .write(copy);
      out.flush();
      whole = true;
    } finally {
      if (!whole) {
        sink.abandon();
      }
    }
    try (ReceivedDataSet object = sink.complete()) {
      receiver.receiveFrom(upload.custodian(), object);
    }
  }
}
