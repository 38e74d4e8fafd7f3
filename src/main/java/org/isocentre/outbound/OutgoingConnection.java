package org.isocentre.outbound;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/**
 * One connection to a receiver (HL7 v2 Implementation Guide, appendix C: minimal lower layer
 * protocol). One message at a time. A clock of its own ends what takes too long, also a write that
 * the peer does not read.
 */
final class OutgoingConnection implements AutoCloseable {
  private static final int START = 0x0b;
  private static final int END = 0x1c;
  private static final int MAX_ANSWER = 64 * 1024;
  private static final int CHUNK = 16 * 1024;

  private final Socket plain;
  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;
  private final ScheduledExecutorService watchdog;
  private volatile ScheduledFuture<?> deadline;
  private volatile boolean late;

  /**
   * @param tls null for plain TCP
   * @param timeout to connect and shake hands
   * @param watchdog that closes what is late
   */
  OutgoingConnection(
      String host,
      int port,
      SSLSocketFactory tls,
      Duration timeout,
      ScheduledExecutorService watchdog)
      throws IOException {
    this.watchdog = watchdog;
    plain = new Socket();
    int millis = Math.toIntExact(timeout.toMillis());
    try {
      plain.connect(new InetSocketAddress(host, port), millis);
      plain.setTcpNoDelay(true);
      plain.setKeepAlive(true);
      socket = tls == null ? plain : secure(plain, host, port, tls, millis);
      in = new BufferedInputStream(socket.getInputStream());
      out = new BufferedOutputStream(socket.getOutputStream(), CHUNK);
    } catch (IOException | RuntimeException e) {
      plain.close();
      throw e;
    }
  }

  /** The receiver must have a certificate for its host name. */
  private static Socket secure(
      Socket plain, String host, int port, SSLSocketFactory tls, int millis) throws IOException {
    SSLSocket secured = (SSLSocket) tls.createSocket(plain, host, port, true);
    SSLParameters parameters = secured.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    parameters.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
    secured.setSSLParameters(parameters);
    secured.setSoTimeout(millis);
    secured.startHandshake();
    return secured;
  }

  /**
   * Whether it may be written to: the peer has not closed it, and has sent nothing unasked, such as
   * an answer that came too late.
   */
  boolean isUsable() {
    try {
      socket.setSoTimeout(1);
      int b = in.read();
      while (b == '\r' || b == '\n') {
        // The end of the last answer's frame.
        b = in.read();
      }
      return false;
    } catch (SocketTimeoutException e) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** From now on the exchange of one message, or what is left of it, must end within a time. */
  void begin(Duration time) {
    end();
    late = false;
    deadline =
        watchdog.schedule(
            () -> {
              late = true;
              closeQuietly();
            },
            time.toMillis(),
            TimeUnit.MILLISECONDS);
  }

  /** The exchange is over. */
  void end() {
    if (deadline != null) {
      deadline.cancel(false);
    }
  }

  /** Whether the time was over. */
  boolean isLate() {
    return late;
  }

  /** Writes one framed message. */
  void write(InputStream message) throws IOException {
    out.write(START);
    byte[] chunk = new byte[CHUNK];
    for (int n = message.read(chunk); n >= 0; n = message.read(chunk)) {
      out.write(chunk, 0, n);
    }
    out.write(END);
    out.write('\r');
    out.flush();
  }

  /**
   * Reads the next frame's content.
   *
   * @throws EOFException if the peer closed
   * @throws IOException if it is longer than 64 KiB
   */
  byte[] read() throws IOException {
    socket.setSoTimeout(0);
    int b = in.read();
    while (b != START) {
      if (b < 0) {
        throw new EOFException("closed");
      }
      b = in.read();
    }
    ByteArrayOutputStream content = new ByteArrayOutputStream(512);
    for (b = in.read(); b != END; b = in.read()) {
      if (b < 0) {
        throw new EOFException("closed within an answer");
      }
      if (content.size() == MAX_ANSWER) {
        throw new IOException("an answer is longer than 64 KiB");
      }
      content.write(b);
    }
    return content.toByteArray();
  }

  /** The TCP socket: that of TLS would wait for a write that the peer does not read. */
  private void closeQuietly() {
    try {
      plain.close();
    } catch (IOException e) {
      // It is gone either way.
    }
  }

  @Override
  public void close() {
    end();
    closeQuietly();
  }
}
