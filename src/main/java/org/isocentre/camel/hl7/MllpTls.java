package org.isocentre.camel.hl7;

import io.netty.channel.ChannelHandler;
import io.netty.handler.ssl.SslHandler;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.apache.camel.component.netty.DefaultChannelHandlerFactory;

/**
 * TLS from a connection's first byte. Used as the first decoder of a {@code netty:} consumer, so
 * that each connection has the certificates of its time: they change without a restart.
 */
public final class MllpTls extends DefaultChannelHandlerFactory {
  private final Supplier<SSLContext> context;
  private final Settings settings;

  /**
   * @param protocols as Java names them
   * @param cipherSuites in order of preference; those that the Java runtime does not have are
   *     passed over
   * @param clientCertificate whether the peer must show one
   * @param handshakeTimeout after which the connection is closed
   */
  public record Settings(
      List<String> protocols,
      List<String> cipherSuites,
      boolean clientCertificate,
      Duration handshakeTimeout) {}

  /**
   * @param context asked for each connection
   */
  public MllpTls(Supplier<SSLContext> context, Settings settings) {
    this.context = context;
    this.settings = settings;
  }

  @Override
  public ChannelHandler newChannelHandler() {
    SSLEngine engine = context.get().createSSLEngine();
    engine.setUseClientMode(false);
    engine.setEnabledProtocols(settings.protocols().toArray(String[]::new));
    List<String> known = List.of(engine.getSupportedCipherSuites());
    engine.setEnabledCipherSuites(
        settings.cipherSuites().stream().filter(known::contains).toArray(String[]::new));
    engine.setNeedClientAuth(settings.clientCertificate());
    SslHandler handler = new SslHandler(engine);
    handler.setHandshakeTimeout(settings.handshakeTimeout().toMillis(), TimeUnit.MILLISECONDS);
    return handler;
  }
}
