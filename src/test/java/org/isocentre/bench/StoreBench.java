package org.isocentre.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * How fast objects are acknowledged: 600 CT slices of 525 kB over 1, 4 and 8 associations, to the
 * hub, to DCMTK's storescp, to Orthanc and to the machine's own floor, which take turns in each
 * round. Prints a table in Markdown. {@code -Dbench.only=<regular expression>} picks some of them,
 * {@code -Dbench.other-jar=} adds another version of the hub. {@code docs/reference/performance.md}
 * has the command.
 */
public final class StoreBench {
  private static final int[] ASSOCIATIONS = {1, 4, 8};
  private static final double MEGABYTE = 1e6;

  /** Small slices take the same way and less disk: the compiler of a virtual machine needs many. */
  private static final int SMALL_ROUNDS = 20;

  private final int slices = Integer.getInteger("bench.slices", 600);
  private final int rounds = Integer.getInteger("bench.rounds", 5);
  private final int warmUp = Integer.getInteger("bench.warm-up", 12);
  private final Path directory;
  private int bytesOfOne;

  private StoreBench(Path directory) {
    this.directory = directory;
  }

  /** The jar of the hub, and where to write; the latter is emptied. */
  public static void main(String[] arguments) throws Exception {
    Path directory = Path.of(arguments[1]);
    delete(directory);
    Files.createDirectories(directory);
    StoreBench bench = new StoreBench(directory);
    List<Contender> contenders = new ArrayList<>();
    contenders.add(new Floor());
    contenders.add(DicomContender.hub("Isocentre", Path.of(arguments[0])));
    String other = System.getProperty("bench.other-jar");
    if (other != null) {
      contenders.add(DicomContender.hub("Isocentre, other jar", Path.of(other)));
    }
    program("storescp").map(DicomContender::storescp).ifPresent(contenders::add);
    program("Orthanc").map(DicomContender::orthanc).ifPresent(contenders::add);
    Pattern only = Pattern.compile(System.getProperty("bench.only", ""));
    contenders.removeIf(c -> !only.matcher(c.name()).find());
    bench.run(contenders);
    delete(directory);
  }

  private void run(List<Contender> contenders) throws Exception {
    Map<Contender, double[][]> rates = new LinkedHashMap<>();
    Map<Contender, Double> cpu = new LinkedHashMap<>();
    try {
      for (Contender contender : contenders) {
        rates.put(contender, new double[ASSOCIATIONS.length][rounds]);
        contender.start(directory.resolve("c" + rates.size()));
        int warmUps = contender.warmUp(warmUp);
        for (int warm = SMALL_ROUNDS * warmUps; warm > 0; warm--) {
          round(
              contender,
              Slices.study(slices, Slices.SMALL),
              ASSOCIATIONS[warm % ASSOCIATIONS.length]);
        }
        for (int warm = warmUps; warm > 0; warm--) {
          for (int associations : ASSOCIATIONS) {
            round(contender, Slices.study(slices), associations);
          }
        }
      }
      for (Contender contender : contenders) {
        cpu.put(contender, cpuSeconds(contender.pid()));
      }
      // Taking turns: whatever else the machine does at a time, it does to all.
      for (int round = 0; round < rounds; round++) {
        for (int i = 0; i < ASSOCIATIONS.length; i++) {
          for (Contender contender : contenders) {
            rates.get(contender)[i][round] =
                round(contender, Slices.study(slices), ASSOCIATIONS[i]);
          }
        }
      }
      System.out.println(table(rates, cpu));
    } finally {
      for (Contender contender : contenders) {
        contender.close();
      }
    }
  }

  private String table(Map<Contender, double[][]> rates, Map<Contender, Double> cpuBefore)
      throws IOException {
    StringBuilder table =
        new StringBuilder(
            "| | success means on disk | associations | objects/s (min to max) | MB/s | of the"
                + " first row's | CPU ms/object | peak RSS MB |\n|---|---|---|---|---|---|---|---|\n");
    double[][] first = rates.values().iterator().next();
    for (Contender contender : rates.keySet()) {
      double cpu = cpuSeconds(contender.pid()) - cpuBefore.get(contender);
      for (int i = 0; i < ASSOCIATIONS.length; i++) {
        double[] mine = rates.get(contender)[i];
        table.append(row(contender, ASSOCIATIONS[i], mine, ratio(mine, first[i]), cpu));
      }
    }
    return table.toString();
  }

  /** Median of the ratios of the rounds: those of one round were measured side by side. */
  private static double ratio(double[] rates, double[] others) {
    double[] ratios = new double[rates.length];
    Arrays.setAll(ratios, i -> rates[i] / others[i]);
    Arrays.sort(ratios);
    return ratios[ratios.length / 2];
  }

  private String row(
      Contender contender, int associations, double[] rates, double ratio, double cpu)
      throws IOException {
    double[] sorted = rates.clone();
    Arrays.sort(sorted);
    double median = sorted[sorted.length / 2];
    return String.format(
        Locale.ROOT,
        "| %s | %s | %d | %.0f (%.0f to %.0f) | %.0f | %.2f | %s | %s |%n",
        contender.name(),
        contender.durable() ? "yes" : "no",
        associations,
        median,
        sorted[0],
        sorted[rounds - 1],
        median * bytesOfOne / MEGABYTE,
        ratio,
        contender.pid() == 0
            ? "-"
            : String.format(
                Locale.ROOT, "%.2f", cpu * 1000 / slices / rounds / ASSOCIATIONS.length),
        contender.pid() == 0 ? "-" : peakMegabytes(contender.pid()));
  }

  /** Sends all slices, shared out by who is free. @return objects per second */
  private double round(Contender contender, Queue<Slices.Slice> work, int associations)
      throws Exception {
    bytesOfOne = work.element().length();
    ExecutorService senders = Executors.newFixedThreadPool(associations);
    try {
      long start = System.nanoTime();
      List<Future<?>> sending = new ArrayList<>();
      for (int i = 0; i < associations; i++) {
        sending.add(
            senders.submit(
                () -> {
                  contender.send(work);
                  return null;
                }));
      }
      for (Future<?> one : sending) {
        one.get();
      }
      return slices / ((System.nanoTime() - start) / 1e9);
    } finally {
      senders.shutdownNow();
    }
  }

  private static double cpuSeconds(long pid) throws IOException {
    if (pid == 0) {
      return 0;
    }
    String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    // utime, stime, cutime, cstime (proc(5)), in hundredths of a second.
    double ticks = 0;
    for (int i = 11; i <= 14; i++) {
      ticks += Double.parseDouble(fields[i]);
    }
    return ticks / 100;
  }

  private static String peakMegabytes(long pid) throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc", Long.toString(pid), "status"))) {
      return lines
          .filter(l -> l.startsWith("VmHWM:"))
          .map(l -> Long.toString(Long.parseLong(l.replaceAll("\\D", "")) / 1024))
          .findFirst()
          .orElse("-");
    }
  }

  private static Optional<Path> program(String name) {
    Optional<Path> found =
        Stream.of("/usr/bin", "/usr/sbin", "/usr/local/bin")
            .map(d -> Path.of(d, name))
            .filter(Files::isExecutable)
            .findFirst();
    if (found.isEmpty()) {
      System.err.println(name + " is not installed and is left out");
    }
    return found;
  }

  private static void delete(Path root) throws IOException {
    if (Files.exists(root)) {
      try (Stream<Path> all = Files.walk(root)) {
        for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }
}
