package org.isocentre.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.isocentre.dicom.association.AssociationRequestor;
import org.isocentre.dicom.association.AssociationSettings;
import org.isocentre.dicom.association.EventLoops;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.dimse.Command;
import org.isocentre.dicom.dimse.ServiceUser;

/** A Storage SCP that runs as a process of its own. The sender is the same for all. */
final class DicomContender implements Contender {
  /** How the README starts the hub. */
  static final String COLLECTOR = "-XX:+UseParallelGC";

  static final String HEAP = "-Xmx1g";

  private static final String AE_TITLE = "BENCHSCP";

  /** How a server is started in a directory, listening on a port. */
  interface Start {
    List<String> command(Path directory, int port) throws IOException;
  }

  private final String name;
  private final boolean durable;
  private final String aeTitle;
  private final Map<String, String> environment;
  private final Start start;
  private final EventLoops loops = new EventLoops(1);
  private int port;
  private Process process;

  private DicomContender(
      String name, boolean durable, String aeTitle, Map<String, String> environment, Start start) {
    this.name = name;
    this.durable = durable;
    this.aeTitle = aeTitle;
    this.environment = environment;
    this.start = start;
  }

  /** The packaged hub as a user runs it, without a profile, with one trust in its directory. */
  static DicomContender hub(String name, Path jar) {
    return new DicomContender(
        name,
        true,
        "ISOCENTRE",
        Map.of(),
        (directory, port) ->
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                COLLECTOR,
                HEAP,
                "-jar",
                jar.toString(),
                "--server.port=" + freePort(),
                "--isocentre.dicom.port=" + port,
                "--isocentre.mllp.port=" + freePort(),
                "--isocentre.data-dir=" + directory,
                "--isocentre.trusts[0].ods-code=RTH",
                "--isocentre.trusts[0].name=Bench",
                "--isocentre.trusts[0].application-entities[0].ae-title=BENCH",
                "--isocentre.trusts[0].application-entities[0].host=127.0.0.1"));
  }

  /** DCMTK's storescp, bit-preserving; it leaves writing to the operating system. */
  static DicomContender storescp(Path program) {
    return new DicomContender(
        "DCMTK storescp",
        false,
        AE_TITLE,
        Map.of("TCP_NODELAY", "1"),
        (directory, port) ->
            List.of(
                program.toString(),
                "--fork",
                "-aet",
                AE_TITLE,
                "-od",
                directory.toString(),
                "+xa",
                "-B",
                "-pdu",
                "131072",
                Integer.toString(port)));
  }

  /** Orthanc as Debian ships it, with no-delay on (its default is 17 objects/s) and large PDUs. */
  static DicomContender orthanc(Path program) {
    return new DicomContender(
        "Orthanc",
        true,
        AE_TITLE,
        Map.of("TCP_NODELAY", "1"),
        (directory, port) -> {
          Path configuration = directory.resolve("orthanc.json");
          Files.writeString(
              configuration,
              """
              {"DicomAet": "%s", "DicomPort": %d, "HttpPort": %d, "StorageDirectory": "%s",
               "IndexDirectory": "%s", "DicomAlwaysAllowStore": true, "TcpNoDelay": true,
               "MaximumPduLength": 131072, "SyncStorageArea": true, "Plugins": []}
              """
                  .formatted(
                      AE_TITLE,
                      port,
                      freePort(),
                      directory.resolve("storage"),
                      directory.resolve("storage")));
          return List.of(program.toString(), configuration.toString());
        });
  }

  @Override
  public int warmUp(int virtualMachine) {
    return aeTitle.equals(AE_TITLE) ? Contender.super.warmUp(virtualMachine) : virtualMachine;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public boolean durable() {
    return durable;
  }

  @Override
  public void start(Path directory) throws IOException {
    Files.createDirectories(directory);
    port = freePort();
    ProcessBuilder builder =
        new ProcessBuilder(new ArrayList<>(start.command(directory, port)))
            .redirectErrorStream(true)
            .redirectOutput(directory.resolveSibling(directory.getFileName() + ".log").toFile());
    builder.environment().putAll(environment);
    process = builder.start();
    Awaitility.await(name + " listens")
        .atMost(Duration.ofSeconds(180))
        .pollInterval(Duration.ofMillis(100))
        .until(this::listens);
  }

  private boolean listens() {
    if (!process.isAlive()) {
      throw new IllegalStateException(name + " did not start");
    }
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress("127.0.0.1", port), 1000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void send(Queue<Slices.Slice> slices) throws Exception {
    try (ServiceUser user =
        ServiceUser.connect(
            new AssociationRequestor(loops, AssociationSettings.DEFAULT),
            "127.0.0.1",
            port,
            "BENCH",
            aeTitle,
            List.of(
                new AssociationRequestor.Proposal(
                    Uid.CT_IMAGE_STORAGE, List.of(Uid.EXPLICIT_VR_LITTLE_ENDIAN))),
            Duration.ofSeconds(60))) {
      for (Slices.Slice slice = slices.poll(); slice != null; slice = slices.poll()) {
        Command response =
            user.store(
                Uid.CT_IMAGE_STORAGE, slice.uid(), Uid.EXPLICIT_VR_LITTLE_ENDIAN, slice.open());
        if (response.status() != 0) {
          throw new IOException(
              "%s answered %04x %s".formatted(name, response.status(), response.errorComment()));
        }
      }
    }
  }

  @Override
  public long pid() {
    return process.pid();
  }

  @Override
  public void close() {
    loops.close();
    process.destroy();
    process
        .onExit()
        .completeOnTimeout(process, 30, TimeUnit.SECONDS)
        .thenAccept(Process::destroyForcibly)
        .join();
  }

  static int freePort() {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
