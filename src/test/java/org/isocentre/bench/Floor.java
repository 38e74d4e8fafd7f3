package org.isocentre.bench;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Queue;

/**
 * What the machine gives: the same bytes over loopback into a file each, fsynced, then one byte
 * back.
 */
final class Floor implements Contender {
  private ServerSocket server;
  private Path directory;

  @Override
  public String name() {
    return "Floor: loopback, a file each, fsync";
  }

  @Override
  public boolean durable() {
    return true;
  }

  @Override
  public void start(Path where) throws IOException {
    directory = Files.createDirectories(where);
    server = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
    Thread acceptor =
        new Thread(
            () -> {
              while (!server.isClosed()) {
                try {
                  Socket socket = server.accept();
                  Thread worker = new Thread(() -> take(socket));
                  worker.setDaemon(true);
                  worker.start();
                } catch (IOException e) {
                  if (!server.isClosed()) {
                    throw new UncheckedIOException(e);
                  }
                }
              }
            });
    acceptor.setDaemon(true);
    acceptor.start();
  }

  private void take(Socket socket) {
    byte[] buffer = new byte[128 * 1024];
    try (socket;
        DataInputStream in = new DataInputStream(socket.getInputStream())) {
      socket.setTcpNoDelay(true);
      while (true) {
        String uid = in.readUTF();
        int left = in.readInt();
        try (FileChannel file =
            FileChannel.open(
                directory.resolve(uid), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
          while (left > 0) {
            int count = in.read(buffer, 0, Math.min(left, buffer.length));
            if (count < 0) {
              throw new EOFException();
            }
            ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, count);
            while (bytes.hasRemaining()) {
              file.write(bytes);
            }
            left -= count;
          }
          file.force(true);
        }
        socket.getOutputStream().write(1);
      }
    } catch (EOFException e) {
      // The sender is done.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void send(Queue<Slices.Slice> slices) throws IOException {
    byte[] buffer = new byte[128 * 1024];
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.getLocalPort());
        DataOutputStream out = new DataOutputStream(socket.getOutputStream())) {
      socket.setTcpNoDelay(true);
      for (Slices.Slice slice = slices.poll(); slice != null; slice = slices.poll()) {
        out.writeUTF(slice.uid());
        out.writeInt(slice.length());
        try (var in = slice.open()) {
          for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
            out.write(buffer, 0, count);
          }
        }
        if (socket.getInputStream().read() != 1) {
          throw new IOException("the floor did not take " + slice.uid());
        }
      }
    }
  }

  @Override
  public long pid() {
    return 0;
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
