package org.isocentre.bench;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.impl.DefaultCamelContext;
import org.isocentre.app.IsocentreApplication;
import org.isocentre.index.OutboundIndex;
import org.isocentre.index.PatientIndex;
import org.isocentre.model.Patient;
import org.isocentre.model.PatientDemographics;
import org.isocentre.model.PatientIdentity;
import org.isocentre.model.PatientKey;
import org.isocentre.store.ObjectStore;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * ORU^R01 of about 1.2 kB that wait in the queue of 1 and of 8 destinations, each of which
 * acknowledges at once: the hub beside a bare camel-mllp producer that sends the same bytes from
 * memory, in turn. The hub asks for consent, notes each step in its index, and syncs it before and
 * after each message; the other one keeps nothing. See {@code docs/reference/performance.md}.
 */
public final class Hl7OutBench {
  private static final int MOST = 8;
  private static final int PATIENTS = 200;
  private static final Pattern CONTROL_ID = Pattern.compile("\\|ORU\\^R01\\|([^|]+)\\|");
  private final int messages = Integer.getInteger("bench.messages", 2000);
  private final int rounds = Integer.getInteger("bench.rounds", 5);
  private final AtomicInteger number = new AtomicInteger();
  private final List<Partner> partners = new ArrayList<>();

  private Hl7OutBench() {}

  /**
   * @param args a directory, which must not exist
   */
  public static void main(String[] args) throws Exception {
    new Hl7OutBench().run(Path.of(args[args.length - 1]));
    System.exit(0);
  }

  /** Answers AA, and tells when it has had enough. */
  private static final class Partner {
    final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    final AtomicLong first = new AtomicLong();
    volatile CountDownLatch awaited = new CountDownLatch(0);

    Partner() throws IOException {
      daemon(this::accept);
    }

    private static void daemon(Runnable work) {
      Thread thread = new Thread(work, "partner");
      thread.setDaemon(true);
      thread.start();
    }

    private void accept() {
      while (true) {
        try {
          Socket socket = server.accept();
          daemon(() -> converse(socket));
        } catch (IOException e) {
          return;
        }
      }
    }

    private void converse(Socket socket) {
      try (socket) {
        socket.setTcpNoDelay(true);
        InputStream in = new BufferedInputStream(socket.getInputStream());
        StringBuilder text = new StringBuilder();
        for (int b = in.read(); b >= 0; b = in.read()) {
          if (b != 0x1c) {
            text.append((char) b);
            continue;
          }
          first.compareAndSet(0, System.nanoTime());
          Matcher id = CONTROL_ID.matcher(text);
          String answer =
              "\u000bMSH|^~\\&|RIS|RJ1|ISOCENTRE|HUB|20261101||ACK^R01|9|P|2.4\rMSA|AA|"
                  + (id.find() ? id.group(1) : "")
                  + "\r\u001c\r";
          socket.getOutputStream().write(answer.getBytes(StandardCharsets.ISO_8859_1));
          text.setLength(0);
          awaited.countDown();
        }
      } catch (IOException e) {
        // The sender ended it.
      }
    }

    void expect(int count) {
      first.set(0);
      awaited = new CountDownLatch(count);
    }
  }

