package org.isocentre.bench;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.isocentre.app.IsocentreApplication;

/**
 * ORM^O01 of about 1.2 kB over MLLP, acknowledged when durable: the hub beside a bare camel-mllp
 * route to a persistent queue, both as processes of their own, in turn, each when the other is
 * idle, from one sender that is the same for both. The hub files messages in its index meanwhile;
 * behind the other one nothing is done. Begins when the compiler is nearly done: rounds over 32
 * connections until the rates of both do not rise any more, 20 to 40 of them. What a message costs
 * in all is counted until the receiver has nothing left to do. See {@code
 * docs/reference/performance.md}.
 */
public final class Hl7Bench {
  private static final int FEWEST_WARM_ROUNDS = 20;
  private static final int MOST_WARM_ROUNDS = 40;

  /** Rates within this part of each other do not rise any more. */
  private static final double FLAT = 0.05;

  /** Of a core, over a second, when nothing is left to do. */
  private static final double IDLE = 0.15;

  /** One that waits for a processor that others have is not idle. */
  private static final int IDLE_SECONDS = 4;

  private static final int[] CONNECTIONS =
      Arrays.stream(System.getProperty("bench.connections", "1,8,32").split(","))
          .mapToInt(Integer::parseInt)
          .toArray();
  private static final AtomicInteger NUMBER = new AtomicInteger();
  private final int messages = Integer.getInteger("bench.messages", 6000);
  private final int rounds = Integer.getInteger("bench.rounds", 5);

  private Hl7Bench() {}

  /**
   * @param args the packaged hub, or {@code -} for the classes of this build; and a directory,
   *     which must not exist
   */
  public static void main(String[] args) throws Exception {
    new Hl7Bench().run(args[0], Path.of(args[1]));
  }

  /** A receiver as a process. */
  private record Receiver(String name, int port, Process process) implements AutoCloseable {
    static Receiver start(String name, int port, Path log, List<String> command)
        throws IOException {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      Receiver receiver = new Receiver(name, port, process);
      try {
        Awaitility.await(name + " listens")
            .atMost(Duration.ofSeconds(300))
            .pollInterval(Duration.ofMillis(100))
            .until(() -> listens(process, port));
        return receiver;
      } catch (RuntimeException e) {
        receiver.close();
        throw e;
      }
    }

