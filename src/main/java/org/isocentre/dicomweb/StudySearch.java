package org.isocentre.dicomweb;

import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.isocentre.index.PageRequest;
import org.isocentre.index.StudyQuery;
import org.isocentre.index.TimeRange;
import org.isocentre.index.Visibility;
import org.springframework.http.HttpStatus;
import org.springframework.util.MultiValueMap;
import org.springframework.web.server.ResponseStatusException;

/**
 * The parameters of a search for studies (PS3.18 §8.3.4, §10.6.1.2). A matching parameter that is
 * not supported is refused: an answer that ignores it would hold what was not asked for.
 */
record StudySearch(Map<String, List<String>> match, PageRequest page) {
  private static final Map<String, String> KEYWORDS =
      Map.of(
          "PatientID", "PatientID",
          "00100020", "PatientID",
          "AccessionNumber", "AccessionNumber",
          "00080050", "AccessionNumber",
          "StudyDate", "StudyDate",
          "00080020", "StudyDate",
          "StudyInstanceUID", "StudyInstanceUID",
          "0020000D", "StudyInstanceUID",
          "ModalitiesInStudy", "ModalitiesInStudy",
          "00080061", "ModalitiesInStudy");
  private static final Set<String> OTHERS =
      Set.of("limit", "offset", "includefield", "fuzzymatching");
  private static final int DEFAULT_LIMIT = 100;
  private static final int MAX_VALUES = 200;

  /**
   * @throws ResponseStatusException 400 that says which parameter and why
   */
  static StudySearch of(MultiValueMap<String, String> parameters) {
    Map<String, List<String>> match = new HashMap<>();
    parameters.forEach(
        (name, values) -> {
          if (OTHERS.contains(name)) {
            return;
          }
          String keyword =
              KEYWORDS.getOrDefault(name, KEYWORDS.get(name.toUpperCase(java.util.Locale.ROOT)));
          if (keyword == null) {
            throw bad(
                "no matching by "
                    + (name.matches("[A-Za-z0-9.]{1,64}") ? name : "this parameter")
                    + "; matched are PatientID, AccessionNumber, StudyDate, StudyInstanceUID, ModalitiesInStudy");
          }
          List<String> all = match.computeIfAbsent(keyword, k -> new ArrayList<>());
          for (String value : values) {
            add(all, keyword, value);
          }
        });
    match.values().removeIf(List::isEmpty);
    return new StudySearch(
        match,
        new PageRequest(
            number(parameters, "offset", 0, Integer.MAX_VALUE / 2),
            number(parameters, "limit", DEFAULT_LIMIT, PageRequest.MAX_LIMIT)));
  }

  private static void add(List<String> all, String keyword, String value) {
    boolean list = keyword.equals("StudyInstanceUID") || keyword.equals("ModalitiesInStudy");
    for (String one : list ? value.split("[,\\\\]") : new String[] {value}) {
      if (one.isEmpty() || one.equals("*")) {
        continue;
      }
      if (one.indexOf('*') >= 0 || one.indexOf('?') >= 0) {
        throw bad(keyword + " is matched as a whole value; wild cards are not supported");
      }
      if (all.size() == MAX_VALUES) {
        throw bad(keyword + " has more than " + MAX_VALUES + " values");
      }
      all.add(one.strip());
    }
  }

  private static int number(
      MultiValueMap<String, String> parameters, String name, int byDefault, int max) {
    String text = parameters.getFirst(name);
    if (text == null) {
      return byDefault;
    }
    if (!text.matches("[0-9]{1,9}")) {
      throw bad(name + " must be a whole number of 0 or more");
    }
    return Math.min(Integer.parseInt(text), max);
  }

  StudyQuery within(Visibility visible) {
    LocalDate[] dates = dates();
    return new StudyQuery(
        visible,
        null,
        null,
        null,
        match.get("PatientID"),
        match.get("StudyInstanceUID"),
        null,
        match.get("AccessionNumber"),
        null,
        match.get("ModalitiesInStudy"),
        dates[0] == null ? null : dates[0].atStartOfDay(),
        dates[1] == null ? null : dates[1].plusDays(1).atStartOfDay(),
        TimeRange.ANY,
        page);
  }

  /** First and last day; null for no bound (PS3.4 §C.2.2.2.5). */
  private LocalDate[] dates() {
    List<String> given = match.get("StudyDate");
    if (given == null) {
      return new LocalDate[2];
    }
    if (given.size() > 1) {
      throw bad("StudyDate takes one date or one range");
    }
    String[] parts = given.get(0).split("-", -1);
    if (parts.length > 2) {
      throw badDate(null);
    }
    LocalDate from = date(parts[0]);
    LocalDate until = parts.length == 1 ? from : date(parts[1]);
    if (from == null && until == null) {
      throw badDate(null);
    }
    return new LocalDate[] {from, until};
  }

  private static LocalDate date(String text) {
    try {
      return text.isEmpty() ? null : LocalDate.parse(text, DateTimeFormatter.BASIC_ISO_DATE);
    } catch (DateTimeParseException e) {
      throw badDate(e);
    }
  }

  private static ResponseStatusException badDate(Exception cause) {
    return new ResponseStatusException(
        HttpStatus.BAD_REQUEST,
        "ISO-QIDO-001: StudyDate must be YYYYMMDD, YYYYMMDD-YYYYMMDD, YYYYMMDD- or -YYYYMMDD",
        cause);
  }

  private static ResponseStatusException bad(String what) {
    return new ResponseStatusException(HttpStatus.BAD_REQUEST, "ISO-QIDO-001: " + what);
  }
}
