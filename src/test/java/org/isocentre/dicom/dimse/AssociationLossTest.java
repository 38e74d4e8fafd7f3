package org.isocentre.dicom.dimse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.isocentre.dicom.association.AssociationException;
import org.isocentre.dicom.association.AssociationException.Kind;
import org.isocentre.dicom.association.AssociationRequest;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.dimse.NormalizedRequest.Operation;
import org.isocentre.dicom.testkit.Conversation;
import org.isocentre.dicom.testkit.Reaction;
import org.isocentre.dicom.testkit.ScriptedScp;
import org.isocentre.dicom.testkit.ScriptedScu;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * An association that is lost, in each phase, by each end: everyone is told once, nothing hangs.
 */
@Timeout(60)
class AssociationLossTest {
  private static final DimseSettings IMPATIENT =
      DimseSettings.DEFAULT.withResponseTimeout(Duration.ofMillis(300));
  private final Loopback loopback = new Loopback(new Archive());

  @AfterEach
  void close() {
    loopback.close();
  }

  /** One operation of the user. */
  private enum Asking {
    ECHO(Command.C_ECHO_RQ) {
      @Override
      void by(ServiceUser user) throws Exception {
        user.echo();
      }
    },
    STORE(Command.C_STORE_RQ) {
      @Override
      void by(ServiceUser user) throws Exception {
        user.store(
            Loopback.CT, "2.25.1", Loopback.EXPLICIT, new ByteArrayInputStream(new byte[50_000]));
      }
    },
    FIND(Command.C_FIND_RQ) {
      @Override
      void by(ServiceUser user) throws Exception {
        try (Matches matches = user.find(ServiceSopClass.STUDY_ROOT_FIND, identifier())) {
          matches.forEachRemaining(m -> {});
        }
      }
    },
    MOVE(Command.C_MOVE_RQ) {
      @Override
      void by(ServiceUser user) throws Exception {
        user.move(ServiceSopClass.STUDY_ROOT_MOVE, identifier(), "X", ServiceUser.Watch.PATIENT);
      }
    },
    GET(Command.C_GET_RQ) {
      @Override
      void by(ServiceUser user) throws Exception {
        user.get(ServiceSopClass.STUDY_ROOT_GET, identifier(), ServiceUser.Watch.PATIENT);
      }
    },
    ACTION(Command.N_ACTION_RQ) {
      @Override
      void by(ServiceUser user) throws Exception {
        user.request(
            new NormalizedRequest(
                Operation.N_ACTION,
                ServiceSopClass.STORAGE_COMMITMENT_PUSH_MODEL,
                "2.25.1",
                1,
                List.of(),
                identifier(),
                null));
      }
    };

    private final int field;

    Asking(int field) {
      this.field = field;
    }

    abstract void by(ServiceUser user) throws Exception;
  }

  private static DataSet identifier() {
    return new DataSet().set(Tag.QueryRetrieveLevel, "STUDY").set(Tag.StudyInstanceUID, "2.25.1");
  }

  /** What the provider does instead of answering. */
  private enum Loss {
    ABORT(Reaction.abort(), Kind.ABORTED),
    CLOSE(Reaction.close(), Kind.CONNECTION_LOST),
    RELEASE(Reaction.release(), Kind.CLOSED),
    SILENCE(Reaction.silence(), Kind.TIMEOUT),
    INTERLEAVED(Reaction.interleaved(), Kind.ABORTED),
    OVERSIZED(Reaction.oversizedCommand(200_000), Kind.ABORTED),
    PENDING_THEN_CLOSE(
        Reaction.with(Status.PENDING, identifier()).then(Reaction.close()), Kind.CONNECTION_LOST),
    PENDING_THEN_SILENCE(Reaction.with(Status.PENDING, identifier()), Kind.TIMEOUT),
    ANSWER_TO_ANOTHER(
        (request, conversation) ->
            conversation.send(
                request.context(),
                Command.echoRequest(request.command().messageId() + 1, Uid.VERIFICATION)
                    .response(0, null),
                null),
        Kind.ABORTED),
    OTHER_OPERATION(
        (request, conversation) ->
            conversation.send(
                request.context(),
                Command.cancelRequest(1).field() == request.command().field()
                    ? request.command()
                    : other(request.command()).response(0, null),
                null),
        Kind.ABORTED),
    GARBAGE(
        (request, conversation) ->
            conversation.pdv(request.context().id(), true, true, new byte[] {1, 2, 3}),
        Kind.ABORTED),
    UNREADABLE_DATA_SET(
        (request, conversation) ->
            conversation.sendBytes(
                request.context(),
                request.command().response(Status.PENDING, null, true),
                new byte[] {8, 0, 5, 0, 'C', 'S', 100, 0}),
        Kind.ABORTED);

