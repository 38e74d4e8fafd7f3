package org.isocentre.app;

import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.camel.support.jsse.ClientAuthentication;
import org.apache.camel.support.jsse.SSLContextParameters;
import org.apache.camel.support.jsse.SSLContextServerParameters;
import org.isocentre.exchange.TrustDirectory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** TLS of DICOM associations, under the names that routes use. */
@Configuration(proxyBeanMethods = false)
class DicomTlsConfiguration {
  /**
   * Not used while {@code isocentre.dicom.tls.port} is 0 and no destination has TLS. How often the
   * files are looked at is the endpoints' own option.
   */
  @Bean
  SSLContextParameters dicomTls(IsocentreProperties properties) {
    IsocentreProperties.Tls tls = properties.dicom().tls();
    check(tls, properties.trusts());
    SSLContextParameters parameters =
        new ReloadedTls("isocentre.dicom.tls", ReloadedTls.Stores.of(tls), Duration.ZERO)
            .parameters();
    SSLContextServerParameters server = new SSLContextServerParameters();
    server.setClientAuthentication(
        (tls.clientCertificate() ? ClientAuthentication.REQUIRE : ClientAuthentication.NONE)
            .name());
    parameters.setServerParameters(server);
    return parameters;
  }

  /**
   * Without a trust store the Java runtime's would apply, and any certificate of a public authority
   * would do for a peer.
   */
  private static void check(IsocentreProperties.Tls tls, List<IsocentreProperties.Trust> trusts) {
    if (tls.port() > 0 && tls.keyStore() == null) {
      throw new BadConfiguration(
          "isocentre.dicom.tls.key-store: needed where isocentre.dicom.tls.port is set");
    }
    if (tls.trustStore() != null) {
      return;
    }
    if (tls.port() > 0 && tls.clientCertificate()) {
      throw new BadConfiguration(
          "isocentre.dicom.tls.trust-store: needed where isocentre.dicom.tls.port is set, unless"
              + " isocentre.dicom.tls.client-certificate is false");
    }
    trusts.stream()
        .flatMap(trust -> trust.applicationEntities().stream())
        .filter(node -> node.tls() && node.port() > 0)
        .findFirst()
        .ifPresent(
            node -> {
              throw new BadConfiguration(
                  "isocentre.dicom.tls.trust-store: needed to send to "
                      + node.aeTitle()
                      + ", which has tls: true");
            });
  }

  /** Certificate names by AE title, as the component's option has them. */
  @Bean
  String certificateNames(TrustDirectory directory) {
    return directory.all().stream()
        .flatMap(organisation -> organisation.applicationEntities().stream())
        .filter(ae -> !ae.certificateNames().isEmpty())
        .map(ae -> ae.aeTitle() + "=" + String.join("|", ae.certificateNames()))
        .collect(Collectors.joining(","));
  }
}
