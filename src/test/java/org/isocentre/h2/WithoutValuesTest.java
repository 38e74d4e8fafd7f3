package org.isocentre.h2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLIntegrityConstraintViolationException;
import java.sql.SQLTimeoutException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** No failure of the embedded database says anything of a patient, however deep one looks. */
class WithoutValuesTest {
  private static final String NHS_NUMBER = "9990000018";
  private static final String NAME = "GREEN, Mary";
  private static final List<String> OF_THE_PATIENT =
      List.of(NHS_NUMBER, "9990000034", "GREEN", "Mary", "1970-15-12");

  @TempDir Path directory;
  private DurableDataSource data;
  private Connection open;

  @BeforeEach
  void open() throws SQLException {
    data =
        new DurableDataSource(
            "jdbc:h2:file:" + directory.resolve("index") + ";LOCK_TIMEOUT=50", "sa", "", false);
    open = data.getConnection();
    try (Statement sql = open.createStatement()) {
      sql.execute(
          "create table patient (nhs varchar(10) primary key, name varchar(12) not null, born date,"
              + " other varchar(10) references patient (nhs), check (length(name) > 3))");
    }
    insert(open, NHS_NUMBER, NAME, null, null);
  }

  @AfterEach
  void close() throws SQLException {
    open.close();
  }

  private static void insert(
      Connection connection, String nhs, String name, String born, String other)
      throws SQLException {
    try (PreparedStatement sql =
        connection.prepareStatement("insert into patient values (?,?,?,?)")) {
      bind(sql, nhs, name, born, other);
      sql.executeUpdate();
    }
  }

  private static void bind(PreparedStatement sql, String... values) throws SQLException {
    for (int i = 0; i < values.length; i++) {
      sql.setString(i + 1, values[i]);
    }
  }

  private static String all(Throwable failure) {
    StringWriter text = new StringWriter();
    failure.printStackTrace(new PrintWriter(text));
    return text.toString();
  }

  private void assertTellsNothing(SQLException failure) throws IOException {
    for (SQLException next = failure; next != null; next = next.getNextException()) {
      assertThat(all(next)).doesNotContain(OF_THE_PATIENT);
    }
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files.map(file -> file.getFileName().toString())).containsExactly("index.mv.db");
    }
  }

  static Stream<Arguments> bad() {
    return Stream.of(
        Arguments.of("a key that is there", 23505, new String[] {NHS_NUMBER, NAME, null, null}),
        Arguments.of(
            "too long", 22001, new String[] {"9990000026", NAME + " Elizabeth", null, null}),
        Arguments.of("no such date", 22007, new String[] {"9990000026", NAME, "1970-15-12", null}),
        Arguments.of("no such row", 23506, new String[] {"9990000026", NAME, null, "9990000034"}),
        Arguments.of("null", 23502, new String[] {NHS_NUMBER, null, null, null}),
        Arguments.of("a check", 23513, new String[] {"9990000026", "Max", null, null}));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("bad")
  void whatCannotBeWrittenIsNotQuoted(String name, int code, String[] row) throws Exception {
    SQLException failure =
        catchThrowableOfType(
            SQLException.class, () -> insert(open, row[0], row[1], row[2], row[3]));

    assertThat(failure.getErrorCode()).isEqualTo(code);
    assertThat(failure.getMessage()).contains("insert into patient");
    assertTellsNothing(failure);
  }

  @Test
  void theNameOfTheConstraintIsKept() {
    SQLException failure =
        catchThrowableOfType(SQLException.class, () -> insert(open, NHS_NUMBER, NAME, null, null));

    assertThat((Throwable) failure)
        .isInstanceOf(SQLIntegrityConstraintViolationException.class)
        .hasMessageStartingWith("Unique index or primary key violation [PUBLIC.PRIMARY_KEY");
    assertThat(failure.getSQLState()).isEqualTo("23505");
  }

  @Test
  void aBatchTellsItsCountsAlone() throws Exception {
    try (PreparedStatement sql = open.prepareStatement("insert into patient values (?,?,?,?)")) {
      bind(sql, "9990000026", NAME, null, null);
      sql.addBatch();
      bind(sql, NHS_NUMBER, NAME, null, null);
      sql.addBatch();

      BatchUpdateException failure =
          catchThrowableOfType(BatchUpdateException.class, sql::executeBatch);

      assertThat(failure.getUpdateCounts()).containsExactly(1, Statement.EXECUTE_FAILED);
      assertThat(failure.getNextException().getErrorCode()).isEqualTo(23505);
      assertTellsNothing(failure);
    }
  }

  @Test
  void aLockThatIsNotGotDoesNotQuoteItsRow() throws Exception {
    open.setAutoCommit(false);
    try (Statement sql = open.createStatement()) {
      sql.executeUpdate("update patient set born = date '1980-01-01'");
    }
    try (Connection other = data.getConnection();
        PreparedStatement sql = other.prepareStatement("update patient set born = null")) {

      SQLException failure = catchThrowableOfType(SQLException.class, sql::executeUpdate);

      assertThat((Throwable) failure)
          .isInstanceOf(SQLTimeoutException.class)
          .hasMessageContaining("PATIENT")
          .hasNoCause();
      assertTellsNothing(failure);
    }
    open.rollback();
  }

  @Test
  void aQueryDoesNotQuoteItsParameters() throws Exception {
    try (PreparedStatement sql = open.prepareStatement("select cast(? as date) from patient")) {
      sql.setString(1, "1970-15-12");

      SQLException failure = catchThrowableOfType(SQLException.class, sql::executeQuery);

      assertThat(failure.getErrorCode()).isEqualTo(22007);
      assertTellsNothing(failure);
    }
  }
}
