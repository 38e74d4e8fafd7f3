package org.isocentre.bench;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.isocentre.dicom.association.AssociationRequestor;
import org.isocentre.dicom.association.AssociationSettings;
import org.isocentre.dicom.association.EventLoops;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.dimse.ServiceUser;
import org.isocentre.dicom.io.FileMetaInformation;

/**
 * Sends files over one association to DCMTK's storescp, which throws them away: this toolkit and
 * DCMTK's storescu in turn. {@code bench.slices} files, {@code bench.rounds} rounds.
 */
public final class SendBench {
  private static final String SYNTAX = Uid.EXPLICIT_VR_LITTLE_ENDIAN;

  private SendBench() {}

  public static void main(String[] arguments) throws Exception {
    int count = Integer.getInteger("bench.slices", 400);
    int rounds = Integer.getInteger("bench.rounds", 7);
    Path directory = Files.createTempDirectory("send-bench");
    List<Path> files = write(directory, count);
    System.out.println(
        "| PDU bytes | sender | objects/s (median of rounds) | MB/s | of storescu |");
    System.out.println("|---|---|---|---|---|");
    for (int pdu : new int[] {16384, 131072}) {
      compare(files, directory, rounds, pdu);
    }
    for (Path file : files) {
      Files.delete(file);
    }
    Files.delete(directory);
  }

  private static List<Path> write(Path directory, int count) throws IOException {
    List<Path> files = new ArrayList<>();
    for (Slices.Slice slice : Slices.study(count)) {
      Path file = directory.resolve(slice.uid() + ".dcm");
      try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file));
          InputStream in = slice.open()) {
        out.write(
            new FileMetaInformation(Uid.CT_IMAGE_STORAGE, slice.uid(), SYNTAX, null).encode());
        in.transferTo(out);
      }
      files.add(file);
    }
    return files;
  }

  private static void compare(List<Path> files, Path directory, int rounds, int pdu)
      throws Exception {
    int port = DicomContender.freePort();
    Process scp =
        dcmtk("storescp", "--ignore", "--max-pdu", Integer.toString(pdu), Integer.toString(port))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    scp.getOutputStream().close();
    try {
      awaitPort(port);
      double[] ours = new double[rounds];
      double[] theirs = new double[rounds];
      for (int warm = 0; warm < 3; warm++) {
        toolkit(files, port);
      }
      for (int i = 0; i < rounds; i++) {
        ours[i] = toolkit(files, port);
        theirs[i] = storescu(files, directory, port, pdu);
      }
      double megabytes = Files.size(files.get(0)) / 1e6;
      double reference = print(pdu, "DCMTK storescu", theirs, megabytes, 0);
      print(pdu, "Isocentre toolkit", ours, megabytes, reference);
    } finally {
      scp.destroyForcibly();
      scp.waitFor(10, TimeUnit.SECONDS);
    }
  }

  private static double print(
      int pdu, String name, double[] rates, double megabytes, double reference) {
    Arrays.sort(rates);
    double median = rates[rates.length / 2];
    System.out.printf(
        "| %d | %s | %.0f (%.0f to %.0f) | %.0f | %.2f |%n",
        pdu,
        name,
        median,
        rates[0],
        rates[rates.length - 1],
        median * megabytes,
        reference == 0 ? 1 : median / reference);
    return median;
  }

  /** Objects per second, from the first byte of the association to its release. */
  private static double toolkit(List<Path> files, int port) throws Exception {
    try (EventLoops loops = new EventLoops(1)) {
      long start = System.nanoTime();
      try (ServiceUser user =
          ServiceUser.connect(
              new AssociationRequestor(loops, AssociationSettings.DEFAULT),
              "127.0.0.1",
              port,
              "BENCH",
              "STORESCP",
              List.of(new AssociationRequestor.Proposal(Uid.CT_IMAGE_STORAGE, List.of(SYNTAX))),
              Duration.ofSeconds(60))) {
        for (Path file : files) {
          try (InputStream in = Files.newInputStream(file)) {
            FileMetaInformation meta = FileMetaInformation.read(in).meta();
            int status = user.store(meta.sopClassUid(), meta.sopInstanceUid(), SYNTAX, in).status();
            if (status != 0) {
              throw new IllegalStateException("storescp answered " + status);
            }
          }
        }
      }
      return files.size() / ((System.nanoTime() - start) / 1e9);
    }
  }

  private static double storescu(List<Path> files, Path directory, int port, int pdu)
      throws Exception {
    long start = System.nanoTime();
    Process process =
        dcmtk(
                "storescu",
                "--max-pdu",
                Integer.toString(pdu),
                "--max-send-pdu",
                Integer.toString(pdu),
                "+sd",
                "127.0.0.1",
                Integer.toString(port),
                directory.toString())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (process.waitFor() != 0) {
      throw new IllegalStateException("storescu failed");
    }
    return files.size() / ((System.nanoTime() - start) / 1e9);
  }

  /** DCMTK waits for Nagle's algorithm unless it is told not to. */
  private static ProcessBuilder dcmtk(String... command) {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("TCP_NODELAY", "1");
    return builder;
  }

  private static void awaitPort(int port) {
    Awaitility.await()
        .ignoreExceptions()
        .until(
            () -> {
              try (Socket socket = new Socket("127.0.0.1", port)) {
                return socket.isConnected();
              }
            });
  }
}
