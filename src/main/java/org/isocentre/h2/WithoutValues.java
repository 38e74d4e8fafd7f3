package org.isocentre.h2;

import java.sql.BatchUpdateException;
import java.sql.SQLException;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.h2.api.ErrorCode;
import org.h2.jdbc.JdbcException;
import org.h2.message.DbException;

/**
 * Failures of H2 without the values that H2 quotes in them: the key of a row that is there already,
 * the whole row of a lock that was not got. Those are of patients, and failures are logged. Class,
 * state, code, statement and the names of tables, indexes and constraints stay.
 */
final class WithoutValues {
  /** Messages that quote names alone. */
  private static final Set<Integer> OF_NAMES =
      Set.of(
          ErrorCode.NULL_NOT_ALLOWED,
          ErrorCode.CHECK_CONSTRAINT_VIOLATED_1,
          ErrorCode.LOCK_TIMEOUT_1,
          ErrorCode.DEADLOCK_1,
          ErrorCode.CONCURRENT_UPDATE_1,
          ErrorCode.TABLE_OR_VIEW_NOT_FOUND_1,
          ErrorCode.COLUMN_NOT_FOUND_1);

  /** What H2 writes before the values: the kind of failure in words. */
  private static final Pattern KIND = Pattern.compile("[^\":;]*");

  private static final Pattern NAMES =
      Pattern.compile("(?:CONSTRAINT|PRIMARY_KEY|PUBLIC\\.)\\w*", Pattern.CASE_INSENSITIVE);

  private WithoutValues() {}

  static SQLException of(SQLException failure) {
    if (failure instanceof BatchUpdateException batch) {
      return ofBatch(batch);
    }
    if (!(failure instanceof JdbcException h2)) {
      return failure;
    }
    SQLException clean =
        DbException.getJdbcSQLException(
            message(failure.getErrorCode(), h2.getOriginalMessage()),
            h2.getSQL(),
            failure.getSQLState(),
            failure.getErrorCode(),
            null,
            null);
    return sameButFor(failure, clean);
  }

  private static SQLException ofBatch(BatchUpdateException failure) {
    SQLException first = failure.getNextException();
    String message = first == null ? kind(failure.getMessage()) : of(first).getMessage();
    return sameButFor(
        failure,
        new BatchUpdateException(
            message,
            failure.getSQLState(),
            failure.getErrorCode(),
            failure.getLargeUpdateCounts(),
            null));
  }

  private static SQLException sameButFor(SQLException failure, SQLException clean) {
    clean.setStackTrace(failure.getStackTrace());
    if (failure.getNextException() != null) {
      clean.setNextException(of(failure.getNextException()));
    }
    return clean;
  }

  private static String message(int code, String original) {
    if (OF_NAMES.contains(code)) {
      return original;
    }
    Set<String> names = new LinkedHashSet<>();
    Matcher matcher = NAMES.matcher(original);
    while (matcher.find()) {
      names.add(matcher.group());
    }
    return kind(original) + (names.isEmpty() ? "" : " " + names);
  }

  private static String kind(String message) {
    Matcher matcher = KIND.matcher(message);
    return matcher.lookingAt() ? matcher.group().strip() : "";
  }
}
