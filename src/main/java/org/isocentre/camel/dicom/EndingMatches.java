package org.isocentre.camel.dicom;

import java.util.function.Consumer;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.dimse.Matches;

/** Matches, and what is done at each and once after them. */
final class EndingMatches implements Matches {
  private final Matches matches;
  private final Consumer<DataSet> atEach;
  private final Consumer<RuntimeException> atEnd;
  private RuntimeException failure;
  private boolean closed;

  /**
   * @param atEach told of each
   * @param atEnd told when they are closed, with the failure that they ended with, or null
   */
  EndingMatches(Matches matches, Consumer<DataSet> atEach, Consumer<RuntimeException> atEnd) {
    this.matches = matches;
    this.atEach = atEach;
    this.atEnd = atEnd;
  }

  @Override
  public boolean hasNext() {
    try {
      return matches.hasNext();
    } catch (RuntimeException e) {
      failure = e;
      throw e;
    }
  }

  @Override
  public DataSet next() {
    try {
      DataSet match = matches.next();
      atEach.accept(match);
      return match;
    } catch (RuntimeException e) {
      failure = e;
      throw e;
    }
  }

  @Override
  public boolean hasUnsupportedKeys() {
    return matches.hasUnsupportedKeys();
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      try {
        matches.close();
      } finally {
        atEnd.accept(failure);
      }
    }
  }
}
