package org.isocentre.query;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.RejectedExecutionException;
import org.isocentre.consent.Watch;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.dimse.DimseStatusException;
import org.isocentre.dicom.dimse.RetrieveHandler;
import org.isocentre.dicom.dimse.RetrieveRequest;
import org.isocentre.dicom.dimse.Status;
import org.isocentre.dicom.dimse.StoredObject;
import org.isocentre.exchange.TrustDirectory;
import org.isocentre.index.Match;
import org.isocentre.index.QueryIndex;
import org.isocentre.index.QueryLevel;
import org.isocentre.index.RowCursor;
import org.isocentre.index.StudyField;
import org.isocentre.index.StudyFind;
import org.isocentre.index.Visibility;
import org.isocentre.store.ObjectStore;

/**
 * Says which objects a C-MOVE or C-GET of the Patient Root and Study Root models is about (PS3.4
 * §C.4.2.2.1): those under the unique keys that the calling trust sees. Keeps the names of the
 * objects, never their bytes.
 */
public final class StudyRetrieveHandler implements RetrieveHandler {
  private static final List<StudyField> FIELDS =
      List.of(
          StudyField.CUSTODIAN,
          StudyField.PATIENT_RECORD,
          StudyField.STUDY_RECORD,
          StudyField.STUDY_INSTANCE_UID,
          StudyField.SERIES_NUMBER,
          StudyField.SERIES_INSTANCE_UID,
          StudyField.INSTANCE_NUMBER,
          StudyField.SOP_INSTANCE_UID,
          StudyField.SOP_CLASS_UID,
          StudyField.TRANSFER_SYNTAX_UID,
          StudyField.OBJECT_KEY);
  private static final Comparator<Found> ORDER =
      Comparator.comparing(Found::study)
          .thenComparing(Found::seriesNumber, Comparator.nullsLast(Comparator.naturalOrder()))
          .thenComparing(Found::series)
          .thenComparing(Found::number, Comparator.nullsLast(Comparator.naturalOrder()))
          .thenComparing(Found::uid);

  private final QueryIndex index;
  private final ObjectStore store;
  private final CallingTrust trusts;
  private final LosslessForms forms;
  private final int maxObjects;

  /**
   * @param maxObjects of one request; one for more is refused with A701
   */
  public StudyRetrieveHandler(
      QueryIndex index,
      ObjectStore store,
      CallingTrust trusts,
      LosslessForms forms,
      int maxObjects) {
    this.index = index;
    this.store = store;
    this.trusts = trusts;
    this.forms = forms;
    this.maxObjects = maxObjects;
  }

  /** What is kept of one object until it is sent. */
  private record Found(
      String custodian,
      String patient,
      String record,
      String study,
      Long seriesNumber,
      String series,
      Long number,
      String uid,
      String sopClass,
      String transferSyntax,
      String key) {
    /**
     * @param shared one of each text that many objects have
     */
    static Found of(Map<StudyField, Object> row, Map<String, String> shared) {
      return new Found(
          shared(row, StudyField.CUSTODIAN, shared),
          shared(row, StudyField.PATIENT_RECORD, shared),
          shared(row, StudyField.STUDY_RECORD, shared),
          shared(row, StudyField.STUDY_INSTANCE_UID, shared),
          (Long) row.get(StudyField.SERIES_NUMBER),
          shared(row, StudyField.SERIES_INSTANCE_UID, shared),
          (Long) row.get(StudyField.INSTANCE_NUMBER),
          (String) row.get(StudyField.SOP_INSTANCE_UID),
          shared(row, StudyField.SOP_CLASS_UID, shared),
          shared(row, StudyField.TRANSFER_SYNTAX_UID, shared),
          (String) row.get(StudyField.OBJECT_KEY));
    }

    private static String shared(
        Map<StudyField, Object> row, StudyField field, Map<String, String> shared) {
      return shared.computeIfAbsent((String) row.get(field), text -> text);
    }
  }

  @Override
  public Retrieval retrieve(RetrieveRequest request) {
    String organisation = trusts.of(request.peer());
    InformationModel model = InformationModel.of(request.sopClassUid());
    QueryLevel level = model.level(request.identifier());
    List<Match> keys = keys(model, level, request);
    TrustDirectory.Destination destination = destination(request);
    List<Found> found =
        select(
            new StudyFind(
                QueryLevel.IMAGE,
                trusts.visibleTo(request.peer(), organisation),
                keys,
                FIELDS,
                maxObjects + 1,
                model == InformationModel.PATIENT_ROOT && !namesIssuer(keys)),
            organisation,
            request.peer().callingAeTitle());
    boolean permitted = destination == null || mayGo(found, request, destination, organisation);
    trusts.noteRetrieved(
        request.peer(),
        organisation,
        studies(found),
        permitted,
        "%s %s to %s, %d objects"
            .formatted(
                destination == null ? "C-GET" : "C-MOVE",
                level,
                destination == null ? "the caller" : destination.odsCode(),
                found.size()));
    if (!permitted) {
      throw new DimseStatusException(
          Status.NOT_AUTHORIZED, "ISO-QUERY-021: consent keeps it from the destination's trust");
    }
    Map<String, Watch> watches = new HashMap<>();
    List<StoredObject> objects =
        found.stream()
            .map(
                f ->
                    object(
                        f,
                        watches.computeIfAbsent(
                            f.record(), key -> watch(f, request, destination, organisation))))
            .toList();
    return new Retrieval(
        destination == null
            ? null
            : new Destination(
                request.moveDestination(),
                destination.node().host(),
                destination.node().port(),
                destination.node().tls()),
        objects.size(),
        objects.iterator());
  }

