package org.isocentre.dicomweb;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.isocentre.dicom.data.AttributePath;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Dictionary;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.Vr;
import org.isocentre.dicom.dimse.DimseStatusException;
import org.isocentre.index.QueryLevel;
import org.isocentre.query.AttributeSearch;
import org.springframework.http.HttpStatus;
import org.springframework.util.MultiValueMap;
import org.springframework.web.server.ResponseStatusException;

/**
 * The parameters of a search transaction (PS3.18 §8.3.4, §10.6.1.2). A matching parameter that is
 * not supported is refused: an answer that ignores it would hold what was not asked for. An
 * attribute to include that is not known is left out, as the standard allows.
 *
 * @param limit results at most
 */
record SearchRequest(AttributeSearch search, long offset, int limit) {
  /** PS3.18 Tables 10.6.3-3, -4 and -5. */
  private static final List<Integer> OF_STUDY =
      List.of(
          Tag.StudyDate,
          Tag.StudyTime,
          Tag.AccessionNumber,
          Tag.InstanceAvailability,
          Tag.ModalitiesInStudy,
          Tag.ReferringPhysicianName,
          Tag.StudyDescription,
          Tag.PatientName,
          Tag.PatientID,
          Tag.IssuerOfPatientID,
          Tag.PatientBirthDate,
          Tag.PatientSex,
          Tag.StudyInstanceUID,
          Tag.StudyID,
          Tag.NumberOfStudyRelatedSeries,
          Tag.NumberOfStudyRelatedInstances);

  private static final List<Integer> OF_SERIES =
      List.of(
          Tag.Modality,
          Tag.SeriesDescription,
          Tag.BodyPartExamined,
          Tag.SeriesInstanceUID,
          Tag.SeriesNumber,
          Tag.NumberOfSeriesRelatedInstances,
          Tag.PerformedProcedureStepStartDate,
          Tag.PerformedProcedureStepStartTime,
          Tag.RequestAttributesSequence);

  private static final List<Integer> OF_INSTANCE =
      List.of(
          Tag.SOPClassUID,
          Tag.SOPInstanceUID,
          Tag.InstanceAvailability,
          Tag.InstanceNumber,
          Tag.Rows,
          Tag.Columns,
          Tag.NumberOfFrames,
          Tag.AvailableTransferSyntaxUID);

  private static final Set<String> OTHERS =
      Set.of("limit", "offset", "includefield", "fuzzymatching", "accept");
  private static final int DEFAULT_LIMIT = 100;
  private static final int MAX_PARAMETERS = 100;
  private static final int MAX_FIELDS = 200;
  private static final int MAX_LENGTH = 64 * 1024;

  /**
   * @param path unique keys that the path names, of levels above
   * @param maxLimit results of one answer at most
   * @throws ResponseStatusException 400 that says which parameter and why
   */
  static SearchRequest of(
      QueryLevel level,
      Map<Integer, String> path,
      MultiValueMap<String, String> parameters,
      int maxLimit) {
    if (parameters.size() > MAX_PARAMETERS) {
      throw bad("more than " + MAX_PARAMETERS + " parameters");
    }
    DataSet keys = new DataSet();
    keys.set(Tag.SpecificCharacterSet, "ISO_IR 192");
    defaults(level, path).forEach(tag -> include(keys, AttributePath.of(tag)));
    parameters.getOrDefault("includefield", List.of()).forEach(v -> include(keys, level, v));
    path.forEach((tag, uid) -> keys.set(tag, uid));
    parameters.forEach(
        (name, values) -> {
          if (!OTHERS.contains(name)) {
            match(keys, name, values, path);
          }
        });
    try {
      return new SearchRequest(
          AttributeSearch.of(level, keys, flag(parameters)),
          number(parameters, "offset", 0, Integer.MAX_VALUE),
          (int) number(parameters, "limit", Math.min(DEFAULT_LIMIT, maxLimit), maxLimit));
    } catch (DimseStatusException e) {
      throw bad(e.getMessage());
    }
  }

