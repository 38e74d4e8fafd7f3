package org.isocentre.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class GroupCommitTest {
  @Test
  void whatComesWhileOneWritesIsWrittenTogether() throws Exception {
    CountDownLatch first = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    List<List<Integer>> commits = new CopyOnWriteArrayList<>();
    GroupCommit<Integer> group =
        new GroupCommit<>(
            items -> {
              commits.add(items);
              first.countDown();
              await(go);
            });
    ExecutorService threads = Executors.newCachedThreadPool();
    List<Future<?>> all = new ArrayList<>();
    all.add(threads.submit(() -> group.write(List.of(0))));
    await(first);
    for (int i = 1; i <= 8; i++) {
      int item = i;
      all.add(
          threads.submit(
              () -> {
                group.write(List.of(item, -item));
              }));
    }
    Awaitility.await().until(() -> joining() == 8);
    go.countDown();
    for (Future<?> one : all) {
      one.get();
    }
    threads.shutdown();
    assertThat(commits).hasSize(2);
    assertThat(commits.get(1))
        .hasSize(16)
        .containsAll(IntStream.rangeClosed(1, 8).boxed().toList());
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Nobody takes an error of another for success. */
  @Test
  void anErrorOfWhoWritesIsAFailureOfAll() throws Exception {
    CountDownLatch first = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    GroupCommit<Integer> group =
        new GroupCommit<>(
            items -> {
              if (items.contains(0)) {
                first.countDown();
                await(go);
              } else {
                throw new StackOverflowError();
              }
            });
    ExecutorService threads = Executors.newCachedThreadPool();
    Future<?> writer = threads.submit(() -> group.write(List.of(0)));
    await(first);
    List<Future<?>> others = new ArrayList<>();
    for (int i = 1; i <= 4; i++) {
      int item = i;
      others.add(threads.submit(() -> group.write(List.of(item))));
    }
    Awaitility.await().until(() -> joining() == 4);
    go.countDown();
    writer.get();
    for (Future<?> one : others) {
      assertThatThrownBy(one::get)
          .cause()
          .isInstanceOfAny(StackOverflowError.class, IllegalStateException.class);
    }
    threads.shutdown();
  }

  private static long joining() {
    return Thread.getAllStackTraces().entrySet().stream()
        .filter(e -> e.getKey().getState() == Thread.State.WAITING)
        .filter(
            e ->
                java.util.Arrays.stream(e.getValue())
                    .anyMatch(
                        f ->
                            f.getClassName().equals(GroupCommit.class.getName())
                                && f.getMethodName().equals("join")))
        .count();
  }

  /** Whoever returns has its own written; whoever fails has not; nobody fails for another. */
  @Test
  void oneThatFailsFailsAlone() throws Exception {
    List<Integer> written = new CopyOnWriteArrayList<>();
    GroupCommit<Integer> group =
        new GroupCommit<>(
            items -> {
              if (items.stream().anyMatch(i -> i % 10 == 0)) {
                throw new IllegalArgumentException("a multiple of ten");
              }
              written.addAll(items);
            });
    ExecutorService threads = Executors.newFixedThreadPool(16);
    List<Future<?>> all = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      int item = i;
      all.add(
          threads.submit(
              () -> {
                if (item % 10 == 0) {
                  assertThatThrownBy(() -> group.write(List.of(item)))
                      .isInstanceOf(IllegalArgumentException.class);
                } else {
                  group.write(List.of(item));
                  assertThat(written).contains(item);
                }
              }));
    }
    for (Future<?> one : all) {
      one.get();
    }
    threads.shutdown();
    assertThat(written)
        .containsExactlyInAnyOrderElementsOf(
            IntStream.range(0, 2000).filter(i -> i % 10 != 0).boxed().toList());
  }
}
