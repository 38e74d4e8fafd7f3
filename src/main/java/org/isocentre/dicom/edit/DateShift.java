package org.isocentre.dicom.edit;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.isocentre.dicom.data.Vr;

/**
 * Moves dates back by days, so that intervals between them stay (PS3.15 §E.3.6). A date with fewer
 * digits keeps as many.
 */
record DateShift(int days) {
  private static final Pattern DATE = Pattern.compile("(\\d{4})\\.?(\\d\\d)?\\.?(\\d\\d)?(.*)");

  /** The value moved, as it is for a time of day, or empty if it is no date. */
  Optional<String> shift(Vr vr, String text) {
    if (text.isEmpty() || vr != Vr.DA && vr != Vr.DT) {
      return Optional.of(text);
    }
    Matcher date = DATE.matcher(text);
    if (!date.matches() || vr == Vr.DA && !date.group(4).isEmpty()) {
      return Optional.empty();
    }
    try {
      LocalDate moved =
          LocalDate.of(number(date.group(1)), number(date.group(2)), number(date.group(3)))
              .minusDays(days);
      if (moved.getYear() < 1) {
        return Optional.empty();
      }
      int digits = date.group(2) == null ? 4 : date.group(3) == null ? 6 : 8;
      String all =
          "%04d%02d%02d".formatted(moved.getYear(), moved.getMonthValue(), moved.getDayOfMonth());
      return Optional.of(all.substring(0, digits) + date.group(4));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private static int number(String digits) {
    return digits == null ? 1 : Integer.parseInt(digits);
  }
}
