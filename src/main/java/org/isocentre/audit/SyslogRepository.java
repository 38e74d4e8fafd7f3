package org.isocentre.audit;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.isocentre.model.AuditEntry;
import org.openehealth.ipf.commons.audit.AuditMetadataProvider;
import org.openehealth.ipf.commons.audit.DefaultAuditMetadataProvider;
import org.openehealth.ipf.commons.audit.protocol.RFC5425Protocol;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A repository that takes audit messages by syslog over TLS (IHE ITI-20, RFC 5425). That protocol
 * acknowledges nothing, so each batch has a connection of its own: the repository has it when, told
 * that there is no more, it has read to the end and closed its side as well (RFC 5425 §4.4). Before
 * that it is given some time: there are repositories that forget what they have read and not looked
 * at when a connection ends.
 */
public final class SyslogRepository implements AuditRepository {
  private static final Logger LOG = LoggerFactory.getLogger(SyslogRepository.class);

  /** Of one batch: to connect, to be read, and to end. */
  private static final int STEPS = 3;

  private final String host;
  private final int port;
  private final Duration timeout;
  private final Duration settle;
  private final Supplier<SSLSocketFactory> tls;
  private final AuditMessages messages;
  private final Framing framing = new Framing();

  /**
   * @param timeout to connect, for the repository to read what it is sent, and for it to end
   * @param settle for which a connection stays open after the last message
   */
  public SyslogRepository(
      String host,
      int port,
      Duration timeout,
      Duration settle,
      Supplier<SSLSocketFactory> tls,
      AuditMessages messages) {
    this.host = host;
    this.port = port;
    this.timeout = timeout;
    this.settle = settle;
    this.tls = tls;
    this.messages = messages;
  }

  /** The library's own, which it does not show. */
  private static final class Framing extends RFC5425Protocol {
    byte[] frame(AuditMetadataProvider metadata, String message) {
      return getTransportPayload(metadata, message);
    }
  }

  @Override
  public int send(List<AuditEntry> rows) throws IOException {
    int millis = Math.toIntExact(timeout.toMillis());
    try (Socket plain = new Socket()) {
      // Only reading has a time-out of its own: one that takes nothing would hold a writer for
      // good.
      long most = timeout.multipliedBy(STEPS).plus(settle).toMillis();
      CompletableFuture.delayedExecutor(most, TimeUnit.MILLISECONDS).execute(() -> close(plain));
      plain.connect(new InetSocketAddress(host, port), millis);
      plain.setSoTimeout(millis);
      try (SSLSocket socket = (SSLSocket) tls.get().createSocket(plain, host, port, true)) {
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        // A TLS record each: there are receivers that lose count of several in one.
        OutputStream out = socket.getOutputStream();
        for (AuditEntry row : rows) {
          out.write(framing.frame(new DefaultAuditMetadataProvider(), messages.xml(row)));
        }
        out.flush();
        settle(socket);
        socket.setSoTimeout(millis);
        socket.shutdownOutput();
        if (socket.getInputStream().read() >= 0) {
          throw new IOException("the repository answers, which syslog does not");
        }
      }
    }
    return rows.size();
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      LOG.debug("A connection to an audit repository was not closed in order", e);
    }
  }

  private void settle(SSLSocket socket) throws IOException {
    socket.setSoTimeout(Math.max(1, Math.toIntExact(settle.toMillis())));
    try {
      socket.getInputStream().read();
    } catch (SocketTimeoutException e) {
      return;
    }
    throw new IOException("the repository ended the connection, or answers, which syslog does not");
  }
}
