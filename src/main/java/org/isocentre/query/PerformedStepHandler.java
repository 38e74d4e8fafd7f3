package org.isocentre.query;

import java.util.List;
import java.util.Set;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.dimse.DimseStatusException;
import org.isocentre.dicom.dimse.NormalizedHandler;
import org.isocentre.dicom.dimse.NormalizedRequest;
import org.isocentre.dicom.dimse.NormalizedResponse;
import org.isocentre.dicom.dimse.ServiceSopClass;
import org.isocentre.dicom.dimse.Status;
import org.isocentre.index.MppsIndex;
import org.isocentre.index.MppsIndex.Mpps;
import org.isocentre.index.MppsIndex.StepReference;

/**
 * Modality Performed Procedure Step as SCP (PS3.4 §F.7, §F.8): keeps what modalities say, and moves
 * the orders that they say it of. A trust reaches its own steps alone. Type 1 attributes are
 * demanded; type 2 attributes that are missing are taken for empty, since many modalities leave
 * them out.
 */
public final class PerformedStepHandler implements NormalizedHandler {
  private static final int MAX_BYTES = 512 * 1024;

  /** What N-SET may not change (PS3.4 Table F.7.2-1). */
  private static final Set<Integer> FIXED =
      Set.of(
          Tag.ScheduledStepAttributesSequence,
          Tag.PatientName,
          Tag.PatientID,
          Tag.IssuerOfPatientID,
          Tag.PatientBirthDate,
          Tag.PatientSex,
          Tag.ReferencedPatientSequence,
          Tag.PerformedProcedureStepID,
          Tag.PerformedStationAETitle,
          Tag.PerformedStationName,
          Tag.PerformedLocation,
          Tag.PerformedProcedureStepStartDate,
          Tag.PerformedProcedureStepStartTime,
          Tag.Modality,
          Tag.StudyID);

  private final MppsIndex index;
  private final CallingTrust trusts;

  public PerformedStepHandler(MppsIndex index, CallingTrust trusts) {
    this.index = index;
    this.trusts = trusts;
  }

  @Override
  public NormalizedResponse handle(NormalizedRequest request) {
    String organisation = trusts.of(request.peer());
    boolean own = ServiceSopClass.MODALITY_PERFORMED_PROCEDURE_STEP.equals(request.sopClassUid());
    return switch (request.operation()) {
      case N_CREATE -> own ? create(request, organisation) : unknown();
      case N_SET -> own ? set(request, organisation) : unknown();
      case N_GET -> get(request, organisation);
      default -> unknown();
    };
  }

  private static NormalizedResponse unknown() {
    throw new DimseStatusException(
        Status.UNRECOGNIZED_OPERATION, "ISO-QUERY-031: not an operation of this SOP class");
  }

  private NormalizedResponse create(NormalizedRequest request, String organisation) {
    DataSet set = request.dataSet();
    RequiredAttributes.check(
        set,
        Tag.PerformedProcedureStepStatus,
        Tag.ScheduledStepAttributesSequence,
        Tag.PerformedProcedureStepID,
        Tag.PerformedStationAETitle,
        Tag.PerformedProcedureStepStartDate,
        Tag.PerformedProcedureStepStartTime,
        Tag.Modality);
    RequiredAttributes.checkItems(
        set.items(Tag.ScheduledStepAttributesSequence), Tag.StudyInstanceUID);
    if (status(set) != MppsIndex.Status.IN_PROGRESS) {
      throw new DimseStatusException(
          Status.INVALID_ATTRIBUTE_VALUE, "ISO-QUERY-032: a new step must be IN PROGRESS");
    }
    String uid = request.sopInstanceUid() == null ? Uid.random() : request.sopInstanceUid();
    DataSet kept = EncodedDataSet.inUtf8(set);
    boolean created =
        index.create(
            new Mpps(
                uid,
                organisation,
                request.callingAeTitle(),
                MppsIndex.Status.IN_PROGRESS,
                encoded(kept),
                steps(kept)));
    if (!created) {
      throw new DimseStatusException(
          Status.DUPLICATE_SOP_INSTANCE,
          "ISO-QUERY-033: there is a step with this SOP Instance UID");
    }
    note(request, organisation, "C", "mpps-create");
    return new NormalizedResponse(Status.SUCCESS, null, uid, null);
  }

