package org.isocentre.camel.dicom;

import java.io.BufferedInputStream;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.spi.DataFormat;
import org.apache.camel.spi.DataFormatName;
import org.apache.camel.spi.annotations.Dataformat;
import org.apache.camel.support.service.ServiceSupport;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.io.BulkData;
import org.isocentre.dicom.io.DicomJson;
import org.isocentre.dicom.io.DicomJsonReader;
import org.isocentre.dicom.io.DicomXml;
import org.isocentre.dicom.io.DicomXmlReader;
import org.isocentre.dicom.io.ReaderLimits;

/**
 * Data sets as DICOM JSON (PS3.18 Annex F) or Native DICOM Model (PS3.19 §A.1), in UTF-8. An object
 * is written up to Pixel Data. Values longer than {@link ReaderLimits#DEFAULT} holds in memory are
 * written by {@code bulkDataUri}, or left out without it. Several data sets (a List or Iterator, as
 * a query gives) become a JSON array as they are read.
 */
@Dataformat("dicom")
public class DicomDataFormat extends ServiceSupport implements DataFormat, DataFormatName {
  /** Data sets of one array that are read at most. */
  static final int MAX_DATA_SETS = 10_000;

  private Format format = Format.json;
  private String bulkDataUri;

  /** How data sets are written. */
  public enum Format {
    json,
    xml
  }

  @Override
  public String getDataFormatName() {
    return "dicom";
  }

  @Override
  public void marshal(Exchange exchange, Object graph, OutputStream stream) throws Exception {
    Writer out = new BufferedWriter(new OutputStreamWriter(stream, StandardCharsets.UTF_8));
    Iterator<?> several = several(graph);
    if (several == null) {
      write(LeadingElements.of(graph, Tag.PixelData - 1, exchange), out);
    } else {
      writeArray(several, out, exchange);
    }
    out.flush();
  }

  private static Iterator<?> several(Object graph) {
    if (graph instanceof Iterable<?> iterable && !(graph instanceof java.nio.file.Path)) {
      return iterable.iterator();
    }
    return graph instanceof Iterator<?> iterator ? iterator : null;
  }

  private void writeArray(Iterator<?> dataSets, Writer out, Exchange exchange) throws IOException {
    if (format == Format.xml) {
      throw new IllegalArgumentException(
          "ISO-DICOM-650: the Native DICOM Model holds one data set; split first, or set"
              + " format=json");
    }
    out.write('[');
    for (boolean first = true; dataSets.hasNext(); first = false) {
      out.write(first ? "" : ",");
      write(LeadingElements.of(dataSets.next(), Tag.PixelData - 1, exchange), out);
    }
    out.write(']');
  }

  private void write(DataSet dataSet, Writer out) throws IOException {
    if (dataSet == null) {
      throw new IllegalArgumentException(
          "ISO-DICOM-651: the body is no data set, received object or Part 10 file");
    }
    DicomJson.BulkUri bulk = bulk(dataSet);
    if (format == Format.json) {
      new DicomJson(out, bulk).write(dataSet);
    } else {
      new DicomXml(out, bulk).write(dataSet);
    }
  }

  private DicomJson.BulkUri bulk(DataSet dataSet) {
    if (bulkDataUri == null) {
      return DicomJson.BulkUri.NONE;
    }
    String instance = String.valueOf(dataSet.string(Tag.SOPInstanceUID));
    return element ->
        bulkDataUri
            .replace("{instance}", instance)
            .replace("{tag}", "%08X".formatted(element.tag()));
  }

  /** A {@link DataSet}; a List of them of a JSON array with several. */
  @Override
  public Object unmarshal(Exchange exchange, InputStream stream) throws Exception {
    InputStream in = new BufferedInputStream(stream);
    if (format == Format.xml) {
      return new DicomXmlReader(in, ReaderLimits.DEFAULT, BulkData.KEEP).read();
    }
    DicomJsonReader reader = new DicomJsonReader(in, ReaderLimits.DEFAULT, BulkData.KEEP);
    List<DataSet> all = new ArrayList<>();
    for (DataSet next = reader.read(); next != null; next = reader.read()) {
      if (all.size() == MAX_DATA_SETS) {
        throw new IOException(
            "ISO-DICOM-652: more than %d data sets in one array".formatted(MAX_DATA_SETS));
      }
      all.add(next);
    }
    return all.size() == 1 ? all.get(0) : all;
  }

  public Format getFormat() {
    return format;
  }

  public void setFormat(Format format) {
    this.format = format;
  }

  public String getBulkDataUri() {
    return bulkDataUri;
  }

  /**
   * @param bulkDataUri where a client gets a long value; {@code {instance}} stands for the SOP
   *     Instance UID, {@code {tag}} for the eight hex digits of the tag
   */
  public void setBulkDataUri(String bulkDataUri) {
    this.bulkDataUri = bulkDataUri;
  }
}
