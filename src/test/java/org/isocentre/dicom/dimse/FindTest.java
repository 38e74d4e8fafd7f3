package org.isocentre.dicom.dimse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.isocentre.dicom.association.AssociationException;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.pdu.Pdu;
import org.isocentre.dicom.testkit.Message;
import org.isocentre.dicom.testkit.ScriptedScu;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** C-FIND between both ends of the layer (PS3.7 §9.1.2, PS3.4 §C.4.1). */
class FindTest {
  private static final String FIND = ServiceSopClass.STUDY_ROOT_FIND;
  private final AtomicInteger made = new AtomicInteger();
  private final AtomicInteger closed = new AtomicInteger();
  private QueryHandler handler;
  private Loopback loopback = new Loopback(services());

  private Services services() {
    return new Services() {
      @Override
      public QueryHandler query(String sopClassUid) {
        return handler == null ? null : query -> counted(handler.find(query));
      }
    };
  }

  private Matches counted(Matches matches) {
    return new Matches() {
      @Override
      public boolean hasNext() {
        return matches.hasNext();
      }

      @Override
      public DataSet next() {
        made.incrementAndGet();
        return matches.next();
      }

      @Override
      public boolean hasUnsupportedKeys() {
        return matches.hasUnsupportedKeys();
      }

      @Override
      public void close() {
        matches.close();
        closed.incrementAndGet();
      }
    };
  }

  @AfterEach
  void close() {
    loopback.close();
  }

  private static DataSet identifier() {
    return new DataSet().set(Tag.QueryRetrieveLevel, "STUDY").set(Tag.StudyInstanceUID, "");
  }

  private static DataSet match(int number) {
    return new DataSet()
        .set(Tag.QueryRetrieveLevel, "STUDY")
        .set(Tag.StudyInstanceUID, "2.25." + number);
  }

  private static Iterator<DataSet> numbered(int count) {
    return IntStream.range(0, count).mapToObj(FindTest::match).iterator();
  }

