package org.isocentre.camel.dicomweb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.Exchange;
import org.apache.camel.FailedToCreateProducerException;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.converter.stream.InputStreamCache;
import org.apache.camel.impl.DefaultCamelContext;
import org.isocentre.camel.dicom.Part10Source;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.web.DicomWebException;
import org.isocentre.dicom.web.MultipartReader;
import org.isocentre.dicom.web.WebServer;
import org.isocentre.dicom.web.WebServer.Answer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The {@code dicomweb:} component as routes use it. */
class DicomWebComponentTest {
  private static final String JSON = "application/dicom+json";
  private static final String STORED =
      "{\"00081199\":{\"vr\":\"SQ\",\"Value\":[{\"00081155\":{\"vr\":\"UI\",\"Value\":[\"1.2.3\"]},"
          + "\"00081190\":{\"vr\":\"UR\",\"Value\":[\"http://pacs/1.2.3\"]}}]}}";

  private final DefaultCamelContext context = new DefaultCamelContext();
  private WebServer server;
  private ProducerTemplate template;
  @TempDir private Path directory;

  @BeforeEach
  void start() throws Exception {
    server = new WebServer();
    context.start();
    template = context.createProducerTemplate();
  }

  @AfterEach
  void stop() throws Exception {
    context.close();
    server.close();
  }

  private String uri(String options) {
    return "dicomweb:" + server.uri("/dw") + options;
  }

  private void answer(int status, String type, String body) {
    server.answer(Answer.of(status, type, body.getBytes(StandardCharsets.UTF_8)));
  }

  private byte[] sent(int call) throws Exception {
    WebServer.Asked asked = server.asked.get(call);
    return MultipartReader.of(new ByteArrayInputStream(asked.body()), asked.type())
        .next()
        .readAllBytes();
  }

  @Test
  void storesWhateverTheBodyIs() throws Exception {
    byte[] file = "Part 10".getBytes(StandardCharsets.US_ASCII);
    Path path = Files.write(directory.resolve("x.dcm"), file);
    Part10Source source = () -> new ByteArrayInputStream(file);
    List<Object> bodies =
        List.of(
            file,
            new ByteArrayInputStream(file),
            path,
            path.toFile(),
            source,
            new InputStreamCache(file));
    for (int i = 0; i < bodies.size(); i++) {
      answer(200, JSON, STORED);
      Object body = bodies.get(i);
      Exchange done =
          template.request(
              uri("?operation=store"), exchange -> exchange.getMessage().setBody(body));
      assertThat(done.getException()).isNull();
      assertThat(done.getMessage().getHeader(DicomWebConstants.INSTANCE)).isEqualTo("1.2.3");
      assertThat(done.getMessage().getHeader(DicomWebConstants.STATUS)).isEqualTo(0);
      assertThat(done.getMessage().getHeader(DicomWebConstants.RETRIEVE_URL))
          .isEqualTo("http://pacs/1.2.3");
      assertThat(sent(i)).isEqualTo(file);
    }
  }

  @Test
  void aRouteTriesAgain() throws Exception {
    context.addRoutes(
        new RouteBuilder() {
          @Override
          public void configure() {
            onException(DicomWebException.class)
                .onWhen(simple("${exception.retryable}"))
                .maximumRedeliveries(2)
                .redeliveryDelay(1);
            from("direct:in").to(uri("?operation=store"));
          }
        });
    answer(503, null, "");
    answer(200, JSON, STORED);
    template.sendBody("direct:in", new InputStreamCache(new byte[] {1, 2, 3}));
    assertThat(sent(1)).containsExactly(1, 2, 3);
    answer(400, null, "");
    assertThatThrownBy(() -> template.sendBody("direct:in", new byte[] {1}))
        .isInstanceOf(CamelExecutionException.class)
        .hasRootCauseInstanceOf(DicomWebException.class);
    assertThat(server.asked).hasSize(3);
  }

  @Test
  void searchesByTheIdentifierOfCFind() throws Exception {
    DataSet keys =
        new DataSet()
            .set(Tag.SpecificCharacterSet, "ISO_IR 192")
            .set(Tag.QueryRetrieveLevel, "SERIES")
            .set(Tag.StudyDate, "20260101-")
            .set(Tag.StudyInstanceUID, "1.2", "1.3")
            .set(Tag.PatientName, "");
    keys.addItem(Tag.RequestAttributesSequence).set(Tag.RequestedProcedureID, "RP1");
    keys.put(new Element.Sequence(Tag.ProcedureCodeSequence, List.of()));
    answer(200, JSON, "[{\"0020000E\":{\"vr\":\"UI\",\"Value\":[\"1.2.1\"]}}]");
    List<String> series = new ArrayList<>();
    context.addRoutes(
        new RouteBuilder() {
          @Override
          public void configure() {
            from("direct:in")
                .to(uri("?operation=search&level=SERIES"))
                .split(body())
                .process(
                    e ->
                        series.add(
                            e.getMessage().getBody(DataSet.class).string(Tag.SeriesInstanceUID)));
          }
        });
    template.sendBodyAndHeader("direct:in", keys, DicomWebConstants.PARAMETERS, Map.of("limit", 5));
    assertThat(series).containsExactly("1.2.1");
    assertThat(server.asked.get(0).uri())
        .isEqualTo(
            "/dw/series?00080020=20260101-&0020000D=1.2%2C1.3&00400275.00401001=RP1"
                + "&includefield=00081032&includefield=00100010&limit=5");
  }

