package org.isocentre.camel.dicom;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.TransferSyntax;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.data.Vr;
import org.isocentre.dicom.io.DataSetWriter;
import org.isocentre.dicom.io.FileMetaInformation;

/** A Camel context whose consumers listen on one free port of this machine. */
final class Loopback implements AutoCloseable {
  final DefaultCamelContext context = new DefaultCamelContext();
  final ProducerTemplate template;

  Loopback() {
    context.getShutdownStrategy().setTimeout(5);
    context.start();
    template = context.createProducerTemplate();
  }

  /** A route with this id from {@code dicom:HUB} on the shared port. */
  Loopback from(String id, String options, Processor processor) throws Exception {
    return route(id, "dicom:HUB@127.0.0.1:0?" + options, processor);
  }

  Loopback route(String id, String uri, Processor processor) throws Exception {
    context.addRoutes(
        new RouteBuilder() {
          @Override
          public void configure() {
            errorHandler(noErrorHandler());
            from(uri).routeId(id).process(processor);
          }
        });
    return this;
  }

  int port(String id) {
    return ((DicomConsumer) context.getRoute(id).getConsumer()).getPort();
  }

  /** The producer's URI towards the consumers of route {@code id}. */
  String to(String id, String options) {
    return "dicom:HUB@127.0.0.1:%d?callingAet=PACS%s"
        .formatted(port(id), options.isEmpty() ? "" : "&" + options);
  }

  /** The exchange after the producer is done with it, failed or not. */
  Exchange send(String uri, Object body) {
    return template.request(uri, exchange -> exchange.getMessage().setBody(body));
  }

  Throwable failure(String uri, Object body) {
    Throwable failure = send(uri, body).getException();
    if (failure == null) {
      throw new AssertionError("the exchange did not fail");
    }
    return failure instanceof CamelExecutionException ? failure.getCause() : failure;
  }

  static DataSet study(String studyInstanceUid) {
    return new DataSet()
        .set(Tag.QueryRetrieveLevel, "STUDY")
        .set(Tag.StudyInstanceUID, studyInstanceUid)
        .set(Tag.PatientName, "TEST^ONE");
  }

  /** A Part 10 file of a CT image. */
  static byte[] file(String instance, int pixels) throws Exception {
    DataSet set =
        new DataSet()
            .set(Tag.SOPClassUID, Uid.CT_IMAGE_STORAGE)
            .set(Tag.SOPInstanceUID, instance)
            .set(Tag.StudyDate, "20240102")
            .set(Tag.PatientName, "TEST^ONE")
            .set(Tag.StudyInstanceUID, "1.2.3");
    set.put(new Element.Value(Tag.PixelData, Vr.OW, new byte[pixels]));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(
        new FileMetaInformation(Uid.CT_IMAGE_STORAGE, instance, Uid.EXPLICIT_VR_LITTLE_ENDIAN, null)
            .encode());
    new DataSetWriter(
            out, TransferSyntax.of(Uid.EXPLICIT_VR_LITTLE_ENDIAN), DataSetWriter.BulkSource.NONE)
        .write(set);
    return out.toByteArray();
  }

  /** The data set's bytes of a Part 10 file. */
  static byte[] dataSet(byte[] file, String instance) {
    int head =
        new FileMetaInformation(Uid.CT_IMAGE_STORAGE, instance, Uid.EXPLICIT_VR_LITTLE_ENDIAN, null)
            .encode()
            .length;
    return Arrays.copyOfRange(file, head, file.length);
  }

  @Override
  public void close() {
    context.stop();
  }
}
