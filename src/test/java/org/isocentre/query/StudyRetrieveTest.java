package org.isocentre.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.isocentre.consent.Watch;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.dimse.DimseStatusException;
import org.isocentre.dicom.dimse.Peer;
import org.isocentre.dicom.dimse.RetrieveHandler.Retrieval;
import org.isocentre.dicom.dimse.RetrieveRequest;
import org.isocentre.dicom.dimse.StoredObject;
import org.isocentre.dicom.io.FileMetaInformation;
import org.isocentre.model.Consent;
import org.isocentre.query.HubIndex.Sample;
import org.isocentre.store.FileObjectStore;
import org.isocentre.store.ObjectStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class StudyRetrieveTest {
  private static final String STUDY_MOVE = "1.2.840.10008.5.1.4.1.2.2.2";
  private static final String STUDY_GET = "1.2.840.10008.5.1.4.1.2.2.3";
  private static final String PATIENT_MOVE = "1.2.840.10008.5.1.4.1.2.1.2";
  private static final String EXPLICIT = "1.2.840.10008.1.2.1";

  @TempDir Path directory;
  private HubIndex hub;
  private ObjectStore store;
  private UUID study;

  @BeforeEach
  void fill() throws IOException {
    hub = new HubIndex(Databases.h2());
    store = new FileObjectStore(directory, 0, false);
    study = store("RTH", "1.1", "1.1.1", "1.1.1.2", 2);
    store("RTH", "1.1", "1.1.1", "1.1.1.1", 1);
    store("RTH", "1.1", "1.1.2", "1.1.2.1", 3);
    store("RJ1", "2.1", "2.1.1", "2.1.1.1", 4);
  }

  @AfterEach
  void close() {
    store.close();
  }

  private UUID store(String custodian, String study, String series, String uid, int number)
      throws IOException {
    ObjectStore.StoredObject stored;
    try (ObjectStore.ObjectWriter writer = store.create("dcm")) {
      writer.writeUndigested(
          ByteBuffer.wrap(new FileMetaInformation(HubIndex.CT, uid, EXPLICIT, null).encode()));
      writer.write(ByteBuffer.wrap(("bytes of " + uid).getBytes(StandardCharsets.US_ASCII)));
      stored = writer.commit();
    }
    return hub.store(
        new Sample(
            custodian,
            "P1",
            null,
            "TEST^CASE",
            LocalDate.of(1974, 2, 13),
            study,
            "A1",
            LocalDate.of(2026, 1, 10),
            null,
            null,
            series,
            "CT",
            uid,
            number),
        stored.sha256(),
        stored.key());
  }

  private StudyRetrieveHandler handler(int limit, LosslessForms forms) {
    return new StudyRetrieveHandler(hub.queries, store, hub.trusts, forms, limit);
  }

  private Retrieval retrieve(
      Peer peer, String sopClass, DataSet keys, boolean relational, String destination) {
    return handler(10, LosslessForms.NONE)
        .retrieve(new RetrieveRequest(sopClass, keys, relational, destination, peer));
  }

  private static DataSet keys(String level) {
    return new DataSet().set(Tag.QueryRetrieveLevel, level);
  }

  private static List<String> uids(Retrieval retrieval) {
    List<String> uids = new ArrayList<>();
    retrieval.objects().forEachRemaining(o -> uids.add(o.sopInstanceUid()));
    assertThat(retrieval.count()).isEqualTo(uids.size());
    return uids;
  }

  private record Case(
      String name, String sopClass, DataSet keys, boolean relational, String... found) {}

  @TestFactory
  Stream<DynamicTest> uniqueKeysSelect() {
    return Stream.of(
            new Case(
                "study",
                STUDY_GET,
                keys("STUDY").set(Tag.StudyInstanceUID, "1.1"),
                false,
                "1.1.1.1",
                "1.1.1.2",
                "1.1.2.1"),
            new Case(
                "another trust's study",
                STUDY_GET,
                keys("STUDY").set(Tag.StudyInstanceUID, "2.1"),
                false),
            new Case(
                "list of studies",
                STUDY_GET,
                keys("STUDY").set(Tag.StudyInstanceUID, "2.1", "1.1"),
                false,
                "1.1.1.1",
                "1.1.1.2",
                "1.1.2.1"),
            new Case(
                "series",
                STUDY_GET,
                keys("SERIES").set(Tag.StudyInstanceUID, "1.1").set(Tag.SeriesInstanceUID, "1.1.2"),
                false,
                "1.1.2.1"),
            new Case(
                "list of images",
                STUDY_GET,
                keys("IMAGE")
                    .set(Tag.StudyInstanceUID, "1.1")
                    .set(Tag.SeriesInstanceUID, "1.1.1")
                    .set(Tag.SOPInstanceUID, "1.1.1.2", "1.1.2.1"),
                false,
                "1.1.1.2"),
            new Case(
                "image alone, relational",
                STUDY_GET,
                keys("IMAGE").set(Tag.SOPInstanceUID, "1.1.2.1"),
                true,
                "1.1.2.1"),
            new Case(
                "patient",
                "1.2.840.10008.5.1.4.1.2.1.3",
                keys("PATIENT").set(Tag.PatientID, "P1"),
                false,
                "1.1.1.1",
                "1.1.1.2",
                "1.1.2.1"))
        .map(
            c ->
                DynamicTest.dynamicTest(
                    c.name(),
                    () ->
                        assertThat(
                                uids(
                                    retrieve(
                                        HubIndex.RTH,
                                        c.sopClass(),
                                        c.keys(),
                                        c.relational(),
                                        null)))
                            .containsExactly(c.found())));
  }

  private record Wrong(
      String name, DataSet keys, String sopClass, String destination, int status) {}

  @TestFactory
  Stream<DynamicTest> requestsThatDoNotFitAreRefused() {
    DataSet whole = keys("STUDY").set(Tag.StudyInstanceUID, "1.1");
    return Stream.of(
            new Wrong("no unique key", keys("STUDY"), STUDY_MOVE, "RTHPACS", 0xa900),
            new Wrong(
                "no key above",
                keys("SERIES").set(Tag.SeriesInstanceUID, "1.1.1"),
                STUDY_MOVE,
                "RTHPACS",
                0xa900),
            new Wrong("no level", new DataSet(), STUDY_MOVE, "RTHPACS", 0xa900),
            new Wrong("patient ID missing", whole, PATIENT_MOVE, "RTHPACS", 0xa900),
            new Wrong("unknown destination", whole, STUDY_MOVE, "NOBODY", 0xa801),
            new Wrong("destination that does not listen", whole, STUDY_MOVE, "RJ1PACS", 0xa801))
        .map(
            w ->
                DynamicTest.dynamicTest(
                    w.name(),
                    () ->
                        assertThatThrownBy(
                                () ->
                                    retrieve(
                                        HubIndex.RTH,
                                        w.sopClass(),
                                        w.keys(),
                                        false,
                                        w.destination()))
                            .isInstanceOfSatisfying(
                                DimseStatusException.class,
                                e -> {
                                  assertThat(e.status()).isEqualTo(w.status());
                                  assertThat(e.getMessage()).hasSizeLessThanOrEqualTo(64);
                                })));
  }

  @Test
  void aMoveNamesTheNodeOfTheDirectory() {
    Retrieval retrieval =
        retrieve(
            HubIndex.RTH,
            STUDY_MOVE,
            keys("STUDY").set(Tag.StudyInstanceUID, "1.1"),
            false,
            "RTHPACS");
    assertThat(retrieval.destination().aeTitle()).isEqualTo("RTHPACS");
    assertThat(retrieval.destination().port()).isEqualTo(11113);
    assertThat(retrieval.destination().tls()).isFalse();
  }

  @Test
  void aNodeThatListensForTlsIsReachedByTls() {
    DataSet keys = keys("STUDY").set(Tag.StudyInstanceUID, "1.1");
    assertThat(retrieve(HubIndex.RTH, STUDY_MOVE, keys, false, "RTHSAFE").destination().tls())
        .isTrue();
  }

  @Test
  void objectsOpenWithoutFileMetaInformation() throws IOException {
    StoredObject object =
        retrieve(
                HubIndex.RTH,
                STUDY_GET,
                keys("IMAGE").set(Tag.SOPInstanceUID, "1.1.1.2"),
                true,
                null)
            .objects()
            .next();
    try (InputStream in = object.openDataSet(object.transferSyntaxUid())) {
      assertThat(new String(in.readAllBytes(), StandardCharsets.US_ASCII))
          .isEqualTo("bytes of 1.1.1.2");
    }
    assertThat(object.losslessAlternatives()).isEmpty();
    assertThatThrownBy(() -> object.openDataSet("1.2.840.10008.1.2"))
        .isInstanceOf(IOException.class);
  }

  /** So that patients read who took their images. */
  @Test
  void aRetrievalIsNotedForEachStudyWithItsPatient() {
    hub.jdbc.sql("delete from audit_entry").update();
    retrieve(HubIndex.RTH, STUDY_GET, keys("STUDY").set(Tag.StudyInstanceUID, "1.1"), false, null);
    assertThat(
            hub.jdbc
                .sql("select entity_id, patient_id, permitted, detail from audit_entry")
                .query()
                .listOfRows())
        .singleElement()
        .satisfies(
            row -> {
              assertThat(row).containsEntry("ENTITY_ID", study.toString());
              assertThat(row)
                  .containsEntry("PATIENT_ID", hub.studies.find(study).orElseThrow().patientId());
              assertThat(row).containsEntry("PERMITTED", true);
            });
  }

  @Test
  void tooManyObjectsAreRefused() {
    RetrieveRequest request =
        new RetrieveRequest(
            STUDY_GET, keys("STUDY").set(Tag.StudyInstanceUID, "1.1"), false, null, HubIndex.RTH);
    assertThat(handler(3, LosslessForms.NONE).retrieve(request).count()).isEqualTo(3);
    assertThatThrownBy(() -> handler(2, LosslessForms.NONE).retrieve(request))
        .isInstanceOfSatisfying(
            DimseStatusException.class, e -> assertThat(e.status()).isEqualTo(0xa701));
  }

  @Test
  void aPatientsRefusalKeepsObjectsFromAnotherTrust() {
    hub.transfer(hub.studies.findByStudyInstanceUid("2.1").get(0).id(), "RTH");
    DataSet theirs = keys("STUDY").set(Tag.StudyInstanceUID, "2.1");
    DataSet own = keys("STUDY").set(Tag.StudyInstanceUID, "1.1");
    assertThat(uids(retrieve(HubIndex.RTH, STUDY_GET, theirs, false, null))).hasSize(1);
    hub.studies.findByStudyInstanceUid("2.1").forEach(s -> refuse(s.patientId(), "RTH"));
    assertThat(uids(retrieve(HubIndex.RTH, STUDY_GET, theirs, false, null))).isEmpty();
    refuse(hub.studies.find(study).orElseThrow().patientId(), "RTH");
    assertThat(uids(retrieve(HubIndex.RTH, STUDY_MOVE, own, false, "RTHPACS"))).hasSize(3);
    hub.transfer(study, "RJ1");
    assertThatThrownBy(() -> retrieve(HubIndex.RJ1, STUDY_MOVE, theirs, false, "NOBODY"))
        .isInstanceOf(DimseStatusException.class);
    assertThatThrownBy(() -> retrieve(HubIndex.RJ1, STUDY_MOVE, own, false, "NOBODY"))
        .isInstanceOf(DimseStatusException.class);
    // RTH is the custodian, so its own study may go back to it whatever the patient said.
    assertThat(uids(retrieve(HubIndex.RJ1, STUDY_MOVE, own, false, "RTHPACS"))).hasSize(3);
    // What RJ1 has of its own may not go to RTH, which the patient refuses.
    assertThatThrownBy(() -> retrieve(HubIndex.RJ1, STUDY_MOVE, theirs, false, "RTHPACS"))
        .isInstanceOfSatisfying(
            DimseStatusException.class, e -> assertThat(e.status()).isEqualTo(0x0124));
  }

  @Test
  void aRefusalEndsARetrievalThatHasBegun() throws Exception {
    hub.transfer(hub.studies.findByStudyInstanceUid("2.1").get(0).id(), "RTH");
    DataSet theirs = keys("STUDY").set(Tag.StudyInstanceUID, "2.1");
    var object = retrieve(HubIndex.RTH, STUDY_GET, theirs, false, null).objects().next();
    hub.studies.findByStudyInstanceUid("2.1").forEach(s -> refuse(s.patientId(), "RTH"));
    Awaitility.await()
        .atMost(Duration.ofSeconds(1))
        .until(
            () -> {
              try {
                object.openDataSet(object.transferSyntaxUid()).close();
                return false;
              } catch (Watch.WithdrawnException e) {
                return true;
              } catch (IOException e) {
                return false;
              }
            });
  }

  private void refuse(UUID patient, String organisation) {
    hub.consents.add(
        new Consent(
            UUID.randomUUID(),
            patient,
            false,
            organisation,
            "active",
            null,
            null,
            Instant.now(),
            "test",
            Instant.now()));
  }
}
