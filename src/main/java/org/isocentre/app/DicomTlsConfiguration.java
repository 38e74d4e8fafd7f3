package org.isocentre.app;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.camel.support.jsse.ClientAuthentication;
import org.apache.camel.support.jsse.KeyManagersParameters;
import org.apache.camel.support.jsse.KeyStoreParameters;
import org.apache.camel.support.jsse.SSLContextParameters;
import org.apache.camel.support.jsse.SSLContextServerParameters;
import org.apache.camel.support.jsse.TrustManagersParameters;
import org.isocentre.exchange.TrustDirectory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** TLS of DICOM associations, under the names that routes use. */
@Configuration(proxyBeanMethods = false)
class DicomTlsConfiguration {
  /** Not used while {@code isocentre.dicom.tls.port} is 0 and no destination has TLS. */
  @Bean
  SSLContextParameters dicomTls(IsocentreProperties properties) {
    IsocentreProperties.Tls tls = properties.dicom().tls();
    check(tls, properties.trusts());
    SSLContextParameters parameters = new SSLContextParameters();
    if (tls.keyStore() != null) {
      KeyManagersParameters keys = new KeyManagersParameters();
      keys.setKeyStore(store("key-store", tls.keyStore(), tls.keyStorePassword()));
      keys.setKeyPassword(tls.keyStorePassword());
      parameters.setKeyManagers(keys);
    }
    if (tls.trustStore() != null) {
      TrustManagersParameters trust = new TrustManagersParameters();
      trust.setKeyStore(store("trust-store", tls.trustStore(), tls.trustStorePassword()));
      parameters.setTrustManagers(trust);
    }
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

  private static KeyStoreParameters store(String setting, Path file, String password) {
    if (!Files.isReadable(file)) {
      throw new BadConfiguration(
          "isocentre.dicom.tls." + setting + ": " + file + " cannot be read");
    }
    KeyStoreParameters store = new KeyStoreParameters();
    store.setResource("file:" + file.toAbsolutePath());
    store.setType("PKCS12");
    store.setPassword(password);
    return store;
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