  /** What an answer has unasked: nothing that the path fixes but its unique keys. */
  private static List<Integer> defaults(QueryLevel level, Map<Integer, String> path) {
    List<Integer> tags = new ArrayList<>();
    boolean ofStudy = path.containsKey(Tag.StudyInstanceUID);
    boolean ofSeries = path.containsKey(Tag.SeriesInstanceUID);
    if (!ofStudy) {
      tags.addAll(OF_STUDY);
    }
    if (level != QueryLevel.STUDY && !ofSeries) {
      tags.addAll(OF_SERIES);
    }
    if (level == QueryLevel.IMAGE) {
      tags.addAll(OF_INSTANCE);
    }
    return tags;
  }

  private static void include(DataSet keys, QueryLevel level, String value) {
    if (value.length() > MAX_LENGTH) {
      throw bad("includefield is longer than " + MAX_LENGTH + " characters");
    }
    String[] fields = value.split(",");
    if (fields.length > MAX_FIELDS) {
      throw bad("more than " + MAX_FIELDS + " attributes in includefield");
    }
    for (String field : fields) {
      if (field.strip().equals("all")) {
        AttributeSearch.returned(level).forEach(tag -> include(keys, AttributePath.of(tag)));
      } else if (!field.isBlank()) {
        path(field.strip()).ifPresent(path -> include(keys, path));
      }
    }
  }

  /** Asks for an attribute; one in a sequence that is asked for as a whole comes with it. */
  private static void include(DataSet keys, AttributePath path) {
    int top = first(path).tag();
    boolean whole = keys.contains(top) && keys.items(top).isEmpty();
    if (whole || keys.get(path) != null || !AttributeSearch.isKnown(top)) {
      return;
    }
    if (!path.items().isEmpty()) {
      keys.set(path);
    } else if (Dictionary.vr(top) == Vr.SQ) {
      keys.put(new Element.Sequence(top, List.of()));
    } else {
      keys.set(top);
    }
  }

  private static AttributePath first(AttributePath path) {
    return AttributePath.of(path.items().isEmpty() ? path.tag() : path.items().get(0).sequence());
  }

  private static void match(
      DataSet keys, String name, List<String> values, Map<Integer, String> fixed) {
    AttributePath path = path(name).orElse(null);
    int top = path == null ? 0 : first(path).tag();
    if (path == null || !AttributeSearch.isMatched(top)) {
      throw bad(
          "no matching by "
              + (name.matches("[A-Za-z0-9.]{1,64}") ? name : "this parameter")
              + "; docs/reference/dicomweb.md lists what is matched");
    }
    if (fixed.containsKey(path.tag())) {
      throw bad("the path names " + name + " already");
    }
    boolean list = Dictionary.vr(path.tag()) == Vr.UI || path.tag() == Tag.ModalitiesInStudy;
    List<String> all = new ArrayList<>();
    for (String value : values) {
      if (value.length() > MAX_LENGTH) {
        throw bad(name + " is longer than " + MAX_LENGTH + " characters");
      }
      all.addAll(list ? List.of(value.split("[,\\\\]")) : List.of(value));
    }
    try {
      keys.set(path, all.stream().map(String::strip).toArray(String[]::new));
    } catch (IllegalArgumentException e) {
      throw bad("the value of " + name + " is none of its VR");
    }
  }

  /** A keyword or eight hex digits, or several joined by dots for an attribute in a sequence. */
  private static Optional<AttributePath> path(String text) {
    if (!text.matches("[A-Za-z0-9]{1,64}(\\.[A-Za-z0-9]{1,64}){0,7}")) {
      return Optional.empty();
    }
    try {
      AttributePath path = AttributePath.parse(text.replace(".", "[1]."));
      // A sequence within a sequence is no key.
      return Optional.of(path).filter(p -> p.items().isEmpty() || Dictionary.vr(p.tag()) != Vr.SQ);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static boolean flag(MultiValueMap<String, String> parameters) {
    String text = parameters.getFirst("fuzzymatching");
    if (text != null && !text.equals("true") && !text.equals("false")) {
      throw bad("fuzzymatching must be true or false");
    }
    return "true".equals(text);
  }

  private static long number(
      MultiValueMap<String, String> parameters, String name, long byDefault, long max) {
    String text = parameters.getFirst(name);
    if (text == null) {
      return byDefault;
    }
    if (!text.matches("[0-9]{1,9}")) {
      throw bad(name + " must be a whole number of 0 or more");
    }
    return Math.min(Long.parseLong(text), max);
  }

  private static ResponseStatusException bad(String what) {
    return new ResponseStatusException(HttpStatus.BAD_REQUEST, "ISO-QIDO-001: " + what);
  }
}
