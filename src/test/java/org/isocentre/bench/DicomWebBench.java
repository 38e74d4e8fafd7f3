package org.isocentre.bench;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.isocentre.bench.Slices.Slice;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.io.FileMetaInformation;

/**
 * DICOMweb of the hub beside that of Orthanc's plugin, in one run: both hold the same CT, the calls
 * go to one after the other. The hub asks for token and consent and writes its audit trail.
 *
 * <pre>
 * mvn -q test-compile
 * mvn -q exec:java -Dexec.classpathScope=test -Dexec.mainClass=org.isocentre.bench.DicomWebBench \
 *     -Dexec.args="target/isocentre.jar /tmp/dicomweb-bench"     # and, optionally, how many slices
 * </pre>
 */
public final class DicomWebBench {
  private static final Path ORTHANC = Path.of("/usr/sbin/Orthanc");
  private static final Path PLUGIN = Path.of("/usr/share/orthanc/plugins/libOrthancDicomWeb.so");
  private static final int CONNECTIONS = 16;
  private static final Duration ROUND = Duration.ofSeconds(Long.getLong("bench.seconds", 5));

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private static final Duration WARM_UP = Duration.ofSeconds(Long.getLong("bench.warmup", 60));
  private String token;

  private DicomWebBench() {}

  public static void main(String[] args) throws Exception {
    System.setProperty("http.maxConnections", Integer.toString(CONNECTIONS));
    Path directory = Path.of(args[1]);
    Files.createDirectories(directory.resolve("hub"));
    Files.createDirectories(directory.resolve("orthanc"));
    new DicomWebBench().run(args[0], directory, args.length > 2 ? Integer.parseInt(args[2]) : 600);
  }

