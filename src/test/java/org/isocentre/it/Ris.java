package org.isocentre.it;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A RIS of the tests: HL7 v2 over MLLP. */
final class Ris {
  private static final AtomicInteger CONTROL = new AtomicInteger();
  private final int port;

  Ris(int port) {
    this.port = port;
  }

  static String order(String nhsNumber, String birthDate, String accession) {
    return head("ORM^O01")
        + pid(nhsNumber, birthDate)
        + "ORC|NW|P%s|F%s||SC||||20261101090000||||||||||||Second trust^^^^^^^^^RJ1\r"
            .formatted(accession, accession)
        + "OBR|1|P%s|F%s|CTHEAD^CT head^LOCAL|R|20261101090000||||||||||||%s||||||CT|||1^^^^^R||||^Test\r"
            .formatted(accession, accession, accession);
  }

  static String report(String nhsNumber, String birthDate, String accession, String text) {
    return head("ORU^R01")
        + pid(nhsNumber, birthDate)
        + "ORC|RE|P%s|F%s\r".formatted(accession, accession)
        + "OBR|1|P%s|F%s|CTHEAD^CT head^LOCAL|||20261101090000|||||||||||%s||||20261101100000||CT|F\r"
            .formatted(accession, accession, accession)
        + "OBX|1|TX|R^Report^LOCAL||%s||||||F\r".formatted(text);
  }

  static String head(String type) {
    return "MSH|^~\\&|RIS|RTH|ISOCENTRE|HUB|20261101090000||%s|M%d|P|2.4\r"
        .formatted(type, CONTROL.incrementAndGet());
  }

  static String pid(String nhsNumber, String birthDate) {
    return "PID|1||%s^^^NHS^NH||TEST^CASE||%s|F\r".formatted(nhsNumber, birthDate);
  }

  String send(String message) throws IOException {
    return sendAll(List.of(message)).get(0);
  }

  /** All at once on one connection, before any answer is read. */
  List<String> sendAll(List<String> messages) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", port)) {
      socket.setSoTimeout(30_000);
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      for (String message : messages) {
        all.write(0x0b);
        all.write(message.getBytes(StandardCharsets.UTF_8));
        all.write(0x1c);
        all.write(0x0d);
      }
      socket.getOutputStream().write(all.toByteArray());
      List<String> answers = new ArrayList<>();
      for (int i = 0; i < messages.size(); i++) {
        answers.add(answer(socket.getInputStream()));
      }
      return answers;
    }
  }

  private static String answer(InputStream in) throws IOException {
    StringBuilder answer = new StringBuilder();
    for (int b = in.read(); b != 0x1c; b = in.read()) {
      if (b < 0) {
        throw new EOFException("no acknowledgement");
      }
      if (b != 0x0b && (b != 0x0d || answer.length() > 0)) {
        answer.append((char) b);
      }
    }
    return answer.toString();
  }

  static String code(String answer) {
    for (String segment : answer.split("\r")) {
      if (segment.startsWith("MSA|")) {
        return segment.split("\\|")[1];
      }
    }
    return answer;
  }
}