  @Test
  void splitsMetadataAndObjects() throws Exception {
    List<Object> got = new ArrayList<>();
    context.addRoutes(
        new RouteBuilder() {
          @Override
          public void configure() {
            from("direct:metadata")
                .to(uri("?operation=metadata"))
                .split(body())
                .streaming()
                .process(
                    e -> got.add(e.getMessage().getBody(DataSet.class).string(Tag.SOPInstanceUID)));
            from("direct:retrieve")
                .to(
                    uri(
                        "?operation=retrieve&transferSyntax=1.2.840.10008.1.2.1&spoolDirectory="
                            + directory))
                .split(body())
                .streaming()
                .process(
                    e ->
                        got.add(
                            new String(
                                e.getMessage().getBody(InputStream.class).readAllBytes(),
                                StandardCharsets.US_ASCII)));
          }
        });
    answer(
        200,
        JSON,
        "[{\"00080018\":{\"vr\":\"UI\",\"Value\":[\"1\"]}},{\"00080018\":{\"vr\":\"UI\",\"Value\":[\"2\"]}}]");
    Map<String, Object> headers =
        Map.of(DicomWebConstants.STUDY, "1.2", DicomWebConstants.SERIES, "1.2.3");
    template.sendBodyAndHeaders("direct:metadata", null, headers);
    answer(
        200,
        "multipart/related; type=\"application/dicom\"; boundary=b",
        "--b\r\n\r\nfirst\r\n--b\r\n\r\nsecond\r\n--b--");
    template.sendBodyAndHeaders("direct:retrieve", null, headers);
    assertThat(got).containsExactly("1", "2", "first", "second");
    assertThat(directory).isEmptyDirectory();
    assertThat(server.asked)
        .extracting(WebServer.Asked::uri)
        .containsExactly("/dw/studies/1.2/series/1.2.3/metadata", "/dw/studies/1.2/series/1.2.3");
    assertThat(server.asked.get(1).accept()).contains("transfer-syntax=1.2.840.10008.1.2.1");
  }

  @Test
  void rendersByTheHeaderToo() throws Exception {
    answer(200, "image/png", "picture");
    context.addRoutes(
        new RouteBuilder() {
          @Override
          public void configure() {
            from("direct:in").to(uri("?accept=image/png")).convertBodyTo(String.class);
          }
        });
    Exchange done =
        template.request(
            "direct:in",
            e -> {
              e.getMessage().setHeader(DicomWebConstants.OPERATION, "rendered");
              e.getMessage().setHeader(DicomWebConstants.STUDY, "1.2");
              e.getMessage().setHeader(DicomWebConstants.PARAMETERS, Map.of("viewport", "64,64"));
            });
    assertThat(done.getMessage().getBody()).isEqualTo("picture");
    assertThat(done.getMessage().getHeader(Exchange.CONTENT_TYPE)).isEqualTo("image/png");
    assertThat(server.asked.get(0).uri()).isEqualTo("/dw/studies/1.2/rendered?viewport=64%2C64");
  }

  @Test
  void getsTokensByItsOptionsAndKeepsTheSecret() throws Exception {
    answer(200, "application/json", "{\"access_token\":\"at\",\"token_type\":\"Bearer\"}");
    answer(200, JSON, STORED);
    String uri =
        uri(
            "?oauth2TokenEndpoint="
                + server.uri("/token")
                + "&oauth2ClientId=hub&oauth2ClientSecret=geheim&oauth2Scope=a b");
    template.sendBody(uri, new byte[] {1});
    assertThat(server.asked.get(1).authorization()).isEqualTo("Bearer at");
    assertThat(context.getEndpoint(uri).toString()).doesNotContain("geheim");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "?oauth2TokenEndpoint=http://auth.example/token&oauth2ClientId=a&oauth2ClientSecret=b",
        "?oauth2TokenEndpoint=https://auth.example/token&oauth2ClientId=a",
        "?oauth2TokenEndpoint=https://auth.example/token&oauth2ClientId=a&oauth2Key=/no/such/file"
      })
  void whatCannotWorkIsToldWhenTheRouteStarts(String options) {
    assertThatThrownBy(() -> template.sendBody(uri(options), new byte[] {1}))
        .isInstanceOf(FailedToCreateProducerException.class);
    assertThat(server.asked).isEmpty();
  }

  @Test
  void itOnlyAsks() {
    assertThatThrownBy(() -> context.getEndpoint(uri("")).createConsumer(e -> {}))
        .hasMessageStartingWith("ISO-DICOMWEB-011");
  }
}
