package org.isocentre.query;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/** Other transfer syntaxes that stored objects can be given in without losing anything. */
public interface LosslessForms {
  /** A data set without File Meta Information, which can be read from any place. */
  @FunctionalInterface
  interface StoredBytes {
    /**
     * @param offset from the data set's first byte
     */
    InputStream open(long offset) throws IOException;
  }

  /** Objects go out as they came in. */
  LosslessForms NONE =
      new LosslessForms() {
        @Override
        public List<String> of(String transferSyntaxUid, StoredBytes object) {
          return List.of();
        }

        @Override
        public InputStream convert(StoredBytes object, String from, String to) throws IOException {
          throw new IOException("ISO-QUERY-020: there is no conversion from " + from + " to " + to);
        }
      };

  /** Best first; without {@code transferSyntaxUid} itself. */
  List<String> of(String transferSyntaxUid, StoredBytes object) throws IOException;

  /**
   * @param from the object's transfer syntax
   * @param to one of {@link #of}
   */
  InputStream convert(StoredBytes object, String from, String to) throws IOException;
}
