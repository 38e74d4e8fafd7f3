package org.isocentre.dicom.association;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.isocentre.dicom.association.AssociationException.Kind;
import org.isocentre.dicom.association.AssociationPolicy.Decision;
import org.isocentre.dicom.association.AssociationRequestor.Proposal;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.pdu.Pdu;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Requestor and acceptor of this toolkit agree, or do not, over a real connection. */
class NegotiatedAssociationTest {
  private static final String STORAGE = "1.2.840.10008.5.1.4.1.1.7";
  private static final String FIND = "1.2.840.10008.5.1.4.1.2.2.1";
  private static final AssociationSettings SETTINGS =
      new AssociationSettings(
          16 * 1024,
          128 * 1024,
          20,
          20,
          Duration.ofSeconds(5),
          Duration.ofSeconds(5),
          Duration.ofMillis(700),
          Duration.ofSeconds(5),
          Duration.ofSeconds(5),
          Duration.ofSeconds(5),
          3,
          8);

  private final EventLoops loops = new EventLoops(1);
  private final CompletableFuture<Association> accepted = new CompletableFuture<>();
  private final ThreadPoolExecutor workers =
      new ThreadPoolExecutor(1, 1, 1, TimeUnit.SECONDS, new ArrayBlockingQueue<>(1));
  private AssociationAcceptor acceptor;

  /** Tells of the first association, and nothing else. */
  private final AssociationHandler handler =
      new SilentHandler() {
        @Override
        public void established(Association association) {
          if (association.role() == AssociationRole.ACCEPTOR) {
            accepted.complete(association);
          }
        }
      };

  @AfterEach
  void everythingEnds() {
    await().atMost(Duration.ofSeconds(5)).until(() -> acceptor.associations() == 0);
    acceptor.close();
    loops.close();
    workers.shutdownNow();
  }

  private void listen(AssociationPolicy policy) {
    acceptor = new AssociationAcceptor(loops, "127.0.0.1", 0, SETTINGS, policy);
  }

  private Decision.Accept acceptance(Pdu.AssociateRq request) {
    Pdu.UserInformation asked = request.userInformation();
    return new Decision.Accept(
        Negotiation.negotiate(request.contexts(), uid -> true, syntax -> true, List.of()),
        handler,
        Negotiation.roles(asked.roles(), uid -> false, STORAGE::equals),
        Negotiation.extended(asked.extendedNegotiations(), Map.of(FIND, new byte[] {1, 0, 1})),
        null);
  }

  private AssociationRequest request() {
    return new AssociationRequest(
        "127.0.0.1",
        acceptor.port(),
        "PACS",
        "HUB",
        List.of(
            new Proposal(STORAGE, List.of(Uid.IMPLICIT_VR_LITTLE_ENDIAN)),
            new Proposal(FIND, List.of(Uid.IMPLICIT_VR_LITTLE_ENDIAN))));
  }

  private Association connect(AssociationRequest request) {
    return new AssociationRequestor(loops, SETTINGS).connect(request, handler);
  }

  @Test
  void bothEndsSeeTheSameAgreement() throws Exception {
    listen((request, remote) -> acceptance(request));
    Association here =
        connect(
            request()
                .withRoles(List.of(new Pdu.RoleSelection(STORAGE, false, true)))
                .withExtendedNegotiations(
                    List.of(new Pdu.ExtendedNegotiation(FIND, new byte[] {1, 1, 1, 1})),
                    List.of(
                        new Pdu.CommonExtendedNegotiation(
                            STORAGE, "1.2.840.10008.4.2", List.of("1.2.9"))))
                .withAsyncWindow(new Pdu.AsyncWindow(0, 2)));
    Association there = accepted.get(5, TimeUnit.SECONDS);
    for (Association one : List.of(here, there)) {
      boolean requestor = one.role() == AssociationRole.REQUESTOR;
      assertThat(one.mayBeScu(STORAGE)).isEqualTo(!requestor);
      assertThat(one.mayBeScp(STORAGE)).isEqualTo(requestor);
      assertThat(one.mayBeScu(FIND)).isEqualTo(requestor);
      assertThat(one.mayBeScp(FIND)).isEqualTo(!requestor);
      assertThat(one.extendedNegotiation(FIND)).containsExactly(1, 0, 1);
      assertThat(one.extendedNegotiation(STORAGE)).isNull();
      assertThat(one.commonExtendedNegotiation(STORAGE).relatedGeneralSopClassUids())
          .containsExactly("1.2.9");
      assertThat(one.commonExtendedNegotiation(FIND)).isNull();
      assertThat(one.maxOperationsInvoked()).isEqualTo(requestor ? 8 : 2);
      assertThat(one.maxOperationsPerformed()).isEqualTo(requestor ? 2 : 8);
      assertThat(one.userIdentity()).isNull();
    }
    here.release();
  }

