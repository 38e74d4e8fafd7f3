package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.isocentre.dicom.dimse.Loopback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** DCMTK's programs as users of ours; every object is compared byte for byte. */
abstract class DcmtkScuContract {
  @TempDir Path directory;
  private final Transport transport;
  private final QueryableArchive archive = new QueryableArchive();
  private final Loopback ours;
  private final int port = TestHub.freePort();

  DcmtkScuContract(Transport transport) {
    this.transport = transport;
    ours = new Loopback(archive, transport.ours());
    archive.loopback = ours;
    archive.tls = transport.ours();
    archive.destinationPort = transport.towardsTheirs(port);
  }

  @AfterEach
  void stop() {
    ours.close();
    transport.close();
  }

  /** A program that has TLS of its own: echoscu, findscu, storescu. */
  private Peer.Run run(String program, List<String> options, Path... files) throws Exception {
    List<String> command = new ArrayList<>(List.of(Dcmtk.program(program)));
    command.addAll(transport.options(directory));
    command.addAll(options);
    command.addAll(List.of("127.0.0.1", Integer.toString(ours.port())));
    Stream.of(files).map(Path::toString).forEach(command::add);
    return Peer.run(command);
  }

  /** A program that has none: getscu, movescu, termscu. It writes to where it runs. */
  private Peer.Run runWithoutTls(String program, String... options) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of("/usr/bin/env", "--chdir=" + directory, Dcmtk.program(program), "-d"));
    command.addAll(List.of(options));
    int towards = transport.towardsOurs(ours.port());
    command.addAll(List.of("127.0.0.1", Integer.toString(towards)));
    return Peer.run(command);
  }

  private Peer.Run movescu(String accept) throws Exception {
    return runWithoutTls(
        "movescu",
        "-S",
        "+B",
        accept,
        "-aem",
        "MOVESCU",
        "+P",
        Integer.toString(port),
        "-k",
        "QueryRetrieveLevel=STUDY",
        "-k",
        "StudyInstanceUID=2.25.1");
  }

  private void assertSame(List<SampleObject> objects) throws Exception {
    for (SampleObject object : objects) {
      assertThat(SampleObject.dataSetOf(directory, object.sopInstanceUid()))
          .as(object.transferSyntaxUid())
          .isEqualTo(object.bytes());
    }
  }

  @Test
  void echoscuIsAnswered() throws Exception {
    assertThat(run("echoscu", List.of()).exit()).isZero();
  }

  @Test
  void termscuDoesNotEndAnything() throws Exception {
    assertThat(runWithoutTls("termscu").output()).contains("Releasing Association");
    assertThat(run("echoscu", List.of()).exit()).isZero();
  }

  @ParameterizedTest(name = "findscu {0} {1}")
  @CsvSource({"-S,-xi", "-S,-xe", "-S,-xb", "-S,-xd", "-P,-xe", "-W,-xi", "-W,-xe"})
  void findscuGetsEveryMatch(String model, String syntax) throws Exception {
    archive.objects =
        List.of(
            SampleObject.in(Loopback.EXPLICIT),
            SampleObject.in(Loopback.EXPLICIT),
            SampleObject.in(Loopback.EXPLICIT));
    List<String> keys = new ArrayList<>(List.of("-v", model, syntax));
    if (model.equals("-W")) {
      keys.addAll(List.of("-k", "ScheduledProcedureStepSequence[0].Modality=CT"));
    } else {
      keys.addAll(List.of("-k", "QueryRetrieveLevel=STUDY"));
    }
    keys.addAll(List.of("-k", "StudyInstanceUID", "-k", "PatientID"));
    Peer.Run run = run("findscu", keys);
    assertThat(run.exit()).as(run.output()).isZero();
    for (var object : archive.objects) {
      assertThat(run.output()).contains(((SampleObject) object).study());
    }
    assertThat(run.output()).contains("Received Final Find Response (Success)");
  }

  @Test
  void storescuSendsEverySyntaxOnOneAssociation() throws Exception {
    List<String> syntaxes = SampleObject.everySyntaxOfDcmtk();
    List<SampleObject> objects = SampleObject.inEach(syntaxes);
    Peer.Run run =
        run("storescu", Dcmtk.proposing(directory, syntaxes), Dcmtk.write(objects, directory));
    assertThat(run.exit()).as(run.output()).isZero();
    for (SampleObject object : objects) {
      assertThat(object.sameIn(archive.received.get(object.sopInstanceUid())))
          .as(object.transferSyntaxUid())
          .isTrue();
      assertThat(archive.syntaxes)
          .containsEntry(object.sopInstanceUid(), object.transferSyntaxUid());
    }
  }

  /** But Implicit VR: getscu 3.6.7 proposes Explicit VR instead, whatever +xi says. */
  static Stream<String[]> syntaxesOfGetscu() {
    return SampleObject.SYNTAXES.stream().filter(row -> !row[0].equals("+xi"));
  }

  @ParameterizedTest(name = "getscu {0} {1}")
  @MethodSource("syntaxesOfGetscu")
  void getscuGetsTheObjectAsItIs(String option, String syntax) throws Exception {
    SampleObject object = SampleObject.in(syntax);
    archive.objects = List.of(object);
    Peer.Run run =
        runWithoutTls(
            "getscu",
            "-S",
            "+B",
            option,
            "-od",
            directory.toString(),
            "-k",
            "QueryRetrieveLevel=STUDY",
            "-k",
            "StudyInstanceUID=" + object.study());
    assertThat(run.exit()).as(run.output()).isZero();
    assertSame(List.of(object));
  }

  @Test
  void movescuGetsEverySyntaxOnOneAssociation() throws Exception {
    List<SampleObject> objects =
        SampleObject.inEach(SampleObject.SYNTAXES.stream().map(row -> row[1]).toList());
    archive.objects = objects;
    Peer.Run run = movescu("+xa");
    assertThat(run.exit()).as(run.output()).isZero();
    assertThat(run.output()).contains("Received Final Move Response");
    assertSame(objects);
    assertThat(archive.connects).hasValue(1);
  }

  @Test
  void movescuIsToldWhatItCannotTake() throws Exception {
    archive.objects =
        List.of(SampleObject.in(Loopback.EXPLICIT), SampleObject.in("1.2.840.10008.1.2.4.90"));
    Peer.Run run = movescu("+x=");
    assertThat(run.output()).contains("0xb000").contains(archive.objects.get(1).sopInstanceUid());
  }
}
