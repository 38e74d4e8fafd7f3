package org.isocentre.query;

import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.dimse.DimseStatusException;
import org.isocentre.dicom.dimse.Matches;
import org.isocentre.dicom.dimse.Status;
import org.isocentre.index.QueryField;
import org.isocentre.index.RowCursor;

/**
 * Answers made of rows as they are asked for. Reads one row ahead, so that the end and the limit
 * are known in time.
 *
 * @param <F> what a row has
 */
final class CursorMatches<F extends QueryField> implements Matches {
  private final RowCursor<F> cursor;
  private final Function<Map<F, Object>, DataSet> answers;
  private final boolean unsupportedKeys;
  private int left;
  private Map<F, Object> next;
  private boolean read;

  CursorMatches(
      RowCursor<F> cursor,
      Function<Map<F, Object>, DataSet> answers,
      boolean unsupportedKeys,
      int limit) {
    this.cursor = cursor;
    this.answers = answers;
    this.unsupportedKeys = unsupportedKeys;
    this.left = limit;
  }

  @Override
  public boolean hasNext() {
    if (!read) {
      next = read();
      read = true;
    }
    return next != null;
  }

  private Map<F, Object> read() {
    try {
      return cursor.next();
    } catch (RejectedExecutionException e) {
      throw new DimseStatusException(
          Status.OUT_OF_RESOURCES, "ISO-QUERY-012: the query was open for too long", e);
    }
  }

  @Override
  public DataSet next() {
    if (!hasNext()) {
      throw new NoSuchElementException("ISO-QUERY-010: there are no more matches");
    }
    if (left-- == 0) {
      throw new DimseStatusException(
          Status.OUT_OF_RESOURCES, "ISO-QUERY-011: more matches than the limit; narrow the keys");
    }
    read = false;
    return answers.apply(next);
  }

  @Override
  public boolean hasUnsupportedKeys() {
    return unsupportedKeys;
  }

  @Override
  public void close() {
    cursor.close();
  }
}
