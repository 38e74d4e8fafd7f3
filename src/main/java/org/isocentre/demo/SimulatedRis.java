package org.isocentre.demo;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;

/** A trust's RIS: sends admissions, orders and results over MLLP. */
final class SimulatedRis {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMddHHmmss");
  private static final int MAX_ANSWER = 64 * 1024;
  private static final int TIMEOUT_MILLIS = 30_000;
  private final String facility;
  private final int hubPort;

  SimulatedRis(String facility, int hubPort) {
    this.facility = facility;
    this.hubPort = hubPort;
  }

  /** An order for imaging. */
  record Imaging(
      String placer, String filler, String accession, String code, String text, String modality) {}

  String admission(DemoPatient patient, LocalDateTime at) {
    return head("ADT^A04", at)
        + "EVN|A04|"
        + TIME.format(at)
        + "\r"
        + pid(patient)
        + "PV1|1|O|XRAY\r";
  }

  /**
   * @param referrer ODS code of the organisation that asks
   */
  String order(DemoPatient patient, Imaging imaging, String referrer, LocalDateTime at) {
    return head("ORM^O01", at)
        + pid(patient)
        + "PV1|1|O|XRAY\r"
        + "ORC|NW|%s|%s||SC||||%s|||C9999998^EXAMPLE^GENERAL^^^DR|||||||||%s^^^^^^^^^%s\r"
            .formatted(
                imaging.placer(), imaging.filler(), TIME.format(at), "Referring trust", referrer)
        + "OBR|1|%s|%s|%s^%s^LOCAL|R|%s||||||||||C9999998^EXAMPLE^GENERAL^^^DR||%s||||||%s|||1^^^^^R||||^Headache for three weeks\r"
            .formatted(
                imaging.placer(),
                imaging.filler(),
                imaging.code(),
                imaging.text(),
                TIME.format(at),
                imaging.accession(),
                imaging.modality());
  }

  String result(DemoPatient patient, Imaging imaging, LocalDateTime at, String... lines) {
    StringBuilder message =
        new StringBuilder(head("ORU^R01", at))
            .append(pid(patient))
            .append("ORC|RE|%s|%s\r".formatted(imaging.placer(), imaging.filler()))
            .append(
                "OBR|1|%s|%s|%s^%s^LOCAL|||%s|||||||||||%s||||%s||%s|F|||||||C9999997^READER^REMOTE\r"
                    .formatted(
                        imaging.placer(),
                        imaging.filler(),
                        imaging.code(),
                        imaging.text(),
                        TIME.format(at),
                        imaging.accession(),
                        TIME.format(at),
                        imaging.modality()));
    for (int i = 0; i < lines.length; i++) {
      message.append("OBX|%d|TX|REPORT^Report^LOCAL||%s||||||F\r".formatted(i + 1, lines[i]));
    }
    return message.toString();
  }

  private String head(String type, LocalDateTime at) {
    return "MSH|^~\\&|RIS|%s|ISOCENTRE|HUB|%s||%s|%s%d|P|2.4|||AL|NE||UNICODE UTF-8\r"
        .formatted(
            facility, TIME.format(at), type, facility, System.nanoTime() % 1_000_000_000_000L);
  }

  private String pid(DemoPatient p) {
    return "PID|1||%s^^^NHS^NH~H%s^^^%s^MR||%s^%s||%s|%s|||1 Example Street^^Exampleton^^EX1 1AA\r"
        .formatted(
            p.nhsNumber(),
            p.nhsNumber().substring(4),
            facility,
            p.family(),
            p.given(),
            p.birthDate(),
            p.sex());
  }

  /**
   * Sends one message and waits for its acknowledgement.
   *
   * @return the acknowledgement, segments ended by CR
   */
  String send(String message) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", hubPort)) {
      socket.setSoTimeout(TIMEOUT_MILLIS);
      byte[] body = message.getBytes(StandardCharsets.UTF_8);
      byte[] frame = new byte[body.length + 3];
      frame[0] = 0x0b;
      System.arraycopy(body, 0, frame, 1, body.length);
      frame[frame.length - 2] = 0x1c;
      frame[frame.length - 1] = 0x0d;
      socket.getOutputStream().write(frame);
      return answer(socket.getInputStream());
    }
  }

  private static String answer(InputStream in) throws IOException {
    StringBuilder answer = new StringBuilder();
    for (int b = in.read(); b != 0x1c; b = in.read()) {
      if (b < 0 || answer.length() > MAX_ANSWER) {
        throw new EOFException("the connection ended before the acknowledgement did");
      }
      if (b != 0x0b) {
        answer.append((char) b);
      }
    }
    return answer.toString();
  }

  /** The acknowledgement code, MSA-1. */
  static String code(String acknowledgement) {
    for (String segment : acknowledgement.split("\r")) {
      if (segment.startsWith("MSA|")) {
        return segment.split("\\|")[1];
      }
    }
    return "none";
  }
}
