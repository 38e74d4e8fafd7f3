package org.isocentre.bench;

import com.sun.management.GarbageCollectionNotificationInfo;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;
import javax.management.Notification;
import javax.management.NotificationEmitter;
import javax.management.openmbean.CompositeData;
import org.isocentre.dicom.association.AssociationAcceptor;
import org.isocentre.dicom.association.AssociationPolicy.Decision;
import org.isocentre.dicom.association.AssociationRequest;
import org.isocentre.dicom.association.AssociationRequestor;
import org.isocentre.dicom.association.AssociationRequestor.Proposal;
import org.isocentre.dicom.association.AssociationSettings;
import org.isocentre.dicom.association.EventLoops;
import org.isocentre.dicom.association.Negotiation;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.TransferSyntax;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.dimse.DataSetInfo;
import org.isocentre.dicom.dimse.DataSetSink;
import org.isocentre.dicom.dimse.DimseSettings;
import org.isocentre.dicom.dimse.ReceivedDataSet;
import org.isocentre.dicom.dimse.RetrieveHandler;
import org.isocentre.dicom.dimse.ServiceProvider;
import org.isocentre.dicom.dimse.ServiceSopClass;
import org.isocentre.dicom.dimse.ServiceUser;
import org.isocentre.dicom.dimse.Services;
import org.isocentre.dicom.dimse.SpoolSink;
import org.isocentre.dicom.dimse.StorageHandler;
import org.isocentre.dicom.dimse.StoredObject;
import org.isocentre.dicom.io.DataSetWriter;
import org.isocentre.dicom.pdu.Pdu;

/**
 * One multi-frame object of {@code bench.megabytes} (2048) goes over C-STORE into another JVM with
 * a heap of 128 MB, onto its disk, and comes back over C-GET. Prints the resident memory of both
 * over what they had when idle and their heap after collections, in the order of time, and checks
 * each byte by CRC.
 */
public final class LargeObject {
  private static final String SOP_CLASS = "1.2.840.10008.5.1.4.1.1.2.1";
  private static final String SYNTAX = Uid.EXPLICIT_VR_LITTLE_ENDIAN;
  private static final String UID = "2.25.20480";
  private static final int FRAME = 512 * 512 * 2;

  private LargeObject() {}

