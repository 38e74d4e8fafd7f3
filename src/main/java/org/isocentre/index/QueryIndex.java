package org.isocentre.index;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.RejectedExecutionException;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.UncategorizedSQLException;
import org.springframework.jdbc.support.SQLExceptionTranslator;
import org.springframework.jdbc.support.SQLStateSQLExceptionTranslator;

/**
 * Queries whose rows are read one by one as a peer takes them: one statement and one connection a
 * query, never all rows in memory.
 */
public final class QueryIndex {
  private static final Logger LOG = LoggerFactory.getLogger(QueryIndex.class);
  private static final int FETCH_SIZE = 200;
  private static final SQLExceptionTranslator ERRORS = new SQLStateSQLExceptionTranslator();
  private final DataSource database;
  private final Duration maxTime;
  private final QuerySlots slots;

  /**
   * @param maxOpen queries that hold a connection at once, fewer than the pool has; one caller has
   *     half of them at most
   * @param maxTime from a query's begin to its last row; at least a second
   */
  public QueryIndex(DataSource database, int maxOpen, Duration maxTime) {
    this.database = database;
    this.maxTime = maxTime;
    this.slots = new QuerySlots(maxOpen);
  }

  /**
   * @param caller AE title of who asks
   * @throws RejectedExecutionException if too many queries, or too many of this caller, stayed open
   *     for 5 seconds
   * @throws DataAccessException if the database fails
   */
  public RowCursor<StudyField> find(StudyFind find, String caller) {
    return open(FindSql.of(find), find.returned(), caller);
  }

  /** As {@link #find(StudyFind, String)}, for the worklist; rows have every field. */
  public RowCursor<WorklistField> find(WorklistFind find, String caller) {
    return open(find.sql(), List.of(WorklistField.values()), caller);
  }

  private <F extends QueryField> RowCursor<F> open(BoundSql sql, List<F> fields, String caller) {
    slots.enter(caller);
    Cursor<F> cursor = new Cursor<>(fields, caller);
    try {
      cursor.open(sql);
      return cursor;
    } catch (SQLException e) {
      cursor.close();
      throw translated(e);
    } catch (RuntimeException e) {
      cursor.close();
      throw e;
    }
  }

  /**
   * Without the driver's exception, whose message and cause may have the statement's values: the
   * SQL state and the kind alone.
   */
  private static DataAccessException translated(SQLException e) {
    SQLException bare =
        new SQLException("ISO-INDEX-013: " + e.getClass().getSimpleName(), e.getSQLState());
    DataAccessException known = ERRORS.translate("query", null, bare);
    return known != null ? known : new UncategorizedSQLException("query", null, bare);
  }

  private final class Cursor<F extends QueryField> implements RowCursor<F> {
    private final List<F> fields;
    private final String caller;
    private final long begin = System.nanoTime();
    private Connection connection;
    private PreparedStatement statement;
    private ResultSet rows;
    private boolean closed;

    Cursor(List<F> fields, String caller) {
      this.fields = fields;
      this.caller = caller;
    }

    void open(BoundSql sql) throws SQLException {
      connection = database.getConnection();
      // PostgreSQL reads by cursor within a transaction only.
      connection.setAutoCommit(false);
      statement = connection.prepareStatement(sql.text());
      statement.setFetchSize(FETCH_SIZE);
      statement.setQueryTimeout((int) Math.max(1, maxTime.toSeconds()));
      for (int i = 0; i < sql.values().size(); i++) {
        bind(i + 1, sql.values().get(i));
      }
      rows = statement.executeQuery();
    }

    private void bind(int parameter, Object value) throws SQLException {
      if (value instanceof UUID[] all) {
        statement.setArray(parameter, connection.createArrayOf("uuid", all));
      } else {
        statement.setObject(parameter, value);
      }
    }

    @Override
    public Map<F, Object> next() {
      if (System.nanoTime() - begin > maxTime.toNanos()) {
        throw new RejectedExecutionException("ISO-INDEX-014: the query is open for too long");
      }
      try {
        if (closed || !rows.next()) {
          return null;
        }
        Map<F, Object> row = new HashMap<>();
        for (int i = 0; i < fields.size(); i++) {
          Object value = value(fields.get(i), i + 2);
          if (value != null) {
            row.put(fields.get(i), value);
          }
        }
        return row;
      } catch (SQLException e) {
        throw translated(e);
      }
    }

    private Object value(F field, int column) throws SQLException {
      return switch (field.kind()) {
        case TEXT, NAME, SET -> rows.getString(column);
        case DATE -> rows.getObject(column, LocalDate.class);
        case TIME -> rows.getObject(column, LocalTime.class);
        case DATE_TIME -> rows.getObject(column, LocalDateTime.class);
        case INTEGER, COUNT -> {
          long value = rows.getLong(column);
          yield rows.wasNull() ? null : value;
        }
      };
    }

    @Override
    public void close() {
      if (closed) {
        return;
      }
      closed = true;
      try {
        close(rows);
        unlimit();
        close(statement);
        end(connection);
      } finally {
        slots.leave(caller);
      }
    }

    /** Without a failure: what was read is good, and the pool mends a broken connection. */
    private void close(AutoCloseable resource) {
      try {
        if (resource != null) {
          resource.close();
        }
      } catch (Exception e) {
        LOG.warn("A query did not close cleanly: {}", e.getClass().getSimpleName());
      }
    }

    /** H2 keeps the limit for the connection, which goes back to the pool. */
    private void unlimit() {
      try {
        if (statement != null) {
          statement.setQueryTimeout(0);
        }
      } catch (SQLException e) {
        LOG.warn("A query kept its time limit: SQL state {}", e.getSQLState());
      }
    }

    private void end(Connection c) {
      if (c == null) {
        return;
      }
      try {
        c.rollback();
        c.setAutoCommit(true);
      } catch (SQLException e) {
        LOG.warn("A query did not end cleanly: SQL state {}", e.getSQLState());
      } finally {
        close(c);
      }
    }
  }
}
