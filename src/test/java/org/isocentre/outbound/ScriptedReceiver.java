package org.isocentre.outbound;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import javax.net.ssl.SSLContext;

/** An HL7 receiver that answers as a test says, over MLLP, on one thread for each connection. */
public final class ScriptedReceiver implements AutoCloseable {
  /** What it does with a message that came. */
  @FunctionalInterface
  public interface Reaction {
    void to(String controlId, OutputStream out) throws IOException;
  }

  /** Answers with this code. */
  public static Reaction answer(String code) {
    return (id, out) -> frame(out, ack(code, id));
  }

  /** Says nothing, and stays. */
  public static Reaction silence() {
    return (id, out) -> {};
  }

  /** Closes. */
  public static Reaction hangUp() {
    return (id, out) -> {
      throw new IOException("closed by script");
    };
  }

  /** Sends these bytes. */
  public static Reaction bytes(byte[] bytes) {
    return (id, out) -> {
      out.write(bytes);
      out.flush();
    };
  }

  /** A message as it came. */
  public record Received(String controlId, String text, int connection) {}

  public final List<Received> received = new CopyOnWriteArrayList<>();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private final AtomicInteger connections = new AtomicInteger();
  private final ServerSocket server;
  private final Thread acceptor;
  private volatile Function<Received, Reaction> script;
  private volatile boolean deaf;

  public ScriptedReceiver(Function<Received, Reaction> script) {
    this(0, null, script);
  }

  /**
   * @param port 0 for a free one
   * @param tls null for plain TCP
   */
  public ScriptedReceiver(int port, SSLContext tls, Function<Received, Reaction> script) {
    this.script = script;
    try {
      server = tls == null ? new ServerSocket() : tls.getServerSocketFactory().createServerSocket();
      server.setReuseAddress(true);
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    acceptor = start(this::accept);
  }

  public int port() {
    return server.getLocalPort();
  }

  /** From now on. */
  public void script(Function<Received, Reaction> next) {
    this.script = next;
  }

  /** New connections are taken and never read. */
  public void deaf() {
    deaf = true;
  }

  public List<String> controlIds() {
    return received.stream().map(Received::controlId).toList();
  }

  private static Thread start(Runnable work) {
    Thread thread = new Thread(work, "scripted-receiver");
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        sockets.add(socket);
        int number = connections.incrementAndGet();
        start(() -> converse(socket, number));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void converse(Socket socket, int number) {
    try (socket) {
      if (deaf) {
        closed.await();
        return;
      }
      InputStream in = socket.getInputStream();
      for (String text = read(in); text != null; text = read(in)) {
        String[] header = text.substring(0, text.indexOf('\r')).split("\\|", -1);
        Received message = new Received(header[9], text, number);
        received.add(message);
        script.apply(message).to(message.controlId(), socket.getOutputStream());
      }
    } catch (IOException e) {
      // The peer or the script ended it.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String read(InputStream in) throws IOException {
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    for (int b = in.read(); b != 0x1c; b = in.read()) {
      if (b < 0) {
        return null;
      }
      if (b != 0x0b && (b != '\r' || message.size() > 0)) {
        message.write(b);
      }
    }
    return message.toString(StandardCharsets.UTF_8);
  }

  public static String ack(String code, String controlId) {
    return "MSH|^~\\&|RIS|RJ1|ISOCENTRE|HUB|20261101||ACK|9|P|2.4\rMSA|"
        + code
        + "|"
        + controlId
        + "|SECRET TEXT\rERR||PID^1^3|101^Required field missing^HL70357|E||||SECRET TEXT\r";
  }

  public static void frame(OutputStream out, String text) throws IOException {
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    frame.write(0x0b);
    frame.write(text.getBytes(StandardCharsets.UTF_8));
    frame.write(0x1c);
    frame.write('\r');
    out.write(frame.toByteArray());
    out.flush();
  }

  @Override
  public void close() {
    closed.countDown();
    try {
      server.close();
      // A thread that is in accept may still get a connection.
      acceptor.join(10_000);
      for (Socket socket : sockets) {
        socket.close();
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
