package org.isocentre.camel.dicom;

import java.io.InputStream;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.StreamCache;
import org.apache.camel.support.DefaultProducer;
import org.isocentre.dicom.association.AssociationRequestor.Proposal;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.dimse.Command;
import org.isocentre.dicom.dimse.Status;
import org.isocentre.dicom.io.FileMetaInformation;

/**
 * C-ECHO, or C-STORE of the body: a Part 10 file, sent bit for bit in its own transfer syntax. The
 * exchange succeeds only when the peer answered success, or a warning unless {@code
 * throwOnWarning}.
 *
 * <p>Fails with {@link org.isocentre.dicom.association.AssociationException} (its kind tells
 * connect, rejection, abort, timeout, and whether a repetition may help), {@link
 * org.isocentre.dicom.dimse.NoPresentationContextException}, {@link StorageFailedException}.
 */
public class DicomProducer extends DefaultProducer {
  private static final List<String> NATIVE = List.of(Uid.IMPLICIT_VR_LITTLE_ENDIAN);
  private AssociationPool pool;
  private ScheduledExecutorService evictor;

  DicomProducer(DicomEndpoint endpoint) {
    super(endpoint);
  }

  @Override
  public DicomEndpoint getEndpoint() {
    return (DicomEndpoint) super.getEndpoint();
  }

  @Override
  protected void doStart() throws Exception {
    super.doStart();
    pool = new AssociationPool(getEndpoint());
    long period = Math.max(getEndpoint().getConfiguration().getPooledIdle().toMillis(), 100);
    evictor =
        getEndpoint()
            .getCamelContext()
            .getExecutorServiceManager()
            .newSingleThreadScheduledExecutor(this, "dicom-pool");
    evictor.scheduleWithFixedDelay(pool::evict, period, period, TimeUnit.MILLISECONDS);
  }

  @Override
  protected void doStop() throws Exception {
    if (evictor != null) {
      getEndpoint().getCamelContext().getExecutorServiceManager().shutdownNow(evictor);
    }
    if (pool != null) {
      pool.close();
    }
    super.doStop();
  }

  @Override
  public void process(Exchange exchange) throws Exception {
    Message message = exchange.getMessage();
    String operation =
        message.getHeader(
            DicomConstants.OPERATION,
            getEndpoint().getConfiguration().getOperation(),
            String.class);
    int status =
        switch (operation) {
          case "echo" -> echo();
          case "store" -> store(message);
          default ->
              throw new IllegalArgumentException(
                  "ISO-DICOM-604: operation " + operation + " is none of echo, store");
        };
    message.setHeader(DicomConstants.STATUS, status);
    boolean warning =
        Status.isWarning(status) && !getEndpoint().getConfiguration().isThrowOnWarning();
    if (!Status.isSuccess(status) && !warning) {
      throw new StorageFailedException(getEndpoint().getAddress().aeTitle(), status);
    }
  }

  private int echo() throws Exception {
    AssociationPool.Lease lease = pool.take(List.of(new Proposal(Uid.VERIFICATION, NATIVE)));
    try {
      return lease.user().echo();
    } finally {
      pool.give(lease);
    }
  }

  private int store(Message message) throws Exception {
    if (message.getBody() instanceof StreamCache cache) {
      cache.reset();
    }
    try (InputStream in = message.getMandatoryBody(InputStream.class)) {
      FileMetaInformation meta = FileMetaInformation.read(in).meta();
      String sopClass =
          message.getHeader(DicomConstants.SOP_CLASS_UID, meta.sopClassUid(), String.class);
      String sopInstance =
          message.getHeader(DicomConstants.SOP_INSTANCE_UID, meta.sopInstanceUid(), String.class);
      Proposal own = new Proposal(sopClass, List.of(meta.transferSyntaxUid()));
      AssociationPool.Lease lease = pool.take(wanted(own, message));
      try {
        Command response = lease.user().store(sopClass, sopInstance, meta.transferSyntaxUid(), in);
        message.setHeader(DicomConstants.ERROR_COMMENT, response.errorComment());
        return response.status();
      } finally {
        pool.give(lease);
      }
    }
  }

  /** This object's context first, then those that the header announces. */
  private static Set<Proposal> wanted(Proposal own, Message message) {
    Set<Proposal> wanted = new LinkedHashSet<>();
    wanted.add(own);
    Collection<?> announced =
        message.getHeader(DicomConstants.PRESENTATION_CONTEXTS, Collection.class);
    if (announced != null) {
      for (Object one : announced) {
        String[] parts = one.toString().split("/", 2);
        if (parts.length == 2 && wanted.size() < 128) {
          wanted.add(new Proposal(parts[0], List.of(parts[1])));
        }
      }
    }
    return wanted;
  }
}
