package org.isocentre.dicomweb;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.isocentre.audit.AuditTrail;
import org.isocentre.consent.Access;
import org.isocentre.consent.Watch;
import org.isocentre.dicom.data.Uid;
import org.isocentre.index.Match;
import org.isocentre.index.PageRequest;
import org.isocentre.index.QueryIndex;
import org.isocentre.index.QueryLevel;
import org.isocentre.index.RowCursor;
import org.isocentre.index.StudyField;
import org.isocentre.index.StudyFind;
import org.isocentre.index.StudyIndex;
import org.isocentre.index.StudyQuery;
import org.isocentre.index.TimeRange;
import org.isocentre.index.Visibility;
import org.isocentre.model.Caller;
import org.isocentre.model.Right;
import org.isocentre.query.AttributeSearch;
import org.springframework.http.HttpStatus;
import org.springframework.web.server.ResponseStatusException;

/** The way to studies: whose call it is, what they may see, and a note of it. */
public final class StudyDoor {
  private static final String IMAGING_STUDY = "ImagingStudy";
  private final Supplier<Caller> callers;
  private final Access access;
  private final AuditTrail audit;
  private final StudyIndex studies;
  private final QueryIndex index;
  private final int maxObjects;

  /**
   * @param maxObjects of one retrieval
   */
  public StudyDoor(
      Supplier<Caller> callers,
      Access access,
      AuditTrail audit,
      StudyIndex studies,
      QueryIndex index,
      int maxObjects) {
    this.callers = callers;
    this.access = access;
    this.audit = audit;
    this.studies = studies;
    this.index = index;
    this.maxObjects = maxObjects;
  }

  /** What one call asked for; a null UID stands for all. */
  record Wanted(String study, String series, String instance) {
    /**
     * @throws ResponseStatusException 400 for what cannot be a UID
     */
    Wanted {
      Uids.checked(study);
      if (series != null) {
        Uids.checked(series);
      }
      if (instance != null) {
        Uids.checked(instance);
      }
    }

    private List<Match> matches() {
      List<Match> matches = new ArrayList<>();
      matches.add(new Match.OneOf(StudyField.STUDY_INSTANCE_UID, List.of(study)));
      if (series != null) {
        matches.add(new Match.OneOf(StudyField.SERIES_INSTANCE_UID, List.of(series)));
      }
      if (instance != null) {
        matches.add(new Match.OneOf(StudyField.SOP_INSTANCE_UID, List.of(instance)));
      }
      return matches;
    }
  }

  /**
   * What may be sent.
   *
   * @param objects in order of series and instance number; at least one
   * @param watch asks again, while they are sent, whether they may be
   */
  record Retrieved(List<HeldObject> objects, Watch watch) {
    HeldObject first() {
      return objects.get(0);
    }
  }

  /**
   * Rows with the fields of the search and the UIDs that name them.
   *
   * @throws ResponseStatusException 403 if the token has no scope for imaging studies; 503 if too
   *     many searches are open
   */
  List<Map<StudyField, Object>> search(AttributeSearch search, StudyFind.Page page) {
    Visibility visible = enter(Right.SEARCH);
    List<StudyField> more = new ArrayList<>(List.of(StudyField.STUDY_INSTANCE_UID));
    more.add(StudyField.PATIENT_RECORD);
    if (search.level() != QueryLevel.STUDY) {
      more.add(StudyField.SERIES_INSTANCE_UID);
    }
    if (search.level() == QueryLevel.IMAGE) {
      more.add(StudyField.SOP_INSTANCE_UID);
    }
    List<Map<StudyField, Object>> found = rows(search.find(visible, more, page));
    Caller caller = callers.get();
    audit.noteSearch(
        caller.subject(),
        caller.organisation(),
        IMAGING_STUDY,
        found.stream()
            .map(row -> UUID.fromString((String) row.get(StudyField.PATIENT_RECORD)))
            .collect(Collectors.toSet()),
        found.size() + " found");
    return found;
  }

  private List<Map<StudyField, Object>> rows(StudyFind find) {
    Caller caller = callers.get();
    // Patients have one subject for all: a person's share of what is open is their own.
    String who =
        caller.isPatient()
            ? "/" + caller.nhsNumber() + "/" + caller.proxy()
            : caller.organisation() + "/" + caller.subject();
    List<Map<StudyField, Object>> rows = new ArrayList<>();
    try (RowCursor<StudyField> cursor = index.find(find, who)) {
      for (var row = cursor.next(); row != null; row = cursor.next()) {
        rows.add(row);
      }
    } catch (RejectedExecutionException e) {
      throw new ResponseStatusException(
          HttpStatus.SERVICE_UNAVAILABLE,
          "ISO-WADO-009: too many searches are open; try again in a few seconds",
          e);
    }
    return rows;
  }

