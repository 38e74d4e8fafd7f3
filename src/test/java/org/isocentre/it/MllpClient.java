package org.isocentre.it;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;

/** One end of an MLLP connection; sends whatever bytes it is told to. */
final class MllpClient implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 60_000;
  private final Socket socket;
  private final InputStream in;

  MllpClient(int port) throws IOException {
    this(new Socket("127.0.0.1", port));
  }

  MllpClient(Socket socket) throws IOException {
    this.socket = socket;
    socket.setSoTimeout(PATIENCE_MILLIS);
    socket.setTcpNoDelay(true);
    this.in = new java.io.BufferedInputStream(socket.getInputStream());
  }

  static byte[] frame(String message) {
    return frame(message.getBytes(StandardCharsets.ISO_8859_1));
  }

  static byte[] frame(byte[] message) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(message.length + 3);
    out.write(0x0b);
    out.writeBytes(message);
    out.write(0x1c);
    out.write(0x0d);
    return out.toByteArray();
  }

  void raw(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
  }

  void send(String message) throws IOException {
    raw(frame(message));
  }

  void endOutput() throws IOException {
    socket.shutdownOutput();
  }

  String ask(String message) throws IOException {
    send(message);
    return read();
  }

  /** The next message, without framing. */
  String read() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int b = in.read(); b != 0x1c; b = in.read()) {
      if (b < 0) {
        throw new EOFException("no answer");
      }
      if (b != 0x0b) {
        out.write(b);
      }
    }
    if (in.read() != 0x0d) {
      throw new IOException("an end block without CR");
    }
    return out.toString(StandardCharsets.ISO_8859_1);
  }

  /** Whether nothing comes for a moment. */
  boolean isSilent() throws IOException {
    socket.setSoTimeout(300);
    try {
      return in.read() < 0;
    } catch (SocketTimeoutException e) {
      return true;
    } finally {
      socket.setSoTimeout(PATIENCE_MILLIS);
    }
  }

  /** Whether the other end has closed it. */
  boolean isEnded() throws IOException {
    return in.read() < 0;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
