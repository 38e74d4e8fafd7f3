package org.isocentre.h2;

import java.io.PrintWriter;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Locale;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.jdbcx.JdbcDataSource;
import org.h2.mvstore.MVStore;

/**
 * Connections to one H2 database in a file whose commits are whole and on the disk when they
 * return, and whose failures quote no value of a row. For a pool to keep: opening the first one
 * opens the database, closing the last closes it.
 *
 * <p>Limits: values of more than a few hundred bytes that H2 keeps apart (LOBs) are written while
 * they are bound; one whose statement never came is left over after a crash, as it is without this.
 */
public final class DurableDataSource implements DataSource {
  /** Any save between ours would be of a moment in which others write. */
  private static final String NO_SAVES_BY_ITSELF = ";WRITE_DELAY=" + Integer.MAX_VALUE;

  /** What is forced to the disk need not be kept until the disk may have written it. */
  private static final String SHORT_RETENTION = ";RETENTION_TIME=1000";

  /** H2 would write failures, with the values of rows, to a file beside the database. */
  private static final String NO_TRACE = ";TRACE_LEVEL_FILE=0";

  private static final Duration LONGEST_WRITE = Duration.ofSeconds(10);

  private final JdbcDataSource database = new JdbcDataSource();
  private final boolean sync;
  private Checkpoints checkpoints;

  /**
   * @param url {@code jdbc:h2:file:...} without {@code WRITE_DELAY} and {@code RETENTION_TIME}
   * @param sync whether commits survive the end of the machine, and not of the process alone
   */
  public DurableDataSource(String url, String user, String password, boolean sync) {
    database.setURL(url + NO_TRACE + NO_SAVES_BY_ITSELF + (sync ? SHORT_RETENTION : ""));
    database.setUser(user);
    database.setPassword(password);
    this.sync = sync;
  }

  /** Whether a database is one that this is for. */
  public static boolean isFor(String url) {
    return url != null && url.startsWith("jdbc:h2:file:");
  }

  @Override
  public Connection getConnection() throws SQLException {
    return durable((JdbcConnection) database.getConnection());
  }

  @Override
  public Connection getConnection(String user, String password) throws SQLException {
    return durable((JdbcConnection) database.getConnection(user, password));
  }

  private Connection durable(JdbcConnection connection) {
    SessionLocal session = (SessionLocal) connection.getSession();
    Session handler = new Session(connection, session, checkpoints(session));
    return (Connection)
        Proxy.newProxyInstance(
            getClass().getClassLoader(), new Class<?>[] {Connection.class}, handler);
  }

  /**
   * Does something while nobody writes and nothing is being saved: the file is as the last commit
   * left it, and may be copied. Does nothing while the database is closed.
   */
  public void quietly(Runnable work) {
    Checkpoints now = current();
    if (now != null) {
      now.quietly(work);
    }
  }

  private synchronized Checkpoints current() {
    return checkpoints;
  }

  /** Those of the database that is open now: it was closed with its last connection. */
  private synchronized Checkpoints checkpoints(SessionLocal session) {
    MVStore store = session.getDatabase().getStore().getMvStore();
    if (checkpoints == null || !checkpoints.isOf(store)) {
      checkpoints = new Checkpoints(store, new WriteGate(LONGEST_WRITE), sync);
      Housekeeping.start(checkpoints, store);
    }
    return checkpoints;
  }

