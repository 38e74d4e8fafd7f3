package org.isocentre.camel.dicom;

import org.apache.camel.Category;
import org.apache.camel.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriPath;
import org.apache.camel.support.DefaultEndpoint;

/** Receives and sends DICOM objects. */
@UriEndpoint(
    firstVersion = "0.1.0",
    scheme = "dicom",
    title = "DICOM",
    syntax = "dicom:aeTitle@host:port",
    category = {Category.NETWORKING, Category.HEALTH})
public class DicomEndpoint extends DefaultEndpoint {
  @UriPath(
      description =
          "AE title: the local one of a consumer, the remote one of a producer; host and port likewise.")
  private final DicomAddress address;

  @UriParam private final DicomConfiguration configuration;

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

  @Override
  public DicomComponent getComponent() {
    return (DicomComponent) super.getComponent();
  }

  @Override
  public Producer createProducer() {
    return new DicomProducer(this);
  }

  @Override
  public Consumer createConsumer(Processor processor) throws Exception {
    DicomConsumer consumer = new DicomConsumer(this, processor);
    configureConsumer(consumer);
    return consumer;
  }
}
