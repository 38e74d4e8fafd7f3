package org.isocentre.camel.dicom;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.apache.camel.CamelContext;
import org.apache.camel.support.jsse.ClientAuthentication;
import org.apache.camel.support.jsse.SSLContextParameters;
import org.apache.camel.support.jsse.SSLContextServerParameters;
import org.isocentre.dicom.association.TlsProfile;
import org.isocentre.dicom.association.TlsSettings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * TLS of an endpoint, of Camel's {@link SSLContextParameters}. Its key and trust stores are read
 * anew now and then: certificates change without a restart. When they cannot be read, those that
 * were read before stay.
 */
final class EndpointTls implements Supplier<SSLContext> {
  private static final Logger LOG = LoggerFactory.getLogger(EndpointTls.class);
  private static final Duration HANDSHAKE = Duration.ofSeconds(10);
  private final DicomComponent component;
  private final SSLContextParameters parameters;
  private final Duration interval;
  private volatile SSLContext current;
  private volatile boolean stopped;

  private EndpointTls(
      DicomComponent component, SSLContextParameters parameters, Duration interval) {
    this.component = component;
    this.parameters = parameters;
    this.interval = interval;
    this.current = read();
  }

  /**
   * @return null where the endpoint has no {@code sslContextParameters}
   * @throws IllegalArgumentException if the stores cannot be read
   */
  static EndpointTls of(DicomComponent component, DicomConfiguration configuration) {
    SSLContextParameters parameters = configuration.getSslContextParameters();
    if (parameters == null) {
      return null;
    }
    EndpointTls tls = new EndpointTls(component, parameters, configuration.getTlsReloadInterval());
    tls.readLater();
    return tls;
  }

  TlsSettings settings(DicomConfiguration configuration) {
    TlsProfile profile = configuration.getTlsProfile();
    List<String> protocols =
        parameters.getSecureSocketProtocols() == null
            ? profile.protocols()
            : parameters.getSecureSocketProtocols().getSecureSocketProtocol();
    List<String> suites =
        parameters.getCipherSuites() == null
            ? profile.cipherSuites()
            : parameters.getCipherSuites().getCipherSuite();
    return new TlsSettings(
        this,
        clientAuthentication(),
        protocols,
        suites,
        HANDSHAKE,
        configuration.isTlsHostNameCheck());
  }

  /** Mutual unless the server parameters say otherwise. */
  private TlsSettings.ClientAuthentication clientAuthentication() {
    SSLContextServerParameters server = parameters.getServerParameters();
    if (server == null || server.getClientAuthentication() == null) {
      return TlsSettings.ClientAuthentication.NEED;
    }
    return switch (ClientAuthentication.valueOf(server.getClientAuthentication())) {
      case NONE -> TlsSettings.ClientAuthentication.NONE;
      case WANT -> TlsSettings.ClientAuthentication.WANT;
      case REQUIRE -> TlsSettings.ClientAuthentication.NEED;
    };
  }

  @Override
  public SSLContext get() {
    return current;
  }

  private SSLContext read() {
    CamelContext context = component.getCamelContext();
    try {
      return parameters.createSSLContext(context);
    } catch (GeneralSecurityException | IOException | RuntimeException e) {
      throw new IllegalArgumentException(
          "ISO-DICOM-615: the key or trust store of sslContextParameters cannot be used: %s; look at its path, type and password"
              .formatted(e.getMessage()),
          e);
    }
  }

  private void readLater() {
    if (interval.isZero()) {
      return;
    }
    component.later(
        interval,
        () -> {
          if (stopped) {
            return;
          }
          try {
            current = read();
          } catch (IllegalArgumentException e) {
            LOG.warn("{}; the one that was read before stays in use", e.getMessage());
          }
          readLater();
        });
  }

  void stop() {
    stopped = true;
  }
}