    private static boolean listens(Process process, int port) {
      if (!process.isAlive()) {
        throw new IllegalStateException("did not start");
      }
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress("127.0.0.1", port), 1000);
        return true;
      } catch (IOException e) {
        return false;
      }
    }

    Duration cpu() {
      return process.info().totalCpuDuration().orElse(Duration.ZERO);
    }

    /** Until what was acknowledged has been filed. */
    void awaitIdle() throws InterruptedException {
      Duration before = cpu();
      int idle = 0;
      for (int second = 0; second < 600; second++) {
        TimeUnit.SECONDS.sleep(1);
        Duration now = cpu();
        idle = now.minus(before).toNanos() < IDLE * 1e9 ? idle + 1 : 0;
        if (idle == IDLE_SECONDS) {
          return;
        }
        before = now;
      }
      throw new IllegalStateException(name + " is never idle");
    }

    @Override
    public void close() {
      process.destroy();
      process
          .onExit()
          .completeOnTimeout(process, 30, TimeUnit.SECONDS)
          .thenAccept(Process::destroyForcibly)
          .join();
    }
  }

  /**
   * What one round measured.
   *
   * @param rate messages a second
   * @param p50 milliseconds from the first byte sent to the last byte of the answer
   * @param cpu milliseconds of the receiver's processor time a message, with all that it does
   *     beside
   */
  private record Round(int messages, double rate, double p50, double p99, double cpu) {}

  private void run(String jar, Path directory) throws Exception {
    Files.createDirectories(directory);
    try (Receiver bare = bare(directory);
        Receiver hub = hub(jar, directory)) {
      for (Receiver receiver : List.of(bare, hub)) {
        warm(receiver);
      }
      System.out.println(
          "| connections | receiver | messages/s (min to max) | p50 ms | p99 ms | ratio | CPU ms/message | until idle |");
      System.out.println("|---|---|---|---|---|---|---|---|");
      for (int connections : CONNECTIONS) {
        Measured ofBare = new Measured(bare);
        Measured ofHub = new Measured(hub);
        for (int i = 0; i < rounds; i++) {
          for (Measured one : List.of(ofBare, ofHub)) {
            // What was acknowledged before is filed: neither disturbs the other.
            hub.awaitIdle();
            one.rounds().add(round(one.receiver(), connections));
          }
        }
        print(connections, ofBare, ofBare);
        print(connections, ofHub, ofBare);
      }
    }
  }

  /**
   * What a receiver did over some connections.
   *
   * @param before its processor time before
   */
  private record Measured(Receiver receiver, Duration before, List<Round> rounds) {
    Measured(Receiver receiver) {
      this(receiver, receiver.cpu(), new ArrayList<>());
    }

    /** Milliseconds of processor time a message, with all that is done after the answer. */
    double cpuUntilIdle() throws InterruptedException {
      receiver.awaitIdle();
      return receiver.cpu().minus(before).toNanos()
          / 1e6
          / rounds.stream().mapToInt(Round::messages).sum();
    }
  }

  private void warm(Receiver receiver) throws Exception {
    List<Double> rates = new ArrayList<>();
    while (rates.size() < FEWEST_WARM_ROUNDS || rates.size() < MOST_WARM_ROUNDS && !flat(rates)) {
      rates.add(round(receiver, 32).rate());
    }
    receiver.awaitIdle();
    System.err.printf(
        Locale.ROOT,
        "%s after %d rounds: %.0f messages/s, at first %.0f%n",
        receiver.name(),
        rates.size(),
        rates.get(rates.size() - 1),
        rates.get(0));
  }

  /** Whether the last four rounds were no faster than the four before them. */
  private static boolean flat(List<Double> rates) {
    int size = rates.size();
    return mean(rates.subList(size - 4, size))
        < mean(rates.subList(size - 8, size - 4)) * (1 + FLAT);
  }

  private static double mean(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
  }

  private static void print(int connections, Measured measured, Measured of)
      throws InterruptedException {
    List<Round> own = measured.rounds();
    List<Round> bare = of.rounds();
    double[] rates = sorted(own, Round::rate);
    System.out.printf(
        Locale.ROOT,
        "| %d | %s | %.0f (%.0f to %.0f) | %.1f | %.1f | %.2f | %.2f | %.2f |%n",
        connections,
        measured.receiver().name(),
        rates[rates.length / 2],
        rates[0],
        rates[rates.length - 1],
        sorted(own, Round::p50)[own.size() / 2],
        sorted(own, Round::p99)[own.size() / 2],
        rates[rates.length / 2] / sorted(bare, Round::rate)[bare.size() / 2],
        sorted(own, Round::cpu)[own.size() / 2],
        measured.cpuUntilIdle());
  }

  private static double[] sorted(
      List<Round> rounds, java.util.function.ToDoubleFunction<Round> value) {
    return rounds.stream().mapToDouble(value).sorted().toArray();
  }

  private static Receiver bare(Path directory) throws IOException {
    int port = DicomContender.freePort();
    return Receiver.start(
        "camel-mllp to Artemis",
        port,
        directory.resolve("bare.log"),
        List.of(
            java(),
            DicomContender.COLLECTOR,
            DicomContender.HEAP,
            "-cp",
            System.getProperty("java.class.path"),
            BareCamelMllp.class.getName(),
            Integer.toString(port),
            directory.resolve("bare").toString()));
  }

  private static Receiver hub(String jar, Path directory) throws IOException {
    int port = DicomContender.freePort();
    List<String> command =
        new ArrayList<>(List.of(java(), DicomContender.COLLECTOR, DicomContender.HEAP));
    command.addAll(Arrays.asList(System.getProperty("bench.hub.options", "-Dbench=1").split(" ")));
    command.addAll(
        jar.equals("-")
            ? List.of("-cp", classPath(), IsocentreApplication.class.getName())
            : List.of("-jar", jar));
    command.addAll(
        List.of(
            "--server.port=" + DicomContender.freePort(),
            "--isocentre.dicom.port=" + DicomContender.freePort(),
            "--isocentre.mllp.port=" + port,
            "--isocentre.data-dir=" + directory.resolve("hub"),
            "--isocentre.trusts[0].ods-code=RTH",
            "--isocentre.trusts[0].name=Bench",
            "--isocentre.trusts[0].facilities[0]=RTH"));
    return Receiver.start("Isocentre", port, directory.resolve("hub.log"), command);
  }

  private static String classPath() {
    String[] entries = System.getProperty("java.class.path").split(File.pathSeparator);
    return String.join(File.pathSeparator, new java.util.LinkedHashSet<>(List.of(entries)));
  }

  private static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  /** Each connection sends its next message when it has the answer to the last. */
  private Round round(Receiver receiver, int connections) throws Exception {
    int each = Math.max(1, (connections == 1 ? messages / 4 : messages) / connections);
    ExecutorService senders = Executors.newFixedThreadPool(connections);
    try {
      Duration cpu = receiver.cpu();
      long start = System.nanoTime();
      List<Future<long[]>> sending = new ArrayList<>();
      for (int i = 0; i < connections; i++) {
        sending.add(senders.submit(() -> send(receiver, each)));
      }
      List<long[]> times = new ArrayList<>();
      for (Future<long[]> one : sending) {
        times.add(one.get());
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      long[] all = times.stream().flatMapToLong(Arrays::stream).sorted().toArray();
      return new Round(
          all.length,
          all.length / seconds,
          all[all.length / 2] / 1e6,
          all[all.length * 99 / 100] / 1e6,
          receiver.cpu().minus(cpu).toNanos() / 1e6 / all.length);
    } finally {
      senders.shutdownNow();
    }
  }

  private static long[] send(Receiver receiver, int count) throws IOException {
    long[] times = new long[count];
    try (Socket socket = new Socket("127.0.0.1", receiver.port())) {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(60_000);
      InputStream in = new BufferedInputStream(socket.getInputStream());
      for (int i = 0; i < count; i++) {
        byte[] frame = frame(NUMBER.incrementAndGet());
        long start = System.nanoTime();
        socket.getOutputStream().write(frame);
        String answer = answer(in);
        times[i] = System.nanoTime() - start;
        if (!answer.contains("MSA|AA|")) {
          throw new IOException(receiver.name() + " answered " + answer);
        }
      }
    }
    return times;
  }

  private static String answer(InputStream in) throws IOException {
    StringBuilder out = new StringBuilder();
    for (int b = in.read(); b != 0x1c; b = in.read()) {
      if (b < 0) {
        throw new EOFException("no answer; so far " + out);
      }
      out.append((char) b);
    }
    in.read();
    return out.toString();
  }

  private static byte[] frame(int number) {
    String text =
        """
        MSH|^~\\&|RIS|RTH|ISOCENTRE|HUB|20261101090000||ORM^O01|B%1$d|P|2.4||||||UNICODE UTF-8
        PID|1||H%1$d^^^RTH^MR||BENCH^CASE^MIDDLE^^MRS||19740213|F|||1 Example Street^Flat 3^Exampleton^Exampleshire^EX1 1AA^GBR^H||01632960001^PRN^PH~07700900001^ORN^CP|01632960002^WPN^PH|EN|M|1A|||||A|||||||N
        PD1||||C9999996^EXAMPLE^FAMILY^^^DR^^^GMC|||||||N
        PV1|1|O|XRAY^ROOM2^^RTH^^^^^RADIOLOGY OUTPATIENTS||||C9999998^EXAMPLE^GENERAL^^^DR^^^GMC|C9999997^OTHER^GENERAL^^^DR^^^GMC||100|||||||||V%1$d^^^RTH^VN|||||||||||||||||||||||||20261101085500
        ORC|NW|P%1$d^RTH|F%1$d^RIS||SC||^^^20261101100000^^R||20261101090000|CLERK^EXAMPLE^WARD||C9999998^EXAMPLE^GENERAL^^^DR^^^GMC|WARD7^^^RTH|01632960003||||||Referring trust^^^^^^^^^RJ1
        OBR|1|P%1$d^RTH|F%1$d^RIS|CTHEAD^CT head without contrast^LOCAL|R|20261101090000|||||||Headache for three weeks, worse in the morning; no focal neurology|||C9999998^EXAMPLE^GENERAL^^^DR^^^GMC|01632960003|A%1$d|||||CT||||^^^20261101100000^^R||||^Headache for three weeks, worse in the morning
        NTE|1||Patient uses a wheelchair and will come with a relative; please call the ward before transport is booked.
        """
            .formatted(number)
            .replace('\n', '\r');
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    byte[] frame = new byte[body.length + 3];
    frame[0] = 0x0b;
    System.arraycopy(body, 0, frame, 1, body.length);
    frame[frame.length - 2] = 0x1c;
    frame[frame.length - 1] = 0x0d;
    return frame;
  }
}
