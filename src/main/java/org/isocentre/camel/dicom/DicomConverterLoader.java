package org.isocentre.camel.dicom;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.TypeConversionException;
import org.apache.camel.spi.TypeConverterLoader;
import org.apache.camel.spi.TypeConverterRegistry;
import org.apache.camel.support.SimpleTypeConverter;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Dictionary;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.TransferSyntax;
import org.isocentre.dicom.dimse.NormalizedRequest;
import org.isocentre.dicom.dimse.Query;
import org.isocentre.dicom.dimse.ReceivedDataSet;
import org.isocentre.dicom.dimse.RetrieveRequest;
import org.isocentre.dicom.io.DataSetReader;
import org.isocentre.dicom.io.FileMetaInformation;
import org.isocentre.dicom.io.ReaderLimits;

/**
 * Converts the body of a received object to {@link ReceivedDataSet} and {@link DataSet}, and a
 * stream or {@link Path} of a Part 10 file to {@link DataSet}. A {@link DataSet} is read up to
 * Pixel Data.
 */
public final class DicomConverterLoader implements TypeConverterLoader {
  @Override
  public void load(TypeConverterRegistry registry) {
    registry.addTypeConverter(
        ReceivedDataSet.class,
        DicomStreamCache.class,
        converter((type, exchange, value) -> ((DicomStreamCache) value).object()));
    registry.addTypeConverter(
        DataSet.class,
        DicomStreamCache.class,
        converter((type, exchange, value) -> dataSet(((DicomStreamCache) value).object())));
    registry.addTypeConverter(
        DataSet.class,
        InputStream.class,
        converter((type, exchange, value) -> dataSet((InputStream) value)));
    requests(registry);
  }

  private void requests(TypeConverterRegistry registry) {
    registry.addTypeConverter(
        DataSet.class,
        Query.class,
        converter((type, exchange, value) -> ((Query) value).identifier()));
    registry.addTypeConverter(
        DataSet.class,
        RetrieveRequest.class,
        converter((type, exchange, value) -> ((RetrieveRequest) value).identifier()));
    registry.addTypeConverter(
        DataSet.class,
        NormalizedRequest.class,
        converter((type, exchange, value) -> ((NormalizedRequest) value).dataSet()));
    registry.addTypeConverter(
        DataSet.class,
        Map.class,
        converter((type, exchange, value) -> ofKeywords((Map<?, ?>) value)));
  }

  /** Keywords of PS3.6 to values; null or empty for an empty element. */
  private static DataSet ofKeywords(Map<?, ?> values) {
    DataSet dataSet = new DataSet();
    values.forEach(
        (keyword, value) -> {
          Dictionary.Entry entry =
              Dictionary.element(String.valueOf(keyword))
                  .orElseThrow(
                      () ->
                          new IllegalArgumentException(
                              "ISO-DICOM-613: %s is no keyword of PS3.6".formatted(keyword)));
          int tag = Integer.parseUnsignedInt(entry.tag().replace('x', '0'), 16);
          String text = value == null ? "" : value.toString();
          dataSet.set(tag, text.isEmpty() ? new String[0] : new String[] {text});
        });
    return dataSet;
  }

  private interface Conversion {
    Object convert(Class<?> type, Exchange exchange, Object value) throws IOException;
  }

  private static SimpleTypeConverter converter(Conversion conversion) {
    return new SimpleTypeConverter(
        false,
        (type, exchange, value) -> {
          try {
            return conversion.convert(type, exchange, value);
          } catch (IOException e) {
            throw new TypeConversionException(value, type, e);
          }
        });
  }

  private static DataSet dataSet(ReceivedDataSet object) throws IOException {
    try (InputStream in = object.openDataSet()) {
      return read(in, object.info().transferSyntaxUid());
    }
  }

  private static DataSet dataSet(InputStream part10) throws IOException {
    return read(part10, FileMetaInformation.read(part10).meta().transferSyntaxUid());
  }

  private static DataSet read(InputStream in, String transferSyntaxUid) throws IOException {
    return new DataSetReader(in, TransferSyntax.of(transferSyntaxUid), ReaderLimits.DEFAULT)
        .readUntil(Tag.PixelData);
  }
}
