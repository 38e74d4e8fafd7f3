package org.isocentre.camel.dicom;

import java.net.InetAddress;
import java.util.List;
import java.util.Set;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.Suspendable;
import org.apache.camel.support.DefaultConsumer;
import org.isocentre.dicom.association.Association;
import org.isocentre.dicom.dimse.DataSetInfo;
import org.isocentre.dicom.dimse.DimseStatusException;
import org.isocentre.dicom.dimse.ReceivedDataSet;
import org.isocentre.dicom.dimse.Status;
import org.isocentre.dicom.dimse.StorageHandler;

/** One exchange for each object; its C-STORE-RSP is sent after the route is done with it. */
public class DicomConsumer extends DefaultConsumer implements StorageHandler, Suspendable {
  private final Set<String> sopClasses;
  private final List<String> callingAets;
  private final List<String> callingHosts;
  private DicomListener listener;

  DicomConsumer(DicomEndpoint endpoint, Processor processor) {
    super(endpoint, processor);
    DicomConfiguration configuration = endpoint.getConfiguration();
    this.sopClasses = Set.copyOf(configuration.acceptedSopClasses());
    this.callingAets = DicomConfiguration.list(configuration.getCallingAets());
    this.callingHosts = DicomConfiguration.list(configuration.getCallingHosts());
  }

  @Override
  public DicomEndpoint getEndpoint() {
    return (DicomEndpoint) super.getEndpoint();
  }

  /** The port that is listened on, also when the endpoint says 0. */
  public int getPort() {
    return listener.port();
  }

  Set<String> sopClasses() {
    return sopClasses;
  }

  boolean mayAssociate(String callingAet, InetAddress address) {
    CallerPolicy policy = getEndpoint().getConfiguration().getCallerPolicy();
    return (callingAets.isEmpty() || callingAets.contains(callingAet))
        && (callingHosts.isEmpty() || callingHosts.contains(address.getHostAddress()))
        && (policy == null || policy.mayAssociate(callingAet, address));
  }

  @Override
  protected void doStart() throws Exception {
    super.doStart();
    listener = getEndpoint().getComponent().register(this);
  }

  @Override
  protected void doStop() throws Exception {
    getEndpoint().getComponent().deregister(this);
    super.doStop();
  }

  @Override
  public Result store(Association association, ReceivedDataSet object) {
    Exchange exchange = createExchange(false);
    try {
      fill(exchange.getMessage(), association, object);
      getProcessor().process(exchange);
      return result(exchange);
    } catch (Exception e) {
      exchange.setException(e);
      return result(exchange);
    } finally {
      releaseExchange(exchange, false);
    }
  }

  private static void fill(Message message, Association association, ReceivedDataSet object) {
    DataSetInfo info = object.info();
    message.setHeader(DicomConstants.SOP_CLASS_UID, info.sopClassUid());
    message.setHeader(DicomConstants.SOP_INSTANCE_UID, info.sopInstanceUid());
    message.setHeader(DicomConstants.TRANSFER_SYNTAX_UID, info.transferSyntaxUid());
    message.setHeader(DicomConstants.CALLING_AE_TITLE, info.callingAeTitle());
    message.setHeader(DicomConstants.CALLED_AE_TITLE, info.calledAeTitle());
    message.setHeader(DicomConstants.REMOTE_ADDRESS, info.remoteAddress());
    message.setHeader(DicomConstants.ASSOCIATION_ID, association.id());
    message.setBody(new DicomStreamCache(object));
  }

  private Result result(Exchange exchange) {
    Exception failure = exchange.getException();
    if (failure == null) {
      Integer status = exchange.getMessage().getHeader(DicomConstants.STATUS, Integer.class);
      return new Result(
          status == null ? Status.SUCCESS : status,
          exchange.getMessage().getHeader(DicomConstants.ERROR_COMMENT, String.class));
    }
    DimseStatusException chosen = exchange.getException(DimseStatusException.class);
    if (chosen != null) {
      return new Result(chosen.status(), chosen.getMessage());
    }
    getExceptionHandler().handleException("An object could not be handled", exchange, failure);
    boolean resources = exchange.getException(java.io.IOException.class) != null;
    return new Result(
        resources ? Status.OUT_OF_RESOURCES : Status.PROCESSING_FAILURE,
        "failed here, send again later");
  }
}
