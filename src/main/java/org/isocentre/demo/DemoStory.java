package org.isocentre.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.isocentre.dicom.dimse.NoPresentationContextException;
import org.isocentre.dicom.io.FileMetaInformation;

/**
 * The main job, played over the real ports: order, study, link, forward, report, the patient's app.
 */
final class DemoStory {
  private static final Duration PATIENCE = Duration.ofSeconds(40);
  private static final long POLL_NANOS = Duration.ofMillis(200).toNanos();
  private static final String HUB_AE_TITLE = "ISOCENTRE";
  private static final DemoPatient PATIENT = DemoPatient.PHANTOM;
  private final PrintStream out;
  private final Ports ports;
  private final SimulatedPacs rthPacs;
  private final SimulatedPacs rj1Pacs;
  private final SimulatedRis rthRis;
  private final String run = Long.toString(System.currentTimeMillis() / 100, 36).toUpperCase();
  private final LocalDateTime now =
      LocalDateTime.now(ZoneId.of("Europe/London")).truncatedTo(ChronoUnit.SECONDS);
  private int step;

  /** Where the hub listens, and where its files go. */
  record Ports(int http, int dicom, int mllp, Path dataDir) {}

  DemoStory(PrintStream out, Ports ports, SimulatedPacs rthPacs, SimulatedPacs rj1Pacs) {
    this.out = out;
    this.ports = ports;
    this.rthPacs = rthPacs;
    this.rj1Pacs = rj1Pacs;
    this.rthRis = new SimulatedRis("RTH", ports.mllp());
  }

  private String hub() {
    return "http://localhost:" + ports.http();
  }

  void play() throws Exception {
    Instant begun = Instant.now();
    out.println();
    out.println(
        "The story: a CT is asked for by RJ1, made at RTH, seen by both and by the patient.");
    SimulatedRis.Imaging ct = imaging("A", "CTHEAD", "CT head", "CT");
    SimulatedRis.Imaging xray = imaging("B", "XRSKU", "XR skull", "DX");
    hl7("RTH's RIS registers the patient", "ADT^A04", rthRis.admission(PATIENT, now));
    hl7("RTH's RIS sends the order for a CT", "ORM^O01", rthRis.order(PATIENT, ct, "RJ1", now));
    PhantomStudy ctStudy = PhantomStudy.ct(PATIENT, ct.accession(), now, PhantomStudy.CT_SLICES);
    send("RTH's PACS sends the CT", ctStudy);
    PhantomStudy xrayStudy = PhantomStudy.xray(PATIENT, xray.accession(), now);
    send("RTH's PACS sends an X-ray, before its order", xrayStudy);
    hl7(
        "RTH's RIS sends the order for the X-ray",
        "ORM^O01",
        rthRis.order(PATIENT, xray, "RJ1", now));
    forwarded(ctStudy, xrayStudy);
    hl7(
        "RTH's RIS sends the report of the CT",
        "ORU^R01",
        rthRis.result(
            PATIENT,
            ct,
            now,
            "CT head without contrast.",
            "A phantom with ten ellipsoids. No acute abnormality."));
    patientReads(ctStudy);
    out.printf("%nPlayed in %.1f s.%n", Duration.between(begun, Instant.now()).toMillis() / 1000.0);
  }

  private SimulatedRis.Imaging imaging(String letter, String code, String text, String modality) {
    return new SimulatedRis.Imaging(
        "P" + run + letter, "F" + run + letter, "A" + run + letter, code, text, modality);
  }

  private void say(String what) {
    out.printf("%n%2d. %s%n", ++step, what);
  }

  private void proof(String format, Object... values) {
    out.printf("      " + format + "%n", values);
  }

  private void hl7(String what, String type, String message) throws IOException {
    say(what);
    String answer = rthRis.send(message);
    proof("sent %s to MLLP port %d, %d bytes", type, ports.mllp(), message.length());
    proof(
        "came back: %s",
        Arrays.stream(answer.split("\r"))
            .filter(s -> s.startsWith("MSA"))
            .findFirst()
            .orElse("no MSA"));
    require("CA".equals(SimulatedRis.code(answer)), "the hub did not accept the message");
  }

  private void send(String what, PhantomStudy study)
      throws IOException, NoPresentationContextException {
    say(what);
    int stored = rthPacs.send(study, ports.dicom(), HUB_AE_TITLE);
    proof("sent %d objects by C-STORE to port %d", study.objects().size(), ports.dicom());
    proof("came back: %d times status 0000", stored);
    require(stored == study.objects().size(), "the hub did not take every object");
  }