  private static Object call(Object target, Method method, Object[] arguments) throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause() instanceof SQLException failure ? WithoutValues.of(failure) : e.getCause();
    }
  }

  /** One connection. */
  private static final class Session implements InvocationHandler, WriteGate.Writer {
    private final JdbcConnection connection;
    private final SessionLocal session;
    private final Checkpoints checkpoints;
    private volatile Thread thread;
    private boolean transaction;
    private boolean written;

    Session(JdbcConnection connection, SessionLocal session, Checkpoints checkpoints) {
      this.connection = connection;
      this.session = session;
      this.checkpoints = checkpoints;
    }

    /** When the lock is given to a thread, it is none of the waiting before it goes on. */
    @Override
    public boolean waits() {
      Thread.State state = thread.getState();
      return (state == Thread.State.TIMED_WAITING || state == Thread.State.WAITING) && isBlocked();
    }

    private boolean isBlocked() {
      try {
        return session.getBlockingSessionId() != 0;
      } catch (NullPointerException e) {
        // H2 looks twice for the transaction, which has ended in between.
        return false;
      }
    }

    @Override
    public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
      switch (method.getName()) {
        case "createStatement":
          return gated((Statement) call(connection, method, arguments), Statement.class, true);
        case "prepareStatement":
          String sql = ((String) arguments[0]).toLowerCase(Locale.ROOT);
          PreparedStatement prepared = (PreparedStatement) call(connection, method, arguments);
          return onlyReads(sql)
              ? reading(prepared)
              : gated(prepared, PreparedStatement.class, hasDeltaTable(sql));
        case "commit", "setAutoCommit", "setTransactionIsolation":
          alone(connection, method, arguments);
          if (method.getName().equals("setAutoCommit")) {
            transaction = !(Boolean) arguments[0];
          }
          if (written) {
            written = false;
            checkpoints.save();
          }
          return null;
        case "rollback":
          alone(connection, method, arguments);
          written &= arguments != null && arguments.length > 0;
          return null;
        case "close", "abort":
          return alone(connection, method, arguments);
        case "prepareCall":
          throw new SQLFeatureNotSupportedException("ISO-H2-003: there are no procedures");
        default:
          return call(connection, method, arguments);
      }
    }

    private static boolean onlyReads(String sql) {
      return sql.stripLeading().startsWith("select")
          && !sql.contains("for update")
          && !sql.contains("nextval")
          && !sql.contains("next value")
          && !hasDeltaTable(sql);
    }

    /** A query of rows that it changes. */
    private static boolean hasDeltaTable(String sql) {
      return sql.contains(" table (") || sql.contains(" table(");
    }

    private Object alone(Object target, Method method, Object[] arguments) throws Throwable {
      WriteGate gate = checkpoints.gate();
      thread = Thread.currentThread();
      gate.enter(this);
      try {
        return call(target, method, arguments);
      } finally {
        gate.leave(this);
      }
    }

    private static PreparedStatement reading(PreparedStatement statement) {
      return proxy(
          PreparedStatement.class,
          (proxy, method, arguments) -> call(statement, method, arguments));
    }

    private static <S extends Statement> S proxy(Class<S> type, InvocationHandler handler) {
      return type.cast(
          Proxy.newProxyInstance(Session.class.getClassLoader(), new Class<?>[] {type}, handler));
    }

    /**
     * @param always whether it is taken to have written whatever it answers
     */
    private <S extends Statement> S gated(S statement, Class<S> type, boolean always) {
      return proxy(
          type,
          (proxy, method, arguments) ->
              method.getName().startsWith("execute")
                  ? execute(statement, method, arguments, always)
                  : call(statement, method, arguments));
    }

    private Object execute(Statement statement, Method method, Object[] arguments, boolean always)
        throws Throwable {
      if (checkpoints.isDue()) {
        checkpoints.save();
      }
      boolean changed = true;
      try {
        Object answer = alone(statement, method, arguments);
        changed = always || changed(method.getName(), answer);
        return answer;
      } finally {
        written |= changed;
        if (written && !transaction) {
          written = false;
          checkpoints.save();
        }
      }
    }

    private static boolean changed(String method, Object answer) {
      if (method.equals("executeQuery")) {
        return false;
      }
      if (answer instanceof int[] counts) {
        return IntStream.of(counts).anyMatch(count -> count != 0);
      }
      return !(answer instanceof Number count) || count.longValue() != 0;
    }
  }

  @Override
  public PrintWriter getLogWriter() throws SQLException {
    return database.getLogWriter();
  }

  @Override
  public void setLogWriter(PrintWriter out) throws SQLException {
    database.setLogWriter(out);
  }

  @Override
  public void setLoginTimeout(int seconds) {
    database.setLoginTimeout(seconds);
  }

  @Override
  public int getLoginTimeout() {
    return database.getLoginTimeout();
  }

  @Override
  public Logger getParentLogger() throws SQLFeatureNotSupportedException {
    throw new SQLFeatureNotSupportedException("ISO-H2-005: H2 logs by SLF4J");
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    if (!type.isInstance(this)) {
      throw new SQLException("ISO-H2-004: this is no " + type.getName());
    }
    return type.cast(this);
  }

  @Override
  public boolean isWrapperFor(Class<?> type) {
    return type.isInstance(this);
  }
}
