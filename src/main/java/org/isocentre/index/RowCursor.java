package org.isocentre.index;

import java.util.Map;

/**
 * Rows of a query, read as they are asked for. For one thread at a time.
 *
 * @param <F> what a row has
 */
public interface RowCursor<F extends QueryField> extends AutoCloseable {
  /**
   * The next row, or null after the last. Values are String, LocalDate, LocalTime, LocalDateTime or
   * Long by kind; a field without a value is left out.
   *
   * @throws java.util.concurrent.RejectedExecutionException if the query is open for too long
   */
  Map<F, Object> next();

  /** Gives the connection back. Idempotent. */
  @Override
  void close();
}
