package org.isocentre.dicomweb;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.io.DicomJson;
import org.isocentre.dicom.io.DicomXml;
import org.isocentre.index.QueryLevel;
import org.isocentre.index.StudyField;
import org.isocentre.index.StudyFind;
import org.springframework.util.MultiValueMap;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** QIDO-RS (PS3.18 §10.6): studies, series and instances, one statement a search. */
@RestController
@RequestMapping("/dicomweb")
public final class SearchController {
  static final String DICOM_JSON = "application/dicom+json";
  static final String DICOM_XML = "application/dicom+xml";
  private static final List<Acceptable.Form> FORMS =
      List.of(
          Acceptable.Form.of(DICOM_JSON),
          Acceptable.Form.of("application/json"),
          Acceptable.Form.parts(DICOM_XML));

  private final StudyDoor door;
  private final int maxResults;

  /**
   * @param maxResults of one answer
   */
  public SearchController(StudyDoor door, int maxResults) {
    this.door = door;
    this.maxResults = maxResults;
  }

  @GetMapping("/studies")
  public void studies(
      @RequestParam MultiValueMap<String, String> parameters,
      @RequestHeader(name = "Accept", required = false) String accept,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    search(QueryLevel.STUDY, Map.of(), parameters, accept, request, response);
  }

  @GetMapping({"/series", "/studies/{study}/series"})
  public void series(
      @PathVariable(required = false) String study,
      @RequestParam MultiValueMap<String, String> parameters,
      @RequestHeader(name = "Accept", required = false) String accept,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    search(QueryLevel.SERIES, path(study, null), parameters, accept, request, response);
  }

  @GetMapping({
    "/instances",
    "/studies/{study}/instances",
    "/studies/{study}/series/{series}/instances"
  })
  public void instances(
      @PathVariable(required = false) String study,
      @PathVariable(required = false) String series,
      @RequestParam MultiValueMap<String, String> parameters,
      @RequestHeader(name = "Accept", required = false) String accept,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    search(QueryLevel.IMAGE, path(study, series), parameters, accept, request, response);
  }

  private static Map<Integer, String> path(String study, String series) {
    Map<Integer, String> path = new LinkedHashMap<>();
    if (study != null) {
      path.put(Tag.StudyInstanceUID, Uids.checked(study));
    }
    if (series != null) {
      path.put(Tag.SeriesInstanceUID, Uids.checked(series));
    }
    return path;
  }

  /** Answers 204 when nothing matches, warns where more do (PS3.18 §10.6.3.1, §8.3.4.4). */
  private void search(
      QueryLevel level,
      Map<Integer, String> path,
      MultiValueMap<String, String> parameters,
      String accept,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    Acceptable.Form form = Acceptable.of(accept, parameters.getFirst("accept")).need(FORMS);
    SearchRequest search = SearchRequest.of(level, path, parameters, maxResults);
    List<Map<StudyField, Object>> rows =
        door.search(search.search(), new StudyFind.Page(search.offset(), search.limit() + 1));
    response.setHeader("Cache-Control", "no-store");
    if (rows.isEmpty() || search.limit() == 0) {
      response.setStatus(HttpServletResponse.SC_NO_CONTENT);
      return;
    }
    if (rows.size() > search.limit()) {
      response.setHeader(
          "Warning",
          "299 isocentre \"there are more results than the limit; ask for them with offset\"");
    }
    String base = Addresses.base(request);
    List<DataSet> answers = new ArrayList<>();
    for (var row : rows.subList(0, Math.min(rows.size(), search.limit()))) {
      DataSet answer = search.search().answer(row);
      answer.set(Tag.RetrieveURL, base + Addresses.path(row));
      answers.add(answer);
    }
    if (form.multipart()) {
      xml(answers, response);
    } else {
      json(form.type(), answers, response);
    }
  }

  private static void json(String type, List<DataSet> answers, HttpServletResponse response)
      throws IOException {
    response.setContentType(type);
    Writer out = new OutputStreamWriter(response.getOutputStream(), StandardCharsets.UTF_8);
    DicomJson json = new DicomJson(out, DicomJson.BulkUri.NONE);
    String before = "[";
    for (DataSet answer : answers) {
      out.append(before);
      json.write(answer);
      before = ",\n";
    }
    out.append(']');
    out.flush();
  }

  private static void xml(List<DataSet> answers, HttpServletResponse response) throws IOException {
    Multipart parts = Multipart.begin(response, DICOM_XML, null);
    for (DataSet answer : answers) {
      parts.part(DICOM_XML, -1, null);
      Writer out = new OutputStreamWriter(parts.out(), StandardCharsets.UTF_8);
      new DicomXml(out, DicomJson.BulkUri.NONE).write(answer);
      out.flush();
    }
    parts.end();
  }
}
