package org.isocentre.dicom.association;

import io.netty.handler.ssl.SslHandler;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/**
 * How connections are secured (PS3.15 Annex B).
 *
 * @param context asked anew for each connection, so that certificates can change while the port
 *     stays open; must not wait
 * @param clientAuthentication of an acceptor
 * @param protocols as Java names them: {@code TLSv1.3}, {@code TLSv1.2}
 * @param cipherSuites in order of preference; those that the runtime does not have are passed over
 * @param handshakeTimeout for the whole handshake; on an acceptor ARTIM covers it too
 * @param endpointIdentification of a requestor: whether the certificate must carry the host name
 *     that was connected to
 */
public record TlsSettings(
    Supplier<SSLContext> context,
    ClientAuthentication clientAuthentication,
    List<String> protocols,
    List<String> cipherSuites,
    Duration handshakeTimeout,
    boolean endpointIdentification) {
  private static final Duration HANDSHAKE = Duration.ofSeconds(10);

  /** Whether an acceptor wants the requestor's certificate. */
  public enum ClientAuthentication {
    /** Not asked for. */
    NONE,
    /** Asked for; without one the peer is anonymous. */
    WANT,
    /** Without one there is no connection. */
    NEED
  }

  public TlsSettings {
    protocols = List.copyOf(protocols);
    cipherSuites = List.copyOf(cipherSuites);
  }

  /** A profile of PS3.15, 10 seconds for the handshake, no endpoint identification. */
  public TlsSettings(
      Supplier<SSLContext> context, ClientAuthentication clientAuthentication, TlsProfile profile) {
    this(
        context,
        clientAuthentication,
        profile.protocols(),
        profile.cipherSuites(),
        HANDSHAKE,
        false);
  }

  public TlsSettings withEndpointIdentification(boolean on) {
    return new TlsSettings(
        context, clientAuthentication, protocols, cipherSuites, handshakeTimeout, on);
  }

  /** For an accepted connection. */
  SslHandler acceptor(Executor handshakes) {
    SSLEngine engine = current().createSSLEngine();
    engine.setUseClientMode(false);
    SSLParameters parameters = parameters(engine);
    parameters.setUseCipherSuitesOrder(true);
    switch (clientAuthentication) {
      case WANT -> parameters.setWantClientAuth(true);
      case NEED -> parameters.setNeedClientAuth(true);
      default -> parameters.setNeedClientAuth(false);
    }
    return handler(engine, parameters, handshakes);
  }

  /** For a connection to this host. */
  SslHandler requestor(String host, int port, Executor handshakes) {
    SSLEngine engine = current().createSSLEngine(host, port);
    engine.setUseClientMode(true);
    SSLParameters parameters = parameters(engine);
    if (endpointIdentification) {
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
    }
    return handler(engine, parameters, handshakes);
  }

  private SSLContext current() {
    SSLContext now = context.get();
    if (now == null) {
      throw unusable("there is no SSLContext");
    }
    return now;
  }

  private SSLParameters parameters(SSLEngine engine) {
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setProtocols(known(protocols, engine.getSupportedProtocols(), "protocols"));
    parameters.setCipherSuites(
        known(cipherSuites, engine.getSupportedCipherSuites(), "cipher suites"));
    return parameters;
  }

  private SslHandler handler(SSLEngine engine, SSLParameters parameters, Executor handshakes) {
    engine.setSSLParameters(parameters);
    SslHandler handler = new SslHandler(engine, handshakes);
    handler.setHandshakeTimeoutMillis(handshakeTimeout.toMillis());
    return handler;
  }

  private static String[] known(List<String> wanted, String[] supported, String what) {
    Set<String> have = new HashSet<>(Arrays.asList(supported));
    String[] known = wanted.stream().filter(have::contains).toArray(String[]::new);
    if (known.length == 0) {
      throw unusable("this Java runtime has none of the %s %s".formatted(what, wanted));
    }
    return known;
  }

  private static AssociationException unusable(String why) {
    return new AssociationException(
        AssociationException.Kind.TLS, "TLS cannot be set up: " + why + "; look at the settings");
  }
}
