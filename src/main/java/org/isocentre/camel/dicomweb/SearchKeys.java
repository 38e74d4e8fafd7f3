package org.isocentre.camel.dicomweb;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.Vr;

/**
 * An identifier of C-FIND as the query of QIDO-RS (PS3.18 §8.3.4): keys with a value are matched,
 * those without are asked to be returned.
 */
final class SearchKeys {
  private static final String INCLUDE = "includefield";

  private SearchKeys() {}

  static Map<String, List<String>> of(DataSet identifier) {
    Map<String, List<String>> parameters = new LinkedHashMap<>();
    List<String> included = new ArrayList<>();
    keys("", identifier, parameters, included);
    if (!included.isEmpty()) {
      parameters.put(INCLUDE, included);
    }
    return parameters;
  }

  private static void keys(
      String before, DataSet of, Map<String, List<String>> parameters, List<String> included) {
    for (Element element : of.elements()) {
      int tag = element.tag();
      String name = before + "%08X".formatted(tag);
      if (tag == Tag.QueryRetrieveLevel || tag == Tag.SpecificCharacterSet) {
        continue;
      }
      if (element instanceof Element.Sequence sequence) {
        if (sequence.items().isEmpty()) {
          included.add(name);
        } else {
          keys(name + ".", sequence.items().get(0), parameters, included);
        }
        continue;
      }
      List<String> values = of.strings(tag);
      if (values.isEmpty() || values.size() == 1 && values.get(0).isEmpty()) {
        included.add(name);
      } else {
        // Several UIDs stand for any of them, in one parameter (§8.3.4.1).
        String separator = element.vr() == Vr.UI ? "," : "\\";
        parameters.put(name, List.of(String.join(separator, values)));
      }
    }
  }
}
