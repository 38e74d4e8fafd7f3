package org.isocentre.h2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is in the file at a moment is what the end of the process at that moment would leave. */
class DurableDataSourceTest {
  @TempDir Path directory;
  private DurableDataSource data;
  private Connection open;

  @BeforeEach
  void open() throws SQLException {
    data = new DurableDataSource("jdbc:h2:file:" + directory.resolve("index"), "sa", "", true);
    open = data.getConnection();
    try (Statement sql = open.createStatement()) {
      sql.execute("create table t1 (id int primary key, writer int, v bigint)");
    }
  }

  @AfterEach
  void close() throws SQLException {
    open.close();
  }

  private static String of(String sql, int table) {
    return sql.replace("%d", Integer.toString(table));
  }

  private Path copy(String name) {
    Path copy = directory.resolve(name + ".mv.db");
    data.quietly(
        () -> {
          try {
            Files.copy(directory.resolve("index.mv.db"), copy);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
    return copy;
  }

  private static Connection raw(Path copy) throws SQLException {
    String name = copy.toString().replace(".mv.db", "");
    return DriverManager.getConnection("jdbc:h2:file:" + name + ";LOCK_TIMEOUT=50", "sa", "");
  }

  private static long number(Statement sql, String query) throws SQLException {
    try (ResultSet found = sql.executeQuery(query)) {
      found.next();
      return found.getLong(1);
    }
  }

  private static long rows(Path copy) throws SQLException {
    try (Connection connection = raw(copy);
        Statement sql = connection.createStatement()) {
      return number(sql, "select count(*) from t1");
    }
  }

  private static void insert(Connection connection, int id) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("insert into t1 (id, v, writer) values (?, 1, 1)")) {
      statement.setInt(1, id);
      statement.executeUpdate();
    }
  }

  @Test
  void aCommitIsInTheFileWhenItReturns() throws SQLException {
    insert(open, 1);
    assertThat(rows(copy("by-itself"))).isEqualTo(1);
    open.setAutoCommit(false);
    insert(open, 2);
    assertThat(rows(copy("not-yet"))).isEqualTo(1);
    open.commit();
    assertThat(rows(copy("committed"))).isEqualTo(2);
    insert(open, 3);
    open.rollback();
    assertThat(rows(copy("undone"))).isEqualTo(2);
    try (PreparedStatement batch =
        open.prepareStatement("insert into t1 (id, v, writer) values (?, 1, 1)")) {
      batch.setInt(1, 4);
      batch.addBatch();
      batch.setInt(1, 5);
      batch.addBatch();
      batch.executeBatch();
    }
    open.setAutoCommit(true);
    assertThat(rows(copy("batch"))).isEqualTo(4);
  }

  @Test
  void whoWaitsForALockHoldsUpNobodyElse() throws Exception {
    insert(open, 1);
    open.setAutoCommit(false);
    lock(open);
    ExecutorService threads = Executors.newSingleThreadExecutor();
    try (Connection waiting = data.getConnection();
        Connection third = data.getConnection()) {
      waiting.createStatement().execute("set lock_timeout 60000");
      Future<Void> lock = threads.submit(() -> lock(waiting));
      await().until(() -> isAnyWaiting(third));
      insert(third, 2);
      assertThat(lock.isDone()).isFalse();
      assertThat(rows(copy("while-waiting"))).isEqualTo(2);
      open.commit();
      lock.get();
    } finally {
      threads.shutdownNow();
    }
  }

  /** A transaction that undid a statement is not waited for by H2, but tried again at once. */
  @Test
  @Timeout(60)
  void whoTriesAgainAndAgainHoldsUpNobody() throws Exception {
    open.setAutoCommit(false);
    insert(open, 1);
    try (Statement twice = open.createStatement()) {
      assertThatThrownBy(
              () -> twice.execute("insert into t1 (id, v, writer) values (2, 1, 1), (1, 1, 1)"))
          .isInstanceOf(SQLException.class);
    }
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try (Connection trying = data.getConnection();
        Connection third = data.getConnection()) {
      trying.createStatement().execute("set lock_timeout 60000");
      Future<Void> lock =
          threads.submit(
              () -> {
                insert(trying, 1);
                return null;
              });
      Future<?> saved =
          threads.submit(
              () -> {
                insert(third, 3);
                return null;
              });
      saved.get();
      for (int i = 10; i < 20; i++) {
        insert(open, i);
      }
      assertThat(lock.isDone()).isFalse();
      open.rollback();
      lock.get();
      assertThat(rows(copy("done"))).isEqualTo(2);
    } finally {
      threads.shutdownNow();
    }
  }

  private static Void lock(Connection connection) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("update t1 set writer = writer + 1 where id = 1")) {
      assertThat(statement.executeUpdate()).isPositive();
    }
    return null;
  }

  private static boolean isAnyWaiting(Connection connection) throws SQLException {
    try (Statement sql = connection.createStatement()) {
      return number(
              sql, "select count(*) from information_schema.sessions where blocker_id is not null")
          == 1;
    }
  }

  @Test
  void whatCouldNotBeSavedIsNotReportedAsCommitted() throws SQLException {
    open.setAutoCommit(false);
    insert(open, 1);
    try (Connection other = data.getConnection()) {
      other.createStatement().execute("shutdown immediately");
    } catch (SQLException e) {
      // It ends its own connection, too.
    }
    assertThatThrownBy(open::commit).isInstanceOf(SQLException.class);
  }

  @Test
  void aDatabaseThatWasClosedIsOpenedAgain() throws SQLException {
    insert(open, 1);
    open.close();
    data.quietly(() -> {});
    open = data.getConnection();
    insert(open, 2);
    assertThat(rows(copy("again"))).isEqualTo(2);
  }
}
