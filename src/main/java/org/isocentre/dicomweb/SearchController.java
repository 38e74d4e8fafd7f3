package org.isocentre.dicomweb;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.io.DicomJson;
import org.isocentre.model.PatientIdentity;
import org.isocentre.model.Study;
import org.springframework.util.MultiValueMap;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** QIDO-RS for studies (PS3.18 §10.6). */
@RestController
@RequestMapping("/dicomweb")
public final class SearchController {
  static final String DICOM_JSON = "application/dicom+json";
  private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("yyyyMMdd");
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HHmmss");
  private static final Map<String, String> FHIR_SEX =
      Map.of("male", "M", "female", "F", "other", "O");
  private final StudyDoor door;

  public SearchController(StudyDoor door) {
    this.door = door;
  }

  /** Answers 204 when nothing matches (PS3.18 §10.6.3.1). */
  @GetMapping("/studies")
  public void studies(
      @RequestParam MultiValueMap<String, String> parameters,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    StudySearch search = StudySearch.of(parameters);
    List<Study> found = door.search(search::within);
    if (found.isEmpty()) {
      response.setStatus(HttpServletResponse.SC_NO_CONTENT);
      return;
    }
    response.setContentType(DICOM_JSON);
    response.setCharacterEncoding(StandardCharsets.UTF_8.name());
    Writer out = response.getWriter();
    DicomJson json = new DicomJson(out, DicomJson.BulkUri.NONE);
    String base = Addresses.base(request);
    out.append('[');
    for (int i = 0; i < found.size(); i++) {
      if (i > 0) {
        out.append(',');
      }
      json.write(dataSet(found.get(i), base));
    }
    out.append(']');
    out.flush();
  }

  /** The attributes of PS3.18 Table 10.6.3-3. */
  static DataSet dataSet(Study study, String base) {
    DataSet set = new DataSet();
    set.set(Tag.SpecificCharacterSet, "ISO_IR 192");
    set.set(Tag.StudyDate, study.started() == null ? "" : DATE.format(study.started()));
    set.set(Tag.StudyTime, study.started() == null ? "" : TIME.format(study.started()));
    set.set(Tag.AccessionNumber, study.accession() == null ? "" : study.accession().value());
    set.set(Tag.InstanceAvailability, "ONLINE");
    set.set(Tag.ModalitiesInStudy, study.modalities().toArray(String[]::new));
    set.set(Tag.ReferringPhysicianName, orEmpty(study.referringPhysician()));
    set.set(Tag.StudyDescription, orEmpty(study.description()));
    set.set(Tag.RetrieveURL, base + "/studies/" + study.studyInstanceUid());
    set.set(Tag.PatientName, orEmpty(study.patientName()));
    patientId(set, study.identity());
    set.set(
        Tag.PatientBirthDate,
        study.identity().birthDate() == null ? "" : DATE.format(study.identity().birthDate()));
    set.set(Tag.PatientSex, FHIR_SEX.getOrDefault(study.patientSex(), orEmpty(study.patientSex())));
    set.set(Tag.StudyInstanceUID, study.studyInstanceUid());
    set.set(Tag.StudyID, orEmpty(study.studyId()));
    set.set(Tag.NumberOfStudyRelatedSeries, String.valueOf(study.numberOfSeries()));
    set.set(Tag.NumberOfStudyRelatedInstances, String.valueOf(study.numberOfInstances()));
    return set;
  }

  private static void patientId(DataSet set, PatientIdentity identity) {
    if (identity.key() != null) {
      set.set(Tag.PatientID, identity.key().value());
      set.set(Tag.IssuerOfPatientID, identity.key().issuer());
    } else if (identity.nhsNumber() != null) {
      set.set(Tag.PatientID, identity.nhsNumber());
      set.set(Tag.IssuerOfPatientID, "NHS");
    } else {
      set.set(Tag.PatientID, "");
    }
  }

  private static String orEmpty(String text) {
    return text == null ? "" : text;
  }
}