  private void run(String jar, Path directory, int slices) throws Exception {
    int port = HubProcess.freePort();
    Path configuration = directory.resolve("orthanc.json");
    Files.writeString(
        configuration,
        """
        {"DicomPort": %d, "HttpPort": %d, "AuthenticationEnabled": false, "KeepAlive": true, "TcpNoDelay": true,
         "HttpThreadsCount": 50, "StorageDirectory": "%s", "IndexDirectory": "%s", "Plugins": ["%s"],
         "DicomWeb": {"Enable": true}}
        """
            .formatted(
                HubProcess.freePort(),
                port,
                directory.resolve("orthanc").toAbsolutePath(),
                directory.resolve("orthanc").toAbsolutePath(),
                PLUGIN));
    Process orthanc =
        new ProcessBuilder(ORTHANC.toString(), configuration.toString())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("orthanc.log").toFile())
            .start();
    try (HubProcess hub = HubProcess.start(jar, directory.resolve("hub"))) {
      token = hub.token(Map.of("scope", "system/*.read system/*.write", "ods_code", "RTH"));
      String ours = hub.url() + "/dicomweb";
      String theirs = "http://127.0.0.1:" + port + "/dicom-web";
      for (String base : List.of(ours, theirs)) {
        Awaitility.await()
            .atMost(Duration.ofMinutes(2))
            .ignoreExceptions()
            .until(() -> get(base + "/studies?limit=1", "*/*") >= 0);
      }
      List<Slice> study = List.copyOf(Slices.study(slices));
      String uid = fill(ours, theirs, study);
      measure(ours, theirs, uid, study.size());
    } finally {
      orthanc.destroy();
      orthanc.waitFor();
    }
  }

  /** Returns the study's UID once both have all of it. */
  private String fill(String ours, String theirs, List<Slice> study) throws Exception {
    for (String base : List.of(ours, theirs)) {
      long start = System.nanoTime();
      for (int from = 0; from < study.size(); from += 100) {
        List<Slice> some = study.subList(from, Math.min(study.size(), from + 100));
        HttpResponse<byte[]> answer =
            http.send(
                request(base + "/studies", "application/dicom+json")
                    .header(
                        "Content-Type",
                        "multipart/related; type=\"application/dicom\"; boundary=bench")
                    .POST(HttpRequest.BodyPublishers.ofInputStream(() -> body(some)))
                    .build(),
                HttpResponse.BodyHandlers.ofByteArray());
        if (answer.statusCode() != 200) {
          throw new IllegalStateException(
              answer.statusCode() + " " + new String(answer.body(), StandardCharsets.UTF_8));
        }
      }
      System.out.printf(
          Locale.ROOT,
          "STOW-RS of %d slices to %s: %.0f a second%n",
          study.size(),
          base.equals(ours) ? "the hub (flushed to disk)" : "Orthanc",
          study.size() / ((System.nanoTime() - start) / 1e9));
    }
    String[] uid = new String[1];
    Awaitility.await()
        .atMost(Duration.ofMinutes(2))
        .ignoreExceptions()
        .until(
            () -> {
              String found = text(ours + "/studies?AccessionNumber=BENCH1&includefield=00201208");
              uid[0] =
                  found.replaceAll(
                      "(?s).*\"0020000D\":\\{\"vr\":\"UI\",\"Value\":\\[\"([0-9.]+).*", "$1");
              return found.contains(
                  "\"00201208\":{\"vr\":\"IS\",\"Value\":[" + study.size() + "]}");
            });
    return uid[0];
  }

  private static InputStream body(List<Slice> slices) {
    List<InputStream> parts = new ArrayList<>();
    for (Slice slice : slices) {
      parts.add(ascii("--bench\r\nContent-Type: application/dicom\r\n\r\n"));
      parts.add(
          new ByteArrayInputStream(
              new FileMetaInformation(
                      Uid.CT_IMAGE_STORAGE, slice.uid(), Uid.EXPLICIT_VR_LITTLE_ENDIAN, null)
                  .encode()));
      parts.add(slice.open());
      parts.add(ascii("\r\n"));
    }
    parts.add(ascii("--bench--\r\n"));
    return new SequenceInputStream(Collections.enumeration(parts));
  }

  private static InputStream ascii(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII));
  }

  private void measure(String ours, String theirs, String study, int slices) throws Exception {
    String series =
        text(ours + "/studies/" + study + "/series")
            .replaceAll("(?s).*\"0020000E\":\\{\"vr\":\"UI\",\"Value\":\\[\"([0-9.]+).*", "$1");
    List<String> instances = new ArrayList<>();
    Matcher found =
        Pattern.compile("\"00080018\":\\{\"vr\":\"UI\",\"Value\":\\[\"([0-9.]+)")
            .matcher(text(ours + "/studies/" + study + "/instances?limit=1000"));
    while (found.find()) {
      instances.add(found.group(1));
    }
    String dicom = "multipart/related; type=\"application/dicom\"; transfer-syntax=*";
    String octets = "multipart/related; type=\"application/octet-stream\"; transfer-syntax=*";
    System.out.printf(
        "%n%d slices of 512 kB; %d s a round, after one of the same; before all %d s of searches%n",
        slices, ROUND.toSeconds(), WARM_UP.toSeconds());
    // What has just begun is still being compiled; a hub runs for months.
    for (String base : List.of(ours, theirs)) {
      for (long end = System.nanoTime() + WARM_UP.toNanos(); System.nanoTime() < end; ) {
        round(base, CONNECTIONS, i -> "/studies?PatientID=BENCH1", "application/dicom+json", false);
      }
    }
    System.out.printf("%-46s %14s %14s %8s%n", "call", "hub", "Orthanc", "ratio");
    row(
        "QIDO by PatientID, 1 connection, a second",
        ours,
        theirs,
        1,
        i -> "/studies?PatientID=BENCH1",
        "application/dicom+json",
        false);
    row(
        "QIDO by AccessionNumber, 16, a second",
        ours,
        theirs,
        CONNECTIONS,
        i -> "/studies?AccessionNumber=BENCH1",
        "application/dicom+json",
        false);
    row(
        "metadata of the study, 1, a second",
        ours,
        theirs,
        1,
        i -> "/studies/" + study + "/metadata",
        "application/dicom+json",
        false);
    row("whole study, 1, MB/s", ours, theirs, 1, i -> "/studies/" + study, dicom, true);
    row("whole study, 4, MB/s", ours, theirs, 4, i -> "/studies/" + study, dicom, true);
    row(
        "a frame, 16, a second",
        ours,
        theirs,
        CONNECTIONS,
        i ->
            "/studies/"
                + study
                + "/series/"
                + series
                + "/instances/"
                + instances.get(i % instances.size())
                + "/frames/1",
        octets,
        false);
  }

  /** The path of a call. */
  private interface Calls {
    String of(int call);
  }

  private void row(
      String name,
      String ours,
      String theirs,
      int connections,
      Calls path,
      String accept,
      boolean bytes)
      throws Exception {
    double[] results = new double[2];
    for (int i = 0; i < 2; i++) {
      String base = i == 0 ? ours : theirs;
      round(base, connections, path, accept, bytes);
      results[i] = round(base, connections, path, accept, bytes);
    }
    System.out.printf(
        Locale.ROOT,
        "%-46s %14.1f %14.1f %8.1f%n",
        name,
        results[0],
        results[1],
        results[0] / results[1]);
  }

  /** Calls a second, or millions of bytes. */
  private double round(String base, int connections, Calls path, String accept, boolean bytes)
      throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(connections);
    long start = System.nanoTime();
    long end = start + ROUND.toNanos();
    List<Callable<long[]>> work = new ArrayList<>();
    for (int i = 0; i < connections; i++) {
      int first = i * 7;
      work.add(
          () -> {
            long[] done = new long[2];
            for (int call = first; done[0] == 0 || System.nanoTime() < end; call++) {
              done[1] += get(base + path.of(call), accept);
              done[0]++;
            }
            return done;
          });
    }
    long[] sum = new long[2];
    for (Future<long[]> one : threads.invokeAll(work)) {
      sum[0] += one.get()[0];
      sum[1] += one.get()[1];
    }
    threads.shutdown();
    double seconds = (System.nanoTime() - start) / 1e9;
    return bytes ? sum[1] / 1e6 / seconds : sum[0] / seconds;
  }

  private HttpRequest.Builder request(String address, String accept) {
    return HttpRequest.newBuilder(URI.create(address))
        .timeout(Duration.ofMinutes(2))
        .header("Authorization", "Bearer " + token)
        .header("Accept", accept);
  }

  private String text(String address) throws Exception {
    return http.send(
            request(address, "application/dicom+json").build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  /** Bytes of the answer, which are read and forgotten. */
  private long get(String address, String accept) throws IOException {
    // This client takes less of the machine than HttpClient, which would be most of what is timed.
    HttpURLConnection call = (HttpURLConnection) URI.create(address).toURL().openConnection();
    call.setRequestProperty("Authorization", "Bearer " + token);
    call.setRequestProperty("Accept", accept);
    if (call.getResponseCode() != 200 && call.getResponseCode() != 204) {
      throw new IOException(call.getResponseCode() + " for " + address);
    }
    long count = 0;
    try (InputStream in = call.getInputStream()) {
      byte[] buffer = new byte[1 << 18];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        count += n;
      }
    }
    return count;
  }
}