    private final Reaction reaction;
    private final Kind kind;

    Loss(Reaction reaction, Kind kind) {
      this.reaction = reaction;
      this.kind = kind;
    }

    private static Command other(Command request) {
      int id = request.messageId();
      return request.field() == Command.C_ECHO_RQ
          ? Command.findRequest(id, ServiceSopClass.STUDY_ROOT_FIND)
          : Command.echoRequest(id, Uid.VERIFICATION);
    }
  }

  static Stream<Arguments> everyLossOfEveryOperation() {
    return Stream.of(Asking.values())
        .flatMap(a -> Stream.of(Loss.values()).map(l -> Arguments.of(a, l)));
  }

  @ParameterizedTest
  @MethodSource("everyLossOfEveryOperation")
  void whoAskedIsTold(Asking asking, Loss loss) throws Exception {
    try (ScriptedScp scp = new ScriptedScp().on(asking.field, loss.reaction).listen();
        ServiceUser user = connect(scp, IMPATIENT)) {
      assertThatThrownBy(() -> asking.by(user))
          .isInstanceOfSatisfying(
              AssociationException.class, e -> assertThat(e.kind()).isEqualTo(loss.kind));
      await().until(() -> !user.isOpen());
      assertThatThrownBy(() -> asking.by(user)).isInstanceOf(AssociationException.class);
    }
  }

  private ServiceUser connect(ScriptedScp scp, DimseSettings settings) {
    AssociationRequest request = Loopback.request(scp.port());
    return loopback.connect(request, Services.NONE, settings);
  }

