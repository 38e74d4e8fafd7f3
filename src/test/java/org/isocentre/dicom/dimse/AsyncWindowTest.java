package org.isocentre.dicom.dimse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayInputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.isocentre.dicom.association.AssociationException;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The asynchronous operations window, executed (PS3.7 §D.3.3.3). */
@Timeout(60)
class AsyncWindowTest {
  /** Objects that have arrived; a handler waits for the gate of its object. */
  private static final class Gated extends Archive {
    private final Map<String, CountDownLatch> gates = new ConcurrentHashMap<>();
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();
    private final Semaphore arrived = new Semaphore(0);

    CountDownLatch gate(StoredObject object) {
      return gates.computeIfAbsent(object.sopInstanceUid(), k -> new CountDownLatch(1));
    }

    @Override
    public StorageHandler storage(String sopClassUid) {
      StorageHandler plain = super.storage(sopClassUid);
      return (association, object) -> {
        most.accumulateAndGet(running.incrementAndGet(), Math::max);
        arrived.release();
        try {
          CountDownLatch gate = gates.get(object.info().sopInstanceUid());
          if (gate != null && !gate.await(20, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the gate stayed shut");
          }
          return plain.store(association, object);
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        } finally {
          running.decrementAndGet();
        }
      };
    }

    boolean haveArrived(int count) throws InterruptedException {
      return arrived.tryAcquire(count, 10, TimeUnit.SECONDS);
    }
  }

  private final Gated archive = new Gated();

  private Loopback loopback(int window) {
    return new Loopback(archive, Loopback.SETTINGS, Executors.newCachedThreadPool(), window);
  }

  private static CompletableFuture<Command> storing(ServiceUser user, TestObject object)
      throws Exception {
    return user.storing(
        object.sopClassUid(),
        object.sopInstanceUid(),
        object.transferSyntaxUid(),
        new ByteArrayInputStream(object.bytes()));
  }

  @Test
  void theSecondObjectIsReceivedWhileTheFirstHandlerWaitsAndIsAnsweredFirst() throws Exception {
    TestObject first = TestObject.of(100_000);
    TestObject second = TestObject.of(100_001);
    archive.gate(first);
    archive.gate(second);
    try (Loopback loopback = loopback(4);
        ServiceUser user = loopback.connect()) {
      assertThat(user.maxOperationsInvoked()).isEqualTo(4);
      CompletableFuture<Command> firstAnswer = storing(user, first);
      CompletableFuture<Command> secondAnswer = storing(user, second);
      assertThat(archive.haveArrived(2)).as("both are being handled at once").isTrue();
      archive.gate(second).countDown();
      assertThat(secondAnswer.get(5, TimeUnit.SECONDS).status()).isZero();
      assertThat(firstAnswer).isNotDone();
      archive.gate(first).countDown();
      assertThat(firstAnswer.get(5, TimeUnit.SECONDS).status()).isZero();
    }
    assertThat(archive.received.get(first.sopInstanceUid())).isEqualTo(first.bytes());
    assertThat(archive.received.get(second.sopInstanceUid())).isEqualTo(second.bytes());
  }

  @Test
  void withoutAWindowOneFollowsTheOther() throws Exception {
    try (Loopback loopback = loopback(1);
        ServiceUser user = loopback.connect()) {
      assertThat(user.maxOperationsInvoked()).isEqualTo(1);
      List<CompletableFuture<Command>> answers = new ArrayList<>();
      for (TestObject object : TestObject.several(20, 10_000)) {
        answers.add(storing(user, object));
      }
      for (CompletableFuture<Command> answer : answers) {
        assertThat(answer.get(5, TimeUnit.SECONDS).status()).isZero();
      }
    }
    assertThat(archive.most).hasValue(1);
  }

  @ParameterizedTest
  @CsvSource({"2, 30", "3, 50", "8, 100"})
  void neverMoreThanTheWindowAreHandledAtOnceAndAllAreAnswered(int window, int count)
      throws Exception {
    try (Loopback loopback = loopback(window);
        ServiceUser user = loopback.connect()) {
      List<CompletableFuture<Command>> answers = new ArrayList<>();
      List<TestObject> objects = TestObject.several(count, 5000);
      for (TestObject object : objects) {
        answers.add(storing(user, object));
      }
      for (CompletableFuture<Command> answer : answers) {
        assertThat(answer.get(10, TimeUnit.SECONDS).status()).isZero();
      }
      for (TestObject object : objects) {
        assertThat(archive.received.get(object.sopInstanceUid())).isEqualTo(object.bytes());
      }
    }
    assertThat(archive.most.get()).isBetween(1, window);
  }

