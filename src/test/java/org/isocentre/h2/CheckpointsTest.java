package org.isocentre.h2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.h2.mvstore.MVStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class CheckpointsTest {
  @TempDir Path directory;
  private final WriteGate gate = new WriteGate(Duration.ofMinutes(1));
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private MVStore store;
  private Checkpoints checkpoints;

  @BeforeEach
  void open() {
    store =
        new MVStore.Builder()
            .fileName(directory.resolve("store").toString())
            .autoCommitDisabled()
            .open();
    checkpoints = new Checkpoints(store, gate, true);
  }

  @AfterEach
  void close() {
    threads.shutdownNow();
    store.close();
  }

  private Future<Void> save() {
    return threads.submit(
        () -> {
          checkpoints.save();
          return null;
        });
  }

  @Test
  void nothingIsSavedInTheMiddleOfAStatement() throws Exception {
    WriteGate.Writer writing = () -> false;
    gate.enter(writing);
    store.openMap("rows").put(1, "a");
    long version = store.getCurrentVersion();
    Future<Void> saved = save();
    // The gate is closed: nobody else begins to write.
    WriteGate.Writer next = () -> false;
    Future<?> entered = threads.submit(() -> gate.enter(next));
    store.openMap("rows").put(2, "b");
    assertThat(store.getCurrentVersion()).isEqualTo(version);
    assertThat(saved.isDone()).isFalse();
    gate.leave(writing);
    if (entered.isDone()) {
      gate.leave(next);
    }
    saved.get();
    assertThat(store.getCurrentVersion()).isEqualTo(version + 1);
    assertThat(store.hasUnsavedChanges()).isFalse();
    entered.get();
  }

  @Test
  void thoseWhoComeMeanwhileShareTheNextOne() throws Exception {
    WriteGate.Writer writing = () -> false;
    gate.enter(writing);
    store.openMap("rows").put(1, "a");
    long version = store.getCurrentVersion();
    List<Future<Void>> all = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      all.add(save());
    }
    gate.leave(writing);
    for (Future<Void> one : all) {
      one.get();
    }
    assertThat(store.getCurrentVersion()).isBetween(version + 1, version + 2);
  }

  @Test
  void whoGaveUpItsLockMeanwhileIsSavedAgain() throws Exception {
    // It waits when the gate closes, and does not any more when it opens.
    List<Boolean> answers = new ArrayList<>(List.of(true, false));
    gate.enter(() -> answers.isEmpty() || answers.remove(0));
    store.openMap("rows").put(1, "a");
    checkpoints.save();
    assertThat(answers).isEmpty();
    assertThat(store.hasUnsavedChanges()).isFalse();
  }

  @Test
  void quietWorkTakesItsTurn() throws Exception {
    List<Integer> done = new ArrayList<>();
    WriteGate.Writer writing = () -> false;
    gate.enter(writing);
    Future<?> quiet = threads.submit(() -> checkpoints.quietly(() -> done.add(1)));
    await().until(() -> !quiet.isDone());
    assertThat(done).isEmpty();
    gate.leave(writing);
    quiet.get();
    assertThat(done).containsExactly(1);
    store.openMap("rows").put(1, "a");
    checkpoints.save();
    assertThat(store.hasUnsavedChanges()).isFalse();
  }

  @Test
  void anErrorLeavesTheGateOpenAndTheTurnFree() throws Exception {
    AtomicBoolean broken = new AtomicBoolean(true);
    gate.enter(
        () -> {
          if (broken.getAndSet(false)) {
            throw new AssertionError("broken");
          }
          return true;
        });
    store.openMap("rows").put(1, "a");
    assertThatThrownBy(() -> checkpoints.save()).isInstanceOf(AssertionError.class);
    gate.enter(() -> true);
    checkpoints.save();
    assertThat(store.hasUnsavedChanges()).isFalse();
  }

  @Test
  void whatCannotBeSavedIsTold() {
    store.closeImmediately();
    assertThatThrownBy(() -> checkpoints.save())
        .isInstanceOf(SQLException.class)
        .hasMessageStartingWith("ISO-H2-002");
  }
}
