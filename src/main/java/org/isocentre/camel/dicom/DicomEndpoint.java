package org.isocentre.camel.dicom;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.apache.camel.Category;
import org.apache.camel.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriPath;
import org.apache.camel.support.ScheduledPollEndpoint;
import org.isocentre.dicom.association.AssociationRequestor.Proposal;
import org.isocentre.dicom.association.TlsSettings;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.dimse.ServiceUser;
import org.isocentre.dicom.dimse.Services;
import org.isocentre.dicom.pdu.Pdu;

/** Receives and sends DICOM objects. */
@UriEndpoint(
    firstVersion = "0.1.0",
    scheme = "dicom",
    title = "DICOM",
    syntax = "dicom:aeTitle@host:port",
    category = {Category.NETWORKING, Category.HEALTH})
public class DicomEndpoint extends ScheduledPollEndpoint {
  private static final Duration ECHO_TIMEOUT = Duration.ofSeconds(5);

  @UriPath(
      description =
          "AE title: the local one of a consumer, the remote one of a producer; host and port"
              + " likewise.")
  private final DicomAddress address;

  @UriParam private final DicomConfiguration configuration;

  @UriParam private final PollConfiguration polling = new PollConfiguration();

  private EndpointTls tls;

  DicomEndpoint(
      String uri,
      DicomComponent component,
      DicomAddress address,
      DicomConfiguration configuration) {
    super(uri, component);
    this.address = address;
    this.configuration = configuration;
  }

  public DicomAddress getAddress() {
    return address;
  }

  public DicomConfiguration getConfiguration() {
    return configuration;
  }

  public PollConfiguration getPolling() {
    return polling;
  }

  @Override
  public DicomComponent getComponent() {
    return (DicomComponent) super.getComponent();
  }

  /** Associates with this endpoint as a service class user. */
  ServiceUser associate(
      List<Proposal> proposals, List<Pdu.RoleSelection> roles, Services services) {
    return getComponent()
        .associate(
            address,
            configuration.getCallingAet(),
            configuration,
            configuration.getSslContextParameters() == null ? null : tls(),
            proposals,
            roles,
            services);
  }

  /** Associates for C-ECHO alone, soon or not at all. */
  ServiceUser associateForEcho() {
    DicomConfiguration hasty = configuration.copy();
    hasty.setConnectTimeout(hasten(hasty.getConnectTimeout()));
    hasty.setAcceptTimeout(hasten(hasty.getAcceptTimeout()));
    hasty.setResponseTimeout(hasten(hasty.getResponseTimeout()));
    hasty.setReleaseTimeout(hasten(hasty.getReleaseTimeout()));
    return getComponent()
        .associate(
            address,
            configuration.getCallingAet(),
            hasty,
            configuration.getSslContextParameters() == null ? null : tls(),
            List.of(new Proposal(Uid.VERIFICATION, DicomProducer.NATIVE)),
            List.of(),
            Services.NONE);
  }

  private static Duration hasten(Duration timeout) {
    return timeout.compareTo(ECHO_TIMEOUT) < 0 ? timeout : ECHO_TIMEOUT;
  }

  /** Associates with a move destination. */
  ServiceUser associate(
      DicomAddress to,
      String callingAet,
      boolean secured,
      List<Proposal> proposals,
      List<Pdu.RoleSelection> roles,
      Services services) {
    return getComponent()
        .associate(
            to, callingAet, configuration, secured ? tls() : null, proposals, roles, services);
  }

  private synchronized TlsSettings tls() {
    if (tls == null) {
      tls = EndpointTls.of(getComponent(), configuration);
    }
    if (tls == null) {
      throw new IllegalArgumentException(
          "ISO-DICOM-617: a destination is to be reached with TLS, but the endpoint has no"
              + " sslContextParameters");
    }
    return tls.settings(configuration);
  }

  @Override
  protected synchronized void doStop() throws Exception {
    if (tls != null) {
      tls.stop();
      tls = null;
    }
    super.doStop();
  }

  @Override
  public Producer createProducer() {
    return new DicomProducer(this);
  }

  @Override
  public Consumer createConsumer(Processor processor) throws Exception {
    Consumer consumer =
        polling.isPoll()
            ? new DicomPollConsumer(this, processor, Clock.systemDefaultZone())
            : new DicomConsumer(this, processor);
    configureConsumer(consumer);
    return consumer;
  }
}