  /** The provider's end sends several at once, too. */
  @ParameterizedTest
  @CsvSource({"true", "false"})
  void subOperationsOverlapInBothRoles(boolean get) throws Exception {
    List<TestObject> objects = TestObject.several(2, 50_000);
    Gated requestor = new Gated();
    objects.forEach(requestor::gate);
    archive.objects = objects;
    try (Loopback loopback = loopback(2);
        Loopback destination =
            new Loopback(requestor, Loopback.SETTINGS, Executors.newCachedThreadPool(), 2);
        ServiceUser user = loopback.connect(loopback.getRequest(), requestor, Loopback.SETTINGS)) {
      archive.loopback = loopback;
      archive.destinationPort = destination.port();
      archive.moverWindow = 2;
      DataSet identifier = new DataSet().set(Tag.QueryRetrieveLevel, "STUDY");
      CompletableFuture<ServiceUser.Retrieved> end =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return get
                      ? user.get(
                          ServiceSopClass.STUDY_ROOT_GET, identifier, ServiceUser.Watch.PATIENT)
                      : user.move(
                          ServiceSopClass.STUDY_ROOT_MOVE,
                          identifier,
                          "DEST",
                          ServiceUser.Watch.PATIENT);
                } catch (NoPresentationContextException e) {
                  throw new IllegalStateException(e);
                }
              });
      assertThat(requestor.haveArrived(2)).as("both are being handled at once").isTrue();
      requestor.gate(objects.get(1)).countDown();
      requestor.gate(objects.get(0)).countDown();
      ServiceUser.Retrieved result = end.get(10, TimeUnit.SECONDS);
      assertThat(result.status()).isZero();
      assertThat(result.progress()).isEqualTo(new Progress(0, 2, 0, 0));
    }
    assertThat(requestor.received).hasSize(2);
  }

  /** Each association's intake needs a worker: none may wait for one that only it could free. */
  @Test
  void fewWorkersServeManyWindows() throws Exception {
    ExecutorService two = Executors.newFixedThreadPool(2);
    try (Loopback loopback = new Loopback(archive, Loopback.SETTINGS, two, 4)) {
      List<ServiceUser> users = new ArrayList<>();
      List<CompletableFuture<Command>> answers = new ArrayList<>();
      List<Thread> senders = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        ServiceUser user = loopback.connect();
        users.add(user);
        senders.add(new Thread(() -> sendAll(user, answers)));
      }
      senders.forEach(Thread::start);
      for (Thread sender : senders) {
        sender.join(20_000);
        assertThat(sender.isAlive()).isFalse();
      }
      assertThat(answers).hasSize(120);
      for (CompletableFuture<Command> answer : answers) {
        assertThat(answer.get(10, TimeUnit.SECONDS).status()).isZero();
      }
      users.forEach(ServiceUser::close);
    }
  }

  private static void sendAll(ServiceUser user, List<CompletableFuture<Command>> answers) {
    for (TestObject object : TestObject.several(20, 2000)) {
      try {
        CompletableFuture<Command> answer = storing(user, object);
        synchronized (answers) {
          answers.add(answer);
        }
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }

  @Test
  void whenNothingEndsTheNextWaitsForItsTurnNoLongerThanTheTimeout() throws Exception {
    List<TestObject> objects = TestObject.several(3, 100);
    objects.forEach(archive::gate);
    try (Loopback loopback = loopback(2);
        ServiceUser user =
            loopback.connect(
                loopback.request(),
                Services.NONE,
                DimseSettings.DEFAULT.withResponseTimeout(Duration.ofMillis(500)))) {
      CompletableFuture<Command> one = storing(user, objects.get(0));
      CompletableFuture<Command> two = storing(user, objects.get(1));
      assertThatThrownBy(() -> storing(user, objects.get(2)))
          .isInstanceOf(AssociationException.class);
      await().until(() -> one.isCompletedExceptionally() && two.isCompletedExceptionally());
      objects.forEach(o -> archive.gate(o).countDown());
    }
  }
}