  private void forwarded(PhantomStudy ct, PhantomStudy xray) throws Exception {
    say("The hub links both studies to their orders and forwards them to RJ1, who asked for them");
    await(
        "the transfers to RJ1",
        () -> rj1Pacs.has(ct) + rj1Pacs.has(xray),
        n -> n == ct.objects().size() + xray.objects().size());
    PatientApp system = new PatientApp(hub());
    system.logInAsSystem("demo-system", "demo");
    for (PhantomStudy study : new PhantomStudy[] {ct, xray}) {
      String path =
          "/fhir/ImagingStudy?identifier=urn:dicom:uid%7Curn:oid:" + study.studyInstanceUid();
      JsonNode resource = system.get(path).at("/entry/0/resource");
      JsonNode task =
          await(
              "the transfer record",
              () ->
                  system
                      .get("/fhir/Task?focus=ImagingStudy/" + resource.path("id").asText())
                      .at("/entry/0/resource"),
              t -> "completed".equals(t.path("status").asText()));
      proof(
          "RJ1's PACS has %d of %d objects, bit for bit; Task/%s is %s",
          rj1Pacs.has(study),
          study.objects().size(),
          task.path("id").asText(),
          task.path("status").asText());
    }
  }

  private void patientReads(PhantomStudy ct) throws Exception {
    say("The patient's app logs in (authorization code with PKCE) and reads");
    PatientApp app = new PatientApp(hub());
    proof(
        "GET /fhir/ImagingStudy without a token: %d", app.statusWithoutToken("/fhir/ImagingStudy"));
    app.logIn(PATIENT.nhsNumber());
    String path =
        "/fhir/ImagingStudy?identifier=urn:dicom:uid%7Curn:oid:"
            + ct.studyInstanceUid()
            + "&_include=ImagingStudy:basedon";
    JsonNode bundle = app.get(path);
    JsonNode study = bundle.at("/entry/0/resource");
    JsonNode order = bundle.at("/entry/1/resource");
    proof(
        "GET /fhir/ImagingStudy with the patient's token: ImagingStudy/%s, %d instances",
        study.path("id").asText(), study.path("numberOfInstances").asInt());
    proof(
        "  basedOn %s: %s, accession %s",
        study.at("/basedOn/0/reference").asText(),
        order.at("/code/coding/0/display").asText(order.at("/code/text").asText()),
        ct(order));
    require(
        study
            .at("/basedOn/0/reference")
            .asText()
            .equals("ServiceRequest/" + order.path("id").asText()),
        "the study is not linked to its order");
    JsonNode report =
        await(
            "the report",
            () ->
                app.get(
                        "/fhir/DiagnosticReport?based-on=ServiceRequest/"
                            + order.path("id").asText())
                    .at("/entry/0/resource"),
            r -> r.has("status"));
    proof(
        "GET /fhir/DiagnosticReport: %s, \"%s\"",
        report.path("status").asText(),
        report.path("conclusion").asText().lines().findFirst().orElse(""));
    pixels(app, ct);
  }

  private static String ct(JsonNode order) {
    for (JsonNode identifier : order.path("identifier")) {
      if ("ACSN".equals(identifier.at("/type/coding/0/code").asText())) {
        return identifier.path("value").asText();
      }
    }
    return "none";
  }

  private void pixels(PatientApp app, PhantomStudy ct) throws Exception {
    PhantomStudy.Encoded middle = ct.objects().get(ct.objects().size() / 2);
    String series =
        app.get("/dicomweb/studies/" + ct.studyInstanceUid() + "/metadata")
            .at("/0/0020000E/Value/0")
            .asText();
    byte[] file =
        app.object(
            "/dicomweb/studies/%s/series/%s/instances/%s"
                .formatted(ct.studyInstanceUid(), series, middle.sopInstanceUid()));
    long offset = FileMetaInformation.read(new ByteArrayInputStream(file)).dataSetOffset();
    byte[] dataSet = Arrays.copyOfRange(file, (int) offset, file.length);
    boolean same = Arrays.equals(dataSet, middle.dataSet());
    proof(
        "WADO-RS of the middle slice: %,d bytes, %s what the PACS sent:",
        file.length, same ? "bit for bit" : "NOT");
    require(same, "the pixels differ from what was sent");
    draw(dataSet);
  }

  /** The slice as characters: air blank, bone dense. */
  private void draw(byte[] dataSet) {
    int size = PhantomStudy.CT_SIZE;
    int start = dataSet.length - size * size * 2;
    String shades = " .:-=+*#%@";
    for (int row = 4; row < size; row += 12) {
      StringBuilder line = new StringBuilder();
      for (int column = 0; column < size; column += 6) {
        int at = start + 2 * (row * size + column);
        int value = (dataSet[at] & 0xff) | (dataSet[at + 1] & 0xff) << 8;
        line.append(shades.charAt(Math.min(shades.length() - 1, value * shades.length() / 2000)));
      }
      proof("%s", line.toString().stripTrailing());
    }
  }

  private static <T> T await(String what, Callable<T> value, Predicate<T> enough) throws Exception {
    Instant end = Instant.now().plus(PATIENCE);
    while (true) {
      T now = value.call();
      if (enough.test(now)) {
        return now;
      }
      if (Instant.now().isAfter(end)) {
        throw new TimeoutException(what + " did not come within " + PATIENCE.toSeconds() + " s");
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalStateException("ISO-DEMO-001: " + otherwise);
    }
  }
}
