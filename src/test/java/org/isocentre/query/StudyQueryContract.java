package org.isocentre.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.dimse.DimseStatusException;
import org.isocentre.dicom.dimse.Matches;
import org.isocentre.dicom.dimse.Peer;
import org.isocentre.dicom.dimse.Query;
import org.isocentre.dicom.dimse.Query.Option;
import org.isocentre.index.QueryIndex;
import org.isocentre.index.QueryLevel;
import org.isocentre.index.StudyField;
import org.isocentre.index.StudyFind;
import org.isocentre.index.Visibility;
import org.isocentre.query.HubIndex.Sample;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What C-FIND must answer, whichever database holds the index. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class StudyQueryContract {
  private static final String STUDY_ROOT = "1.2.840.10008.5.1.4.1.2.2.1";
  private static final String PATIENT_ROOT = "1.2.840.10008.5.1.4.1.2.1.1";
  private static final String NHS = "9990000018";

  private HubIndex hub;
  private UUID foreign;

  abstract DataSource database() throws Exception;

  @BeforeAll
  void fill() throws Exception {
    hub = new HubIndex(database());
    // Study 1.1: two series (CT with two images, PR), study 1.2: the same patient, study 1.3:
    // another.
    store(
        "RTH",
        "P1",
        NHS,
        "Müller^Anna",
        "1.1",
        "A1",
        "20260110",
        "10:15:00",
        "CT head",
        "1.1.1",
        "CT",
        "1.1.1.1",
        1);
    store(
        "RTH",
        "P1",
        NHS,
        "Müller^Anna",
        "1.1",
        "A1",
        "20260110",
        "10:15:00",
        "CT head",
        "1.1.1",
        "CT",
        "1.1.1.2",
        2);
    store(
        "RTH",
        "P1",
        NHS,
        "Müller^Anna",
        "1.1",
        "A1",
        "20260110",
        "10:15:00",
        "CT head",
        "1.1.2",
        "PR",
        "1.1.2.1",
        3);
    store(
        "RTH",
        "P1",
        NHS,
        "MULLER^ANNA^^",
        "1.2",
        "A2",
        "20260112",
        "23:30:00",
        "MR 100%_knee",
        "1.2.1",
        "MR",
        "1.2.1.1",
        4);
    store(
        "RTH",
        "P2",
        null,
        "Smith^John=山田^太郎",
        "1.3",
        null,
        "20260111",
        null,
        null,
        "1.3.1",
        "US",
        "1.3.1.1",
        5);
    foreign =
        store(
            "RJ1",
            "P1",
            null,
            "Other^Trust",
            "2.1",
            "A1",
            "20260110",
            "08:00:00",
            "CT head",
            "2.1.1",
            "CT",
            "2.1.1.1",
            6);
  }

  private UUID store(
      String custodian,
      String id,
      String nhs,
      String name,
      String study,
      String accession,
      String date,
      String time,
      String description,
      String series,
      String modality,
      String instance,
      int number) {
    return hub.store(
        new Sample(
            custodian,
            id,
            nhs,
            name,
            LocalDate.of(1974, 2, 13),
            study,
            accession,
            LocalDate.parse(date, java.time.format.DateTimeFormatter.BASIC_ISO_DATE),
            time == null ? null : LocalTime.parse(time),
            description,
            series,
            modality,
            instance,
            number));
  }

  private StudyQueryHandler handler(int limit) {
    return new StudyQueryHandler(
        hub.queries, hub.trusts, "ISOCENTRE", limit, ZoneId.of("Europe/London"));
  }

  private List<DataSet> find(Peer peer, String model, Set<Option> options, DataSet keys) {
    List<DataSet> answers = new ArrayList<>();
    try (Matches matches = handler(100).find(new Query(model, keys, options, peer))) {
      matches.forEachRemaining(answers::add);
    }
    return answers;
  }

  private static DataSet keys(String level) {
    return new DataSet()
        .set(Tag.SpecificCharacterSet, "ISO_IR 192")
        .set(Tag.QueryRetrieveLevel, level);
  }

  private record Case(
      String name, int tag, String[] values, Set<Option> options, String... found) {}

  private static Case at(String name, int tag, String value, String... found) {
    return new Case(name, tag, value.split("\\\\", -1), EnumSet.noneOf(Option.class), found);
  }

  private static Case fuzzy(String name, String value, String... found) {
    return new Case(name, Tag.PatientName, new String[] {value}, Set.of(Option.FUZZY_NAMES), found);
  }

  private List<DynamicTest> each(
      String level, int unique, Stream<Case> cases, Set<Option> options) {
    return cases
        .map(
            c ->
                DynamicTest.dynamicTest(
                    c.name(),
                    () -> {
                      DataSet keys = keys(level).set(unique, "").set(c.tag(), c.values());
                      EnumSet<Option> all = EnumSet.copyOf(options);
                      all.addAll(c.options());
                      assertThat(find(HubIndex.RTH, STUDY_ROOT, all, keys))
                          .extracting(answer -> answer.string(unique))
                          .containsExactlyInAnyOrder(c.found());
                    }))
        .toList();
  }

  @TestFactory
  List<DynamicTest> everyKindOfMatchingOfStudies() {
    return each(
        "STUDY",
        Tag.StudyInstanceUID,
        Stream.of(
            at("universal", Tag.PatientID, "", "1.1", "1.2", "1.3"),
            at("star alone", Tag.PatientID, "*", "1.1", "1.2", "1.3"),
            at("single value", Tag.PatientID, "P1", "1.1", "1.2"),
            at("single value keeps case", Tag.PatientID, "p1"),
            at("NHS number as Patient ID", Tag.PatientID, NHS, "1.1", "1.2"),
            at("several values", Tag.PatientID, "P1\\P2", "1.1", "1.2", "1.3"),
            at("Patient ID with wild card", Tag.PatientID, "?2", "1.3"),
            at("accession", Tag.AccessionNumber, "A2", "1.2"),
            at("accession with wild card", Tag.AccessionNumber, "A*", "1.1", "1.2"),
            at("empty value", Tag.AccessionNumber, "\"\"", "1.3"),
            at("one UID", Tag.StudyInstanceUID, "1.2", "1.2"),
            at("list of UID", Tag.StudyInstanceUID, "1.2\\1.3\\9.9", "1.2", "1.3"),
            at("UIDs have no wild cards", Tag.StudyInstanceUID, "1.*"),
            at("percent is no wild card", Tag.StudyDescription, "MR 100%*", "1.2"),
            at("underscore is no wild card", Tag.StudyDescription, "CT_head"),
            at("question mark", Tag.StudyDescription, "CT?head", "1.1"),
            at("text keeps case", Tag.StudyDescription, "ct head"),
            at("empty text", Tag.StudyDescription, "\"\"", "1.3"),
            at("name", Tag.PatientName, "Müller^Anna", "1.1", "1.2"),
            at("name without accents and case", Tag.PatientName, "muller^anna", "1.1", "1.2"),
            at("name with empty components", Tag.PatientName, "MÜLLER^ANNA^^^", "1.1", "1.2"),
            at("name with wild card", Tag.PatientName, "mü*", "1.1", "1.2"),
            at("name by its alphabetic group", Tag.PatientName, "smith^john", "1.3"),
            at("name by another group", Tag.PatientName, "*山田*", "1.3"),
            at("half a name", Tag.PatientName, "SMITH"),
            fuzzy("fuzzy name", "joh smi", "1.3"),
            fuzzy("fuzzy name that is another's", "anna smith"),
            at("referring physician", Tag.ReferringPhysicianName, "rontgen*", "1.1", "1.2", "1.3"),
            at("date", Tag.StudyDate, "20260111", "1.3"),
            at("date range", Tag.StudyDate, "20260110-20260111", "1.1", "1.3"),
            at("date until", Tag.StudyDate, "-20260110", "1.1"),
            at("date from", Tag.StudyDate, "20260111-", "1.2", "1.3"),
            at("time", Tag.StudyTime, "101500", "1.1"),
            at("time without seconds", Tag.StudyTime, "1015", "1.1"),
            at("time range", Tag.StudyTime, "10-2330", "1.1", "1.2"),
            at("no time", Tag.StudyTime, "\"\"", "1.3"),
            at("birth date", Tag.PatientBirthDate, "19740213", "1.1", "1.2", "1.3"),
            at("modality in study", Tag.ModalitiesInStudy, "PR", "1.1"),
            at("modalities in study", Tag.ModalitiesInStudy, "MR\\US", "1.2", "1.3"),
            at("modality by wild card", Tag.ModalitiesInStudy, "?R", "1.1", "1.2"),
            at("SOP class in study", Tag.SOPClassesInStudy, HubIndex.CT, "1.1", "1.2", "1.3"),
            at("number of instances", Tag.NumberOfStudyRelatedInstances, "3", "1.1"),
            at("a number that is none", Tag.NumberOfStudyRelatedInstances, "x")),
        EnumSet.noneOf(Option.class));
  }

  @TestFactory
  List<DynamicTest> relationalQueriesLookBelowTheLevel() {
    return each(
        "STUDY",
        Tag.StudyInstanceUID,
        Stream.of(
            at("modality", Tag.Modality, "CT", "1.1"),
            at("instance", Tag.SOPInstanceUID, "1.2.1.1", "1.2"),
            at("instance number", Tag.InstanceNumber, "5", "1.3")),
        EnumSet.of(Option.RELATIONAL));
  }

  @TestFactory
  List<DynamicTest> everyLevelMatchesItsOwnKeysAndThoseAbove() {
    List<DynamicTest> tests = new ArrayList<>();
    tests.addAll(
        each(
            "SERIES",
            Tag.SeriesInstanceUID,
            Stream.of(
                at("modality", Tag.Modality, "?R", "1.1.2", "1.2.1"),
                at("series number", Tag.SeriesNumber, "5", "1.3.1"),
                at("body part", Tag.BodyPartExamined, "HEAD", "1.1.1", "1.1.2", "1.2.1", "1.3.1"),
                at(
                    "performer",
                    Tag.PerformingPhysicianName,
                    "curie*",
                    "1.1.1",
                    "1.1.2",
                    "1.2.1",
                    "1.3.1"),
                at("step date", Tag.PerformedProcedureStepStartDate, "20260112-", "1.2.1"),
                at("by patient", Tag.PatientID, "P2", "1.3.1"),
                at("by date of study", Tag.StudyDate, "20260110", "1.1.1", "1.1.2")),
            EnumSet.of(Option.RELATIONAL)));
    tests.addAll(
        each(
            "IMAGE",
            Tag.SOPInstanceUID,
            Stream.of(
                at("instance number", Tag.InstanceNumber, "2", "1.1.1.2"),
                at("list of UID", Tag.SOPInstanceUID, "1.1.1.2\\1.3.1.1", "1.1.1.2", "1.3.1.1"),
                at("by series", Tag.SeriesInstanceUID, "1.1.1", "1.1.1.1", "1.1.1.2"),
                at("by accession", Tag.AccessionNumber, "A2", "1.2.1.1")),
            EnumSet.of(Option.RELATIONAL)));
    return tests;
  }

  @Test
  void datesAndTimesAreOneRangeWhereThatWasNegotiated() {
    DataSet keys =
        keys("STUDY")
            .set(Tag.StudyInstanceUID, "")
            .set(Tag.StudyDate, "20260110-20260112")
            .set(Tag.StudyTime, "2200-2345");
    assertThat(find(HubIndex.RTH, STUDY_ROOT, Set.of(), keys))
        .extracting(a -> a.string(Tag.StudyInstanceUID))
        .containsExactly("1.2");
    assertThat(find(HubIndex.RTH, STUDY_ROOT, Set.of(Option.COMBINED_DATE_TIME), keys))
        .extracting(a -> a.string(Tag.StudyInstanceUID))
        .containsExactlyInAnyOrder("1.2", "1.3");
  }

  /** 1.1 at 10:15 of the 10th, 1.2 at 23:30 of the 12th, 1.3 on the 11th, all in London. */
  @TestFactory
  Stream<DynamicTest> datesAndTimesAreOfTheRequestsTimezoneWhereThatWasNegotiated() {
    record Adjusted(String offset, boolean combined, String date, String time, String... found) {}
    return Stream.of(
            new Adjusted("+0100", false, "20260113", "", "1.2"),
            new Adjusted("+0100", false, "20260112", ""),
            new Adjusted("-1200", false, "20260109", "", "1.1"),
            new Adjusted("+1400", false, "20260111", "001500", "1.1"),
            new Adjusted("+1400", false, "20260111", "", "1.1", "1.3"),
            new Adjusted("+1400", false, "20260111", "\"\"", "1.3"),
            new Adjusted("+0530", false, "", "0500", "1.2"),
            new Adjusted("+0530", false, "20260110-20260113", "-1545", "1.1", "1.2"),
            new Adjusted("+0530", false, "20260110-20260113", "0501-1545", "1.1"),
            new Adjusted("+0530", false, "20260110-20260113", "1545-0501"),
            new Adjusted("+0530", true, "20260110-20260113", "1545-0501", "1.1", "1.2", "1.3"),
            new Adjusted("+0530", true, "20260110-20260113", "1546-0500", "1.2", "1.3"),
            new Adjusted("+0530", true, "20260110-20260113", "1545-0459", "1.1", "1.3"))
        .map(
            c ->
                DynamicTest.dynamicTest(
                    String.join(" ", c.offset(), c.date(), c.time()),
                    () -> {
                      EnumSet<Option> options = EnumSet.of(Option.TIMEZONE_ADJUSTMENT);
                      if (c.combined()) {
                        options.add(Option.COMBINED_DATE_TIME);
                      }
                      DataSet keys =
                          keys("STUDY")
                              .set(Tag.StudyInstanceUID, "")
                              .set(Tag.StudyDate, c.date())
                              .set(Tag.StudyTime, c.time())
                              .set(Tag.TimezoneOffsetFromUTC, c.offset());
                      assertThat(find(HubIndex.RTH, STUDY_ROOT, options, keys))
                          .extracting(a -> a.string(Tag.StudyInstanceUID))
                          .containsExactlyInAnyOrder(c.found());
                    }));
  }

  @Test
  void answersAreInTheRequestsTimezoneWhereThatWasNegotiated() {
    Set<Option> adjusted = Set.of(Option.TIMEZONE_ADJUSTMENT, Option.RELATIONAL);
    DataSet keys =
        keys("STUDY")
            .set(Tag.StudyInstanceUID, "1.2")
            .set(Tag.StudyDate, "")
            .set(Tag.TimezoneOffsetFromUTC, "+0100");
    DataSet answer = find(HubIndex.RTH, STUDY_ROOT, adjusted, keys).get(0);
    assertThat(answer.string(Tag.StudyDate)).isEqualTo("20260113");
    assertThat(answer.contains(Tag.StudyTime)).isFalse();
    assertThat(answer.string(Tag.TimezoneOffsetFromUTC)).isEqualTo("+0100");
    DataSet baseline = find(HubIndex.RTH, STUDY_ROOT, Set.of(), keys).get(0);
    assertThat(baseline.string(Tag.StudyDate)).isEqualTo("20260112");
    assertThat(baseline.string(Tag.TimezoneOffsetFromUTC)).isEqualTo("+0000");

    DataSet series =
        keys("SERIES")
            .set(Tag.SeriesInstanceUID, "")
            .set(Tag.PerformedProcedureStepStartDate, "20260113")
            .set(Tag.PerformedProcedureStepStartTime, "0030")
            .set(Tag.TimezoneOffsetFromUTC, "+0100");
    answer = find(HubIndex.RTH, STUDY_ROOT, adjusted, series).get(0);
    assertThat(answer.string(Tag.SeriesInstanceUID)).isEqualTo("1.2.1");
    assertThat(answer.string(Tag.PerformedProcedureStepStartDate)).isEqualTo("20260113");
    assertThat(answer.string(Tag.PerformedProcedureStepStartTime)).isEqualTo("003000");

    DataSet patients =
        keys("PATIENT")
            .set(Tag.PatientID, "")
            .set(Tag.StudyDate, "20260113")
            .set(Tag.TimezoneOffsetFromUTC, "+0100");
    assertThat(find(HubIndex.RTH, PATIENT_ROOT, adjusted, patients))
        .extracting(a -> a.string(Tag.PatientID))
        .containsExactly("P1");
  }

  @Test
  void anOffsetThatIsNoneIsRefusedWhereItCounts() {
    for (String offset : List.of("0100", "+01", "Z", "+1401", "-1230", "+0060", "+01000")) {
      DataSet keys = keys("STUDY").set(Tag.TimezoneOffsetFromUTC, offset);
      assertThat(find(HubIndex.RTH, STUDY_ROOT, Set.of(), keys)).hasSize(3);
      assertThatThrownBy(
              () -> find(HubIndex.RTH, STUDY_ROOT, Set.of(Option.TIMEZONE_ADJUSTMENT), keys))
          .isInstanceOfSatisfying(
              DimseStatusException.class, e -> assertThat(e.status()).isEqualTo(0xa900))
          .hasMessageStartingWith("ISO-QUERY-013");
    }
  }

  @Test
  void sequencesAreMatchedByTheirItem() {
    DataSet keys = keys("SERIES").set(Tag.StudyInstanceUID, "1.1").set(Tag.SeriesInstanceUID, "");
    keys.addItem(Tag.RequestAttributesSequence)
        .set(Tag.ScheduledProcedureStepID, "SPS3")
        .set(Tag.RequestedProcedureID, "");
    List<DataSet> found = find(HubIndex.RTH, STUDY_ROOT, Set.of(), keys);
    assertThat(found).extracting(a -> a.string(Tag.SeriesInstanceUID)).containsExactly("1.1.2");
    assertThat(found.get(0).item(Tag.RequestAttributesSequence).orElseThrow())
        .extracting(
            i -> i.string(Tag.ScheduledProcedureStepID), i -> i.string(Tag.RequestedProcedureID))
        .containsExactly("SPS3", "RP3");
  }

  @Test
  void patientsAreToldByPatientIdAndCountWhatTheTrustMaySee() {
    DataSet keys =
        keys("PATIENT")
            .set(Tag.PatientID, "")
            .set(Tag.PatientName, "*")
            .set(Tag.NumberOfPatientRelatedStudies, new String[0])
            .set(Tag.NumberOfPatientRelatedSeries, new String[0])
            .set(Tag.NumberOfPatientRelatedInstances, new String[0]);
    keys.addItem(Tag.OtherPatientIDsSequence);
    List<DataSet> found = find(HubIndex.RTH, PATIENT_ROOT, Set.of(), keys);
    assertThat(found)
        .extracting(
            a -> a.string(Tag.PatientID),
            a -> a.integer(Tag.NumberOfPatientRelatedStudies),
            a -> a.integer(Tag.NumberOfPatientRelatedSeries),
            a -> a.integer(Tag.NumberOfPatientRelatedInstances))
        .containsExactlyInAnyOrder(
            org.assertj.core.groups.Tuple.tuple("P1", 2, 3, 4),
            org.assertj.core.groups.Tuple.tuple("P2", 1, 1, 1));
    DataSet first =
        found.stream().filter(a -> "P1".equals(a.string(Tag.PatientID))).findFirst().orElseThrow();
    assertThat(first.item(Tag.OtherPatientIDsSequence).orElseThrow().string(Tag.PatientID))
        .isEqualTo(NHS);
  }

  @Test
  void answersHoldWhatWasAskedFor() {
    DataSet keys =
        keys("STUDY")
            .set(Tag.StudyInstanceUID, "1.1")
            .set(Tag.StudyDate, "")
            .set(Tag.StudyTime, "")
            .set(Tag.PatientName, "")
            .set(Tag.IssuerOfPatientID, "")
            .set(Tag.ModalitiesInStudy, "")
            .set(Tag.SOPClassesInStudy, "")
            .set(Tag.NumberOfStudyRelatedSeries, "")
            .set(Tag.NumberOfStudyRelatedInstances, "")
            .set(Tag.InstanceAvailability, "")
            .set(Tag.TimezoneOffsetFromUTC, "");
    DataSet answer = find(HubIndex.RTH, STUDY_ROOT, Set.of(), keys).get(0);
    assertThat(answer.string(Tag.StudyDate)).isEqualTo("20260110");
    assertThat(answer.string(Tag.StudyTime)).isEqualTo("101500");
    assertThat(answer.string(Tag.PatientName)).isEqualTo("Müller^Anna");
    assertThat(answer.string(Tag.IssuerOfPatientID)).isEqualTo("RTH");
    assertThat(answer.strings(Tag.ModalitiesInStudy)).containsExactlyInAnyOrder("CT", "PR");
    assertThat(answer.strings(Tag.SOPClassesInStudy)).containsExactly(HubIndex.CT);
    assertThat(answer.integer(Tag.NumberOfStudyRelatedSeries)).isEqualTo(2);
    assertThat(answer.integer(Tag.NumberOfStudyRelatedInstances)).isEqualTo(3);
    assertThat(answer.string(Tag.InstanceAvailability)).isEqualTo("ONLINE");
    assertThat(answer.string(Tag.RetrieveAETitle)).isEqualTo("ISOCENTRE");
    assertThat(answer.string(Tag.TimezoneOffsetFromUTC)).isEqualTo("+0000");
    assertThat(answer.string(Tag.QueryRetrieveLevel)).isEqualTo("STUDY");
  }

  @Test
  void answersUseTheRequestsCharacterSetIfItCanHoldThem() {
    DataSet keys =
        new DataSet()
            .set(Tag.SpecificCharacterSet, "ISO_IR 100")
            .set(Tag.QueryRetrieveLevel, "STUDY")
            .set(Tag.StudyInstanceUID, "")
            .set(Tag.PatientName, "");
    assertThat(find(HubIndex.RTH, STUDY_ROOT, Set.of(), keys))
        .extracting(a -> a.string(Tag.StudyInstanceUID), a -> a.string(Tag.SpecificCharacterSet))
        .containsExactlyInAnyOrder(
            org.assertj.core.groups.Tuple.tuple("1.1", "ISO_IR 100"),
            org.assertj.core.groups.Tuple.tuple("1.2", null),
            org.assertj.core.groups.Tuple.tuple("1.3", "ISO_IR 192"));
  }

  @Test
  void aKeyThatIsNotSupportedComesBackEmptyAndIsTold() {
    DataSet keys =
        keys("STUDY").set(Tag.StudyInstanceUID, "1.1").set(Tag.PatientComments, "secret");
    try (Matches matches = handler(10).find(new Query(STUDY_ROOT, keys, Set.of(), HubIndex.RTH))) {
      assertThat(matches.hasUnsupportedKeys()).isTrue();
      DataSet answer = matches.next();
      assertThat(answer.contains(Tag.PatientComments)).isTrue();
      assertThat(answer.string(Tag.PatientComments)).isNull();
    }
  }

  @Test
  void aTrustSeesItsOwnStudiesAndThoseThatWereSentToIt() {
    DataSet keys = keys("STUDY").set(Tag.StudyInstanceUID, "");
    assertThat(find(HubIndex.RJ1, STUDY_ROOT, Set.of(), keys))
        .extracting(a -> a.string(Tag.StudyInstanceUID))
        .containsExactly("2.1");
    hub.transfers.request(foreign, "RTH");
    assertThat(find(HubIndex.RTH, STUDY_ROOT, Set.of(), keys)).hasSize(3);
    hub.jdbc.sql("update transfer_item set state = 'CONFIRMED'").update();
    try {
      assertThat(find(HubIndex.RTH, STUDY_ROOT, Set.of(), keys))
          .extracting(a -> a.string(Tag.StudyInstanceUID))
          .contains("2.1")
          .hasSize(4);
    } finally {
      hub.jdbc.sql("delete from transfer_item").update();
    }
    assertThatThrownBy(() -> find(HubIndex.STRANGER, STUDY_ROOT, Set.of(), keys))
        .isInstanceOfSatisfying(
            DimseStatusException.class, e -> assertThat(e.status()).isEqualTo(0x0124));
  }

  private record Wrong(String name, String model, DataSet keys, int status) {}

  @TestFactory
  Stream<DynamicTest> identifiersThatDoNotFitAreRefused() {
    return Stream.of(
            new Wrong("no level", STUDY_ROOT, new DataSet().set(Tag.PatientID, "P1"), 0xa900),
            new Wrong("unknown level", STUDY_ROOT, keys("FILM"), 0xa900),
            new Wrong("patient in study root", STUDY_ROOT, keys("PATIENT"), 0xa900),
            new Wrong("series without study", STUDY_ROOT, keys("SERIES"), 0xa900),
            new Wrong(
                "series of two studies",
                STUDY_ROOT,
                keys("SERIES").set(Tag.StudyInstanceUID, "1.1", "1.2"),
                0xa900),
            new Wrong(
                "study of patients by wild card",
                PATIENT_ROOT,
                keys("STUDY").set(Tag.PatientID, "P*"),
                0xa900),
            new Wrong("no date", STUDY_ROOT, keys("STUDY").set(Tag.StudyDate, "yesterday"), 0xa900),
            new Wrong("no time", STUDY_ROOT, keys("STUDY").set(Tag.StudyTime, "25"), 0xa900),
            new Wrong("no such model", "1.2.840.10008.5.1.4.1.2.3.1", keys("STUDY"), 0x0122))
        .map(
            w ->
                DynamicTest.dynamicTest(
                    w.name(),
                    () ->
                        assertThatThrownBy(() -> find(HubIndex.RTH, w.model(), Set.of(), w.keys()))
                            .isInstanceOfSatisfying(
                                DimseStatusException.class,
                                e -> {
                                  assertThat(e.status()).isEqualTo(w.status());
                                  assertThat(e.getMessage()).hasSizeLessThanOrEqualTo(64);
                                  assertThat(e).hasNoCause();
                                })));
  }

  @Test
  void anAnswerThatIsCutEndsWithAFailure() {
    DataSet keys = keys("STUDY").set(Tag.StudyInstanceUID, "");
    try (Matches matches = handler(2).find(new Query(STUDY_ROOT, keys, Set.of(), HubIndex.RTH))) {
      matches.next();
      matches.next();
      assertThat(matches.hasNext()).isTrue();
      assertThatThrownBy(matches::next)
          .isInstanceOfSatisfying(
              DimseStatusException.class, e -> assertThat(e.status()).isEqualTo(0xa700));
    }
    try (Matches matches = handler(3).find(new Query(STUDY_ROOT, keys, Set.of(), HubIndex.RTH))) {
      matches.next();
      matches.next();
      matches.next();
      assertThat(matches.hasNext()).isFalse();
    }
  }

  @Test
  void aQueryIsNotedWithoutItsValues() {
    find(
        HubIndex.RTH,
        STUDY_ROOT,
        Set.of(),
        keys("STUDY").set(Tag.PatientID, "P1").set(Tag.StudyInstanceUID, ""));
    assertThat(
            hub.jdbc
                .sql("select detail from audit_entry where audit_type = 'query'")
                .query(String.class)
                .list())
        .contains("C-FIND STUDY by PATIENT_ID")
        .noneMatch(detail -> detail.contains("P1"));
  }

  /** Each patient once, whatever the level; nobody of whom nothing is told. */
  @ParameterizedTest
  @ValueSource(strings = {"PATIENT", "STUDY", "SERIES", "IMAGE"})
  void whomAQueryTellsOfIsNoted(String level) {
    hub.jdbc.sql("delete from audit_entry").update();
    DataSet keys = keys(level).set(Tag.PatientID, "P1").set(Tag.StudyInstanceUID, "");
    List<DataSet> answers = find(HubIndex.RTH, PATIENT_ROOT, Set.of(Query.Option.RELATIONAL), keys);
    assertThat(answers).isNotEmpty();
    UUID patient =
        hub.jdbc
            .sql(
                "select patient_id from study where custodian = 'RTH' and study_instance_uid = '1.1'")
            .query(UUID.class)
            .single();
    assertThat(
            hub.jdbc
                .sql("select patient_id from audit_entry where patient_id is not null")
                .query(UUID.class)
                .list())
        .containsExactly(patient);
    hub.jdbc.sql("delete from audit_entry").update();
    find(
        HubIndex.RTH,
        PATIENT_ROOT,
        Set.of(Query.Option.RELATIONAL),
        keys(level).set(Tag.PatientID, "NOBODY").set(Tag.StudyInstanceUID, ""));
    assertThat(
            hub.jdbc
                .sql("select patient_id from audit_entry where patient_id is not null")
                .query(UUID.class)
                .list())
        .isEmpty();
  }

  /** Who was found is told only when it was noted. */
  @Test
  void whatCannotBeNotedIsNotAnswered() {
    hub.jdbc.sql("alter table audit_entry rename to audit_gone").update();
    try {
      assertThatThrownBy(
              () ->
                  find(
                      HubIndex.RTH,
                      STUDY_ROOT,
                      Set.of(),
                      keys("STUDY").set(Tag.PatientID, "P1").set(Tag.StudyInstanceUID, "")))
          .isInstanceOf(org.isocentre.audit.AuditUnavailableException.class);
    } finally {
      hub.jdbc.sql("alter table audit_gone rename to audit_entry").update();
    }
  }

  private static List<String> studies(List<DataSet> answers) {
    return answers.stream().map(a -> a.string(Tag.StudyInstanceUID)).toList();
  }

  /** P1 of RTH and P1 of RJ1 are two people. */
  @Test
  void aPatientIdOfTwoIssuersIsTheCallersOwnUnlessTheIssuerIsGiven() {
    DataSet keys = keys("STUDY").set(Tag.StudyInstanceUID, "").set(Tag.PatientID, "P1");
    hub.transfer(foreign, "RTH");
    try {
      assertThat(studies(find(HubIndex.RTH, PATIENT_ROOT, Set.of(), keys)))
          .containsExactlyInAnyOrder("1.1", "1.2");
      assertThat(
              studies(
                  find(
                      HubIndex.RTH,
                      PATIENT_ROOT,
                      Set.of(),
                      keys.set(Tag.IssuerOfPatientID, "RJ1"))))
          .containsExactly("2.1");
    } finally {
      hub.jdbc.sql("delete from transfer_item").update();
      hub.jdbc.sql("delete from transfer").update();
    }
  }

  @Test
  void whatTheTrustHasItselfIsAnsweredOnce() {
    UUID copy =
        store(
            "RJ1",
            "P9",
            null,
            "Copy^Of",
            "1.2",
            "C9",
            "20260112",
            null,
            "sent",
            "1.2.1",
            "MR",
            "1.2.1.1",
            9);
    hub.transfer(copy, "RTH");
    try {
      for (String level : List.of("STUDY", "SERIES", "IMAGE")) {
        DataSet keys = keys(level).set(Tag.StudyInstanceUID, "1.2").set(Tag.StudyDescription, "");
        if (!level.equals("STUDY")) {
          keys.set(Tag.SeriesInstanceUID, "1.2.1");
        }
        assertThat(find(HubIndex.RTH, STUDY_ROOT, Set.of(), keys))
            .as(level)
            .singleElement()
            .extracting(a -> a.string(Tag.StudyDescription))
            .isEqualTo("MR 100%_knee");
      }
    } finally {
      hub.jdbc.sql("delete from transfer_item").update();
      hub.jdbc.sql("delete from transfer").update();
      hub.jdbc.sql("delete from instance where study_id = ?").param(copy).update();
      hub.jdbc.sql("delete from series where study_id = ?").param(copy).update();
      hub.jdbc.sql("delete from study where id = ?").param(copy).update();
    }
  }

  private List<Object> studiesVisibleTo(Visibility visible) {
    List<Object> found = new ArrayList<>();
    StudyField uid = StudyField.STUDY_INSTANCE_UID;
    try (var cursor =
        hub.queries.find(
            new StudyFind(QueryLevel.STUDY, visible, List.of(), List.of(uid), 100), "TEST")) {
      for (var row = cursor.next(); row != null; row = cursor.next()) {
        found.add(row.get(uid));
      }
    }
    return found;
  }

  @Test
  void manyPatientsMayRefuse() {
    Set<UUID> many =
        Stream.generate(UUID::randomUUID)
            .limit(70_000)
            .collect(java.util.stream.Collectors.toSet());
    hub.transfer(foreign, "RTH");
    try {
      assertThat(studiesVisibleTo(new Visibility(null, many, "RTH"))).contains("2.1");
      many.add(hub.studies.find(foreign).orElseThrow().patientId());
      assertThat(studiesVisibleTo(new Visibility(null, many, "RTH")))
          .containsExactlyInAnyOrder("1.1", "1.2", "1.3");
    } finally {
      hub.jdbc.sql("delete from transfer_item").update();
      hub.jdbc.sql("delete from transfer").update();
    }
  }

  @Test
  void aPatientSeesNobodyElse() {
    assertThat(studiesVisibleTo(new Visibility("9990000026", Set.of(), null))).isEmpty();
    assertThat(studiesVisibleTo(Visibility.ALL)).contains("1.1", "2.1");
  }

  @Test
  void oneThatReadsSlowlyLeavesRoomForOthers() {
    QueryIndex index = new QueryIndex(hub.database, 2, java.time.Duration.ofMinutes(1));
    StudyFind all =
        new StudyFind(
            QueryLevel.STUDY,
            Visibility.ALL,
            List.of(),
            List.of(StudyField.STUDY_INSTANCE_UID),
            100);
    try (var slow = index.find(all, "SLOW")) {
      assertThat(slow.next()).isNotEmpty();
      assertThatThrownBy(() -> index.find(all, "SLOW"))
          .isInstanceOf(RejectedExecutionException.class);
      try (var other = index.find(all, "OTHER")) {
        assertThat(other.next()).isNotEmpty();
      }
    }
    index.find(all, "SLOW").close();
  }

  @Test
  void aQueryThatIsOpenForTooLongEndsWithAFailure() {
    QueryIndex index = new QueryIndex(hub.database, 2, java.time.Duration.ofNanos(1));
    StudyQueryHandler handler =
        new StudyQueryHandler(index, hub.trusts, "ISOCENTRE", 10, ZoneId.of("Europe/London"));
    DataSet keys = keys("STUDY").set(Tag.StudyInstanceUID, "");
    try (Matches matches = handler.find(new Query(STUDY_ROOT, keys, Set.of(), HubIndex.RTH))) {
      assertThatThrownBy(matches::hasNext)
          .isInstanceOfSatisfying(
              DimseStatusException.class, e -> assertThat(e.status()).isEqualTo(0xa700));
    }
  }
}