  @Test
  void theWindowIsThatOfTheSettingsUnlessTheRequestHasOne() {
    listen((request, remote) -> acceptance(request));
    Association here = connect(request());
    assertThat(here.maxOperationsInvoked()).isEqualTo(3);
    assertThat(here.maxOperationsPerformed()).isEqualTo(3);
    here.release();
    Association single =
        new AssociationRequestor(loops, SETTINGS.withOperations(1, 8)).connect(request(), handler);
    assertThat(single.maxOperationsInvoked()).isEqualTo(1);
    assertThat(single.maxOperationsPerformed()).isEqualTo(1);
    single.release();
  }

  @Test
  void aDecisionMayTakeItsTimeAndTheLoopGoesOn() {
    CompletableFuture<Decision> decision = new CompletableFuture<>();
    listen(
        (request, remote) -> {
          if (request.callingAeTitle().equals("FAST")) {
            decision.complete(acceptance(request));
            return acceptance(request);
          }
          return new Decision.Later(decision);
        });
    CompletableFuture<Association> slow = CompletableFuture.supplyAsync(() -> connect(request()));
    await().until(() -> acceptor.associations() == 1);
    // On the same event loop, while the first one waits.
    AssociationRequest other = request();
    Association fast =
        connect(
            new AssociationRequest(other.host(), other.port(), "FAST", "HUB", other.proposals()));
    slow.join().release();
    fast.release();
  }

  @ParameterizedTest
  @CsvSource({"never", "failed", "nothing"})
  void withoutADecisionItIsTransient(String how) {
    listen(
        (request, remote) ->
            new Decision.Later(
                switch (how) {
                  case "failed" -> CompletableFuture.failedFuture(new IOException("directory"));
                  case "nothing" -> CompletableFuture.completedFuture(null);
                  default -> new CompletableFuture<>();
                }));
    AssociationRequestor patient =
        new AssociationRequestor(
            loops,
            new AssociationSettings(
                16 * 1024,
                128 * 1024,
                20,
                20,
                Duration.ofSeconds(5),
                Duration.ofSeconds(5),
                Duration.ofSeconds(5),
                Duration.ofSeconds(5),
                Duration.ofSeconds(5),
                Duration.ofSeconds(5)));
    assertThatThrownBy(() -> patient.connect(request(), handler))
        .isInstanceOfSatisfying(
            AssociationException.class,
            e -> assertThat(e.kind()).isEqualTo(Kind.REJECTED_TRANSIENT))
        .hasMessageContaining("temporary congestion");
  }

  @Test
  void aHandlerThatFailsAfterALateDecisionEndsTheAssociation() {
    listen(
        (request, remote) ->
            new Decision.Later(
                CompletableFuture.supplyAsync(
                    () ->
                        new Decision.Accept(
                            acceptance(request).contexts(),
                            new SilentHandler() {
                              @Override
                              public void established(Association association) {
                                throw new IllegalStateException("made to fail");
                              }
                            }))));
    Association here = connect(request());
    await().atMost(Duration.ofSeconds(5)).until(() -> !here.isOpen());
  }

