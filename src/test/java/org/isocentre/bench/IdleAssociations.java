package org.isocentre.bench;

import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import org.isocentre.dicom.association.AssociationAcceptor;
import org.isocentre.dicom.association.AssociationPolicy.Decision;
import org.isocentre.dicom.association.AssociationRequestor;
import org.isocentre.dicom.association.AssociationSettings;
import org.isocentre.dicom.association.EventLoops;
import org.isocentre.dicom.association.Negotiation;
import org.isocentre.dicom.association.TestCertificates;
import org.isocentre.dicom.association.TlsProfile;
import org.isocentre.dicom.association.TlsSettings;
import org.isocentre.dicom.association.TlsSettings.ClientAuthentication;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.dimse.DimseSettings;
import org.isocentre.dicom.dimse.ServiceProvider;
import org.isocentre.dicom.dimse.ServiceUser;
import org.isocentre.dicom.dimse.Services;
import org.isocentre.dicom.dimse.SpoolSink;
import org.isocentre.dicom.dimse.StorageHandler;

/**
 * What idle associations cost: heap after a collection, Netty's direct memory, resident set. Both
 * ends are in this process, each association has carried a C-ECHO, so the cost of one end is about
 * half. {@code -Dbench.associations=500}; prints a table in Markdown.
 */
public final class IdleAssociations {
  private static final int ASSOCIATIONS = Integer.getInteger("bench.associations", 500);
  private static final double MEGABYTE = 1e6;
  private static final AssociationSettings SETTINGS =
      new AssociationSettings(
          256 * 1024,
          512 * 1024,
          ASSOCIATIONS + 1,
          ASSOCIATIONS + 1,
          Duration.ofSeconds(30),
          Duration.ofSeconds(10),
          Duration.ofSeconds(30),
          Duration.ofMinutes(10),
          Duration.ofSeconds(60),
          Duration.ofSeconds(10));

  private IdleAssociations() {}

  /** Bytes. */
  private record Memory(long heap, long direct, long resident) {
    static Memory now() throws IOException {
      System.gc();
      System.gc();
      Runtime runtime = Runtime.getRuntime();
      long direct = PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory();
      for (BufferPoolMXBean pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
        direct += pool.getMemoryUsed();
      }
      long resident =
          Files.readAllLines(Path.of("/proc/self/status")).stream()
              .filter(line -> line.startsWith("VmRSS:"))
              .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
              .findFirst()
              .orElse(0);
      return new Memory(runtime.totalMemory() - runtime.freeMemory(), direct, resident);
    }

    String lessThan(Memory after) {
      return String.format(
          Locale.ROOT,
          "%.1f | %.1f | %.1f",
          (after.heap - heap) / MEGABYTE,
          (after.direct - direct) / MEGABYTE,
          (after.resident - resident) / MEGABYTE);
    }
  }

  public static void main(String[] arguments) throws Exception {
    TestCertificates hub = TestCertificates.of("hub");
    SSLContext context = hub.trusting(hub);
    TlsSettings tls =
        new TlsSettings(
            () -> context, ClientAuthentication.NEED, TlsProfile.NON_DOWNGRADING_BCP_195);
    System.out.printf(
        "| %d associations, both ends | heap MB | direct MB | resident MB |%n|---|--:|--:|--:|%n",
        ASSOCIATIONS);
    System.out.println("| plain | " + measure(null) + " |");
    System.out.println("| TLS, mutual | " + measure(tls) + " |");
  }

  private static String measure(TlsSettings tls) throws Exception {
    ExecutorService workers = Executors.newFixedThreadPool(4);
    try (EventLoops loops = new EventLoops(2);
        AssociationAcceptor acceptor =
            new AssociationAcceptor(
                loops,
                "127.0.0.1",
                0,
                SETTINGS,
                tls,
                (request, remote) ->
                    new Decision.Accept(
                        Negotiation.negotiate(request.contexts(), u -> true, s -> true, List.of()),
                        ServiceProvider.handler(
                            workers,
                            Services.storage(
                                SpoolSink.factory(1 << 20, null),
                                (association, object) -> new StorageHandler.Result(0, null)),
                            DimseSettings.DEFAULT)))) {
      AssociationRequestor requestor = new AssociationRequestor(loops, SETTINGS, tls);
      // The first one pays for classes and threads.
      List<ServiceUser> users = new ArrayList<>(List.of(connect(requestor, acceptor.port())));
      Memory before = Memory.now();
      for (int i = 0; i < ASSOCIATIONS; i++) {
        users.add(connect(requestor, acceptor.port()));
      }
      String cost = before.lessThan(Memory.now());
      users.forEach(ServiceUser::close);
      return cost;
    } finally {
      workers.shutdown();
    }
  }

  private static ServiceUser connect(AssociationRequestor requestor, int port) throws Exception {
    ServiceUser user =
        ServiceUser.connect(
            requestor,
            "127.0.0.1",
            port,
            "BENCH",
            "HUB",
            List.of(
                new AssociationRequestor.Proposal(
                    Uid.VERIFICATION, List.of(Uid.IMPLICIT_VR_LITTLE_ENDIAN))),
            Duration.ofSeconds(30));
    if (user.echo() != 0) {
      throw new IllegalStateException("C-ECHO failed");
    }
    return user;
  }
}
