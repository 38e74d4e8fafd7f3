package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.awaitility.Awaitility;
import org.isocentre.dicom.association.AssociationAcceptor;
import org.isocentre.dicom.association.AssociationPolicy.Decision;
import org.isocentre.dicom.association.AssociationSettings;
import org.isocentre.dicom.association.Negotiation;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.dimse.DimseSettings;
import org.isocentre.dicom.dimse.ServiceProvider;
import org.isocentre.dicom.dimse.Services;
import org.isocentre.dicom.dimse.SpoolSink;
import org.isocentre.dicom.dimse.StorageHandler;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A study is forwarded to a PACS that takes Implicit VR Little Endian alone: never silently. */
class TranscodedTransferIT {
  private final Map<String, byte[]> received = new ConcurrentHashMap<>();

  @Test
  void whatIsTranscodedIsTheSameImageAndIsNoted(@TempDir Path directory) throws Exception {
    ExecutorService workers = Executors.newCachedThreadPool();
    try (Pacs rth = new Pacs();
        AssociationAcceptor rj1 = implicitOnly(rth, workers);
        TestHub hub = new TestHub(directory, rj1.port()).start()) {
      assertThat(Ris.code(new Ris(hub.mllp).send(Ris.order("9990000018", "19700101", "TR1"))))
          .isEqualTo("AA");
      Pacs.Image image =
          Pacs.image(Uid.random(), Uid.random(), new Pacs.About("9990000018", "19700101", "TR1"));
      assertThat(rth.send(hub.dicom, image)).containsExactly(0);
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(() -> assertThat(received).containsKey(image.uid()));
      assertThat(received.get(image.uid())).endsWith(pixels(image)).isNotEqualTo(image.dataSet());
      JdbcClient index = hub.bean(JdbcClient.class);
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(
              () ->
                  assertThat(
                          index
                              .sql(
                                  "select transcoded_to from transfer_item where state = 'CONFIRMED'")
                              .query(String.class)
                              .list())
                      .containsExactly(Uid.IMPLICIT_VR_LITTLE_ENDIAN));
    } finally {
      workers.shutdownNow();
    }
  }

  private static byte[] pixels(Pacs.Image image) {
    byte[] all = image.dataSet();
    return Arrays.copyOfRange(all, all.length - 32 * 32 * 2, all.length);
  }

  private AssociationAcceptor implicitOnly(Pacs pacs, ExecutorService workers) {
    return new AssociationAcceptor(
        pacs.loops(),
        "127.0.0.1",
        0,
        AssociationSettings.DEFAULT,
        (request, remote) ->
            new Decision.Accept(
                Negotiation.negotiate(
                    request.contexts(),
                    uid -> true,
                    Uid.IMPLICIT_VR_LITTLE_ENDIAN::equals,
                    List.of()),
                ServiceProvider.handler(
                    workers,
                    Services.storage(
                        SpoolSink.factory(1 << 20, null),
                        (association, object) -> {
                          try (var in = object.openDataSet()) {
                            received.put(object.info().sopInstanceUid(), in.readAllBytes());
                          } catch (IOException e) {
                            throw new UncheckedIOException(e);
                          }
                          return StorageHandler.Result.SUCCESS;
                        }),
                    DimseSettings.DEFAULT)));
  }
}
