package org.isocentre.query;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.SpecificCharacterSet;
import org.isocentre.dicom.data.Tag;

/**
 * Character set of answers: none for plain ASCII, else the request's if it can hold the answer,
 * else ISO_IR 192 (PS3.4 §C.4.1.1.3.2).
 */
final class AnswerText {
  private static final String UTF_8 = "ISO_IR 192";
  private final String requested;
  private final Charset charset;

  AnswerText(DataSet request) {
    List<String> terms = request.strings(Tag.SpecificCharacterSet);
    SpecificCharacterSet set = SpecificCharacterSet.of(terms);
    boolean usable = terms.size() == 1 && !terms.get(0).isEmpty() && set.unknownTerms().isEmpty();
    this.requested = usable ? terms.get(0) : null;
    this.charset = set.encoding();
  }

  /** A data set that can hold these texts. */
  DataSet dataSetFor(Collection<?> values) {
    DataSet answer = new DataSet();
    String term = null;
    for (Object value : values) {
      if (value instanceof String text && !StandardCharsets.US_ASCII.newEncoder().canEncode(text)) {
        boolean fits = requested != null && charset.newEncoder().canEncode(text);
        term = fits && !UTF_8.equals(term) ? requested : UTF_8;
      }
    }
    if (term != null) {
      answer.set(Tag.SpecificCharacterSet, term);
    }
    return answer;
  }
}