  private static List<String> read(Matches matches) {
    List<String> found = new ArrayList<>();
    matches.forEachRemaining(m -> found.add(m.string(Tag.StudyInstanceUID)));
    return found;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 1000})
  void everyMatchComesInOrderAndTheCursorIsClosed(int count) throws Exception {
    handler = query -> Matches.of(numbered(count));
    try (ServiceUser user = loopback.connect();
        Matches matches = user.find(FIND, identifier())) {
      assertThat(read(matches))
          .isEqualTo(IntStream.range(0, count).mapToObj(i -> "2.25." + i).toList());
    }
    await().until(() -> closed.get() == 1);
  }

  @Test
  void theHandlerIsToldWhoAsksForWhatAndHow() throws Exception {
    List<Query> asked = new ArrayList<>();
    handler =
        query -> {
          asked.add(query);
          return Matches.of(numbered(0));
        };
    Pdu.ExtendedNegotiation relational = new Pdu.ExtendedNegotiation(FIND, new byte[] {1, 0, 1});
    try (ServiceUser user =
        loopback.connect(
            loopback.request().withExtendedNegotiations(List.of(relational), List.of()),
            Services.NONE,
            Loopback.SETTINGS)) {
      read(user.find(FIND, identifier()));
    }
    assertThat(asked)
        .singleElement()
        .satisfies(
            query -> {
              assertThat(query.sopClassUid()).isEqualTo(FIND);
              assertThat(query.callingAeTitle()).isEqualTo("SCU");
              assertThat(query.calledAeTitle()).isEqualTo("SCP");
              assertThat(query.options()).isEqualTo(Set.of(Query.Option.RELATIONAL));
              assertThat(query.identifier().string(Tag.QueryRetrieveLevel)).isEqualTo("STUDY");
            });
  }

  @Test
  void keysThatAreNotSupportedAreTold() throws Exception {
    handler =
        query -> {
          Matches all = Matches.of(numbered(2));
          return new Matches() {
            @Override
            public boolean hasNext() {
              return all.hasNext();
            }

            @Override
            public DataSet next() {
              return all.next();
            }

            @Override
            public boolean hasUnsupportedKeys() {
              return true;
            }

            @Override
            public void close() {
              all.close();
            }
          };
        };
    try (ServiceUser user = loopback.connect();
        Matches matches = user.find(FIND, identifier())) {
      assertThat(read(matches)).hasSize(2);
      assertThat(matches.hasUnsupportedKeys()).isTrue();
    }
  }

  @Test
  void whileTheReaderIsSlowTheProviderWaits() throws Exception {
    int count = 3000;
    String comment = "x".repeat(10_000);
    handler =
        query ->
            Matches.of(
                IntStream.range(0, count)
                    .mapToObj(i -> match(i).set(Tag.StudyComments, comment, comment))
                    .iterator());
    try (ServiceUser user = loopback.connect();
        Matches matches = user.find(FIND, identifier())) {
      matches.next();
      await()
          .during(Duration.ofMillis(300))
          .atMost(Duration.ofSeconds(10))
          .until(this::madeNothingSince);
      assertThat(made.get()).isLessThan(count * 2 / 3);
      assertThat(read(matches)).hasSize(count - 1);
    }
  }

  private int before;

  private boolean madeNothingSince() {
    int now = made.get();
    boolean same = now == before;
    before = now;
    return same;
  }

  @Test
  void closingEarlyCancelsAndTheAssociationGoesOn() throws Exception {
    handler = query -> Matches.of(numbered(1_000_000));
    try (ServiceUser user = loopback.connect()) {
      try (Matches matches = user.find(FIND, identifier())) {
        matches.next();
      }
      assertThat(made.get()).isLessThan(1_000_000);
      assertThat(user.echo()).isZero();
    }
    assertThat(closed.get()).isEqualTo(1);
  }

  @Test
  void afterCancelAtMostOneResponseIsPending() throws Exception {
    Semaphore permits = new Semaphore(0);
    handler =
        query ->
            Matches.of(
                IntStream.range(0, 100)
                    .peek(i -> permits.acquireUninterruptibly())
                    .mapToObj(FindTest::match)
                    .iterator());
    try (ScriptedScu scu = ScriptedScu.connect(loopback.request())) {
      scu.send(FIND, Command.findRequest(7, FIND), identifier());
      permits.release(2);
      assertThat(scu.await().command().status()).isEqualTo(Status.PENDING);
      assertThat(scu.await().command().status()).isEqualTo(Status.PENDING);
      scu.send(FIND, Command.cancelRequest(7), null);
      // The same event loop answers another association after it has read the C-CANCEL-RQ.
      try (ServiceUser other = loopback.connect()) {
        assertThat(other.echo()).isZero();
      }
      permits.release(100);
      Message next = scu.await();
      if (next.command().status() == Status.PENDING) {
        next = scu.await();
      }
      assertThat(next.command().status()).isEqualTo(Status.CANCEL);
      assertThat(next.command().messageId()).isEqualTo(7);
      await().until(() -> closed.get() == 1);
      assertThat(scu.waiting()).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0, status, 43264", // A900
    "3, status, 43264",
    "0, runtime, 49153", // C001
    "3, runtime, 49153",
    "0, association, 49153",
    "3, association, 49153"
  })
  void aFailingHandlerIsAnsweredAfterWhatWasFound(int after, String how, int status)
      throws Exception {
    RuntimeException failure =
        switch (how) {
          case "status" ->
              new DimseStatusException(Status.DATA_SET_DOES_NOT_MATCH_SOP_CLASS, "no level");
          case "association" ->
              new AssociationException(AssociationException.Kind.CONNECT, "an archive behind");
          default -> new IllegalStateException("broken");
        };
    handler =
        query -> {
          if (after == 0) {
            throw failure;
          }
          return Matches.of(
              IntStream.range(0, 10)
                  .mapToObj(
                      i -> {
                        if (i == after) {
                          throw failure;
                        }
                        return match(i);
                      })
                  .iterator());
        };
    try (ServiceUser user = loopback.connect()) {
      Matches matches = user.find(FIND, identifier());
      for (int i = 0; i < after; i++) {
        assertThat(matches.next().string(Tag.StudyInstanceUID)).isEqualTo("2.25." + i);
      }
      assertThatThrownBy(matches::hasNext)
          .isInstanceOfSatisfying(
              DimseStatusException.class, e -> assertThat(e.status()).isEqualTo(status));
      assertThat(matches.hasNext()).isFalse();
      matches.close();
      assertThat(user.echo()).isZero();
    }
  }

  @Test
  void anIdentifierThatIsTooLongIsRefusedAndTheAssociationGoesOn() throws Exception {
    handler = query -> Matches.of(numbered(1));
    loopback.close();
    DimseSettings small =
        new DimseSettings(64 * 1024, 1 << 20, 2048, 64, 16, Duration.ofSeconds(10));
    loopback = new Loopback(services(), small, Executors.newCachedThreadPool(), 1);
    try (ServiceUser user = loopback.connect()) {
      DataSet tooLong = identifier().set(Tag.StudyComments, "x".repeat(3000));
      assertThatThrownBy(() -> read(user.find(FIND, tooLong)))
          .isInstanceOfSatisfying(
              DimseStatusException.class,
              e -> assertThat(e.status()).isEqualTo(Status.OUT_OF_RESOURCES));
      assertThat(read(user.find(FIND, identifier()))).hasSize(1);
    }
  }

  /** What a request is answered with that fits no service. */
  @ParameterizedTest
  @CsvSource({
    "find, 1.2.840.10008.5.1.4.1.2.2.1, 1.2.840.10008.5.1.4.1.2.2.1, true, 529", // 0211
    "find, 1.2.840.10008.5.1.4.1.2.2.1, 1.2.840.10008.5.1.4.31, true, 290", // 0122
    "find, 1.2.840.10008.5.1.4.1.2.2.1, 1.2.840.10008.5.1.4.1.2.2.1, false, 43264", // A900
    "move, 1.2.840.10008.5.1.4.1.2.2.2, 1.2.840.10008.5.1.4.1.2.2.2, true, 529",
    "get, 1.2.840.10008.5.1.4.1.2.2.3, 1.2.840.10008.5.1.4.1.2.2.3, true, 529",
    "store, 1.2.840.10008.5.1.4.1.1.2, 1.2.840.10008.5.1.4.1.1.2, true, 529",
    "store, 1.2.840.10008.5.1.4.1.1.2, 1.2.840.10008.5.1.4.1.1.4, true, 290"
  })
  void whatIsNotServedIsRefused(
      String operation, String context, String sopClass, boolean dataSet, int status) {
    if (status != Status.UNRECOGNIZED_OPERATION) {
      handler = query -> Matches.of(numbered(1));
    }
    Command request =
        switch (operation) {
          case "find" ->
              dataSet
                  ? Command.findRequest(5, sopClass)
                  : withoutDataSet(Command.findRequest(5, sopClass));
          case "move" -> Command.moveRequest(5, sopClass, "SOMEONE");
          case "get" -> Command.getRequest(5, sopClass);
          default -> Command.storeRequest(5, sopClass, "2.25.1");
        };
    try (ScriptedScu scu = ScriptedScu.connect(loopback.request())) {
      scu.send(context, request, dataSet ? identifier() : null);
      Command answer = scu.await().command();
      assertThat(answer.status()).isEqualTo(status);
      assertThat(answer.messageId()).isEqualTo(5);
      assertThat(answer.field()).isEqualTo(request.responseField());
    }
  }

  /** While the event loop was busy, each that waited for it took a buffer of a whole fragment. */
  @Test
  void manySmallMatchesThatWaitToBeSentTakeLittleMemory() throws Exception {
    AtomicInteger given = new AtomicInteger();
    Semaphore busy = new Semaphore(0);
    handler =
        query -> {
          loopback.loops.schedule(Duration.ZERO, busy::acquireUninterruptibly);
          return Matches.of(
              IntStream.iterate(0, i -> i + 1)
                  .peek(i -> given.incrementAndGet())
                  .mapToObj(FindTest::match)
                  .iterator());
        };
    try (ScriptedScu scu = ScriptedScu.connect(loopback.request())) {
      long before = heap();
      scu.send(FIND, Command.findRequest(7, FIND), identifier());
      AtomicInteger last = new AtomicInteger();
      await()
          .atMost(Duration.ofSeconds(30))
          .during(Duration.ofMillis(500))
          .until(() -> given.get() > 0 && last.getAndSet(given.get()) == given.get());
      long taken = heap() - before;
      busy.release();
      assertThat(given.get()).as("matches that wait").isGreaterThan(1000);
      assertThat(taken).isLessThan(64L << 20);
      scu.conversation().abort();
    }
  }

  private static long heap() {
    return io.netty.buffer.PooledByteBufAllocator.DEFAULT.metric().usedHeapMemory();
  }

  private static Command withoutDataSet(Command request) {
    byte[] bytes = request.encode();
    // (0000,0800) is the last but one element, 2 bytes: 0101 is "no data set".
    for (int i = 0; i + 9 < bytes.length; i++) {
      if (bytes[i] == 0 && bytes[i + 1] == 0 && bytes[i + 2] == 0 && bytes[i + 3] == 8) {
        bytes[i + 8] = 1;
        bytes[i + 9] = 1;
      }
    }
    try {
      return Command.decode(bytes);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
