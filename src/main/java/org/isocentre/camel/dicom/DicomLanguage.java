package org.isocentre.camel.dicom;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.camel.Exchange;
import org.apache.camel.Expression;
import org.apache.camel.Predicate;
import org.apache.camel.spi.annotations.Language;
import org.apache.camel.support.ExpressionAdapter;
import org.apache.camel.support.ExpressionToPredicateAdapter;
import org.apache.camel.support.LanguageSupport;
import org.isocentre.dicom.data.AttributePath;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Element;

/**
 * Values of data sets: {@code StudyInstanceUID}, {@code (0008,0050)}, {@code
 * RequestAttributesSequence.RequestedProcedureID} (the first item) or {@code
 * RequestAttributesSequence[2].RequestedProcedureID}; with {@code header:NAME/} before it of a
 * header instead of the body. Gives the first value as text, or null if it is absent or empty; a
 * sequence as the List of its items. An object is read up to the element only, and not used up. As
 * predicate: whether there is a value.
 */
@Language("dicom")
public class DicomLanguage extends LanguageSupport {
  private static final String HEADER = "header:";

  @Override
  public Predicate createPredicate(String expression) {
    return ExpressionToPredicateAdapter.toPredicate(createExpression(expression));
  }

  @Override
  public Expression createExpression(String expression) {
    String text = expression.trim();
    int slash = text.indexOf('/');
    if (text.startsWith(HEADER) && slash > 0) {
      return new Value(text.substring(HEADER.length(), slash), path(text.substring(slash + 1)));
    }
    return new Value(null, path(text));
  }

  /** A sequence without a number means its first item. */
  private static AttributePath path(String text) {
    String[] steps = text.split("\\.", -1);
    for (int i = 0; i < steps.length - 1; i++) {
      steps[i] = steps[i].endsWith("]") ? steps[i] : steps[i] + "[1]";
    }
    return AttributePath.parse(String.join(".", steps));
  }

  private static final class Value extends ExpressionAdapter {
    private final String header;
    private final AttributePath path;

    Value(String header, AttributePath path) {
      this.header = header;
      this.path = path;
    }

    @Override
    public Object evaluate(Exchange exchange) {
      Object from =
          header == null
              ? exchange.getMessage().getBody()
              : exchange.getMessage().getHeader(header);
      if (from == null) {
        return null;
      }
      int last = path.items().isEmpty() ? path.tag() : path.items().get(0).sequence();
      try {
        DataSet dataSet = LeadingElements.of(from, last, exchange);
        return dataSet == null ? null : value(dataSet);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private Object value(DataSet dataSet) {
      return dataSet.get(path) instanceof Element.Sequence sequence
          ? sequence.items()
          : dataSet.string(path);
    }

    @Override
    public String toString() {
      return "dicom(" + path + ")";
    }
  }
}
