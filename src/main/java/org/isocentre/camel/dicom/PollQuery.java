package org.isocentre.camel.dicom;

import java.time.Clock;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Dictionary;
import org.isocentre.dicom.data.Vr;

/**
 * The identifier of a poll, made anew each time since dates may be relative: {@code today}, {@code
 * yesterday}, {@code today-N} (N days ago, up to four digits), alone or as an end of a range; in
 * the time zone of the clock.
 *
 * @param keys values by keyword, or by a path of keywords with dots
 */
record PollQuery(Map<String, Object> keys, Clock clock) {
  private static final Pattern RELATIVE = Pattern.compile("yesterday|today(?:-(\\d{1,4})(?!\\d))?");

  PollQuery {
    keys = Map.copyOf(keys);
  }

  DataSet identifier() {
    DataSet identifier = new DataSet();
    keys.forEach((path, value) -> set(identifier, path, value == null ? "" : value.toString()));
    return identifier;
  }

  private void set(DataSet dataSet, String path, String value) {
    int dot = path.indexOf('.');
    int tag = tag(dot < 0 ? path : path.substring(0, dot));
    if (dot >= 0) {
      set(dataSet.item(tag).orElseGet(() -> dataSet.addItem(tag)), path.substring(dot + 1), value);
      return;
    }
    Vr vr = Dictionary.vr(tag);
    if (vr == Vr.SQ) {
      dataSet.addItem(tag);
      return;
    }
    String text = vr == Vr.DA || vr == Vr.DT ? absolute(value) : value;
    dataSet.set(tag, text.isEmpty() ? new String[0] : new String[] {text});
  }

  private String absolute(String value) {
    LocalDate today = LocalDate.now(clock);
    Matcher matcher = RELATIVE.matcher(value);
    return matcher.replaceAll(
        found -> {
          int daysAgo =
              found.group().equals("yesterday")
                  ? 1
                  : found.group(1) == null ? 0 : Integer.parseInt(found.group(1));
          return today.minusDays(daysAgo).format(DateTimeFormatter.BASIC_ISO_DATE);
        });
  }

  private static int tag(String keyword) {
    return Dictionary.element(keyword)
        .map(entry -> Integer.parseUnsignedInt(entry.tag().replace('x', '0'), 16))
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "ISO-DICOM-642: query.%s is no keyword of PS3.6".formatted(keyword)));
  }
}
