package org.isocentre.camel.dicomweb;

import java.net.URI;
import org.apache.camel.Category;
import org.apache.camel.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriPath;
import org.apache.camel.support.DefaultEndpoint;

/** A DICOMweb service. */
@UriEndpoint(
    firstVersion = "0.1.0",
    scheme = "dicomweb",
    title = "DICOMweb",
    syntax = "dicomweb:base",
    producerOnly = true,
    category = {Category.NETWORKING, Category.HEALTH})
public class DicomWebEndpoint extends DefaultEndpoint {
  @UriPath(description = "Base of the service, such as https://pacs.example/dicomweb.")
  private final URI base;

  @UriParam private final DicomWebConfiguration configuration;

  DicomWebEndpoint(
      String uri, DicomWebComponent component, URI base, DicomWebConfiguration configuration) {
    super(uri, component);
    this.base = base;
    this.configuration = configuration;
  }

  public URI getBase() {
    return base;
  }

  public DicomWebConfiguration getConfiguration() {
    return configuration;
  }

  @Override
  public Producer createProducer() {
    return new DicomWebProducer(this);
  }

  @Override
  public Consumer createConsumer(Processor processor) {
    throw new UnsupportedOperationException(
        "ISO-DICOMWEB-011: dicomweb endpoints ask servers; they do not serve");
  }
}
