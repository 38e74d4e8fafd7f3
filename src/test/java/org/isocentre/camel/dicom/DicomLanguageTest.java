package org.isocentre.camel.dicom;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.converter.stream.InputStreamCache;
import org.apache.camel.support.DefaultExchange;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The language and the data format {@code dicom}. */
class DicomLanguageTest {
  private final Loopback loopback = new Loopback();
  @TempDir private Path directory;

  @AfterEach
  void stop() {
    loopback.close();
  }

  private Object evaluate(String expression, Object body) {
    Exchange exchange = new DefaultExchange(loopback.context);
    exchange.getMessage().setBody(body);
    exchange.getMessage().setHeader("Prior", Loopback.study("9.9"));
    return loopback
        .context
        .resolveLanguage("dicom")
        .createExpression(expression)
        .evaluate(exchange, Object.class);
  }

  private static DataSet nested() {
    DataSet set = Loopback.study("1.2.3");
    set.addItem(Tag.RequestAttributesSequence).set(Tag.RequestedProcedureID, "RP1");
    set.addItem(Tag.RequestAttributesSequence).set(Tag.RequestedProcedureID, "RP2");
    return set;
  }

  @ParameterizedTest
  @CsvSource({
    "StudyInstanceUID, 1.2.3",
    "'(0020,000D)', 1.2.3",
    "AccessionNumber, ",
    "RequestAttributesSequence.RequestedProcedureID, RP1",
    "RequestAttributesSequence[2].RequestedProcedureID, RP2",
    "RequestAttributesSequence[3].RequestedProcedureID, ",
    "header:Prior/StudyInstanceUID, 9.9",
    "header:None/StudyInstanceUID, "
  })
  void givesValues(String expression, String value) {
    assertThat(evaluate(expression, nested())).isEqualTo(value);
  }

  @Test
  void aSequenceIsItsItems() {
    assertThat((List<?>) evaluate("RequestAttributesSequence", nested())).hasSize(2);
  }

  @Test
  void readsEverySourceWithoutUsingItUp() throws Exception {
    byte[] file = Loopback.file("1.2.3.4", 70_000);
    Path path = Files.write(directory.resolve("one.dcm"), file);
    InputStreamCache stream = new InputStreamCache(file);
    for (Object body : new Object[] {file, path, path.toFile(), stream}) {
      assertThat(evaluate("SOPInstanceUID", body)).isEqualTo("1.2.3.4");
      assertThat(evaluate("StudyInstanceUID", body)).isEqualTo("1.2.3");
    }
    assertThat(stream.readAllBytes()).isEqualTo(file);
    assertThatThrownBy(() -> evaluate("SOPInstanceUID", new ByteArrayInputStream(file)))
        .hasStackTraceContaining("ISO-DICOM-649");
  }

  @Test
  void anUnknownKeywordFailsAtStart() {
    assertThatThrownBy(() -> evaluate("NoSuchKeyword", nested()))
        .hasStackTraceContaining("ISO-DICOM-206");
  }

  @Test
  void choosesByAReceivedObjectThatIsStillWhole() throws Exception {
    List<Object> seen = new java.util.concurrent.CopyOnWriteArrayList<>();
    loopback.context.addRoutes(
        new RouteBuilder() {
          @Override
          public void configure() {
            from("dicom:HUB@127.0.0.1:0")
                .routeId("in")
                .setHeader("study")
                .language("dicom", "StudyInstanceUID")
                .filter()
                .language("dicom", "StudyDate")
                .process(e -> seen.add(e.getMessage().getBody(byte[].class).length))
                .end()
                .filter()
                .language("dicom", "AccessionNumber")
                .process(e -> seen.add("no"))
                .end()
                .process(e -> seen.add(e.getMessage().getHeader("study")));
          }
        });
    byte[] file = Loopback.file("1.2.3.4", 70_000);
    assertThat(loopback.send(loopback.to("in", ""), file).getException()).isNull();
    assertThat(seen).hasSize(2).contains("1.2.3");
    assertThat((int) seen.get(0)).isGreaterThan(70_000);
  }

  // --- data format

  private Object through(boolean marshal, Object format, Object body) throws Exception {
    String from = "direct:" + (marshal ? "m" : "u") + System.nanoTime();
    if (format instanceof DicomDataFormat made) {
      loopback.context.getRegistry().bind("made", made);
    }
    String name = format instanceof String named ? named : "made";
    loopback.context.addRoutes(
        new RouteBuilder() {
          @Override
          public void configure() {
            errorHandler(noErrorHandler());
            if (marshal) {
              from(from).marshal().custom(name);
            } else {
              from(from).unmarshal().custom(name);
            }
          }
        });
    Exchange done = loopback.send(from, body);
    if (done.getException() != null) {
      throw done.getException();
    }
    return marshal ? done.getMessage().getBody(String.class) : done.getMessage().getBody();
  }

  private static DicomDataFormat xml() {
    DicomDataFormat xml = new DicomDataFormat();
    xml.setFormat(DicomDataFormat.Format.xml);
    return xml;
  }

  @Test
  void dataSetsBecomeJsonAndBack() throws Exception {
    String json = (String) through(true, "dicom", nested());
    assertThat(json).startsWith("{").contains("\"0020000D\"", "RP2");
    DataSet back = (DataSet) through(false, "dicom", json);
    assertThat(back.string(Tag.StudyInstanceUID)).isEqualTo("1.2.3");
    assertThat(back.items(Tag.RequestAttributesSequence)).hasSize(2);
  }

  @Test
  void dataSetsBecomeXmlAndBack() throws Exception {
    String text = (String) through(true, xml(), nested());
    assertThat(text).contains("<NativeDicomModel", "RP2");
    DataSet back = (DataSet) through(false, xml(), text);
    assertThat(back.string(Tag.StudyInstanceUID)).isEqualTo("1.2.3");
    assertThatThrownBy(() -> through(true, xml(), List.of(nested())))
        .hasMessageContaining("ISO-DICOM-650");
  }

  @Test
  void severalBecomeAnArray() throws Exception {
    String json =
        (String) through(true, "dicom", List.of(nested(), Loopback.study("2")).iterator());
    List<?> back = (List<?>) through(false, "dicom", json);
    assertThat(back).hasSize(2);
    assertThat((List<?>) through(false, "dicom", "[]")).isEmpty();
  }

  @Test
  void anObjectIsWrittenUpToItsPixels() throws Exception {
    String json = (String) through(true, "dicom", Loopback.file("1.2.3.4", 70_000));
    assertThat(json).contains("1.2.3.4").doesNotContain("7FE00010");
    assertThat(json.length()).isLessThan(2_000);
  }

  @Test
  void whatIsNoDataSetFails() {
    assertThatThrownBy(() -> through(true, "dicom", 17)).isNotNull();
    assertThatThrownBy(() -> through(false, "dicom", "{\"no")).isNotNull();
  }
}