  private NormalizedResponse set(NormalizedRequest request, String organisation) {
    boolean[] refused = new boolean[1];
    boolean known =
        index.update(
            organisation,
            request.sopInstanceUid(),
            mpps -> {
              if (mpps.status() != MppsIndex.Status.IN_PROGRESS) {
                // The text is the standard's (PS3.4 §F.7.2.2.2, Error ID A710).
                throw new DimseStatusException(
                    Status.PROCESSING_FAILURE,
                    "Performed Procedure Step Object may no longer be updated");
              }
              DataSet merged = EncodedDataSet.read(mpps.dataSet());
              refused[0] = merge(merged, request.dataSet());
              MppsIndex.Status status = status(merged);
              checkFinal(merged, status);
              return new Mpps(
                  mpps.sopInstanceUid(),
                  mpps.custodian(),
                  mpps.callingAeTitle(),
                  status,
                  encoded(merged),
                  steps(merged));
            });
    if (!known) {
      throw noSuchInstance();
    }
    note(request, organisation, "U", "mpps-set");
    return refused[0]
        ? new NormalizedResponse(
            Status.ATTRIBUTE_LIST_ERROR,
            "ISO-QUERY-034: some attributes cannot be changed",
            null,
            null)
        : NormalizedResponse.SUCCESS;
  }

  /**
   * @return whether there was something that may not be changed; it is left as it was
   */
  private static boolean merge(DataSet into, DataSet changes) {
    boolean refused = false;
    if (changes == null) {
      return false;
    }
    for (Element element : EncodedDataSet.inUtf8(changes).elements()) {
      if (FIXED.contains(element.tag())) {
        refused = true;
      } else {
        into.put(element);
      }
    }
    return refused;
  }

  /** Final state requirements; a step that was broken off may have no series. */
  private static void checkFinal(DataSet set, MppsIndex.Status status) {
    if (status == MppsIndex.Status.IN_PROGRESS) {
      return;
    }
    RequiredAttributes.check(
        set, Tag.PerformedProcedureStepEndDate, Tag.PerformedProcedureStepEndTime);
    if (status == MppsIndex.Status.COMPLETED) {
      RequiredAttributes.check(set, Tag.PerformedSeriesSequence);
    }
    RequiredAttributes.checkItems(
        set.items(Tag.PerformedSeriesSequence), Tag.SeriesInstanceUID, Tag.ProtocolName);
  }

  private NormalizedResponse get(NormalizedRequest request, String organisation) {
    DataSet all =
        index
            .find(organisation, request.sopInstanceUid())
            .map(mpps -> EncodedDataSet.read(mpps.dataSet()))
            .orElseThrow(PerformedStepHandler::noSuchInstance);
    note(request, organisation, "R", "mpps-get");
    if (request.attributes().isEmpty()) {
      return new NormalizedResponse(Status.SUCCESS, null, null, all);
    }
    DataSet asked = new DataSet();
    for (Element element : all.elements()) {
      if (element.tag() == Tag.SpecificCharacterSet
          || request.attributes().contains(element.tag())) {
        asked.put(element);
      }
    }
    return new NormalizedResponse(Status.SUCCESS, null, null, asked);
  }

  private static DimseStatusException noSuchInstance() {
    return new DimseStatusException(
        Status.NO_SUCH_SOP_INSTANCE, "ISO-QUERY-035: this trust has no such step");
  }

  private static MppsIndex.Status status(DataSet set) {
    String text = set.string(Tag.PerformedProcedureStepStatus);
    return switch (text == null ? "" : text) {
      case "IN PROGRESS" -> MppsIndex.Status.IN_PROGRESS;
      case "COMPLETED" -> MppsIndex.Status.COMPLETED;
      case "DISCONTINUED" -> MppsIndex.Status.DISCONTINUED;
      default ->
          throw new DimseStatusException(
              Status.INVALID_ATTRIBUTE_VALUE,
              "ISO-QUERY-036: no such PerformedProcedureStepStatus");
    };
  }

  private static List<StepReference> steps(DataSet set) {
    return set.items(Tag.ScheduledStepAttributesSequence).stream()
        .map(
            item ->
                new StepReference(
                    item.string(Tag.StudyInstanceUID),
                    item.string(Tag.AccessionNumber),
                    item.string(Tag.RequestedProcedureID),
                    item.string(Tag.ScheduledProcedureStepID),
                    set.string(Tag.Modality)))
        .toList();
  }

  private static byte[] encoded(DataSet set) {
    byte[] bytes = EncodedDataSet.write(set);
    if (bytes.length > MAX_BYTES) {
      throw new DimseStatusException(
          Status.RESOURCE_LIMITATION, "ISO-QUERY-037: the step is larger than 512 KB");
    }
    return bytes;
  }

  private void note(NormalizedRequest request, String organisation, String action, String type) {
    trusts.note(request.peer(), organisation, action, type, "ServiceRequest", true, null);
  }
}
