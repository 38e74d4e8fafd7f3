package org.isocentre.camel.dicom;

import java.util.stream.Collectors;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Dictionary;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.Tags;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Log lines about identifiers and matches: their values, which are patient data, only if allowed.
 */
final class DataSetLog {
  private final Logger log;
  private final boolean phi;

  /**
   * @param phi whether values may be shown ({@code logPhi})
   */
  DataSetLog(Class<?> of, boolean phi) {
    this.log = LoggerFactory.getLogger(of);
    this.phi = phi;
  }

  /**
   * @param dataSet or null
   */
  void debug(String what, String peer, DataSet dataSet) {
    if (log.isDebugEnabled()) {
      log.debug("{} {}: {}", what, peer, phi && dataSet != null ? values(dataSet) : dataSet);
    }
  }

  private static String values(DataSet dataSet) {
    return dataSet.elements().stream()
        .map(element -> name(element) + "=" + value(dataSet, element))
        .collect(Collectors.joining(", ", "[", "]"));
  }

  private static String name(Element element) {
    return Dictionary.element(element.tag())
        .map(Dictionary.Entry::keyword)
        .orElseGet(() -> Tags.format(element.tag()));
  }

  private static String value(DataSet dataSet, Element element) {
    return element instanceof Element.Sequence sequence
        ? sequence.items().stream().map(DataSetLog::values).toList().toString()
        : String.join("\\", dataSet.strings(element.tag()));
  }
}