  /** Connections that say nothing are told nothing; their number has an end. */
  @Test
  void connectionsThatWaitAreLimited() throws Exception {
    listen((request, remote) -> acceptance(request));
    int most = SETTINGS.maxAssociations() + 128;
    List<Socket> sockets = new java.util.ArrayList<>();
    try {
      for (int i = 0; i < most + 5; i++) {
        sockets.add(new Socket("127.0.0.1", acceptor.port()));
      }
      Socket last = sockets.get(sockets.size() - 1);
      last.setSoTimeout(3000);
      assertThat(last.getInputStream().read()).isEqualTo(-1);
      await().atMost(Duration.ofSeconds(2)).until(() -> acceptor.associations() == most);
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }

  /** Sta3: the peer's abort, its loss, a PDU out of turn, and a close here. */
  @ParameterizedTest
  @CsvSource({"abort", "loss", "release", "close"})
  void theEndMayComeBeforeTheDecision(String how) throws Exception {
    CompletableFuture<Decision> decision = new CompletableFuture<>();
    CompletableFuture<Decision.Accept> prepared = new CompletableFuture<>();
    listen(
        (request, remote) -> {
          prepared.complete(acceptance(request));
          return new Decision.Later(decision);
        });
    try (Socket socket = new Socket("127.0.0.1", acceptor.port())) {
      socket.setSoTimeout(5000);
      socket.getOutputStream().write(RawPdus.associateRq("PACS", "HUB"));
      prepared.get(5, TimeUnit.SECONDS);
      switch (how) {
        case "abort" -> socket.getOutputStream().write(new byte[] {7, 0, 0, 0, 0, 4, 0, 0, 0, 0});
        case "release" -> socket.getOutputStream().write(new byte[] {5, 0, 0, 0, 0, 4, 0, 0, 0, 0});
        case "close" -> acceptor.close();
        default -> socket.shutdownOutput();
      }
      if (how.equals("release") || how.equals("close")) {
        assertThat(socket.getInputStream().read()).isEqualTo(Pdu.TYPE_ABORT);
      }
    }
    await().atMost(Duration.ofSeconds(5)).until(() -> acceptor.associations() == 0);
    decision.complete(prepared.get());
    assertThat(accepted).isNotDone();
  }

  @Test
  void aCloseDoesNotWaitForPeersThatSaidNothing() throws Exception {
    listen((request, remote) -> acceptance(request));
    try (Socket socket = new Socket("127.0.0.1", acceptor.port())) {
      await().until(() -> acceptor.associations() == 1);
      acceptor.close();
      await().atMost(Duration.ofSeconds(2)).until(() -> acceptor.associations() == 0);
      socket.setSoTimeout(2000);
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void whileSuspendedNewOnesAreTransientAndOldOnesGoOn() {
    listen((request, remote) -> acceptance(request));
    Association old = connect(request());
    acceptor.suspended(true);
    assertThatThrownBy(() -> connect(request()))
        .isInstanceOfSatisfying(
            AssociationException.class,
            e -> {
              assertThat(e.kind()).isEqualTo(Kind.REJECTED_TRANSIENT);
              assertThat(e.isRetryable()).isTrue();
            });
    assertThat(old.isOpen()).isTrue();
    acceptor.suspended(false);
    connect(request()).release();
    old.release();
  }

  // --- user identity

  private AssociationPolicy identified(UserIdentityVerifier verifier, boolean required) {
    return new UserIdentityPolicy(
        (request, remote) ->
            request.callingAeTitle().equals("STRANGER")
                ? new Decision.Reject(Pdu.AssociateRj.CALLING_AE_TITLE_NOT_RECOGNIZED)
                : acceptance(request),
        verifier,
        required,
        workers,
        Duration.ofMillis(400));
  }

  /** Takes "alice" and nobody else; its answer is the name backwards. */
  private static Optional<VerifiedIdentity> alice(Pdu.UserIdentity identity) {
    String name = new String(identity.primary(), StandardCharsets.UTF_8);
    return name.equals("alice") && Arrays.equals(identity.secondary(), new byte[] {'p'})
        ? Optional.of(new VerifiedIdentity(name, new byte[] {'e', 'c'}))
        : Optional.empty();
  }

  @ParameterizedTest
  @CsvSource({"true", "false"})
  void anIdentityThatIsTakenIsConfirmedIfAsked(boolean confirm) throws Exception {
    listen(identified((identity, candidate) -> alice(identity), true));
    Association here =
        connect(
            request()
                .withUserIdentity(Pdu.UserIdentity.usernameAndPasscode("alice", "p", confirm)));
    Association there = accepted.get(5, TimeUnit.SECONDS);
    assertThat(there.userIdentity().name()).isEqualTo("alice");
    assertThat(there.toString() + there.userIdentity()).doesNotContain("alice");
    if (confirm) {
      assertThat(here.userIdentity().response()).containsExactly('e', 'c');
    } else {
      assertThat(here.userIdentity()).isNull();
    }
    here.release();
  }

  @ParameterizedTest(name = "{0}: {2}")
  @CsvSource({
    "wrong passcode, PACS, REJECTED_PERMANENT, no reason given",
    "no identity, PACS, REJECTED_PERMANENT, no reason given",
    "stranger, STRANGER, REJECTED_PERMANENT, calling AE title not recognized",
    "directory down, PACS, REJECTED_TRANSIENT, temporary congestion",
    "directory hangs, PACS, REJECTED_TRANSIENT, temporary congestion",
    "workers busy, PACS, REJECTED_TRANSIENT, temporary congestion"
  })
  void anIdentityThatIsNotTakenIsARejection(
      String what, String calling, Kind kind, String message) {
    CountDownLatch hang = new CountDownLatch(1);
    listen(
        identified(
            (identity, candidate) ->
                switch (what) {
                  case "directory down" -> throw new IOException("cannot bind as " + identity);
                  case "directory hangs" ->
                      hang.await(10, TimeUnit.SECONDS) ? Optional.empty() : alice(identity);
                  default -> alice(identity);
                },
            true));
    if (what.equals("workers busy")) {
      while (workers.getQueue().remainingCapacity() > 0) {
        workers.execute(() -> hangOn(hang));
      }
    }
    AssociationRequest request =
        new AssociationRequest("127.0.0.1", acceptor.port(), calling, "HUB", request().proposals());
    String passcode = what.equals("wrong passcode") ? "wrong" : "p";
    AssociationRequest asking =
        what.equals("no identity")
            ? request
            : request.withUserIdentity(
                Pdu.UserIdentity.usernameAndPasscode("alice", passcode, true));
    assertThatThrownBy(() -> connect(asking))
        .isInstanceOfSatisfying(
            AssociationException.class, e -> assertThat(e.kind()).isEqualTo(kind))
        .hasMessageContaining(message)
        .hasMessageNotContaining("alice");
    hang.countDown();
  }

  private static void hangOn(CountDownLatch latch) {
    try {
      latch.await(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void aRequestThatDoesNotFitFailsAtOnceAndTellsWhy() {
    listen((request, remote) -> acceptance(request));
    assertThatThrownBy(
            () ->
                connect(request().withUserIdentity(Pdu.UserIdentity.jwt("x".repeat(70_000), true))))
        .isInstanceOfSatisfying(
            AssociationException.class, e -> assertThat(e.isRetryable()).isFalse())
        .hasMessageContaining("ISO-DICOM-407");
  }
}
