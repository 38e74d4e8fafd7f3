package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import javax.imageio.ImageIO;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.TransferSyntax;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.io.DataSetReader;
import org.isocentre.dicom.io.FileMetaInformation;
import org.isocentre.dicom.io.ReaderLimits;
import org.isocentre.it.Pacs.About;
import org.isocentre.it.Pacs.Image;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** DICOMweb (PS3.18) over HTTP, as a client sees it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DicomWebIT {
  private static final String STUDY = "1.2.826.0.1.3680043.10.999.1";
  private static final String SERIES = STUDY + ".1";
  private static final String OTHER_SERIES = STUDY + ".2";
  private static final String MULTIPART =
      "multipart/related; type=\"application/dicom\"; boundary=b";
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String NHS = "9990000018";
  private static final String INSTANCE =
      "/dicomweb/studies/" + STUDY + "/series/" + SERIES + "/instances/" + SERIES + ".1";

  private final List<Image> images = new ArrayList<>();
  private TestHub hub;
  private String token;

  @BeforeAll
  void start(@TempDir Path data) throws Exception {
    hub = new TestHub(data, TestHub.freePort(), "--isocentre.dicomweb.max-results=5");
    hub.start();
    token = hub.patient(NHS);
    About about = new About(NHS, "19740213", "DW1");
    for (int i = 1; i <= 3; i++) {
      images.add(Pacs.image(STUDY, SERIES, SERIES + "." + i, about, 32, i));
    }
    images.add(Pacs.image(STUDY, OTHER_SERIES, OTHER_SERIES + ".1", about, 32, 9));
    for (int i = 1; i <= 6; i++) {
      String study = STUDY + "00" + i;
      images.add(Pacs.image(study, study + ".1", study + ".1.1", about, 16, i));
    }
    About other = new About("9990000026", "19740213", "DW2");
    images.add(Pacs.image(STUDY + "99", STUDY + "99.1", STUDY + "99.1.1", other, 16, 1));
    try (Pacs pacs = new Pacs()) {
      assertThat(pacs.send(hub.dicom, images.toArray(Image[]::new))).containsOnly(0);
    }
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> hub.json("/dicomweb/instances?offset=10", hub.system()).size() == 1);
  }

  @AfterAll
  void stop() {
    hub.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          /studies?StudyInstanceUID=@S                                        | 1
          /studies?StudyInstanceUID=@S,@S001                                  | 2
          /studies?0020000D=@S%5C@S001                                        | 2
          /studies?AccessionNumber=DW1&limit=3                                | 3
          /studies?AccessionNumber=DW1                                        | 5
          /studies?AccessionNumber=DW1&offset=5                               | 2
          /studies?AccessionNumber=DW1&offset=7                               | 0
          /studies?AccessionNumber=D?1&limit=1                                | 1
          /studies?AccessionNumber=DW2                                        | 0
          /studies?PatientName=test*&StudyInstanceUID=@S                      | 1
          /studies?PatientName=case&StudyInstanceUID=@S                       | 0
          /studies?PatientName=case&StudyInstanceUID=@S&fuzzymatching=true    | 1
          /studies?StudyDate=20261101&StudyInstanceUID=@S                     | 1
          /studies?StudyDate=20261102-&StudyInstanceUID=@S                    | 0
          /studies?StudyDate=-20261101&StudyTime=1000-1030&StudyInstanceUID=@S | 1
          /studies?ModalitiesInStudy=CT&StudyInstanceUID=@S                   | 1
          /studies?ModalitiesInStudy=MR,CT&StudyInstanceUID=@S                | 1
          /studies?ModalitiesInStudy=MR&StudyInstanceUID=@S                   | 0
          /studies?PatientID=9990000018&PatientBirthDate=19740213&limit=2     | 2
          /studies?PatientID=9990000026                                       | 0
          /studies?IssuerOfAccessionNumberSequence.LocalNamespaceEntityID=RTH&StudyInstanceUID=@S | 1
          /studies?00080051.00400031=RJ1&StudyInstanceUID=@S                  | 0
          /studies?limit=0                                                    | 0
          /studies/@S/series                                                  | 2
          /studies/@S/series?SeriesInstanceUID=@S.2                           | 1
          /studies/@S/series?Modality=CT                                      | 2
          /studies/@S/series?SeriesNumber=1                                   | 2
          /studies/@S/instances                                               | 4
          /studies/@S/series/@S.1/instances                                   | 3
          /studies/@S/series/@S.1/instances?SOPInstanceUID=@S.1.2             | 1
          /series?StudyInstanceUID=@S                                         | 2
          /instances?SeriesInstanceUID=@S.1                                   | 3
          /instances?StudyInstanceUID=@S&SOPClassUID=1.2.840.10008.5.1.4.1.1.2 | 4
          /studies/@S99/series                                                | 0
          /studies/1.2.3/series                                               | 0
          """)
  void searches(String query, int found) throws Exception {
    HttpResponse<byte[]> answer = hub.get("/dicomweb" + query.replace("@S", STUDY), token);
    assertThat(answer.statusCode()).as(query).isEqualTo(found == 0 ? 204 : 200);
    if (found > 0) {
      assertThat(hub.json("/dicomweb" + query.replace("@S", STUDY), token)).hasSize(found);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/studies?StudyDate=yesterday",
        "/studies?StudyTime=25",
        "/studies?PatientWeight=70",
        "/studies?Nonsense=1",
        "/studies?limit=-1",
        "/studies?limit=x",
        "/studies?fuzzymatching=maybe",
        "/studies?InstanceAvailability=ONLINE",
        "/studies/abc/series",
        "/studies/1..2/series",
        "/studies/1.2/series?StudyInstanceUID=1.3"
      })
  void whatCannotBeAskedIsRefusedWithAReason(String query) throws Exception {
    HttpResponse<byte[]> answer = hub.get("/dicomweb" + query, token);
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(text(answer)).contains("\"code\":\"ISO-");
  }

  @Test
  void aHugeIncludefieldIsRefused() throws Exception {
    String fields = "StudyDate,".repeat(201);
    assertThat(hub.get("/dicomweb/studies?includefield=" + fields, token).statusCode())
        .isEqualTo(400);
    assertThat(
            hub.get("/dicomweb/studies?limit=1&includefield=Nonsense,00081030", token).statusCode())
        .isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PixelData",
        "7FE00010",
        "RequestAttributesSequence",
        "RequestAttributesSequence.ScheduledProcedureStepID",
        "RequestAttributesSequence.ScheduledProtocolCodeSequence",
        "IssuerOfAccessionNumberSequence.LocalNamespaceEntityID",
        "IssuerOfAccessionNumberSequence",
        "ProcedureCodeSequence.CodeValue,ProcedureCodeSequence",
        "all,StudyDescription",
        "a.b.c.d",
        ",,"
      })
  void anyAttributeMayBeIncluded(String field) throws Exception {
    for (String level : List.of("/studies", "/series", "/instances")) {
      HttpResponse<byte[]> answer =
          hub.get("/dicomweb" + level + "?limit=1&includefield=" + field, token);
      assertThat(answer.statusCode()).as(text(answer)).isEqualTo(200);
    }
    JsonNode issuer =
        hub.json(
            "/dicomweb/studies?StudyInstanceUID="
                + STUDY
                + "&includefield=IssuerOfAccessionNumberSequence.LocalNamespaceEntityID",
            token);
    assertThat(issuer.at("/0/00080051/Value/0/00400031/Value/0").asText()).isEqualTo("RTH");
  }

  @Test
  void answersHaveWhatTheStandardListsAndWhatWasAskedFor() {
    JsonNode study = hub.json("/dicomweb/studies?StudyInstanceUID=" + STUDY, token).get(0);
    assertThat(names(study))
        .contains(
            "00080005",
            "00080020",
            "00080030",
            "00080050",
            "00080056",
            "00080061",
            "00080090",
            "00081190",
            "00100010",
            "00100020",
            "00100030",
            "00100040",
            "0020000D",
            "00200010",
            "00201206",
            "00201208");
    assertThat(study.at("/00201206/Value/0").asInt()).isEqualTo(2);
    assertThat(study.at("/00201208/Value/0").asInt()).isEqualTo(4);
    assertThat(study.at("/00080061/Value/0").asText()).isEqualTo("CT");
    assertThat(study.at("/00081190/Value/0").asText()).endsWith("/dicomweb/studies/" + STUDY);
    assertThat(study.at("/00100010/Value/0/Alphabetic").asText()).isEqualTo("TEST^CASE");

    JsonNode series = hub.json("/dicomweb/studies/" + STUDY + "/series", token).get(0);
    assertThat(names(series))
        .contains(
            "00080060", "0008103E", "0020000E", "00200011", "00201209", "00400244", "00400275")
        .doesNotContain("00100010");
    assertThat(series.at("/00081190/Value/0").asText()).endsWith("/series/" + SERIES);

    JsonNode all =
        hub.json("/dicomweb/studies/" + STUDY + "/series?includefield=all", token).get(0);
    assertThat(names(all)).contains("00100010", "00080050", "0020000D");

    JsonNode instance =
        hub.json("/dicomweb/instances?SOPInstanceUID=" + SERIES + ".1", token).get(0);
    assertThat(names(instance))
        .contains("00080016", "00080018", "00280010", "00280011", "00100020");
    assertThat(instance.at("/00280010/Value/0").asInt()).isEqualTo(32);
    assertThat(instance.at("/00081190/Value/0").asText()).endsWith("/instances/" + SERIES + ".1");
  }

  private static List<String> names(JsonNode object) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }

  @Test
  void aSearchForNothingNeedsTheRightToSearch() throws Exception {
    String noScope = hub.token(Map.of("scope", "openid"));
    assertThat(hub.get("/dicomweb/studies?limit=0", noScope).statusCode()).isEqualTo(403);
    assertThat(hub.get("/dicomweb/studies?limit=0", token).statusCode()).isEqualTo(204);
  }

  @Test
  void moreThanTheLimitIsSaid() throws Exception {
    HttpResponse<byte[]> cut = hub.get("/dicomweb/studies?limit=1000", token);
    assertThat(cut.headers().firstValue("Warning").orElse("")).startsWith("299 ");
    HttpResponse<byte[]> whole = hub.get("/dicomweb/studies?StudyInstanceUID=" + STUDY, token);
    assertThat(whole.headers().firstValue("Warning")).isEmpty();
  }

  @Test
  void answersAreXmlWhereThatIsAskedFor() throws Exception {
    String xml = "multipart/related; type=\"application/dicom+xml\"";
    for (String path : List.of("/dicomweb/studies?limit=2", INSTANCE + "/metadata")) {
      HttpResponse<byte[]> answer = hub.getWith(path, token, "Accept", xml);
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.headers().firstValue("Content-Type").orElse(""))
          .startsWith("multipart/related; type=\"application/dicom+xml\"");
      assertThat(text(answer))
          .contains("<NativeDicomModel")
          .contains("keyword=\"StudyInstanceUID\"");
      assertThat(hub.getWith(path, token, "Accept", "text/html").statusCode()).isEqualTo(406);
      assertThat(
              hub.getWith(path, token, "Accept", xml + ";q=0.1, application/json")
                  .headers()
                  .firstValue("Content-Type")
                  .orElse(""))
          .startsWith("application/json");
    }
  }

  @Test
  void oneInstanceIsSentAloneAndInAnotherTransferSyntax() throws Exception {
    HttpResponse<byte[]> alone = hub.getWith(INSTANCE, token, "Accept", "application/dicom");
    assertThat(alone.headers().firstValue("Content-Type").orElse(""))
        .isEqualTo("application/dicom; transfer-syntax=1.2.840.10008.1.2.1");
    HttpResponse<byte[]> rather =
        hub.getWith(INSTANCE, token, "Accept", "application/zip;q=0.5, application/dicom");
    assertThat(rather.body()).isEqualTo(alone.body());
    assertThat(Arrays.copyOfRange(alone.body(), 128, 132))
        .isEqualTo("DICM".getBytes(StandardCharsets.US_ASCII));
    for (String syntax : List.of("1.2.840.10008.1.2", "1.2.840.10008.1.2.5")) {
      HttpResponse<byte[]> other =
          hub.getWith(
              INSTANCE + "?accept=application/dicom;transfer-syntax=" + syntax,
              token,
              "Accept",
              "text/html");
      assertThat(other.statusCode()).as(text(other)).isEqualTo(200);
      DataSet set = read(other.body(), syntax);
      assertThat(set.string(Tag.SOPInstanceUID)).isEqualTo(SERIES + ".1");
      assertThat(set.get(Tag.PixelData) instanceof Element.Fragments)
          .isEqualTo(syntax.endsWith(".5"));
    }
    assertThat(
            hub.getWith(
                    INSTANCE,
                    token,
                    "Accept",
                    "application/dicom;transfer-syntax=1.2.840.10008.1.2.4.50")
                .statusCode())
        .isEqualTo(406);
  }

  private static DataSet read(byte[] file, String syntax) throws Exception {
    ByteArrayInputStream in = new ByteArrayInputStream(file);
    assertThat(FileMetaInformation.read(in).meta().transferSyntaxUid()).isEqualTo(syntax);
    return new DataSetReader(in, TransferSyntax.of(syntax), ReaderLimits.DEFAULT).read();
  }

  @Test
  void aBrokenDownloadGoesOn() throws Exception {
    for (String accept :
        List.of("application/dicom", "multipart/related; type=\"application/dicom\"")) {
      String path = accept.startsWith("multipart") ? "/dicomweb/studies/" + STUDY : INSTANCE;
      HttpResponse<byte[]> whole = hub.getWith(path, token, "Accept", accept);
      String tag = whole.headers().firstValue("ETag").orElseThrow();
      int size = whole.body().length;
      ByteArrayOutputStream joined = new ByteArrayOutputStream();
      for (int from = 0; from < size; from += 1000) {
        HttpResponse<byte[]> part =
            hub.getWith(
                path,
                token,
                "Accept",
                accept,
                "If-Range",
                tag,
                "Range",
                "bytes=" + from + "-" + (from + 999));
        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(part.headers().firstValue("Content-Range").orElse(""))
            .isEqualTo("bytes %d-%d/%d".formatted(from, Math.min(size, from + 1000) - 1, size));
        joined.write(part.body());
      }
      assertThat(joined.toByteArray()).isEqualTo(whole.body());
      assertThat(hub.getWith(path, token, "Accept", accept, "Range", "bytes=-10").body())
          .isEqualTo(Arrays.copyOfRange(whole.body(), size - 10, size));
      assertThat(
              hub.getWith(path, token, "Accept", accept, "Range", "bytes=" + size + "-")
                  .statusCode())
          .isEqualTo(416);
      assertThat(hub.getWith(path, token, "Accept", accept, "If-None-Match", tag).statusCode())
          .isEqualTo(304);
      assertThat(
              hub.getWith(
                      path, token, "Accept", accept, "If-Range", "\"other\"", "Range", "bytes=0-9")
                  .body())
          .isEqualTo(whole.body());
    }
  }

  @Test
  void framesAreThePixelsFromTheirPlace() throws Exception {
    byte[] pixels = pixels(images.get(0));
    for (String accept :
        List.of("multipart/related; type=application/octet-stream; transfer-syntax=*", "*/*")) {
      HttpResponse<byte[]> answer = hub.getWith(INSTANCE + "/frames/1", token, "Accept", accept);
      assertThat(answer.statusCode()).as(text(answer)).isEqualTo(200);
      assertThat(answer.headers().firstValue("Content-Type").orElse(""))
          .startsWith("multipart/related; type=\"application/octet-stream\"");
      assertThat(body(answer)).isEqualTo(pixels);
    }
    assertThat(
            hub.getWith(INSTANCE + "/frames/1", token, "Accept", "application/octet-stream").body())
        .isEqualTo(pixels);
    assertThat(body(hub.getWith(INSTANCE + "/bulkdata/7FE00010", token, "Accept", "*/*")))
        .isEqualTo(pixels);
    JsonNode metadata = hub.json(INSTANCE + "/metadata", token).get(0);
    assertThat(metadata.at("/7FE00010/BulkDataURI").asText())
        .endsWith(INSTANCE + "/bulkdata/7FE00010");
    assertThat(metadata.at("/7FE00010/vr").asText()).isEqualTo("OW");
  }

  @ParameterizedTest
  @CsvSource({"0,400", "x,400", "'1,',400", "2,404", "'1,2',404", "'1,1',200"})
  void framesThatAreNotThereAreRefused(String list, int status) throws Exception {
    assertThat(hub.get(INSTANCE + "/frames/" + list, token).statusCode()).isEqualTo(status);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          &objectUID=@I                                                   | 200 | image/jpeg
          &objectUID=@I&contentType=image/png&columns=16&windowCenter=1&windowWidth=2 | 200 | image/png
          &objectUID=@I&contentType=application/dicom                     | 200 | application/dicom; transfer-syntax=1.2.840.10008.1.2.1
          &objectUID=@I&contentType=application/dicom&transferSyntax=1.2.840.10008.1.2 | 200 | application/dicom; transfer-syntax=1.2.840.10008.1.2
          &objectUID=@I&frameNumber=2                                     | 404 | application/json
          &objectUID=@I&windowCenter=1                                    | 400 | application/json
          &objectUID=@I&contentType=video/mp4                             | 406 | application/json
          &objectUID=1.2.3                                                | 404 | application/json
          ''                                                              | 400 | application/json
          """)
  void oldViewersAskByParameters(String parameters, int status, String type) throws Exception {
    String query =
        "?requestType=WADO&studyUID=%s&seriesUID=%s".formatted(STUDY, SERIES)
            + parameters.replace("@I", SERIES + ".1");
    HttpResponse<byte[]> answer = hub.get("/dicomweb/wado" + query, token);
    assertThat(answer.statusCode()).as(text(answer)).isEqualTo(status);
    assertThat(answer.headers().firstValue("Content-Type").orElse("")).isEqualTo(type);
  }

  /** The directory is read by pydicom, which follows each of its offsets. */
  @Test
  void aStudyIsTakenAlongAsAFileSet(@TempDir Path to) throws Exception {
    HttpResponse<byte[]> answer =
        hub.getWith(
            "/dicomweb/studies/" + STUDY + "?pictures=true", token, "Accept", "application/zip");
    assertThat(answer.statusCode()).isEqualTo(200);
    List<String> names = new ArrayList<>();
    try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(answer.body()))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        names.add(entry.getName());
        Path file = to.resolve(entry.getName());
        Files.createDirectories(file.getParent());
        Files.write(file, zip.readAllBytes());
      }
    }
    assertThat(names)
        .hasSize(10)
        .contains(
            "DICOMDIR", "README.TXT", "DICOM/F00000/I0000003", "PICTURES/F00000/I0000000.JPG");
    byte[] first = Files.readAllBytes(to.resolve("DICOM/F00000/I0000000"));
    assertThat(Arrays.copyOfRange(first, first.length - 2048, first.length))
        .isEqualTo(pixels(images.get(0)));
    Peer.requireDirectory("/usr/lib/python3/dist-packages/pydicom", "python3-pydicom");
    Peer.Run run =
        Peer.run(
            List.of(
                Peer.require("python3", "python3").toString(),
                "-c",
                """
                import sys; sys.path.insert(0, '/usr/lib/python3/dist-packages')
                from pydicom.fileset import FileSet
                files = FileSet(sys.argv[1])
                print(len(files), sorted(files.find_values('SeriesInstanceUID')), len([f.load().SOPInstanceUID for f in files]))
                """,
                to.resolve("DICOMDIR").toString()));
    assertThat(run.output()).contains("4 ['" + SERIES + "', '" + OTHER_SERIES + "']");
  }

  @Test
  void aMediaTypeThatCannotBeMadeSaysWhatCan() throws Exception {
    HttpResponse<byte[]> answer =
        hub.getWith(INSTANCE + "/frames/1", token, "Accept", "image/jpeg");
    assertThat(answer.statusCode()).isEqualTo(406);
    assertThat(text(answer))
        .contains("application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1");
    assertThat(hub.getWith(INSTANCE, token, "Accept", "a/b/c;;q=x").statusCode()).isEqualTo(400);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          /rendered                                   | */*               | image/jpeg | 32 | 32
          /rendered                                   | image/png         | image/png  | 32 | 32
          /rendered                                   | image/gif         | image/gif  | 32 | 32
          /frames/1/rendered                          | image/png         | image/png  | 32 | 32
          /rendered?accept=image/png                  | text/html         | image/png  | 32 | 32
          /rendered?viewport=64,128                   | image/png         | image/png  | 64 | 64
          /rendered?viewport=8,8,4,4,16,8             | image/png         | image/png  | 8  | 4
          /rendered?viewport=16,16,0,0,-32,-32        | image/png         | image/png  | 16 | 16
          /rendered?window=100,200,sigmoid&quality=50 | image/jpeg        | image/jpeg | 32 | 32
          /rendered?annotation=patient,technique      | image/jpeg        | image/jpeg | 32 | 32
          /thumbnail                                  | */*               | image/jpeg | 256 | 256
          /thumbnail?viewport=100,50                  | image/png         | image/png  | 50 | 50
          """)
  void picturesAreMade(String what, String accept, String type, int width, int height)
      throws Exception {
    HttpResponse<byte[]> answer = hub.getWith(INSTANCE + what, token, "Accept", accept);
    assertThat(answer.statusCode()).as(text(answer)).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type").orElse("")).isEqualTo(type);
    BufferedImage picture = ImageIO.read(new ByteArrayInputStream(answer.body()));
    assertThat(picture.getWidth()).isEqualTo(width);
    assertThat(picture.getHeight()).isEqualTo(height);
  }

  @Test
  void aWindowIsWhatIsAskedForAndNothingIsBurnedInUnasked() throws Exception {
    BufferedImage black = png("/rendered?window=200000,2,linear");
    BufferedImage white = png("/rendered?window=-5,2,linear-exact");
    assertThat(greys(black)).containsOnly(0);
    assertThat(greys(white)).containsOnly(255);
    assertThat(greys(png("/rendered?window=200000,2,linear&annotation=patient"))).contains(255);
    BufferedImage mirrored = png("/rendered?viewport=32,32,0,0,-32,32");
    BufferedImage plain = png("/rendered");
    assertThat(mirrored.getRaster().getSample(0, 5, 0))
        .isEqualTo(plain.getRaster().getSample(31, 5, 0));
  }

  private BufferedImage png(String what) throws Exception {
    byte[] body = hub.getWith(INSTANCE + what, token, "Accept", "image/png").body();
    return ImageIO.read(new ByteArrayInputStream(body));
  }

  private static List<Integer> greys(BufferedImage picture) {
    return Arrays.stream(picture.getData().getSamples(0, 0, 32, 32, 0, (int[]) null))
        .distinct()
        .boxed()
        .toList();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          /rendered?window=1             | 400
          /rendered?window=1,0           | 400
          /rendered?window=a,b,linear    | 400
          /rendered?window=1,NaN         | 400
          /rendered?window=1,2,cubic     | 400
          /rendered?viewport=0,0         | 400
          /rendered?viewport=10          | 400
          /rendered?viewport=9,9,a,0,1,1 | 400
          /rendered?viewport=9,9,40,0,1,1 | 406
          /rendered?quality=0            | 400
          /rendered?quality=101          | 400
          /rendered?annotation=secrets   | 400
          /rendered?accept=video/mp4     | 406
          /frames/2/rendered             | 404
          /frames/0/rendered             | 400
          /thumbnail?viewport=x          | 400
          """)
  void picturesThatCannotBeAreRefused(String what, int status) throws Exception {
    HttpResponse<byte[]> answer = hub.get(INSTANCE + what, token);
    assertThat(answer.statusCode()).as(text(answer)).isEqualTo(status);
    assertThat(text(answer)).contains("\"code\":\"ISO-");
  }

  @Test
  void aStudyIsRenderedInPartsAndHasOneThumbnail() throws Exception {
    HttpResponse<byte[]> parts = hub.get("/dicomweb/studies/" + STUDY + "/rendered", token);
    assertThat(parts.headers().firstValue("Content-Type").orElse(""))
        .startsWith("multipart/related; type=\"image/jpeg\"");
    assertThat(text(parts).split("Content-Type: image/jpeg")).hasSize(5);
    for (String level : List.of("", "/series/" + SERIES)) {
      HttpResponse<byte[]> one =
          hub.get("/dicomweb/studies/" + STUDY + level + "/thumbnail", token);
      assertThat(ImageIO.read(new ByteArrayInputStream(one.body())).getWidth()).isEqualTo(256);
      assertThat(
              hub.getWith(
                      "/dicomweb/studies/" + STUDY + level + "/thumbnail",
                      token,
                      "If-None-Match",
                      one.headers().firstValue("ETag").orElseThrow())
                  .statusCode())
          .isEqualTo(304);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/metadata",
        "/rendered",
        "/thumbnail",
        "/frames/1/rendered",
        "/frames/1",
        "/bulkdata/7FE00010",
        "/bulkdata/0/10"
      })
  void anothersStudyIsNotThere(String what) throws Exception {
    String theirs =
        "/dicomweb/studies/%s99/series/%s99.1/instances/%s99.1.1".formatted(STUDY, STUDY, STUDY);
    assertThat(hub.get(theirs + what, hub.patient("9990000026")).statusCode())
        .isEqualTo(what.endsWith("/10") ? 404 : 200);
    assertThat(hub.get(theirs + what, token).statusCode()).isEqualTo(404);
    assertThat(hub.get(theirs + what, null).statusCode()).isEqualTo(401);
  }

  @Test
  void objectsAreStoredAndFiledAsByCStore() throws Exception {
    String study = Uid.random();
    About about = new About("9990000034", "19740213", "DW3");
    Image one = Pacs.image(study, Uid.random(), about);
    Image two = Pacs.image(study, Uid.random(), about);
    Image elsewhere = Pacs.image(Uid.random(), Uid.random(), about);
    String rth = hub.token(Map.of("scope", "system/*.read system/*.write", "ods_code", "RTH"));
    for (int i = 0; i < 2; i++) {
      HttpResponse<byte[]> answer =
          hub.post("/dicomweb/studies/" + study, rth, MULTIPART, body(file(one), file(two)));
      assertThat(answer.statusCode()).as(text(answer)).isEqualTo(200);
      JsonNode said = JSON.readTree(answer.body());
      assertThat(said.at("/00081199/Value")).hasSize(2);
      assertThat(said.at("/00081199/Value/0/00081155/Value/0").asText()).isEqualTo(one.uid());
      assertThat(said.at("/00081199/Value/0/00081190/Value/0").asText())
          .endsWith("/series/" + one.series() + "/instances/" + one.uid());
      assertThat(said.has("00081198")).isFalse();
    }
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> hub.json("/dicomweb/studies/" + study + "/instances", rth).size() == 2);
    assertThat(
            new String(
                hub.get("/dicomweb/studies/" + study, rth).body(), StandardCharsets.ISO_8859_1))
        .contains(new String(one.dataSet(), StandardCharsets.ISO_8859_1));

    HttpResponse<byte[]> some =
        hub.post(
            "/dicomweb/studies/" + study,
            rth,
            MULTIPART,
            body(file(one), file(elsewhere), new byte[200]));
    assertThat(some.statusCode()).isEqualTo(202);
    JsonNode failures = JSON.readTree(some.body()).at("/00081198/Value");
    assertThat(failures).hasSize(2);
    assertThat(failures.at("/0/00081197/Value/0").asInt()).isEqualTo(0xa900);
    assertThat(failures.at("/1/00081197/Value/0").asInt()).isEqualTo(0xc000);
    assertThat(hub.post("/dicomweb/studies", rth, MULTIPART, body(new byte[10])).statusCode())
        .isEqualTo(409);
    assertThat(
            hub.post("/dicomweb/studies", rth, "application/dicom", file(elsewhere)).statusCode())
        .isEqualTo(200);
  }

  @Test
  void whoMayNotStoreIsRefused() throws Exception {
    byte[] body = body(file(images.get(0)));
    for (String who :
        List.of(
            hub.patient(NHS),
            hub.organisation("RTH"),
            hub.token(Map.of("scope", "system/*.write", "ods_code", "ZZZ")),
            hub.system())) {
      assertThat(hub.post("/dicomweb/studies", who, MULTIPART, body).statusCode()).isEqualTo(403);
    }
  }

  @Test
  void whatIsNoBodyOfObjectsIsRefused() throws Exception {
    String rth = hub.token(Map.of("scope", "system/*.write", "ods_code", "RTH"));
    byte[] body = body(file(images.get(0)));
    assertThat(hub.post("/dicomweb/studies", rth, "application/json", body).statusCode())
        .isEqualTo(415);
    assertThat(
            hub.post(
                    "/dicomweb/studies", rth, "multipart/related; type=\"application/dicom\"", body)
                .statusCode())
        .isEqualTo(400);
    byte[] cut = Arrays.copyOf(body, body.length - 20);
    HttpResponse<byte[]> malformed = hub.post("/dicomweb/studies", rth, MULTIPART, cut);
    assertThat(malformed.statusCode()).isEqualTo(400);
    assertThat(text(malformed)).contains("ISO-STOW-001");
    assertThat(hub.post("/dicomweb/studies/abc", rth, MULTIPART, body).statusCode()).isEqualTo(400);
    StringBuilder many = new StringBuilder();
    for (int i = 0; i < 10_001; i++) {
      many.append("--b\r\nContent-Type: text/plain\r\n\r\nx\r\n");
    }
    many.append("--b--\r\n");
    assertThat(
            hub.post(
                    "/dicomweb/studies",
                    rth,
                    MULTIPART,
                    many.toString().getBytes(StandardCharsets.US_ASCII))
                .statusCode())
        .isEqualTo(400);
  }

  private static byte[] file(Image image) {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.writeBytes(
        new FileMetaInformation(image.sopClass(), image.uid(), "1.2.840.10008.1.2.1", null)
            .encode());
    file.writeBytes(image.dataSet());
    return file.toByteArray();
  }

  private static byte[] body(byte[]... files) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (byte[] file : files) {
      body.writeBytes(
          "--b\r\nContent-Type: application/dicom\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      body.writeBytes(file);
      body.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
    }
    body.writeBytes("--b--\r\n".getBytes(StandardCharsets.US_ASCII));
    return body.toByteArray();
  }

  private static byte[] pixels(Image image) {
    byte[] all = image.dataSet();
    return Arrays.copyOfRange(all, all.length - 32 * 32 * 2, all.length);
  }

  /** The one part's body. */
  private static byte[] body(HttpResponse<byte[]> answer) {
    String text = new String(answer.body(), StandardCharsets.ISO_8859_1);
    int from = text.indexOf("\r\n\r\n") + 4;
    int to = text.lastIndexOf("\r\n--");
    return Arrays.copyOfRange(answer.body(), from, to);
  }

  private static String text(HttpResponse<byte[]> answer) {
    return new String(answer.body(), StandardCharsets.UTF_8);
  }
}