  public static void main(String[] arguments) throws Exception {
    if (arguments.length > 0) {
      serve();
      return;
    }
    Process server =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                LargeObject.class.getName(),
                "serve")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (var lines = server.inputReader();
        var input = server.outputWriter()) {
      ask(Integer.parseInt(lines.readLine()));
      input.write("done\n");
      input.flush();
      System.out.println(lines.readLine());
    } finally {
      server.destroy();
    }
  }

  // --- the other JVM

  private static void serve() throws IOException {
    EventLoops loops = new EventLoops(1);
    ExecutorService workers = Executors.newCachedThreadPool();
    Kept kept = new Kept();
    AssociationSettings settings = AssociationSettings.DEFAULT;
    try (AssociationAcceptor acceptor =
        new AssociationAcceptor(
            loops,
            "127.0.0.1",
            0,
            settings,
            (request, remote) ->
                new Decision.Accept(
                    Negotiation.negotiate(request.contexts(), uid -> true, s -> true, List.of()),
                    ServiceProvider.handler(workers, kept, DimseSettings.DEFAULT),
                    Negotiation.roles(request.userInformation().roles(), u -> true, u -> true),
                    List.of(),
                    null))) {
      System.gc();
      Memory memory = new Memory();
      System.out.println(acceptor.port());
      System.in.read();
      System.out.println("provider: " + memory.report());
    }
    System.exit(0);
  }

  /** The last object that came, on disk. */
  private static final class Kept implements Services {
    private final AtomicReference<ReceivedDataSet> object = new AtomicReference<>();
    private final Path directory;

    Kept() throws IOException {
      directory = Files.createTempDirectory("large-object");
      directory.toFile().deleteOnExit();
    }

    @Override
    public DataSetSink.Factory sinks(String sopClassUid) {
      return SpoolSink.factory(1 << 20, directory);
    }

    @Override
    public StorageHandler storage(String sopClassUid) {
      return (association, received) -> {
        object.set(received);
        return StorageHandler.Result.KEPT;
      };
    }

    @Override
    public RetrieveHandler retrieve(String sopClassUid, boolean move) {
      return request ->
          new RetrieveHandler.Retrieval(
              null, 1, List.<StoredObject>of(new Stored(object.get())).iterator());
    }
  }

  private record Stored(ReceivedDataSet received) implements StoredObject {
    @Override
    public String sopClassUid() {
      return received.info().sopClassUid();
    }

    @Override
    public String sopInstanceUid() {
      return received.info().sopInstanceUid();
    }

    @Override
    public String transferSyntaxUid() {
      return received.info().transferSyntaxUid();
    }

    @Override
    public InputStream openDataSet(String transferSyntaxUid) throws IOException {
      return received.openDataSet();
    }
  }

  // --- this JVM

  private static void ask(int port) throws Exception {
    EventLoops loops = new EventLoops(1);
    ExecutorService workers = Executors.newCachedThreadPool();
    AssociationRequest request =
        new AssociationRequest(
                "127.0.0.1",
                port,
                "LARGE",
                "PROVIDER",
                List.of(
                    new Proposal(SOP_CLASS, List.of(SYNTAX)),
                    new Proposal(ServiceSopClass.STUDY_ROOT_GET, List.of(SYNTAX))))
            .withRoles(List.of(new Pdu.RoleSelection(SOP_CLASS, true, true)));
    long frames = Long.getLong("bench.megabytes", 2048) * 1024 * 1024 / FRAME - 1;
    Checked sent = new Checked();
    Checked back = new Checked();
    System.gc();
    Memory memory = new Memory();
    try (ServiceUser user =
        ServiceUser.connect(
            handler ->
                new AssociationRequestor(loops, AssociationSettings.DEFAULT)
                    .connect(request, handler),
            workers,
            Services.storage(back, (association, object) -> StorageHandler.Result.SUCCESS),
            DimseSettings.DEFAULT.withResponseTimeout(Duration.ofMinutes(10)))) {
      time("C-STORE", sent, () -> store(user, sent.reading(object(frames))));
      time("C-GET", back, () -> get(user));
    }
    if (sent.crc.getValue() != back.crc.getValue() || sent.length != back.length) {
      throw new IllegalStateException("what came back is not what was sent");
    }
    System.out.println("user:     " + memory.report());
    workers.shutdown();
    loops.close();
  }

  private static void store(ServiceUser user, InputStream object) throws Exception {
    expectSuccess(user.store(SOP_CLASS, UID, SYNTAX, object).status());
  }

  private static void get(ServiceUser user) throws Exception {
    DataSet identifier =
        new DataSet().set(Tag.QueryRetrieveLevel, "IMAGE").set(Tag.SOPInstanceUID, UID);
    expectSuccess(
        user.get(ServiceSopClass.STUDY_ROOT_GET, identifier, ServiceUser.Watch.PATIENT).status());
  }

  private static void expectSuccess(int status) {
    if (status != 0) {
      throw new IllegalStateException("status %04X".formatted(status));
    }
  }

  private interface Work {
    void run() throws Exception;
  }

  private static void time(String what, Checked checked, Work work) throws Exception {
    long start = System.nanoTime();
    work.run();
    double seconds = (System.nanoTime() - start) / 1e9;
    System.out.printf(
        "%-8s %d bytes in %.1f s, %.0f MB/s%n",
        what, checked.length, seconds, checked.length / seconds / 1e6);
  }

  /** Header, then frames that are made as they are read. */
  private static InputStream object(long frames) throws IOException {
    DataSet header =
        new DataSet()
            .set(Tag.SOPClassUID, SOP_CLASS)
            .set(Tag.SOPInstanceUID, UID)
            .set(Tag.NumberOfFrames, Long.toString(frames))
            .set(Tag.Rows, "512")
            .set(Tag.Columns, "512")
            .set(Tag.BitsAllocated, "16");
    ByteArrayOutputStream start = new ByteArrayOutputStream();
    new DataSetWriter(
            start, TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN, DataSetWriter.BulkSource.NONE)
        .write(header);
    ByteBuffer pixels = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
    pixels.putShort((short) 0x7fe0).putShort((short) 0x0010).put(new byte[] {'O', 'W', 0, 0});
    pixels.putInt((int) (frames * FRAME));
    start.writeBytes(pixels.array());
    return new SequenceInputStream(
        new ByteArrayInputStream(start.toByteArray()), new Frames(frames * FRAME));
  }

  private static final class Frames extends InputStream {
    private long left;
    private int next;

    Frames(long bytes) {
      left = bytes;
    }

    @Override
    public int read() {
      throw new UnsupportedOperationException();
    }

    @Override
    public int read(byte[] bytes, int from, int most) {
      if (left == 0) {
        return -1;
      }
      int count = (int) Math.min(left, most);
      for (int i = 0; i < count; i++) {
        bytes[from + i] = (byte) (next++ * 31 >> 3);
      }
      left -= count;
      return count;
    }
  }

  /** Counts and checks bytes, as a source and as a sink that keeps nothing. */
  private static final class Checked implements DataSetSink.Factory {
    private final CRC32C crc = new CRC32C();
    private long length;

    InputStream reading(InputStream in) {
      return new java.util.zip.CheckedInputStream(in, crc) {
        @Override
        public int read(byte[] bytes, int from, int most) throws IOException {
          int count = super.read(bytes, from, most);
          length += Math.max(count, 0);
          return count;
        }
      };
    }

    @Override
    public DataSetSink open(DataSetInfo info) throws IOException {
      DataSetSink nothing = SpoolSink.factory(1024, null).open(info);
      return new DataSetSink() {
        @Override
        public void write(ByteBuffer bytes) {
          length += bytes.remaining();
          crc.update(bytes);
        }

        @Override
        public ReceivedDataSet complete() throws IOException {
          return nothing.complete();
        }

        @Override
        public void abandon() {
          nothing.abandon();
        }
      };
    }
  }

  /** Watches the memory of this process from now on. */
  private static final class Memory {
    private static final int SHOWN = 12;
    private final long idle = resident();
    private final List<Long> heap = Collections.synchronizedList(new ArrayList<>());
    private volatile long most = idle;

    Memory() {
      ManagementFactory.getGarbageCollectorMXBeans()
          .forEach(
              gc ->
                  ((NotificationEmitter) gc)
                      .addNotificationListener((one, none) -> collected(one), null, null));
      Thread watch =
          new Thread(
              () -> {
                while (true) {
                  most = Math.max(most, resident());
                  java.util.concurrent.locks.LockSupport.parkNanos(50_000_000);
                }
              },
              "memory");
      watch.setDaemon(true);
      watch.start();
    }

    private static long resident() {
      try {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
            .filter(line -> line.startsWith("VmRSS:"))
            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
            .findFirst()
            .orElse(0);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private void collected(Notification notification) {
      var info = GarbageCollectionNotificationInfo.from((CompositeData) notification.getUserData());
      Set<String> pools =
          ManagementFactory.getMemoryPoolMXBeans().stream()
              .filter(pool -> pool.getType() == MemoryType.HEAP)
              .map(MemoryPoolMXBean::getName)
              .collect(Collectors.toSet());
      heap.add(
          info.getGcInfo().getMemoryUsageAfterGc().entrySet().stream()
              .filter(pool -> pools.contains(pool.getKey()))
              .mapToLong(pool -> pool.getValue().getUsed() >> 20)
              .sum());
    }

    String report() {
      List<Long> all = List.copyOf(heap);
      String shown =
          IntStream.range(0, Math.min(SHOWN, all.size()))
              .mapToObj(i -> all.get(i * all.size() / Math.min(SHOWN, all.size())).toString())
              .collect(Collectors.joining(" "));
      return "idle %d MB resident, at most %d MB (+%d MB); heap after %d collections, some of them in order: %s MB"
          .formatted(idle, most, most - idle, all.size(), shown);
    }
  }
}
