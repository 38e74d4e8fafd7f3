package org.isocentre.camel.dicom;

import java.util.function.Consumer;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.dimse.Matches;

/** Matches, and what is done once after them. */
final class EndingMatches implements Matches {
  private final Matches matches;
  private final Consumer<RuntimeException> atEnd;
  private RuntimeException failure;
  private boolean closed;

  /**
   * @param atEnd told when they are closed, with the failure that they ended with, or null
   */
  EndingMatches(Matches matches, Consumer<RuntimeException> atEnd) {
    this.matches = matches;
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
      return matches.next();
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
