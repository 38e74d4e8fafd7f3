package org.isocentre.camel.dicom;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.apache.camel.Exchange;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.dimse.Progress;
import org.isocentre.dicom.dimse.RetrieveHandler.Destination;
import org.isocentre.dicom.dimse.RetrieveHandler.Retrieval;
import org.isocentre.dicom.dimse.RetrieveRequest;
import org.isocentre.dicom.dimse.Status;
import org.isocentre.dicom.dimse.StoredObject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** C-MOVE between three application entities, and C-GET. */
class DicomRetrieveTest {
  private final Loopback loopback = new Loopback();
  private final List<String> arrived = new CopyOnWriteArrayList<>();
  private volatile RetrieveRequest asked;
  private volatile List<String> stored = List.of("1.2.1", "1.2.2", "1.2.3");
  private volatile int refusedFrom = Integer.MAX_VALUE;

  @BeforeEach
  void start() throws Exception {
    loopback.route("archive", "dicom:HUB@127.0.0.1:0?operations=move,get", this::select);
    loopback.route(
        "workstation",
        "dicom:WORKSTATION@127.0.0.1:0?operations=store",
        e -> {
          arrived.add(e.getMessage().getHeader(DicomConstants.SOP_INSTANCE_UID, String.class));
          if (arrived.size() >= refusedFrom) {
            e.getMessage().setHeader(DicomConstants.STATUS, Status.OUT_OF_RESOURCES);
          }
        });
  }

  @AfterEach
  void stop() {
    loopback.close();
  }

  private void select(Exchange exchange) {
    asked = exchange.getMessage().getBody(RetrieveRequest.class);
    if ("NOWHERE".equals(asked.moveDestination())) {
      exchange.getMessage().setHeader(DicomConstants.STATUS, Status.MOVE_DESTINATION_UNKNOWN);
      return;
    }
    Destination destination =
        asked.moveDestination() == null
            ? null
            : new Destination("WORKSTATION", "127.0.0.1", loopback.port("workstation"));
    List<StoredObject> objects = new ArrayList<>();
    stored.forEach(instance -> objects.add(new Stored(instance)));
    exchange.getMessage().setBody(new Retrieval(destination, objects.size(), objects.iterator()));
  }

  private record Stored(String sopInstanceUid) implements StoredObject {
    @Override
    public String sopClassUid() {
      return Uid.CT_IMAGE_STORAGE;
    }

    @Override
    public String transferSyntaxUid() {
      return Uid.EXPLICIT_VR_LITTLE_ENDIAN;
    }

