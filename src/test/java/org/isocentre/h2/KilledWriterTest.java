package org.isocentre.h2;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process writes with all its might; it is stopped at random moments, and its file copied: what a
 * kill at that moment would leave. With H2 alone about one copy in ten is broken, so a few prove
 * little, and {@code -Disocentre.copies=100} proves more.
 */
class KilledWriterTest {
  private static final int COPIES = Integer.getInteger("isocentre.copies", 12);
  private static final int TABLES = 40;
  private static final int IDLE_TABLES = 100;
  private static final int WRITERS = 8;
  private static final int ROWS = 5;
  @TempDir Path directory;

  @Test
  void itsFileHasWholeTransactionsAndNoLocks() throws Exception {
    Path file = directory.resolve("index.mv.db");
    Process writer =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-cp",
                System.getProperty("java.class.path"),
                KilledWriterTest.class.getName(),
                directory.resolve("index").toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader commits =
        new BufferedReader(
            new InputStreamReader(writer.getInputStream(), StandardCharsets.US_ASCII))) {
      // A slow beginner rarely does two things at once.
      await(commits, 1000);
      for (int i = 0; i < COPIES; i++) {
        // It shall have had the machine to itself for a while: its threads overlap only then.
        while (commits.ready()) {
          commits.readLine();
        }
        await(commits, 50);
        Path copy = directory.resolve("copy-" + i + ".mv.db");
        signal(writer, "-STOP");
        Files.copy(file, copy);
        signal(writer, "-CONT");
        assertWhole(copy);
        Files.delete(copy);
      }
    } finally {
      writer.destroyForcibly().waitFor();
    }
  }

  private static void await(BufferedReader commits, int count) throws IOException {
    for (int commit = 0; commit < count; commit++) {
      assertThat(commits.readLine()).isNotNull();
    }
  }

  private static void signal(Process process, String signal)
      throws IOException, InterruptedException {
    int code = new ProcessBuilder("kill", signal, Long.toString(process.pid())).start().waitFor();
    assertThat(code).isZero();
  }

  private static Connection raw(Path copy) throws SQLException {
    String name = copy.toString().replace(".mv.db", "");
    return DriverManager.getConnection("jdbc:h2:file:" + name + ";LOCK_TIMEOUT=50", "sa", "");
  }

  private static void assertWhole(Path copy) throws SQLException {
    try (Connection connection = raw(copy);
        Statement sql = connection.createStatement()) {
      List<Connection> beside = new ArrayList<>();
      // What the dead process locked would be taken for locked by whoever has its number now.
      for (int i = 1; i <= WRITERS + 2; i++) {
        Connection other = raw(copy);
        other.setAutoCommit(false);
        other.createStatement().execute("insert into t0 (id) values (-" + i + ")");
        beside.add(other);
      }
      for (int i = 0; i < TABLES; i++) {
        assertWhole(sql, i, copy + ", table " + i);
      }
      for (Connection other : beside) {
        other.close();
      }
    }
  }

  private static void assertWhole(Statement sql, int table, String name) throws SQLException {
    long rows = number(sql, "select count(*) from t%d where id > 0", table);
    assertThat(rows).as(name).isEqualTo(number(sql, "select count(*) from t1 where id > 0", 1));
    assertThat(number(sql, "select count(v) from t%d use index (v%d) where v >= 0", table))
        .as(name)
        .isEqualTo(rows);
    assertThat(number(sql, "select count(v) from t%d use index (w%d) where w >= 0", table))
        .as(name)
        .isEqualTo(rows);
    assertThat(
            number(
                sql,
                "select count(*) from t%d a join t1 b on a.id = b.id where a.v <> b.v or a.w <> b.w",
                table))
        .as(name)
        .isZero();
    // Each row and index entry is written.
    assertThat(sql.executeUpdate(of("update t%d set v = v + 1, w = w + 1 where id > 0", table)))
        .as(name)
        .isEqualTo((int) rows);
    sql.executeUpdate(of("update t%d set v = v - 1, w = w - 1 where id > 0", table));
  }

  private static long number(Statement sql, String query, int table) throws SQLException {
    try (ResultSet found = sql.executeQuery(of(query, table))) {
      found.next();
      return found.getLong(1);
    }
  }

  private static String of(String sql, int table) {
    return sql.replace("%d", Integer.toString(table));
  }

  /** The process that is stopped. */
  public static void main(String[] arguments) throws SQLException {
    DurableDataSource data = new DurableDataSource("jdbc:h2:file:" + arguments[0], "sa", "", true);
    Connection open = data.getConnection();
    try (Statement sql = open.createStatement()) {
      for (int i = 0; i < TABLES; i++) {
        sql.execute("create table t" + i + " (id int, v bigint, w int)");
        sql.execute("create unique index i" + i + " on t" + i + " (id)");
        sql.execute("create index v" + i + " on t" + i + " (v)");
        sql.execute("create index w" + i + " on t" + i + " (w, v)");
      }
      // The more there are, the longer it takes to look at each.
      for (int i = 0; i < IDLE_TABLES; i++) {
        sql.execute("create table idle" + i + " (id int primary key)");
      }
    }
    for (int i = 0; i < WRITERS; i++) {
      int writer = i;
      new Thread(
              () -> {
                try {
                  write(data, writer);
                } catch (SQLException e) {
                  throw new IllegalStateException(e);
                }
              })
          .start();
    }
  }

  /** Each transaction does the same in all tables. */
  private static void write(DurableDataSource data, int writer) throws SQLException {
    Random random = new Random(writer);
    try (Connection connection = data.getConnection()) {
      connection.setAutoCommit(false);
      Set<Integer> present = new HashSet<>();
      for (long value = 1; ; value++) {
        int row = 1 + writer * ROWS + random.nextInt(ROWS);
        if (present.add(row)) {
          inAll(connection, "insert into t%d (v, w, id) values (?, 0, ?)", value, row);
        } else if (random.nextInt(4) > 0) {
          inAll(connection, "update t%d set v = ?, w = w + 1 where id = ?", value, row);
        } else {
          present.remove(row);
          inAll(connection, "delete from t%d where v <> ? and id = ?", value, row);
        }
        connection.commit();
        System.out.println(value);
      }
    }
  }

  private static void inAll(Connection connection, String sql, long value, int row)
      throws SQLException {
    for (int i = 0; i < TABLES; i++) {
      try (PreparedStatement statement = connection.prepareStatement(of(sql, i))) {
        statement.setLong(1, value);
        statement.setInt(2, row);
        if (statement.executeUpdate() != 1) {
          throw new IllegalStateException("a row is lost in table " + i);
        }
      }
    }
  }
}
