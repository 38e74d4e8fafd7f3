package org.isocentre.camel.dicomweb;

import org.apache.camel.spi.Metadata;
import org.isocentre.camel.dicom.DicomConstants;

/** Header names of the {@code dicomweb} component. */
public final class DicomWebConstants {
  @Metadata(
      javaType = "String",
      description = "What a producer does, instead of the endpoint's operation.")
  public static final String OPERATION = "CamelDicomWebOperation";

  @Metadata(javaType = "String", description = "What search looks for: STUDY, SERIES or IMAGE.")
  public static final String LEVEL = DicomConstants.LEVEL;

  @Metadata(javaType = "String", description = "Study Instance UID of the resource.")
  public static final String STUDY = "CamelDicomStudyInstanceUid";

  @Metadata(javaType = "String", description = "Series Instance UID of the resource.")
  public static final String SERIES = "CamelDicomSeriesInstanceUid";

  @Metadata(
      javaType = "String",
      description =
          "SOP Instance UID of the resource; store sets it to that of the object, where the server"
              + " names it.")
  public static final String INSTANCE = DicomConstants.SOP_INSTANCE_UID;

  @Metadata(
      javaType = "Map<String, List<String>>",
      description = "More query parameters of search and rendered, such as limit or viewport.")
  public static final String PARAMETERS = "CamelDicomWebParameters";

  @Metadata(
      javaType = "Boolean",
      description = "Of search: the server has more than it sent; ask again with an offset.")
  public static final String CUT = "CamelDicomWebCut";

  @Metadata(
      javaType = "Integer",
      description = "Of store: Warning Reason (0008,1196), 0 for none; as C-STORE's status.")
  public static final String STATUS = DicomConstants.STATUS;

  @Metadata(javaType = "String", description = "Of store: where the object is got from now.")
  public static final String RETRIEVE_URL = "CamelDicomWebRetrieveUrl";

  private DicomWebConstants() {}
}