  /** With their patients. */
  private static Map<UUID, UUID> studies(List<Found> found) {
    Map<UUID, UUID> studies = new LinkedHashMap<>();
    found.forEach(f -> studies.put(UUID.fromString(f.record()), UUID.fromString(f.patient())));
    return studies;
  }

  /** The unique keys alone select (PS3.4 §C.4.2.1.4.1). */
  private static List<Match> keys(
      InformationModel model, QueryLevel level, RetrieveRequest request) {
    DataSet identifier = request.identifier();
    if (!request.relational()) {
      model.checkHierarchy(identifier, level);
    }
    List<QueryLevel> levels = new ArrayList<>(model.above(level));
    levels.add(level);
    List<Match> keys = new ArrayList<>();
    for (QueryLevel each : levels) {
      int tag = InformationModel.uniqueKey(each);
      List<String> values = identifier.strings(tag).stream().filter(v -> !v.isEmpty()).toList();
      if (!values.isEmpty()) {
        keys.add(new Match.OneOf(StudyKeys.of(tag).field(), values));
      } else if (each == level) {
        throw InformationModel.wrong(
            "ISO-QUERY-022: the unique key of level " + level + " is empty");
      }
    }
    // No unique key, but without it a Patient ID is not of one person.
    String issuer = identifier.string(Tag.IssuerOfPatientID);
    if (model == InformationModel.PATIENT_ROOT && issuer != null && !issuer.isEmpty()) {
      keys.add(new Match.OneOf(StudyField.ISSUER_OF_PATIENT_ID, List.of(issuer)));
    }
    return keys;
  }

  private static boolean namesIssuer(List<Match> keys) {
    return keys.stream().anyMatch(key -> key.field() == StudyField.ISSUER_OF_PATIENT_ID);
  }

  private TrustDirectory.Destination destination(RetrieveRequest request) {
    return request.moveDestination() == null
        ? null
        : trusts
            .destination(request.moveDestination())
            .orElseThrow(
                () ->
                    new DimseStatusException(
                        Status.MOVE_DESTINATION_UNKNOWN,
                        "ISO-QUERY-023: no listening node of the directory has this AE"));
  }

  private List<Found> select(StudyFind find, String organisation, String caller) {
    Map<String, Found> byUid = new LinkedHashMap<>();
    Map<String, String> shared = new HashMap<>();
    try (RowCursor<StudyField> cursor = index.find(find, caller)) {
      for (var row = cursor.next(); row != null; row = cursor.next()) {
        Found found = Found.of(row, shared);
        // Two trusts may hold the same object; the caller gets its own.
        if (organisation.equals(found.custodian()) || !byUid.containsKey(found.uid())) {
          byUid.put(found.uid(), found);
        }
        if (byUid.size() > maxObjects) {
          throw new DimseStatusException(
              Status.UNABLE_TO_CALCULATE_MATCHES,
              "ISO-QUERY-024: more objects than the limit; ask for less at once");
        }
      }
    } catch (RejectedExecutionException e) {
      throw new DimseStatusException(
          Status.UNABLE_TO_CALCULATE_MATCHES,
          "ISO-QUERY-009: too many queries are open; try later",
          e);
    }
    return byUid.values().stream().sorted(ORDER).toList();
  }

  /**
   * Whether no patient refuses the trust that objects go to, where that is not the caller's own.
   */
  private boolean mayGo(
      Collection<Found> objects,
      RetrieveRequest request,
      TrustDirectory.Destination destination,
      String organisation) {
    if (destination.odsCode().equals(organisation)) {
      return true;
    }
    Visibility theirs = trusts.visibleTo(request.peer(), destination.odsCode());
    return objects.stream()
        .allMatch(
            found ->
                destination.odsCode().equals(found.custodian())
                    || !theirs
                        .withheld()
                        .hides(UUID.fromString(found.patient()), UUID.fromString(found.record())));
  }

  /** Asks again, while its objects are sent, whether a study may be. */
  private Watch watch(
      Found found,
      RetrieveRequest request,
      TrustDirectory.Destination destination,
      String organisation) {
    return new Watch(
        () -> {
          boolean open =
              !trusts
                      .visibleTo(request.peer(), organisation)
                      .hides(
                          found.custodian(),
                          UUID.fromString(found.patient()),
                          UUID.fromString(found.record()))
                  && (destination == null
                      || mayGo(List.of(found), request, destination, organisation));
          if (!open) {
            trusts.noteRetrieved(
                request.peer(),
                organisation,
                studies(List.of(found)),
                false,
                "cut off: consent was withdrawn while it was sent");
          }
          return open;
        });
  }

  private StoredObject object(Found found, Watch watch) {
    return new ObjectInStore(
        found.sopClass(), found.uid(), found.transferSyntax(), found.key(), store, forms, watch);
  }
}
