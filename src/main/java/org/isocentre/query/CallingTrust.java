package org.isocentre.query;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.isocentre.audit.AuditTrail;
import org.isocentre.consent.Access;
import org.isocentre.dicom.dimse.DimseStatusException;
import org.isocentre.dicom.dimse.Peer;
import org.isocentre.dicom.dimse.Status;
import org.isocentre.exchange.TrustDirectory;
import org.isocentre.index.Visibility;
import org.isocentre.model.AuditOrigin;
import org.isocentre.model.Caller;

/** The way in for DICOM nodes: whose node it is, what that trust may see, and a note of it. */
public final class CallingTrust {
  private final TrustDirectory directory;
  private final Access access;
  private final AuditTrail audit;

  public CallingTrust(TrustDirectory directory, Access access, AuditTrail audit) {
    this.directory = directory;
    this.access = access;
    this.audit = audit;
  }

  /**
   * ODS code of the trust that the caller belongs to.
   *
   * @throws DimseStatusException 0124 if the directory does not know the AE title
   */
  String of(Peer peer) {
    return directory
        .custodian(peer.callingAeTitle(), peer.remoteAddress())
        .orElseThrow(
            () -> {
              note(peer, null, "E", AuditTrail.QUERY, null, false, "AE title not in the directory");
              return new DimseStatusException(
                  Status.NOT_AUTHORIZED,
                  "ISO-QUERY-005: the calling AE title is of no known trust");
            });
  }

  /** The trust's own, and what was sent to it of patients who do not refuse it. */
  Visibility visibleTo(Peer peer, String organisation) {
    return access.of(new Caller(peer.callingAeTitle(), null, organisation, Set.of()));
  }

  /** All AE titles of the trust that this one belongs to; it alone if to none. */
  List<String> siblings(String aeTitle) {
    return directory.siblings(aeTitle);
  }

  /** Where a C-MOVE may go. */
  Optional<TrustDirectory.Destination> destination(String aeTitle) {
    return directory.destination(aeTitle);
  }

  /** Patients of whom a search shows something. */
  void noteFound(Peer peer, String organisation, Set<UUID> patients, String detail) {
    from(peer)
        .noteSearch(
            AuditTrail.QUERY,
            peer.callingAeTitle(),
            organisation,
            "ImagingStudy",
            patients,
            detail);
  }

  /**
   * Studies that are retrieved, with their patients.
   *
   * @param studies ids of studies and patients; if there are none, that nothing was found is noted
   */
  void noteRetrieved(
      Peer peer, String organisation, Map<UUID, UUID> studies, boolean permitted, String detail) {
    from(peer)
        .noteEach(
            peer.callingAeTitle(),
            organisation,
            "R",
            "retrieve",
            "ImagingStudy",
            studies,
            permitted,
            detail);
  }

  /**
   * @param entityType such as {@code ImagingStudy}, or null
   * @param detail without patient data
   */
  void note(
      Peer peer,
      String organisation,
      String action,
      String type,
      String entityType,
      boolean permitted,
      String detail) {
    from(peer)
        .note(
            peer.callingAeTitle(),
            organisation,
            action,
            type,
            entityType,
            null,
            null,
            permitted,
            detail);
  }

  private AuditTrail from(Peer peer) {
    return audit.from(AuditOrigin.at(peer.remoteAddress()));
  }
}