  private void run(Path directory) throws Exception {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--server.port=" + DicomContender.freePort(),
                "--isocentre.dicom.port=" + DicomContender.freePort(),
                "--isocentre.mllp.port=" + DicomContender.freePort(),
                "--isocentre.data-dir=" + directory.resolve("hub"),
                "--isocentre.trusts[0].ods-code=RJ1",
                "--isocentre.trusts[0].name=Bench",
                "--isocentre.trusts[0].facilities[0]=RJ1"));
    for (int i = 0; i < MOST; i++) {
      partners.add(new Partner());
      String setting = "--isocentre.trusts[0].hl7[" + i + "].";
      arguments.addAll(
          List.of(
              setting + "name=" + name(i),
              setting + "host=127.0.0.1",
              setting + "port=" + partners.get(i).server.getLocalPort(),
              setting + "application=RIS",
              setting + "facility=RJ1",
              setting + "messages=ORU"));
    }
    try (ConfigurableApplicationContext hub =
            SpringApplication.run(IsocentreApplication.class, arguments.toArray(String[]::new));
        DefaultCamelContext camel = new DefaultCamelContext()) {
      camel.start();
      ProducerTemplate producer = camel.createProducerTemplate();
      List<UUID> patients = patients(hub.getBean(PatientIndex.class));
      for (int i = 0; i < 2; i++) {
        bare(producer, MOST);
        hub(hub, patients, MOST);
      }
      System.out.println("| destinations | sender | messages/s (min to max) | ratio |");
      System.out.println("|---|---|---|---|");
      for (int destinations : new int[] {1, MOST}) {
        double[] ofBare = new double[rounds];
        double[] ofHub = new double[rounds];
        for (int i = 0; i < rounds; i++) {
          ofBare[i] = bare(producer, destinations);
          ofHub[i] = hub(hub, patients, destinations);
        }
        print(destinations, "camel-mllp from memory", ofBare, ofBare);
        print(destinations, "Isocentre", ofHub, ofBare);
      }
    }
  }

  private static String name(int destination) {
    return "partner-" + destination;
  }

  private static void print(int destinations, String sender, double[] own, double[] bare) {
    Arrays.sort(own);
    Arrays.sort(bare);
    System.out.printf(
        Locale.ROOT,
        "| %d | %s | %.0f (%.0f to %.0f) | %.2f |%n",
        destinations,
        sender,
        own[own.length / 2],
        own[0],
        own[own.length - 1],
        own[own.length / 2] / bare[bare.length / 2]);
  }

  private static List<UUID> patients(PatientIndex index) {
    List<UUID> patients = new ArrayList<>();
    for (int i = 0; i < PATIENTS; i++) {
      patients.add(
          index.resolve(
              new PatientDemographics(
                  new PatientIdentity(
                      new PatientKey("RJ1", "H" + i), null, LocalDate.of(1974, 2, 13)),
                  null,
                  null,
                  null,
                  null,
                  Patient.Source.ADT)));
    }
    return patients;
  }

  /** Messages a second, from the first that comes to the last that is answered. */
  private double rate(int destinations, int each) throws InterruptedException {
    for (Partner partner : partners.subList(0, destinations)) {
      if (!partner.awaited.await(10, TimeUnit.MINUTES)) {
        throw new IllegalStateException(partner.awaited.getCount() + " messages did not come");
      }
    }
    long end = System.nanoTime();
    long begin =
        partners.subList(0, destinations).stream()
            .mapToLong(p -> p.first.get())
            .min()
            .orElseThrow();
    return destinations * each / ((end - begin) / 1e9);
  }

  private double bare(ProducerTemplate producer, int destinations) throws Exception {
    int each = messages / destinations;
    List<Thread> senders = new ArrayList<>();
    for (Partner partner : partners.subList(0, destinations)) {
      partner.expect(each);
      List<byte[]> texts = new ArrayList<>();
      for (int i = 0; i < each; i++) {
        texts.add(message("B" + number.incrementAndGet()));
      }
      String uri = "mllp:127.0.0.1:" + partner.server.getLocalPort();
      senders.add(new Thread(() -> texts.forEach(text -> producer.requestBody(uri, text))));
    }
    senders.forEach(Thread::start);
    double rate = rate(destinations, each);
    for (Thread sender : senders) {
      sender.join();
    }
    return rate;
  }

  private double hub(ConfigurableApplicationContext hub, List<UUID> patients, int destinations)
      throws Exception {
    OutboundIndex queue = hub.getBean(OutboundIndex.class);
    ObjectStore store = hub.getBean(ObjectStore.class);
    int each = messages / destinations;
    for (int d = 0; d < destinations; d++) {
      partners.get(d).expect(each);
      queue.pause(name(d), "bench");
      for (int i = 0; i < each; i++) {
        String controlId = "H" + number.incrementAndGet();
        OutboundIndex.Draft draft =
            new OutboundIndex.Draft(
                "RJ1", "ORU^R01", controlId, keep(store, message(controlId)), null);
        queue.enqueue(
            name(d), patients.get(i % PATIENTS), null, controlId, () -> Optional.of(draft));
      }
    }
    for (int d = 0; d < destinations; d++) {
      queue.resume(name(d));
    }
    return rate(destinations, each);
  }

  private static String keep(ObjectStore store, byte[] message) throws IOException {
    try (ObjectStore.ObjectWriter writer = store.create("hl7")) {
      writer.write(ByteBuffer.wrap(message));
      return writer.commit().key();
    }
  }

  private static byte[] message(String controlId) {
    String text =
        """
        MSH|^~\\&|ISOCENTRE|ISOCENTRE|RIS|RJ1|20261101090000||ORU^R01|%s|P|2.4||||||UNICODE UTF-8
        PID|1||H1^^^RJ1^MR||BENCH^CASE^MIDDLE^^MRS||19740213|F|||1 Example Street^^Exampleton^^EX1 1AA
        ORC|RE|P1^RJ1|F1^RJ1||CM
        OBR|1|P1^RJ1|F1^RJ1|CTHEAD^CT head without contrast^LOCAL|||20261101090000|||||||||C9999998^EXAMPLE^GENERAL||A1||||20261101100000||CT|F
        OBX|1|FT|CTHEAD^CT head^LOCAL||%s||||||F
        """
            .formatted(controlId, "No acute intracranial abnormality is seen.\\.br\\".repeat(16))
            .replace('\n', '\r');
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