    @Override
    public InputStream openDataSet(String transferSyntaxUid) {
      try {
        return new ByteArrayInputStream(
            Loopback.dataSet(Loopback.file(sopInstanceUid, 70_000), sopInstanceUid));
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private Exchange retrieve(String options) {
    return loopback.send(loopback.to("archive", options), Loopback.study("1.2.3"));
  }

  private static Progress progress(Exchange done) {
    return done.getMessage().getHeader(DicomConstants.PROGRESS, Progress.class);
  }

  @ParameterizedTest
  @CsvSource({"study, 1.2.840.10008.5.1.4.1.2.2.2", "patient, 1.2.840.10008.5.1.4.1.2.1.2"})
  void aMoveSendsToTheThird(String model, String sopClass) {
    Exchange done = retrieve("operation=move&moveDestination=WORKSTATION&model=" + model);
    assertThat(done.getException()).isNull();
    assertThat(arrived).containsExactlyElementsOf(stored);
    assertThat(progress(done)).isEqualTo(new Progress(0, 3, 0, 0));
    assertThat(asked.sopClassUid()).isEqualTo(sopClass);
    assertThat(asked.moveDestination()).isEqualTo("WORKSTATION");
    assertThat(asked.identifier().string(Tag.StudyInstanceUID)).isEqualTo("1.2.3");
  }

  @Test
  void aMoveWithFailuresSaysWhich() {
    refusedFrom = 2;
    Exchange done = retrieve("operation=move&moveDestination=WORKSTATION");
    assertThat(done.getException()).as("B000 is a warning").isNull();
    assertThat(done.getMessage().getHeader(DicomConstants.STATUS))
        .isEqualTo(Status.SUB_OPERATIONS_WITH_FAILURES);
    assertThat(progress(done).failed()).isPositive();
    List<?> failed =
        done.getMessage().getHeader(DicomConstants.FAILED_SOP_INSTANCE_UIDS, List.class);
    assertThat(failed.contains("1.2.2")).isTrue();
    arrived.clear();
    assertThat(
            retrieve("operation=move&moveDestination=WORKSTATION&throwOnWarning=true")
                .getException())
        .isInstanceOf(DicomOperationFailedException.class);
  }

  @Test
  void aMoveIsObservedAsOverWhenItsFinalResponseIsOut() throws Exception {
    List<String> observed = new CopyOnWriteArrayList<>();
    DicomOperationObserver observer =
        o -> {
          if (o.role() == DicomOperationObserver.Role.PROVIDER) {
            observed.add(o.operation() + " " + o.outcome());
          }
        };
    try (Loopback other = new Loopback()) {
      other.context.getRegistry().bind("observer", observer);
      other.route("archive", "dicom:HUB@127.0.0.1:0?operations=move", this::select);
      refusedFrom = 3;
      Exchange done =
          other.send(
              other.to("archive", "operation=move&moveDestination=WORKSTATION"),
              Loopback.study("1.2.3"));
      assertThat(progress(done).completed()).isEqualTo(2);
      await().untilAsserted(() -> assertThat(observed).containsExactly("move WARNING"));
      refusedFrom = 0;
      other.send(
          other.to("archive", "operation=move&moveDestination=WORKSTATION"),
          Loopback.study("1.2.3"));
      await().untilAsserted(() -> assertThat(observed).endsWith("move FAILURE").hasSize(2));
      other.send(
          other.to("archive", "operation=move&moveDestination=NOWHERE"), Loopback.study("1.2.3"));
      await().untilAsserted(() -> assertThat(observed).endsWith("move FAILURE").hasSize(3));
    }
  }

  @Test
  void anUnknownDestinationFails() {
    DicomOperationFailedException failed =
        (DicomOperationFailedException)
            retrieve("operation=move&moveDestination=NOWHERE").getException();
    assertThat(failed.getStatus()).isEqualTo(Status.MOVE_DESTINATION_UNKNOWN);
    assertThat(arrived).isEmpty();
  }

  @Test
  void theHeaderNamesTheDestination() {
    loopback.template.request(
        loopback.to("archive", "operation=move&moveDestination=NOWHERE"),
        e -> {
          e.getMessage().setBody(Loopback.study("1"));
          e.getMessage().setHeader(DicomConstants.MOVE_DESTINATION, "WORKSTATION");
        });
    assertThat(arrived).hasSize(3);
    assertThat(retrieve("operation=move").getException()).hasMessageContaining("ISO-DICOM-609");
  }

  @Test
  void aGetBringsTheObjectsForAsLongAsTheExchangeLasts() throws Exception {
    List<byte[]> files = new ArrayList<>();
    loopback.context.addRoutes(
        new org.apache.camel.builder.RouteBuilder() {
          @Override
          public void configure() {
            from("direct:get")
                .to(loopback.to("archive", "operation=get&spoolThreshold=1024"))
                .split(body())
                .process(e -> files.add(e.getMessage().getBody(byte[].class)));
          }
        });
    Exchange done =
        loopback.template.request(
            "direct:get", e -> e.getMessage().setBody(Loopback.study("1.2.3")));
    assertThat(done.getException()).isNull();
    assertThat(files).hasSize(3);
    assertThat(Loopback.dataSet(files.get(0), "1.2.1").length).isGreaterThan(70_000);
    assertThat(progress(done)).isEqualTo(new Progress(0, 3, 0, 0));
    DicomStreamCache kept = (DicomStreamCache) done.getMessage().getBody(List.class).get(0);
    assertThat(org.assertj.core.api.Assertions.catchThrowable(kept::read))
        .as("freed with the exchange")
        .isInstanceOf(java.io.IOException.class);
  }

  @Test
  void maxResultsEndsAGet() {
    stored = IntStream.range(0, 500).mapToObj(i -> "1.2." + i).toList();
    Exchange done = retrieve("operation=get&maxResults=2");
    assertThat(((DicomOperationFailedException) done.getException()).getStatus())
        .isEqualTo(Status.CANCEL);
    assertThat((List<?>) done.getMessage().getBody(List.class)).hasSize(2);
  }

  @Test
  void aGetOfNothingIsAnEmptyList() {
    stored = List.of();
    Exchange done = retrieve("operation=get");
    assertThat(done.getException()).isNull();
    assertThat((List<?>) done.getMessage().getBody(List.class)).isEmpty();
  }

  @Test
  void cancelAfterEndsAMove() {
    stored = IntStream.range(0, 2_000).mapToObj(i -> "1.2." + i).toList();
    Exchange done = retrieve("operation=move&moveDestination=WORKSTATION&cancelAfter=100");
    assertThat(((DicomOperationFailedException) done.getException()).getStatus())
        .isEqualTo(Status.CANCEL);
    assertThat(arrived.size()).isLessThan(2_000);
    assertThat(progress(done).remaining()).isPositive();
  }

  @Test
  void anUnknownModelIsRefused() {
    assertThat(retrieve("operation=move&moveDestination=X&model=worklist").getException())
        .hasMessageContaining("ISO-DICOM-610");
    await().untilAsserted(() -> assertThat(arrived).isEmpty());
  }
}
