package org.isocentre.fhir.map;

import java.util.List;
import java.util.Set;
import org.hl7.fhir.r4.model.Identifier;
import org.hl7.fhir.r4.model.ImagingStudy;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.ServiceRequest;
import org.isocentre.index.AvailabilityIndex.Whereabouts;

/**
 * What instance availability notifications (PS3.4 §R) say of a study: where else it can be had, and
 * that an ordered study is there though the hub may not have it.
 */
public final class WhereaboutsMapper {
  private WhereaboutsMapper() {}

  /**
   * Endpoints of nodes that have objects of the study on line or near line.
   *
   * @param known AE titles that have an Endpoint resource; others are named only
   */
  public static void add(ImagingStudy resource, List<Whereabouts> said, Set<String> known) {
    said.stream()
        .filter(w -> !w.availability().equals("OFFLINE"))
        .map(Whereabouts::retrieveAeTitle)
        .distinct()
        .forEach(ae -> resource.addEndpoint(endpoint(ae, known)));
  }

  private static Reference endpoint(String aeTitle, Set<String> known) {
    Reference reference = new Reference().setDisplay("AE title " + aeTitle);
    return known.contains(aeTitle)
        ? reference.setReference("Endpoint/" + DirectoryMapper.endpointId(aeTitle))
        : reference;
  }

  /** The ordered study by its Study Instance UID, with how many objects are where. */
  public static void add(ServiceRequest resource, List<Whereabouts> said) {
    for (Whereabouts w : said) {
      resource.addSupportingInfo(
          new Reference()
              .setType("ImagingStudy")
              .setIdentifier(
                  new Identifier()
                      .setSystem(Systems.DICOM_UID)
                      .setValue(Systems.OID + w.studyInstanceUid()))
              .setDisplay(
                  "%d objects %s at AE title %s"
                      .formatted(w.objects(), w.availability(), w.retrieveAeTitle())));
    }
  }
}
