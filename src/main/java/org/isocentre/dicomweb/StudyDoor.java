package org.isocentre.dicomweb;

import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.isocentre.audit.AuditTrail;
import org.isocentre.consent.Access;
import org.isocentre.consent.Watch;
import org.isocentre.index.PageRequest;
import org.isocentre.index.StudyIndex;
import org.isocentre.index.StudyQuery;
import org.isocentre.index.TimeRange;
import org.isocentre.index.Visibility;
import org.isocentre.model.Caller;
import org.isocentre.model.Instance;
import org.isocentre.model.Right;
import org.isocentre.model.Series;
import org.isocentre.model.Study;
import org.springframework.http.HttpStatus;
import org.springframework.web.server.ResponseStatusException;

/** The way to studies: whose call it is, what they may see, and a note of it. */
public final class StudyDoor {
  private static final String IMAGING_STUDY = "ImagingStudy";
  private final Supplier<Caller> callers;
  private final Access access;
  private final AuditTrail audit;
  private final StudyIndex studies;

  public StudyDoor(Supplier<Caller> callers, Access access, AuditTrail audit, StudyIndex studies) {
    this.callers = callers;
    this.access = access;
    this.audit = audit;
    this.studies = studies;
  }

  /** What one call asked for; a null UID stands for all. */
  record Wanted(String study, String series, String instance) {}

  /** Which studies to search for; a null part matches all. */
  interface Search {
    StudyQuery within(Visibility visible);
  }

  /**
   * @throws ResponseStatusException 403 if the token has no scope for imaging studies
   */
  List<Study> search(Search search) {
    Visibility visible = enter(Right.SEARCH);
    List<Study> found = studies.held(search.within(visible));
    Caller caller = callers.get();
    audit.noteSearch(
        caller.subject(),
        caller.organisation(),
        IMAGING_STUDY,
        found.stream().map(Study::patientId).collect(Collectors.toSet()),
        found.size() + " found");
    return found;
  }

  /**
   * @return in order of study, series and instance number
   * @throws ResponseStatusException 403 without scope; 404 if there is nothing that the caller may
   *     see
   */
  List<Instance> retrieve(Wanted wanted) {
    Visibility visible = enter(Right.READ);
    List<Study> found = studies.held(byUid(visible, wanted.study()));
    List<Instance> instances =
        found.stream().flatMap(study -> instances(study, wanted).stream()).toList();
    UUID patient = found.isEmpty() ? null : found.get(0).patientId();
    String id = found.isEmpty() ? null : found.get(0).id().toString();
    note(
        "R",
        "retrieve",
        id,
        patient,
        !instances.isEmpty(),
        "study " + wanted.study() + ", " + instances.size() + " objects");
    if (instances.isEmpty()) {
      throw new ResponseStatusException(
          HttpStatus.NOT_FOUND, "ISO-WADO-001: there is no such object that this token may read");
    }
    return instances;
  }

  /**
   * Asks again, while they are sent, whether a study's objects may be: a withdrawal ends the answer
   * within a second, and is noted.
   */
  Watch watch(Wanted wanted) {
    Caller caller = callers.get();
    return new Watch(
        () -> {
          boolean open =
              !studies
                  .held(byUid(access.of(caller, Right.READ, IMAGING_STUDY), wanted.study()))
                  .isEmpty();
          if (!open) {
            note(
                "R",
                "retrieve",
                null,
                null,
                false,
                "study " + wanted.study() + ", cut off: consent was withdrawn while it was sent");
          }
          return open;
        });
  }

  private List<Instance> instances(Study study, Wanted wanted) {
    List<UUID> series =
        studies.series(List.of(study.id())).getOrDefault(study.id(), List.of()).stream()
            .filter(s -> wanted.series() == null || wanted.series().equals(s.seriesInstanceUid()))
            .map(Series::id)
            .toList();
    return studies.instances(study.id()).stream()
        .filter(i -> series.contains(i.seriesId()))
        .filter(i -> wanted.instance() == null || wanted.instance().equals(i.sopInstanceUid()))
        .toList();
  }

  private static StudyQuery byUid(Visibility visible, String studyInstanceUid) {
    return new StudyQuery(
        visible,
        null,
        null,
        null,
        null,
        List.of(studyInstanceUid),
        null,
        null,
        null,
        null,
        null,
        null,
        TimeRange.ANY,
        new PageRequest(0, PageRequest.MAX_LIMIT));
  }

  private Visibility enter(Right right) {
    Caller caller = callers.get();
    if (!access.may(caller, right, IMAGING_STUDY)) {
      note(
          "R",
          "scope",
          null,
          null,
          false,
          "no scope to " + (right == Right.READ ? "retrieve" : "search"));
      throw new ResponseStatusException(
          HttpStatus.FORBIDDEN,
          "ISO-WADO-002: the token has no scope to "
              + right.name().toLowerCase(java.util.Locale.ROOT)
              + " ImagingStudy");
    }
    return access.of(caller, right, IMAGING_STUDY);
  }

  private void note(
      String action, String type, String id, UUID patient, boolean permitted, String detail) {
    Caller caller = callers.get();
    audit.note(
        caller.subject(),
        caller.organisation(),
        action,
        type,
        IMAGING_STUDY,
        id,
        patient,
        permitted,
        detail);
  }
}
