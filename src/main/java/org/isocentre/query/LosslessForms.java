package org.isocentre.query;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/** Other transfer syntaxes that stored bytes can be given in without losing anything. */
public interface LosslessForms {
  /** Objects go out as they came in. */
  LosslessForms NONE =
      new LosslessForms() {
        @Override
        public List<String> of(String transferSyntaxUid) {
          return List.of();
        }

        @Override
        public InputStream convert(InputStream dataSet, String from, String to) throws IOException {
          throw new IOException("ISO-QUERY-020: there is no conversion from " + from + " to " + to);
        }
      };

  /** Best first; without {@code transferSyntaxUid} itself. */
  List<String> of(String transferSyntaxUid);

  /**
   * @param dataSet from its first byte; closed with the result
   * @param from its transfer syntax
   * @param to one of {@link #of}
   */
  InputStream convert(InputStream dataSet, String from, String to) throws IOException;
}
