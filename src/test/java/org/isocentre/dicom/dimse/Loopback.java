package org.isocentre.dicom.dimse;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.isocentre.dicom.association.AssociationAcceptor;
import org.isocentre.dicom.association.AssociationPolicy.Decision;
import org.isocentre.dicom.association.AssociationRequest;
import org.isocentre.dicom.association.AssociationRequestor;
import org.isocentre.dicom.association.AssociationRequestor.Proposal;
import org.isocentre.dicom.association.AssociationSettings;
import org.isocentre.dicom.association.EventLoops;
import org.isocentre.dicom.association.Negotiation;
import org.isocentre.dicom.association.TlsSettings;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.pdu.Pdu;

/** Both ends of the DIMSE layer in one process, over loopback. */
public final class Loopback implements AutoCloseable {
  public static final String CT = Uid.CT_IMAGE_STORAGE;
  public static final String EXPLICIT = Uid.EXPLICIT_VR_LITTLE_ENDIAN;
  public static final DimseSettings SETTINGS =
      DimseSettings.DEFAULT.withResponseTimeout(Duration.ofSeconds(10));
  private static final List<String> SOP_CLASSES =
      List.of(
          CT,
          Uid.VERIFICATION,
          ServiceSopClass.STUDY_ROOT_FIND,
          ServiceSopClass.STUDY_ROOT_MOVE,
          ServiceSopClass.STUDY_ROOT_GET,
          ServiceSopClass.MODALITY_PERFORMED_PROCEDURE_STEP,
          ServiceSopClass.STORAGE_COMMITMENT_PUSH_MODEL);

  public final EventLoops loops = new EventLoops(1);
  public final ExecutorService workers;
  private final AssociationSettings association;
  private final TlsSettings tls;
  private final AssociationAcceptor acceptor;

  public Loopback(Services scp) {
    this(scp, (TlsSettings) null);
  }

  /**
   * @param tls of the acceptor and the requestors; null for plain connections
   */
  public Loopback(Services scp, TlsSettings tls) {
    this(scp, SETTINGS, Executors.newCachedThreadPool(), 1, tls);
  }

  /**
   * @param window operations that either end takes at once
   */
  public Loopback(Services scp, DimseSettings settings, ExecutorService workers, int window) {
    this(scp, settings, workers, window, null);
  }

  private Loopback(
      Services scp, DimseSettings settings, ExecutorService workers, int window, TlsSettings tls) {
    this.workers = workers;
    this.tls = tls;
    this.association = windowed(window);
    Map<String, byte[]> extended = new HashMap<>();
    extended.put(ServiceSopClass.STUDY_ROOT_FIND, new byte[] {1, 1, 0});
    extended.put(ServiceSopClass.STUDY_ROOT_GET, new byte[] {1});
    acceptor =
        new AssociationAcceptor(
            loops,
            "127.0.0.1",
            0,
            association,
            tls,
            (request, remote) ->
                new Decision.Accept(
                    Negotiation.negotiate(request.contexts(), uid -> true, s -> true, List.of()),
                    ServiceProvider.handler(workers, scp, settings),
                    Negotiation.roles(request.userInformation().roles(), uid -> true, uid -> true),
                    Negotiation.extended(
                        request.userInformation().extendedNegotiations(), extended),
                    null));
  }

  private static AssociationSettings windowed(int window) {
    return AssociationSettings.DEFAULT.withOperations(window, window);
  }

  public int port() {
    return acceptor.port();
  }

  /** Proposes everything, in Explicit VR Little Endian. */
  public AssociationRequest request() {
    return request(port());
  }

  public static AssociationRequest request(int port) {
    List<Proposal> proposals = new ArrayList<>();
    SOP_CLASSES.forEach(uid -> proposals.add(new Proposal(uid, List.of(EXPLICIT))));
    return new AssociationRequest("127.0.0.1", port, "SCU", "SCP", proposals);
  }

  /** The same, and the role of a storage provider: what C-GET needs. */
  public AssociationRequest getRequest() {
    return request().withRoles(List.of(new Pdu.RoleSelection(CT, true, true)));
  }

  public ServiceUser connect() {
    return connect(request(), Services.NONE, SETTINGS);
  }

  public ServiceUser connect(
      AssociationRequest request, Services services, DimseSettings settings) {
    AssociationRequestor requestor = new AssociationRequestor(loops, association, tls);
    return ServiceUser.connect(
        handler -> requestor.connect(request, handler), workers, services, settings);
  }

  @Override
  public void close() {
    acceptor.close();
    workers.shutdownNow();
    loops.close();
  }
}
