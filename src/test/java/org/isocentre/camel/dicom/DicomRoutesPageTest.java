package org.isocentre.camel.dicom;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.dimse.Query;
import org.isocentre.dicom.dimse.RetrieveHandler.Retrieval;
import org.isocentre.dicom.dimse.StoredObject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples of the page are these routes, and they work. */
class DicomRoutesPageTest {
  private static final Path PAGE = Path.of("docs/how-to/dicom-routes.md");
  private static final Path SOURCE =
      Path.of("src/test/java/org/isocentre/camel/dicom/DicomRoutesPageTest.java");
  private static final Path YAML = Path.of("src/test/resources/dicom-routes");
  private static final Pattern SNIPPET =
      Pattern.compile("<!-- snippet: (\\S+) -->\n```(\\w+)\n(.*?)```", Pattern.DOTALL);

  private final Loopback loopback = new Loopback();
  private final List<Object> seen = new CopyOnWriteArrayList<>();
  @TempDir private Path inbox;
  @TempDir private Path outbox;

  @BeforeEach
  void start() {
    loopback.context.getRegistry().bind("archive", new Archive());
    set("inbox", inbox.toString());
    set("outbox", outbox.toString());
    set("dicom.port", "0");
  }

  @AfterEach
  void stop() {
    loopback.close();
  }

  private void set(String name, String value) {
    loopback.context.getPropertiesComponent().addOverrideProperty(name, value);
  }

  // --- the page and the sources agree

  @Test
  void everySnippetOfThePageIsFromTheSources() throws Exception {
    Matcher snippets = SNIPPET.matcher(Files.readString(PAGE));
    int count = 0;
    while (snippets.find()) {
      String name = snippets.group(1);
      assertThat(snippets.group(3))
          .as("snippet " + name)
          .isEqualTo(snippets.group(2).equals("yaml") ? yaml(name) : java(name));
      count++;
    }
    long blocks = Files.readString(PAGE).lines().filter(line -> line.startsWith("```")).count() / 2;
    assertThat(count).as("blocks of code that no test holds").isEqualTo((int) blocks);
  }

  private static String yaml(String name) throws Exception {
    return Files.readString(YAML.resolve(name + ".yaml"));
  }

  private static String java(String name) throws Exception {
    String source = Files.readString(SOURCE);
    String begin = "// snippet: " + name + "\n";
    int from = source.indexOf(begin) + begin.length();
    assertThat(from).as("snippet " + name).isGreaterThan(begin.length());
    return source.substring(from, source.indexOf("// end", from)).stripIndent().stripTrailing()
        + "\n";
  }

  // --- the routes

  private void load(String name) throws Exception {
    PluginHelper.getRoutesLoader(loopback.context)
        .loadRoutes(ResourceHelper.fromString(name + ".yaml", yaml(name)));
  }

  private void running(String route) {
    set("dicom.port", Integer.toString(loopback.port(route)));
  }

  private List<Path> files(Path directory) throws Exception {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  @Test
  void filesGoOutAndComeIn() throws Exception {
    load("receive");
    running("receive");
    byte[] file = Loopback.file("1.2.3.4", 1000);
    Files.write(outbox.resolve("one.dcm"), file);
    load("forward");
    await().untilAsserted(() -> assertThat(inbox.resolve("1.2.3.4.dcm")).exists());
    await()
        .untilAsserted(
            () ->
                assertThat(
                        Loopback.dataSet(
                            Files.readAllBytes(inbox.resolve("1.2.3.4.dcm")), "1.2.3.4"))
                    .hasSizeGreaterThan(1000));
  }

  @Test
  void newStudiesArePolled() throws Exception {
    loopback.context.addRoutes(answering());
    running("answer");
    load("poll");
    await().untilAsserted(() -> assertThat(files(inbox)).hasSize(1));
  }

  @Test
  void aQueryIsSplitAndItsStudiesMoved() throws Exception {
    loopback.context.addRoutes(answering());
    running("answer");
    loopback.context.addRoutes(asking());
    loopback.template.sendBody("direct:prior", Map.of("PatientID", "X1"));
    assertThat(seen).containsExactly("1.2.3");
  }

  private RouteBuilder answering() {
    return new RouteBuilder() {
      @Override
      public void configure() {
        // snippet: answer
        from("dicom:HUB@0.0.0.0:{{dicom.port}}?operations=find,get")
            .routeId("answer")
            .choice()
            .when(header(DicomConstants.OPERATION).isEqualTo("find"))
            .bean("archive", "find")
            .otherwise()
            .bean("archive", "objects");
        // end
      }
    };
  }

  private RouteBuilder asking() {
    return new RouteBuilder() {
      @Override
      public void configure() {
        // snippet: ask
        from("direct:prior")
            .to("dicom:HUB@127.0.0.1:{{dicom.port}}?operation=find&level=STUDY&maxResults=50")
            .split(body())
            .streaming()
            .process(this::study)
            .to("direct:study");
        // end
        from("direct:study").process(e -> seen.add(e.getMessage().getBody()));
      }

      private void study(Exchange exchange) {
        DataSet match = exchange.getMessage().getBody(DataSet.class);
        exchange.getMessage().setBody(match.string(Tag.StudyInstanceUID));
      }
    };
  }

  @Test
  void aRouteSaysWhatIsAnswered() throws Exception {
    loopback.context.addRoutes(
        new RouteBuilder() {
          @Override
          public void configure() {
            // snippet: refuse
            from("dicom:HUB@0.0.0.0:{{dicom.port}}?operations=store&headerTags=Modality")
                .routeId("refuse")
                .onException(IllegalArgumentException.class)
                .handled(true)
                .setHeader(DicomConstants.STATUS, constant(0xA900))
                .setHeader(DicomConstants.ERROR_COMMENT, constant("no modality"))
                .end()
                .filter(header("CamelDicomModality").isNull())
                .throwException(new IllegalArgumentException("no modality"))
                .end();
            // end
          }
        });
    DicomOperationFailedException failed =
        (DicomOperationFailedException)
            loopback.failure(loopback.to("refuse", ""), Loopback.file("1.2.3.4", 10));
    assertThat(failed.getStatus()).isEqualTo(0xa900);
  }

  /** What an archive's own code would do. */
  public static final class Archive {
    // snippet: archive
    public DataSet find(Query query) {
      return new DataSet()
          .set(Tag.QueryRetrieveLevel, query.identifier().string(Tag.QueryRetrieveLevel))
          .set(Tag.StudyInstanceUID, "1.2.3");
    }

    public Retrieval objects() {
      List<StoredObject> objects = List.of(new OneImage());
      return new Retrieval(null, objects.size(), objects.iterator());
    }
    // end
  }

  private record OneImage() implements StoredObject {
    @Override
    public String sopClassUid() {
      return Uid.CT_IMAGE_STORAGE;
    }

    @Override
    public String sopInstanceUid() {
      return "1.2.3.4";
    }

    @Override
    public String transferSyntaxUid() {
      return Uid.EXPLICIT_VR_LITTLE_ENDIAN;
    }

    @Override
    public InputStream openDataSet(String transferSyntaxUid) {
      try {
        return new ByteArrayInputStream(Loopback.dataSet(Loopback.file("1.2.3.4", 10), "1.2.3.4"));
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
