package org.isocentre.it;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;

/**
 * Carries connections of programs that have no TLS over TLS, as stunnel does for them in a
 * hospital. When either side ends, both do.
 */
final class TlsTunnel implements AutoCloseable {
  private final ServerSocket listener;
  private final Dialler dialler;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final ExecutorService threads = Executors.newCachedThreadPool();

  /** Where a connection goes on. */
  private interface Dialler {
    Socket dial() throws IOException;
  }

  private TlsTunnel(ServerSocket listener, Dialler dialler) {
    this.listener = listener;
    this.dialler = dialler;
    threads.execute(this::accept);
  }

  /** Listens plainly and goes on in TLS to that port of this machine. */
  static TlsTunnel into(int port, SSLContext context) {
    try {
      return new TlsTunnel(
          new ServerSocket(0, 0, InetAddress.getLoopbackAddress()),
          () -> context.getSocketFactory().createSocket("127.0.0.1", port));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Listens for TLS with a certificate, and goes on plainly to that port of this machine. */
  static TlsTunnel outOf(int port, SSLContext context) {
    try {
      SSLServerSocket secured =
          (SSLServerSocket)
              context
                  .getServerSocketFactory()
                  .createServerSocket(0, 0, InetAddress.getLoopbackAddress());
      secured.setNeedClientAuth(true);
      return new TlsTunnel(secured, () -> new Socket("127.0.0.1", port));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int port() {
    return listener.getLocalPort();
  }

  private void accept() {
    try {
      while (true) {
        Socket here = listener.accept();
        open.add(here);
        threads.execute(() -> carry(here));
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private void carry(Socket here) {
    try (Socket there = dialler.dial();
        here) {
      open.add(there);
      here.setTcpNoDelay(true);
      there.setTcpNoDelay(true);
      threads.execute(() -> copy(there, here));
      copy(here, there);
    } catch (IOException e) {
      // The programs at the ends say what they miss.
    } finally {
      open.remove(here);
    }
  }

  private void copy(Socket from, Socket to) {
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      in.transferTo(out);
    } catch (IOException e) {
      // The other direction ended first.
    } finally {
      open.remove(from);
    }
  }

  @Override
  public void close() {
    try {
      listener.close();
      for (Socket socket : open) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      threads.shutdownNow();
    }
  }
}
