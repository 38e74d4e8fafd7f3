package org.isocentre.dicom.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayInputStream;
import java.time.Duration;
import org.isocentre.dicom.association.AssociationException;
import org.isocentre.dicom.association.AssociationException.Kind;
import org.isocentre.dicom.association.AssociationRequestor;
import org.isocentre.dicom.association.AssociationSettings;
import org.isocentre.dicom.association.EventLoops;
import org.isocentre.dicom.dimse.Command;
import org.isocentre.dicom.dimse.Loopback;
import org.isocentre.dicom.dimse.ServiceUser;
import org.isocentre.dicom.dimse.Status;
import org.isocentre.dicom.dimse.TestObject;
import org.isocentre.dicom.pdu.Pdu;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The scripts that other tests do not show. */
class ScriptedScpTest {
  private static final AssociationSettings SETTINGS =
      new AssociationSettings(
          16 * 1024,
          64 * 1024,
          4,
          4,
          Duration.ofSeconds(1),
          Duration.ofSeconds(1),
          Duration.ofMillis(300),
          Duration.ofSeconds(5),
          Duration.ofSeconds(5),
          Duration.ofSeconds(5));
  private final EventLoops loops = new EventLoops(1);

  @AfterEach
  void close() {
    loops.close();
  }

  private ServiceUser connect(ScriptedScp scp) {
    return ServiceUser.connect(
        new AssociationRequestor(loops, SETTINGS),
        "127.0.0.1",
        scp.port(),
        "SCU",
        "SCP",
        Loopback.request(scp.port()).proposals(),
        Duration.ofSeconds(5));
  }

  private static Command store(ServiceUser user, TestObject object) throws Exception {
    return user.store(
        object.sopClassUid(),
        object.sopInstanceUid(),
        object.transferSyntaxUid(),
        new ByteArrayInputStream(object.bytes()));
  }

  private void refuses(ScriptedScp scp, Kind kind) {
    assertThatThrownBy(() -> connect(scp))
        .isInstanceOfSatisfying(
            AssociationException.class, e -> assertThat(e.kind()).isEqualTo(kind));
  }

  @Test
  void rejectsAssociations() {
    try (ScriptedScp scp =
        new ScriptedScp().reject(Pdu.AssociateRj.TEMPORARY_CONGESTION).listen()) {
      refuses(scp, Kind.REJECTED_TRANSIENT);
    }
  }

  @Test
  void neverAnswersAssociations() {
    try (ScriptedScp scp = new ScriptedScp().neverAssociate().listen()) {
      refuses(scp, Kind.TIMEOUT);
    }
  }

  @Test
  void answersTheNthRequestDifferently() throws Exception {
    try (ScriptedScp scp =
            new ScriptedScp()
                .nth(2, Command.C_STORE_RQ, Reaction.status(Status.OUT_OF_RESOURCES))
                .listen();
        ServiceUser user = connect(scp)) {
      for (int status : new int[] {0, Status.OUT_OF_RESOURCES, 0}) {
        assertThat(store(user, TestObject.of(1000)).status()).isEqualTo(status);
      }
    }
  }

  @Test
  void answersLate() throws Exception {
    Duration late = Duration.ofMillis(200);
    try (ScriptedScp scp =
            new ScriptedScp()
                .on(Command.C_STORE_RQ, Reaction.status(Status.SUCCESS).after(late))
                .listen();
        ServiceUser user = connect(scp)) {
      long start = System.nanoTime();
      assertThat(store(user, TestObject.of(1000)).status()).isZero();
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(late);
    }
  }

  @Test
  void readsSlowlyAndWhole() throws Exception {
    TestObject object = TestObject.of(200_000);
    try (ScriptedScp scp = new ScriptedScp().readSlowly(Duration.ofMillis(10)).listen();
        ServiceUser user = connect(scp)) {
      long start = System.nanoTime();
      assertThat(store(user, object).status()).isZero();
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(20));
      assertThat(scp.requests(Command.C_STORE_RQ))
          .singleElement()
          .satisfies(m -> assertThat(m.dataSet()).isEqualTo(object.bytes()));
    }
  }

  @Test
  void tellsHowAnAssociationEnded() throws Exception {
    try (ScriptedScp scp = new ScriptedScp().listen()) {
      connect(scp).close();
      connect(scp).association().abort();
      await().until(() -> scp.conversations().stream().allMatch(c -> c.end().isDone()));
      assertThat(scp.conversations())
          .extracting(c -> c.end().join())
          .containsExactly(Conversation.End.RELEASED, Conversation.End.ABORTED);
    }
  }
}
