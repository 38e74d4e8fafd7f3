package org.isocentre.dicom.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.web.DicomWebException.Kind;
import org.isocentre.dicom.web.WebServer.Answer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DicomWebClientTest {
  private static final String JSON = "application/dicom+json";
  private static final DicomWebPath STUDY = new DicomWebPath("1.2", null, null);
  private WebServer server;
  private DicomWebClient client;

  @BeforeEach
  void open() throws IOException {
    server = new WebServer();
    client = client(AccessTokens.NONE, Duration.ofSeconds(20));
  }

  @AfterEach
  void close() {
    client.close();
    server.close();
  }

  private DicomWebClient client(AccessTokens tokens, Duration stall) {
    return new DicomWebClient(
        new DicomWebSettings(server.uri("/pacs/dicomweb/"), Duration.ofSeconds(5), stall),
        tokens,
        null);
  }

  private void answer(int status, String type, String body) {
    server.answer(Answer.of(status, type, body.getBytes(StandardCharsets.UTF_8)));
  }

  private static DicomWebClient.Part10 bytes(byte... bytes) {
    return () -> new ByteArrayInputStream(bytes);
  }

  // --- search

  @Test
  void searchesAndReadsAsItComes() throws Exception {
    answer(
        200,
        JSON + "; charset=utf-8",
        "[{\"0020000D\":{\"vr\":\"UI\",\"Value\":[\"1.2\"]}},{\"0020000D\":{\"vr\":\"UI\"}}]");
    Map<String, List<String>> parameters = new LinkedHashMap<>();
    parameters.put("PatientName", List.of("M\u00fcller & S\u00f6hne^*"));
    parameters.put("includefield", List.of("00081030", "all"));
    List<String> found = new ArrayList<>();
    try (DataSetAnswers answers = client.search(DicomWebClient.Level.STUDIES, null, parameters)) {
      answers.forEachRemaining(set -> found.add(set.string(Tag.StudyInstanceUID)));
      assertThat(answers.isCut()).isFalse();
    }
    assertThat(found).containsExactly("1.2", null);
    WebServer.Asked asked = server.asked.get(0);
    assertThat(asked.uri())
        .isEqualTo(
            "/pacs/dicomweb/studies?PatientName=M%C3%BCller%20%26%20S%C3%B6hne%5E*"
                + "&includefield=00081030&includefield=all");
    assertThat(asked.accept()).isEqualTo(JSON);
    assertThat(asked.authorization()).isNull();
  }

  @Test
  void tellsThatThereIsMore() throws Exception {
    server.answer(
        exchange -> {
          exchange.getResponseHeaders().add("Warning", "299 pacs \"more\"");
          Answer.of(200, JSON, "[{}]".getBytes(StandardCharsets.UTF_8)).to(exchange);
        });
    try (DataSetAnswers answers = client.search(DicomWebClient.Level.SERIES, STUDY, Map.of())) {
      assertThat(answers.isCut()).isTrue();
    }
    assertThat(server.asked.get(0).uri()).isEqualTo("/pacs/dicomweb/studies/1.2/series");
  }

  @Test
  void nothingFoundIsNoError() throws Exception {
    server.answer(Answer.of(204, null, new byte[0]));
    try (DataSetAnswers answers = client.search(DicomWebClient.Level.STUDIES, null, Map.of())) {
      assertThat(answers.hasNext()).isFalse();
    }
  }

  @ParameterizedTest
  @CsvSource({"text/html,<html>", "application/dicom+json,{\"x", "application/dicom+json,[{}"})
  void whatIsNoDicomJsonIsMalformed(String type, String body) {
    answer(200, type, body);
    assertThatThrownBy(
            () -> {
              try (DataSetAnswers answers = client.metadata(STUDY)) {
                answers.forEachRemaining(set -> {});
              } catch (UncheckedIOException e) {
                throw e.getCause();
              }
            })
        .isInstanceOfSatisfying(
            DicomWebException.class, e -> assertThat(e.kind()).isEqualTo(Kind.MALFORMED))
        .hasMessageStartingWith("ISO-DICOMWEB-005: 127.0.0.1:");
  }

  @ParameterizedTest
  @CsvSource({
    "400,REFUSED,false", "401,NOT_ADMITTED,true", "403,NOT_ADMITTED,true", "404,NOT_ADMITTED,true",
    "409,REFUSED,false", "413,REFUSED,false", "415,REFUSED,false", "429,BUSY,true",
    "500,BUSY,true", "503,BUSY,true", "501,NOT_ADMITTED,true", "302,REFUSED,false"
  })
  void eachStatusIsOfAKind(int status, Kind kind, boolean retryable) {
    server.answer(Answer.of(status, null, new byte[0]));
    DicomWebException e =
        catchThrowableOfType(DicomWebException.class, () -> client.metadata(STUDY));
    assertThat(e.kind()).isEqualTo(kind);
    assertThat(e.isRetryable()).isEqualTo(retryable);
    assertThat(e.httpStatus()).isEqualTo(status);
    assertThat(e).hasMessageContaining(Integer.toString(status));
    // Neither a UID nor a name goes into a log.
    assertThat(e.getMessage()).doesNotContain("1.2/").doesNotContain("studies");
  }

  // --- retrieve

  @Test
  void retrievesPartsOneAfterTheOther() throws Exception {
    byte[] first = new byte[300_000];
    new Random(1).nextBytes(first);
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.writeBytes(
        "--b\r\nContent-Type: application/dicom\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    body.writeBytes(first);
    body.writeBytes("\r\n--b\r\n\r\nsecond\r\n--b--".getBytes(StandardCharsets.US_ASCII));
    server.answer(
        Answer.of(
            200, "multipart/related; type=\"application/dicom\"; boundary=b", body.toByteArray()));
    try (PartAnswers parts = client.retrieve(new DicomWebPath("1.2", "3.4", "5.6"), null)) {
      MultipartReader.Part part = parts.next();
      assertThat(part.header("content-type")).isEqualTo("application/dicom");
      assertThat(part.readAllBytes()).isEqualTo(first);
      assertThat(parts.next().readAllBytes())
          .isEqualTo("second".getBytes(StandardCharsets.US_ASCII));
      assertThat(parts.hasNext()).isFalse();
    }
    assertThat(server.asked.get(0).uri())
        .isEqualTo("/pacs/dicomweb/studies/1.2/series/3.4/instances/5.6");
    assertThat(server.asked.get(0).accept())
        .isEqualTo("multipart/related; type=\"application/dicom\"; transfer-syntax=*");
  }

  @Test
  void anAnswerThatBreaksOffIsNoEnd() throws Exception {
    server.answer(
        exchange -> {
          exchange
              .getResponseHeaders()
              .add("Content-Type", "multipart/related; type=\"application/dicom\"; boundary=b");
          exchange.sendResponseHeaders(200, 1000);
          exchange.getResponseBody().write("--b\r\n\r\nhalf".getBytes(StandardCharsets.US_ASCII));
          exchange.getResponseBody().flush();
        });
    try (PartAnswers parts = client.retrieve(STUDY, null)) {
      InputStream part = parts.next();
      assertThatThrownBy(part::readAllBytes)
          .isInstanceOfSatisfying(
              DicomWebException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNREACHABLE));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"../../etc", "1.2/3", "", "1.2?x", "a"})
  void whatIsNoUidIsNotAskedFor(String uid) {
    assertThatThrownBy(() -> new DicomWebPath(uid, null, null))
        .hasMessageStartingWith("ISO-DICOMWEB-001");
  }

  // --- store

  private static String answered(String stored, String failed) {
    String item =
        "{\"00081150\":{\"vr\":\"UI\",\"Value\":[\"1.2.840.10008.5.1.4.1.1.2\"]},"
            + "\"00081155\":{\"vr\":\"UI\",\"Value\":[\"%s\"]},"
            + "\"%s\":{\"vr\":\"US\",\"Value\":[%s]}}";
    String sequences = "";
    if (stored != null) {
      sequences +=
          "\"00081199\":{\"vr\":\"SQ\",\"Value\":["
              + item.formatted(stored, "00081196", 45056)
              + "]}";
    }
    if (failed != null) {
      sequences +=
          (sequences.isEmpty() ? "" : ",")
              + "\"00081198\":{\"vr\":\"SQ\",\"Value\":["
              + item.formatted(failed.split("=")[0], "00081197", failed.split("=")[1])
              + "]}";
    }
    return "{" + sequences + "}";
  }

  @Test
  void storesEachObjectAndTellsItsFate() throws Exception {
    answer(202, JSON, answered("1.1", "1.2=49152"));
    StoreResult result = client.store("1.2", List.of(bytes((byte) 1, (byte) 2), bytes((byte) 3)));
    assertThat(result.httpStatus()).isEqualTo(202);
    assertThat(result.stored())
        .containsExactly(new StoreResult.Stored("1.2.840.10008.5.1.4.1.1.2", "1.1", 0xb000, null));
    assertThat(result.failed())
        .containsExactly(new StoreResult.Failed("1.2.840.10008.5.1.4.1.1.2", "1.2", 0xc000));

    WebServer.Asked asked = server.asked.get(0);
    assertThat(asked.method() + " " + asked.uri()).isEqualTo("POST /pacs/dicomweb/studies/1.2");
    MultipartReader parts =
        MultipartReader.of(new ByteArrayInputStream(asked.body()), asked.type());
    assertThat(asked.type()).startsWith("multipart/related; type=\"application/dicom\"; boundary=");
    MultipartReader.Part first = parts.next();
    assertThat(first.header("content-type")).isEqualTo("application/dicom");
    assertThat(first.readAllBytes()).containsExactly(1, 2);
    assertThat(parts.next().readAllBytes()).containsExactly(3);
    assertThat(parts.next()).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "200,42752,BUSY,true",
    "409,42752,BUSY,true",
    "409,49152,REFUSED,false",
    "202,272,REFUSED,false"
  })
  void anObjectThatWasNotStoredIsAFailureWhateverTheStatus(
      int status, int reason, Kind kind, boolean retryable) {
    answer(status, JSON, answered(null, "1.1=" + reason));
    DicomWebException e =
        catchThrowableOfType(DicomWebException.class, () -> client.store(null, bytes((byte) 1)));
    assertThat(e.failureReason()).isEqualTo(reason);
    assertThat(e.kind()).isEqualTo(kind);
    assertThat(e.isRetryable()).isEqualTo(retryable);
    assertThat(e.isAboutRequest()).isEqualTo(!retryable);
  }

  @Test
  void successIsWhatTheServerSaid() throws Exception {
    // 200 stands for all of them, also without a word more.
    server.answer(Answer.of(200, null, new byte[0]));
    assertThat(client.store(null, bytes((byte) 1)).sopInstanceUid()).isNull();
    // 202 stands for some of them.
    server.answer(Answer.of(202, null, new byte[0]));
    assertThatThrownBy(() -> client.store(null, bytes((byte) 1)))
        .hasMessageStartingWith("ISO-DICOMWEB-008");
    answer(202, JSON, answered("1.1", null));
    assertThatThrownBy(() -> client.store(null, List.of(bytes((byte) 1), bytes((byte) 2))))
        .hasMessageStartingWith("ISO-DICOMWEB-008");
    server.answer(Answer.of(409, "text/plain", "no".getBytes(StandardCharsets.US_ASCII)));
    assertThatThrownBy(() -> client.store(null, bytes((byte) 1)))
        .hasMessageStartingWith("ISO-DICOMWEB-003");
  }

  @Test
  void aSourceThatFailsIsToldAsItIs() {
    IOException own = new IOException("consent was withdrawn");
    assertThatThrownBy(
            () ->
                client.store(
                    null,
                    () ->
                        new InputStream() {
                          @Override
                          public int read() throws IOException {
                            throw own;
                          }
                        }))
        .isSameAs(own);
    assertThatThrownBy(
            () ->
                client.store(
                    null,
                    () -> {
                      throw own;
                    }))
        .isSameAs(own);
  }

  // --- tokens

  private static final class Tokens implements AccessTokens {
    private final List<String> refused = new ArrayList<>();
    private int given;

    @Override
    public String token() {
      return "t" + given++;
    }

    @Override
    public void refused(String token) {
      refused.add(token);
    }
  }

  @Test
  void aTokenThatIsRefusedIsReplacedOnce() throws Exception {
    Tokens tokens = new Tokens();
    try (DicomWebClient known = client(tokens, Duration.ofSeconds(20))) {
      server.answer(Answer.of(401, null, new byte[0]));
      answer(200, JSON, "[]");
      known.metadata(STUDY).close();
      assertThat(server.asked)
          .extracting(WebServer.Asked::authorization)
          .containsExactly("Bearer t0", "Bearer t1");
      server.answer(Answer.of(401, null, new byte[0]));
      server.answer(Answer.of(401, null, new byte[0]));
      assertThatThrownBy(() -> known.metadata(STUDY)).hasMessageContaining("401");
      // Objects are not sent twice: their source may be gone. The next attempt has another token.
      server.answer(Answer.of(401, null, new byte[0]));
      assertThatThrownBy(() -> known.store(null, bytes((byte) 1))).hasMessageContaining("401");
      assertThat(tokens.refused).containsExactly("t0", "t2", "t4");
    }
  }

  @Test
  void tokensAreNotSentInTheClear() {
    assertThatThrownBy(
            () ->
                new DicomWebClient(
                    new DicomWebSettings(URI.create("http://pacs.example/dicomweb")),
                    new Tokens(),
                    null))
        .hasMessageStartingWith("ISO-DICOMWEB-002");
  }

  @Test
  void aRedirectIsNotFollowed() {
    server.answer(
        exchange -> {
          exchange.getResponseHeaders().add("Location", server.uri("/elsewhere").toString());
          exchange.sendResponseHeaders(302, -1);
        });
    assertThatThrownBy(() -> client.metadata(STUDY)).hasMessageContaining("302");
    assertThat(server.asked).hasSize(1);
  }

  // --- time

  @Test
  void aServerThatStandsStillIsLeft() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    try (DicomWebClient hasty = client(AccessTokens.NONE, Duration.ofMillis(300))) {
      Answer silent =
          exchange -> {
            try {
              over.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          };
      server.answer(silent);
      assertThatThrownBy(() -> hasty.metadata(STUDY))
          .isInstanceOfSatisfying(
              DicomWebException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNREACHABLE))
          .hasMessageStartingWith("ISO-DICOMWEB-006");
      server.answer(
          exchange -> {
            exchange.getResponseHeaders().add("Content-Type", JSON);
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write("[{}".getBytes(StandardCharsets.US_ASCII));
            exchange.getResponseBody().flush();
            silent.to(exchange);
          });
      try (DataSetAnswers answers = hasty.metadata(STUDY)) {
        assertThat(answers.hasNext()).isTrue();
        answers.next();
        assertThatThrownBy(answers::hasNext)
            .hasRootCauseInstanceOf(IOException.class)
            .hasMessageContaining("ISO-DICOMWEB-006");
      }
    } finally {
      over.countDown();
    }
  }

  @Test
  void whereNobodyListensIsUnreachable() throws Exception {
    int port;
    try (ServerSocket closed = new ServerSocket(0)) {
      port = closed.getLocalPort();
    }
    try (DicomWebClient nobody =
        new DicomWebClient(
            new DicomWebSettings(URI.create("http://127.0.0.1:" + port)),
            AccessTokens.NONE,
            null)) {
      assertThatThrownBy(() -> nobody.metadata(STUDY))
          .isInstanceOfSatisfying(
              DicomWebException.class, e -> assertThat(e.isRetryable()).isTrue());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ftp://x/y", "/dicomweb", "http:x", "https://u:p@x/", "https://x/?a=b"})
  void aBaseIsAnAddressAlone(String base) {
    assertThatThrownBy(() -> new DicomWebSettings(URI.create(base)))
        .hasMessageStartingWith("ISO-DICOMWEB-002");
  }
}