  /**
   * @throws ResponseStatusException 403 without scope; 404 if there is nothing that the caller may
   *     see; 413 for more objects than the limit
   */
  Retrieved retrieve(Wanted wanted) {
    Visibility visible = enter(Right.READ);
    List<HeldObject> found =
        rows(
                new StudyFind(
                    QueryLevel.IMAGE,
                    visible,
                    StudyFind.Reach.VISIBLE,
                    wanted.matches(),
                    HeldObject.FIELDS,
                    new StudyFind.Page(0, maxObjects + 1),
                    false))
            .stream()
            .map(HeldObject::of)
            .toList();
    boolean tooMany = found.size() > maxObjects;
    note(
        "retrieve",
        found.isEmpty() ? null : found.get(0),
        !found.isEmpty() && !tooMany,
        "study " + wanted.study() + ", " + found.size() + " objects");
    if (found.isEmpty()) {
      throw new ResponseStatusException(
          HttpStatus.NOT_FOUND, "ISO-WADO-001: there is no such object that this token may read");
    }
    if (tooMany) {
      throw new ResponseStatusException(
          HttpStatus.PAYLOAD_TOO_LARGE,
          "ISO-WADO-008: these are more than "
              + maxObjects
              + " objects; ask for a series at a time");
    }
    return new Retrieved(found, watch(found));
  }

  /**
   * Whether the caller may see something of each of these studies; noted as a look at them.
   *
   * @param uids Study Instance UIDs; what is no UID is no study
   */
  public boolean mayOpen(List<String> uids) {
    if (!uids.stream().allMatch(Uid::isTolerable)) {
      return false;
    }
    List<Map<StudyField, Object>> found =
        rows(
            new StudyFind(
                QueryLevel.STUDY,
                enter(Right.READ),
                StudyFind.Reach.VISIBLE,
                List.of(new Match.OneOf(StudyField.STUDY_INSTANCE_UID, uids)),
                List.of(
                    StudyField.STUDY_INSTANCE_UID,
                    StudyField.STUDY_RECORD,
                    StudyField.PATIENT_RECORD),
                new StudyFind.Page(0, uids.size()),
                false));
    Set<Object> seen =
        found.stream().map(r -> r.get(StudyField.STUDY_INSTANCE_UID)).collect(Collectors.toSet());
    boolean all = seen.containsAll(uids);
    Caller caller = callers.get();
    audit.note(
        caller.subject(),
        caller.organisation(),
        "R",
        "viewer",
        IMAGING_STUDY,
        all ? (String) found.get(0).get(StudyField.STUDY_RECORD) : null,
        all ? UUID.fromString((String) found.get(0).get(StudyField.PATIENT_RECORD)) : null,
        all,
        "viewer for study " + String.join(", ", uids));
    return all;
  }

  /**
   * Asks again, while they are sent, whether objects may be: a withdrawal ends the answer within a
   * second, and is noted.
   */
  private Watch watch(List<HeldObject> objects) {
    Caller caller = callers.get();
    Set<UUID> records = new HashSet<>();
    objects.forEach(o -> records.add(o.record()));
    return new Watch(
        () -> {
          boolean open =
              studies.held(byId(access.of(caller, Right.READ, IMAGING_STUDY), records)).size()
                  == records.size();
          if (!open) {
            note(
                caller,
                "retrieve",
                objects.get(0),
                false,
                "study "
                    + objects.get(0).study()
                    + ", cut off: consent was withdrawn while it was sent");
          }
          return open;
        });
  }

  private static StudyQuery byId(Visibility visible, Set<UUID> records) {
    return new StudyQuery(
        visible,
        records,
        null,
        null,
        null,
        null,
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
      note("scope", null, false, "no scope to " + (right == Right.READ ? "retrieve" : "search"));
      throw new ResponseStatusException(
          HttpStatus.FORBIDDEN,
          "ISO-WADO-002: the token has no scope to "
              + right.name().toLowerCase(Locale.ROOT)
              + " ImagingStudy");
    }
    return access.of(caller, right, IMAGING_STUDY);
  }

  private void note(String type, HeldObject of, boolean permitted, String detail) {
    note(callers.get(), type, of, permitted, detail);
  }

  private void note(Caller caller, String type, HeldObject of, boolean permitted, String detail) {
    audit.note(
        caller.subject(),
        caller.organisation(),
        "R",
        type,
        IMAGING_STUDY,
        of == null ? null : Objects.toString(of.record()),
        of == null ? null : of.patient(),
        permitted,
        detail);
  }
}
