package org.isocentre.camel.dicomweb;

import java.net.URI;
import java.util.Map;
import org.apache.camel.Endpoint;
import org.apache.camel.spi.annotations.Component;
import org.apache.camel.support.DefaultComponent;

/** Asks DICOMweb servers (PS3.18): stores, searches and retrieves. */
@Component("dicomweb")
public class DicomWebComponent extends DefaultComponent {
  @Override
  protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters)
      throws Exception {
    DicomWebConfiguration configuration = new DicomWebConfiguration();
    DicomWebEndpoint endpoint =
        new DicomWebEndpoint(uri, this, URI.create(remaining), configuration);
    setProperties(configuration, parameters);
    setProperties(endpoint, parameters);
    return endpoint;
  }
}
