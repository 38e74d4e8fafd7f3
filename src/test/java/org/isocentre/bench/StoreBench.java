package org.isocentre.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * How fast objects are acknowledged: 600 CT slices of 525 kB over 1, 4 and 8 associations, to the
 * hub, to DCMTK's storescp, to Orthanc and to the machine's own floor, in one run. Prints a table
 * in Markdown. {@code -Dbench.only=<regular expression>} picks some of them. {@code
 * docs/reference/performance.md} has the command.
 */
public final class StoreBench {
  private static final int[] ASSOCIATIONS = {1, 4, 8};
  private static final double MEGABYTE = 1e6;

  private final int slices = Integer.getInteger("bench.slices", 600);
  private final int rounds = Integer.getInteger("bench.rounds", 5);
  private final int warmUp = Integer.getInteger("bench.warm-up", 4);
  private final Path directory;
  private int bytesOfOne;

  private StoreBench(Path directory) {
    this.directory = directory;
  }

  /** Objects per second of each round, fastest last. */
  private record Measured(double[] rates) {
    double median() {
      return rates[rates.length / 2];
    }
  }

  /** The jar of the hub, and where to write; the latter is emptied. */
  public static void main(String[] arguments) throws Exception {
    Path directory = Path.of(arguments[1]);
    delete(directory);
    Files.createDirectories(directory);
    StoreBench bench = new StoreBench(directory);
    List<Contender> contenders = new ArrayList<>();
    contenders.add(new Floor());
    contenders.add(DicomContender.hub(Path.of(arguments[0])));
    program("storescp").map(DicomContender::storescp).ifPresent(contenders::add);
    program("Orthanc").map(DicomContender::orthanc).ifPresent(contenders::add);
    Pattern only = Pattern.compile(System.getProperty("bench.only", ""));
    contenders.removeIf(c -> !only.matcher(c.name()).find());
    bench.run(contenders);
    delete(directory);
  }

  private void run(List<Contender> contenders) throws Exception {
    List<Measured> floor = null;
    StringBuilder table =
        new StringBuilder(
            "| | success means on disk | associations | objects/s (min to max) | MB/s | of the"
                + " floor | CPU ms/object | peak RSS MB |\n|---|---|---|---|---|---|---|---|\n");
    for (Contender contender : contenders) {
      List<Measured> measured = new ArrayList<>();
      try (contender) {
        Path place = directory.resolve("c" + contenders.indexOf(contender));
        contender.start(place);
        for (int warm = 0; warm < warmUp; warm++) {
          for (int associations : ASSOCIATIONS) {
            round(contender, associations);
          }
        }
        for (int associations : ASSOCIATIONS) {
          double[] rates = new double[rounds];
          double cpu = cpuSeconds(contender.pid());
          for (int round = 0; round < rounds; round++) {
            rates[round] = round(contender, associations);
          }
          cpu = cpuSeconds(contender.pid()) - cpu;
          Arrays.sort(rates);
          Measured result = new Measured(rates);
          measured.add(result);
          table.append(row(contender, associations, result, floor, measured.size() - 1, cpu));
          System.err.printf("%s, %d: %s%n", contender.name(), associations, Arrays.toString(rates));
        }
        if (floor == null) {
          floor = measured;
        }
      }
      delete(directory);
      Files.createDirectories(directory);
    }
    System.out.println(table);
  }

  private String row(
      Contender contender,
      int associations,
      Measured result,
      List<Measured> floor,
      int index,
      double cpu)
      throws IOException {
    double median = result.median();
    return String.format(
        Locale.ROOT,
        "| %s | %s | %d | %.0f (%.0f to %.0f) | %.0f | %s | %s | %s |%n",
        contender.name(),
        contender.durable() ? "yes" : "no",
        associations,
        median,
        result.rates()[0],
        result.rates()[rounds - 1],
        median * bytesOfOne / MEGABYTE,
        floor == null
            ? "1.00"
            : String.format(Locale.ROOT, "%.2f", median / floor.get(index).median()),
        contender.pid() == 0
            ? "-"
            : String.format(Locale.ROOT, "%.2f", cpu * 1000 / slices / rounds),
        contender.pid() == 0 ? "-" : peakMegabytes(contender.pid()));
  }

  /** Sends all slices, shared out by who is free. @return objects per second */
  private double round(Contender contender, int associations) throws Exception {
    Queue<Slices.Slice> work = Slices.study(slices);
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
