package org.isocentre.camel.dicom;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.isocentre.dicom.association.AssociationException;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.TransferSyntax;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.data.Vr;
import org.isocentre.dicom.dimse.DimseStatusException;
import org.isocentre.dicom.dimse.NoPresentationContextException;
import org.isocentre.dicom.dimse.Status;
import org.isocentre.dicom.io.DataSetWriter;
import org.isocentre.dicom.io.FileMetaInformation;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The component against itself: consumer and producer over loopback. */
class DicomComponentTest {
  private final DefaultCamelContext context = new DefaultCamelContext();
  private final Map<String, byte[]> received = new ConcurrentHashMap<>();
  private ProducerTemplate template;
  private int port;
  private volatile Exception toThrow;
  private volatile Integer statusToSet;

  @BeforeEach
  void start() throws Exception {
    context.addRoutes(
        new RouteBuilder() {
          @Override
          public void configure() {
            from("dicom:HUB@127.0.0.1:0?callingAets=PACS&spoolThreshold=65536")
                .routeId("in")
                .process(
                    exchange -> {
                      if (toThrow != null) {
                        throw toThrow;
                      }
                      exchange.getMessage().setHeader(DicomConstants.STATUS, statusToSet);
                      assertThat(
                              exchange
                                  .getMessage()
                                  .getBody(DataSet.class)
                                  .string(Tag.SOPInstanceUID))
                          .isEqualTo(
                              exchange.getMessage().getHeader(DicomConstants.SOP_INSTANCE_UID));
                      received.put(
                          exchange
                              .getMessage()
                              .getHeader(DicomConstants.SOP_INSTANCE_UID, String.class),
                          exchange
                              .getMessage()
                              .getBody(DicomStreamCache.class)
                              .object()
                              .openDataSet()
                              .readAllBytes());
                    });
          }
        });
    context.start();
    port = ((DicomConsumer) context.getRoute("in").getConsumer()).getPort();
    template = context.createProducerTemplate();
  }

  @AfterEach
  void stop() {
    context.stop();
  }

  private String to(String options) {
    return "dicom:HUB@127.0.0.1:" + port + "?callingAet=PACS" + options;
  }

  private static byte[] object(String syntax, String instance, int pixels) throws Exception {
    DataSet set = new DataSet();
    set.set(Tag.SOPClassUID, Uid.CT_IMAGE_STORAGE)
        .set(Tag.SOPInstanceUID, instance)
        .set(Tag.PatientName, "TEST^ONE");
    byte[] values = new byte[pixels];
    new Random(pixels).nextBytes(values);
    set.put(new Element.Value(Tag.PixelData, Vr.OW, values));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new DataSetWriter(out, TransferSyntax.of(syntax), DataSetWriter.BulkSource.NONE).write(set);
    return out.toByteArray();
  }

  private static byte[] file(String syntax, String instance, byte[] dataSet) {
    byte[] head = new FileMetaInformation(Uid.CT_IMAGE_STORAGE, instance, syntax, null).encode();
    byte[] all = java.util.Arrays.copyOf(head, head.length + dataSet.length);
    System.arraycopy(dataSet, 0, all, head.length, dataSet.length);
    return all;
  }

  @Test
  void answersAnEcho() {
    assertThat(template.requestBody(to("&operation=echo"), "")).isEqualTo("");
  }

  @Test
  void storesBitForBitInEveryEncoding() throws Exception {
    for (String syntax :
        new String[] {
          Uid.IMPLICIT_VR_LITTLE_ENDIAN,
          Uid.EXPLICIT_VR_LITTLE_ENDIAN,
          Uid.EXPLICIT_VR_BIG_ENDIAN,
          Uid.DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN
        }) {
      for (int pixels : new int[] {0, 2, 70_000, 1_500_000}) {
        String instance = Uid.random();
        byte[] dataSet = object(syntax, instance, pixels);
        template.sendBody(to(""), new ByteArrayInputStream(file(syntax, instance, dataSet)));
        assertThat(received.get(instance)).as(syntax + " " + pixels).isEqualTo(dataSet);
      }
    }
  }

  @Test
  void answersWithTheStatusOfTheRoute() throws Exception {
    statusToSet = 0xb007;
    String instance = Uid.random();
    byte[] file =
        file(
            Uid.IMPLICIT_VR_LITTLE_ENDIAN,
            instance,
            object(Uid.IMPLICIT_VR_LITTLE_ENDIAN, instance, 10));
    template.sendBody(to(""), file);
    assertThat(failure(file, "&throwOnWarning=true"))
        .isInstanceOf(DicomOperationFailedException.class);
    toThrow = new DimseStatusException(Status.NOT_AUTHORIZED, "not you");
    DicomOperationFailedException refused = (DicomOperationFailedException) failure(file, "");
    assertThat(refused.getStatus()).isEqualTo(Status.NOT_AUTHORIZED);
    assertThat(refused.isRetryable()).isFalse();
    toThrow = new java.io.IOException("no room");
    refused = (DicomOperationFailedException) failure(file, "");
    assertThat(refused.getStatus()).isEqualTo(Status.OUT_OF_RESOURCES);
    assertThat(refused.isRetryable()).isTrue();
    toThrow = new IllegalStateException("a fault");
    assertThat(((DicomOperationFailedException) failure(file, "")).getStatus())
        .isEqualTo(Status.PROCESSING_FAILURE);
  }

  private Throwable failure(byte[] file, String options) {
    try {
      template.sendBody(to(options), file);
    } catch (CamelExecutionException e) {
      return e.getCause();
    }
    throw new AssertionError("the exchange did not fail");
  }

  @Test
  void saysWhyThereIsNoAssociation() throws Exception {
    byte[] file =
        file(
            Uid.IMPLICIT_VR_LITTLE_ENDIAN, "1.2", object(Uid.IMPLICIT_VR_LITTLE_ENDIAN, "1.2", 10));
    assertThat(kind("dicom:HUB@127.0.0.1:" + port + "?callingAet=STRANGER", file))
        .isEqualTo(AssociationException.Kind.REJECTED_PERMANENT);
    assertThat(kind("dicom:OTHER@127.0.0.1:" + port + "?callingAet=PACS", file))
        .isEqualTo(AssociationException.Kind.REJECTED_PERMANENT);
    assertThat(kind("dicom:HUB@127.0.0.1:1?callingAet=PACS", file))
        .isEqualTo(AssociationException.Kind.CONNECT);
  }

  private AssociationException.Kind kind(String uri, byte[] file) {
    try {
      template.sendBody(uri, file);
    } catch (CamelExecutionException e) {
      return ((AssociationException) e.getCause()).kind();
    }
    throw new AssertionError("the exchange did not fail");
  }

  @Test
  void refusesClassesThatItDoesNotServe() throws Exception {
    String private1 = "1.2.826.0.1.3680043.10.999.1";
    byte[] head =
        new FileMetaInformation(private1, "1.2.3", Uid.IMPLICIT_VR_LITTLE_ENDIAN, null).encode();
    assertThat(failure(head, "")).isInstanceOf(NoPresentationContextException.class);
  }

  @Test
  void rejectsAMalformedUri() {
    assertThatThrownBy(() -> context.getEndpoint("dicom:TOO_LONG_AN_AE_TITLE@host:104"))
        .hasRootCauseInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> context.getEndpoint("dicom:HUB@host"))
        .hasRootCauseInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> context.getEndpoint("dicom:HUB@host:104?noSuchOption=1")).isNotNull();
  }
}