  @Test
  void allWhoWaitAreToldOnceAlsoThoseWhoseTurnHadNotCome() throws Exception {
    try (ScriptedScp scp = new ScriptedScp().on(Command.C_ECHO_RQ, Reaction.silence()).listen();
        ServiceUser user = connect(scp, Loopback.SETTINGS)) {
      List<Throwable> told = new CopyOnWriteArrayList<>();
      List<Thread> waiting = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        Thread thread = new Thread(() -> echo(user, told));
        thread.start();
        waiting.add(thread);
      }
      await().until(() -> scp.messages().size() == 1);
      await().until(() -> waiting.stream().allMatch(AssociationLossTest::waits));
      scp.conversations().get(0).close();
      for (Thread thread : waiting) {
        thread.join(5000);
        assertThat(thread.isAlive()).isFalse();
      }
      assertThat(told)
          .hasSize(8)
          .allSatisfy(
              e ->
                  assertThat(e)
                      .isInstanceOfSatisfying(
                          AssociationException.class,
                          a -> assertThat(a.kind()).isEqualTo(Kind.CONNECTION_LOST)));
    }
  }

  private static boolean waits(Thread thread) {
    return thread.getState() == Thread.State.TIMED_WAITING;
  }

  private static void echo(ServiceUser user, List<Throwable> told) {
    try {
      user.echo();
      told.add(new AssertionError("an answer that was never sent"));
    } catch (AssociationException | NoPresentationContextException e) {
      told.add(e);
    }
  }

  @Test
  void everyObjectInFlightIsTold() throws Exception {
    try (ScriptedScp scp =
            new ScriptedScp().window(4, 1).on(Command.C_STORE_RQ, Reaction.silence()).listen();
        ServiceUser user =
            loopback.connect(
                Loopback.request(scp.port())
                    .withAsyncWindow(new org.isocentre.dicom.pdu.Pdu.AsyncWindow(4, 1)),
                Services.NONE,
                Loopback.SETTINGS)) {
      AtomicInteger told = new AtomicInteger();
      List<CompletableFuture<Command>> answers = new ArrayList<>();
      for (TestObject object : TestObject.several(4, 1000)) {
        CompletableFuture<Command> answer =
            user.storing(
                object.sopClassUid(),
                object.sopInstanceUid(),
                object.transferSyntaxUid(),
                new ByteArrayInputStream(object.bytes()));
        answer.whenComplete((a, e) -> told.incrementAndGet());
        answers.add(answer);
      }
      await().until(() -> scp.requests(Command.C_STORE_RQ).size() == 4);
      scp.conversations().get(0).abort();
      for (CompletableFuture<Command> answer : answers) {
        assertThatThrownBy(() -> answer.get(5, TimeUnit.SECONDS))
            .isInstanceOf(ExecutionException.class)
            .hasCauseInstanceOf(AssociationException.class);
      }
      assertThat(told).hasValue(4);
    }
  }

  @Test
  void aProviderThatAbortsInTheMiddleOfAnObjectStopsTheSender() throws Exception {
    try (ScriptedScp scp = new ScriptedScp().abortAfter(1, 100_000).listen();
        ServiceUser user = connect(scp, Loopback.SETTINGS)) {
      assertThatThrownBy(
              () ->
                  user.store(
                      Loopback.CT,
                      "2.25.1",
                      Loopback.EXPLICIT,
                      new ByteArrayInputStream(new byte[50_000_000])))
          .isInstanceOf(AssociationException.class);
    }
  }

  /** The rest of the object is not known: the peer must not take the half for the whole. */
  @ParameterizedTest
  @MethodSource("failures")
  void anObjectThatCannotBeReadToItsEndEndsTheAssociation(Exception failure) throws Exception {
    InputStream broken =
        new InputStream() {
          private int left = 100_000;

          @Override
          public int read() throws IOException {
            if (left-- > 0) {
              return 1;
            }
            if (failure instanceof IOException e) {
              throw e;
            }
            throw (RuntimeException) failure;
          }

          @Override
          public int read(byte[] bytes, int from, int count) throws IOException {
            bytes[from] = (byte) read();
            return 1;
          }
        };
    try (ScriptedScp scp = new ScriptedScp().listen();
        ServiceUser user = connect(scp, Loopback.SETTINGS)) {
      assertThatThrownBy(() -> user.store(Loopback.CT, "2.25.1", Loopback.EXPLICIT, broken))
          .isSameAs(failure);
      assertThat(scp.conversations().get(0).end().get(5, TimeUnit.SECONDS))
          .isEqualTo(Conversation.End.ABORTED);
      assertThat(scp.messages()).isEmpty();
    }
  }

  static Stream<Exception> failures() {
    return Stream.of(new IOException("disk"), new IllegalStateException("transcoder"));
  }

  // --- the provider's side

  /** What became of each data set. */
  private static final class Ledger extends Archive {
    private final AtomicInteger opened = new AtomicInteger();
    private final AtomicInteger completed = new AtomicInteger();
    private final AtomicInteger abandoned = new AtomicInteger();

    @Override
    public DataSetSink.Factory sinks(String sopClassUid) {
      DataSetSink.Factory plain = super.sinks(sopClassUid);
      return info -> {
        DataSetSink sink = plain.open(info);
        opened.incrementAndGet();
        return new DataSetSink() {
          @Override
          public void write(ByteBuffer bytes) throws IOException {
            sink.write(bytes);
          }

          @Override
          public ReceivedDataSet complete() throws IOException {
            completed.incrementAndGet();
            return sink.complete();
          }

          @Override
          public void abandon() {
            abandoned.incrementAndGet();
            sink.abandon();
          }
        };
      };
    }
  }

  private enum Leaving {
    ABORT {
      @Override
      void with(Conversation conversation) {
        conversation.abort();
      }
    },
    CLOSE {
      @Override
      void with(Conversation conversation) {
        conversation.close();
      }
    },
    RELEASE {
      @Override
      void with(Conversation conversation) {
        conversation.release();
      }
    },
    COMMAND_IN_BETWEEN {
      @Override
      void with(Conversation conversation) {
        conversation.pdv(
            conversation.context(Loopback.CT).id(),
            true,
            true,
            Command.echoRequest(2, Uid.VERIFICATION).encode());
      }
    },
    OTHER_CONTEXT {
      @Override
      void with(Conversation conversation) {
        conversation.pdv(conversation.context(Uid.VERIFICATION).id(), false, true, new byte[10]);
      }
    },
    UNKNOWN_CONTEXT {
      @Override
      void with(Conversation conversation) {
        conversation.pdv(251, false, true, new byte[10]);
      }
    };

    abstract void with(Conversation conversation);
  }

  @ParameterizedTest
  @org.junit.jupiter.params.provider.EnumSource
  void anObjectThatDidNotComeWholeIsForgotten(Leaving leaving) throws Exception {
    Ledger ledger = new Ledger();
    try (Loopback provider = new Loopback(ledger);
        ScriptedScu scu = ScriptedScu.connect(provider.request())) {
      Conversation conversation = scu.conversation();
      int ct = conversation.context(Loopback.CT).id();
      conversation.pdv(ct, true, true, Command.storeRequest(1, Loopback.CT, "2.25.1").encode());
      conversation.pdv(ct, false, false, new byte[10_000]);
      await().until(() -> ledger.opened.get() == 1);
      leaving.with(conversation);
      await().until(() -> ledger.abandoned.get() == 1);
      assertThat(ledger.completed).hasValue(0);
      assertThat(ledger.received).isEmpty();
      assertThat(conversation.end().get(5, TimeUnit.SECONDS)).isNotNull();
      try (ServiceUser other = provider.connect()) {
        assertThat(other.echo()).as("others are served").isZero();
      }
    }
  }

  @Test
  void aQueryWhoseAskerIsGoneIsClosed() throws Exception {
    CountDownLatch closed = new CountDownLatch(1);
    AtomicInteger made = new AtomicInteger();
    Services endless =
        new Services() {
          @Override
          public QueryHandler query(String sopClassUid) {
            return query ->
                new Matches() {
                  @Override
                  public boolean hasNext() {
                    return true;
                  }

                  @Override
                  public DataSet next() {
                    made.incrementAndGet();
                    return identifier();
                  }

                  @Override
                  public void close() {
                    closed.countDown();
                  }
                };
          }
        };
    try (Loopback provider = new Loopback(endless);
        ScriptedScu scu = ScriptedScu.connect(provider.request())) {
      scu.send(
          ServiceSopClass.STUDY_ROOT_FIND,
          Command.findRequest(1, ServiceSopClass.STUDY_ROOT_FIND),
          identifier());
      await().until(() -> made.get() > 10);
      scu.conversation().close();
      assertThat(closed.await(5, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void withoutAWorkerTheAssociationIsAbortedAndTheObjectForgotten() throws Exception {
    ExecutorService none = Executors.newCachedThreadPool();
    try (Loopback provider = new Loopback(new Ledger(), Loopback.SETTINGS, none, 1);
        ScriptedScu scu = ScriptedScu.connect(provider.request())) {
      none.shutdownNow();
      scu.conversation()
          .sendBytes(
              scu.conversation().context(Loopback.CT),
              Command.storeRequest(1, Loopback.CT, "2.25.1"),
              new byte[100_000]);
      assertThat(scu.conversation().end().get(5, TimeUnit.SECONDS))
          .isEqualTo(Conversation.End.ABORTED);
    }
  }

  /** A connection that is closed while bytes are unread is reset, and takes the A-ABORT with it. */
  @Test
  void aPeerThatIsStillSendingReadsTheAbort() throws Exception {
    ExecutorService none = Executors.newCachedThreadPool();
    try (Loopback provider = new Loopback(new Ledger(), Loopback.SETTINGS, none, 1);
        ScriptedScu scu = ScriptedScu.connect(provider.request())) {
      none.shutdownNow();
      byte[] much = new byte[1 << 20];
      for (int i = 0; i < 16; i++) {
        scu.conversation()
            .sendBytes(
                scu.conversation().context(Loopback.CT),
                Command.storeRequest(1 + i, Loopback.CT, "2.25.1"),
                much);
      }
      assertThat(scu.conversation().end().get(5, TimeUnit.SECONDS))
          .isEqualTo(Conversation.End.ABORTED);
    }
  }

  /** Fragments of a byte each must not cost more than the limit in bytes says. */
  @Test
  void manySmallFragmentsStopTheReading() throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    Ledger ledger = new Ledger();
    Services slow =
        new Services() {
          @Override
          public DataSetSink.Factory sinks(String sopClassUid) {
            return info -> {
              try {
                gate.await(20, TimeUnit.SECONDS);
              } catch (InterruptedException e) {
                throw new IOException(e);
              }
              return ledger.sinks(sopClassUid).open(info);
            };
          }

          @Override
          public StorageHandler storage(String sopClassUid) {
            return ledger.storage(sopClassUid);
          }
        };
    DimseSettings small =
        new DimseSettings(64 * 1024, 64 * 1024, 1 << 20, 64, 16, Duration.ofSeconds(10));
    int count = 200_000;
    try (Loopback provider = new Loopback(slow, small, Executors.newCachedThreadPool(), 1);
        ScriptedScu scu = ScriptedScu.connect(provider.request())) {
      Conversation conversation = scu.conversation();
      int ct = conversation.context(Loopback.CT).id();
      conversation.pdv(ct, true, true, Command.storeRequest(1, Loopback.CT, "2.25.1").encode());
      byte[] one = {0, 0, 0, 3, (byte) ct, 0, 7};
      byte[] pdu = new byte[6 + 7 * 1000];
      java.nio.ByteBuffer.wrap(pdu).put((byte) 4).put((byte) 0).putInt(7 * 1000);
      for (int i = 0; i < 1000; i++) {
        System.arraycopy(one, 0, pdu, 6 + 7 * i, 7);
      }
      for (int i = 0; i < count / 1000; i++) {
        conversation.raw(pdu);
      }
      conversation.pdv(ct, false, true, new byte[] {8});
      gate.countDown();
      assertThat(scu.await(Duration.ofSeconds(30)).command().status()).isZero();
      assertThat(ledger.received.get("2.25.1")).hasSize(count + 1);
    }
  }
}
