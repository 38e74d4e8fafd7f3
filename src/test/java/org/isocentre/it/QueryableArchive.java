package org.isocentre.it;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.dimse.Archive;
import org.isocentre.dicom.dimse.Matches;
import org.isocentre.dicom.dimse.NormalizedHandler;
import org.isocentre.dicom.dimse.NormalizedRequest;
import org.isocentre.dicom.dimse.NormalizedRequest.Operation;
import org.isocentre.dicom.dimse.NormalizedResponse;
import org.isocentre.dicom.dimse.QueryHandler;

/** An archive that finds all that it has, once a study, and records what is asked by DIMSE-N. */
final class QueryableArchive extends Archive {
  final List<NormalizedRequest> normalized = new CopyOnWriteArrayList<>();

  @Override
  public QueryHandler query(String sopClassUid) {
    return query -> {
      List<DataSet> found = new ArrayList<>();
      objects.stream()
          .map(o -> ((SampleObject) o).study())
          .distinct()
          .forEach(study -> found.add(match(query.identifier(), study)));
      return Matches.of(found.iterator());
    };
  }

  private static DataSet match(DataSet identifier, String study) {
    DataSet match = new DataSet();
    for (Element key : identifier.elements()) {
      if (key.tag() != Tag.SpecificCharacterSet) {
        match.put(key);
      }
    }
    return match
        .set(Tag.StudyInstanceUID, study)
        .set(Tag.PatientID, "T1")
        .set(Tag.RetrieveAETitle, "SCP");
  }

  @Override
  public NormalizedHandler normalized(String sopClassUid, Operation operation) {
    return request -> {
      normalized.add(request);
      return NormalizedResponse.SUCCESS;
    };
  }
}
