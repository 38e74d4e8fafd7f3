package org.isocentre.query;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.dimse.DimseStatusException;
import org.isocentre.dicom.dimse.NormalizedHandler;
import org.isocentre.dicom.dimse.NormalizedRequest;
import org.isocentre.dicom.dimse.NormalizedResponse;
import org.isocentre.dicom.dimse.Status;
import org.isocentre.index.AvailabilityIndex;
import org.isocentre.index.AvailabilityIndex.Availability;
import org.isocentre.model.Instance;
import org.isocentre.model.Series;

/** Instance Availability Notification (PS3.4 §R), both roles. */
public final class AvailabilityNotification implements NormalizedHandler {
  private static final Set<String> TERMS = Set.of("ONLINE", "NEARLINE", "OFFLINE", "UNAVAILABLE");
  private final AvailabilityIndex index;
  private final CallingTrust trusts;

  public AvailabilityNotification(AvailabilityIndex index, CallingTrust trusts) {
    this.index = index;
    this.trusts = trusts;
  }

  @Override
  public NormalizedResponse handle(NormalizedRequest request) {
    String organisation = trusts.of(request.peer());
    if (request.operation() != NormalizedRequest.Operation.N_CREATE) {
      throw new DimseStatusException(
          Status.UNRECOGNIZED_OPERATION, "ISO-QUERY-031: not an operation of this SOP class");
    }
    List<Availability> objects = objects(request.dataSet());
    String uid = request.sopInstanceUid() == null ? Uid.random() : request.sopInstanceUid();
    if (!index.record(uid, organisation, objects)) {
      throw new DimseStatusException(
          Status.DUPLICATE_SOP_INSTANCE, "ISO-QUERY-050: this notification came before");
    }
    trusts.note(
        request.peer(),
        organisation,
        "C",
        "instance-availability",
        "ImagingStudy",
        true,
        objects.size() + " objects");
    return new NormalizedResponse(Status.SUCCESS, null, uid, null);
  }

  private static List<Availability> objects(DataSet set) {
    RequiredAttributes.check(set, Tag.StudyInstanceUID, Tag.ReferencedSeriesSequence);
    List<Availability> objects = new ArrayList<>();
    for (DataSet series : set.items(Tag.ReferencedSeriesSequence)) {
      RequiredAttributes.check(series, Tag.SeriesInstanceUID, Tag.ReferencedSOPSequence);
      for (DataSet item : series.items(Tag.ReferencedSOPSequence)) {
        RequiredAttributes.check(
            item,
            Tag.ReferencedSOPClassUID,
            Tag.ReferencedSOPInstanceUID,
            Tag.InstanceAvailability,
            Tag.RetrieveAETitle);
        if (!TERMS.contains(item.string(Tag.InstanceAvailability))) {
          throw new DimseStatusException(
              Status.INVALID_ATTRIBUTE_VALUE, "ISO-QUERY-051: no such InstanceAvailability");
        }
        objects.add(
            new Availability(
                set.string(Tag.StudyInstanceUID),
                series.string(Tag.SeriesInstanceUID),
                item.string(Tag.ReferencedSOPInstanceUID),
                item.string(Tag.ReferencedSOPClassUID),
                item.string(Tag.InstanceAvailability),
                item.string(Tag.RetrieveAETitle)));
      }
    }
    return objects;
  }

  /**
   * The attributes of an N-CREATE that tells of a study (PS3.4 Table R.3.2-1).
   *
   * @param series of the study
   * @param instances of the study, each of one of these series
   * @param availability ONLINE, NEARLINE, OFFLINE or UNAVAILABLE
   * @param retrieveAeTitle where the objects can be had
   */
  public static DataSet of(
      String studyInstanceUid,
      List<Series> series,
      Map<UUID, List<Instance>> instances,
      String availability,
      String retrieveAeTitle) {
    DataSet set = new DataSet().set(Tag.StudyInstanceUID, studyInstanceUid);
    set.put(new Element.Sequence(Tag.ReferencedPerformedProcedureStepSequence, List.of()));
    for (Series one : series) {
      DataSet item =
          set.addItem(Tag.ReferencedSeriesSequence)
              .set(Tag.SeriesInstanceUID, one.seriesInstanceUid());
      for (Instance instance : instances.getOrDefault(one.id(), List.of())) {
        item.addItem(Tag.ReferencedSOPSequence)
            .set(Tag.ReferencedSOPClassUID, instance.sopClassUid())
            .set(Tag.ReferencedSOPInstanceUID, instance.sopInstanceUid())
            .set(Tag.InstanceAvailability, availability)
            .set(Tag.RetrieveAETitle, retrieveAeTitle);
      }
    }
    return set;
  }
}
