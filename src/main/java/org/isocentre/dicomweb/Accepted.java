package org.isocentre.dicomweb;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.http.HttpStatus;
import org.springframework.web.server.ResponseStatusException;

/**
 * What the Accept header of a retrieval asks for (PS3.18 §8.7.5).
 *
 * @param singlePart application/dicom rather than multipart/related
 * @param transferSyntaxes empty for as it is stored
 */
record Accepted(boolean singlePart, List<String> transferSyntaxes) {
  private static final Pattern SYNTAX =
      Pattern.compile("transfer-syntax\\s*=\\s*\"?([0-9.]+|\\*)\"?");
  private static final int MAX_LENGTH = 4096;

  /**
   * @param header or null
   * @throws ResponseStatusException 406 for media types other than DICOM's own
   */
  static Accepted of(String header) {
    if (header == null || header.isBlank()) {
      return new Accepted(false, List.of());
    }
    if (header.length() > MAX_LENGTH) {
      throw new ResponseStatusException(
          HttpStatus.BAD_REQUEST, "ISO-WADO-006: Accept is longer than " + MAX_LENGTH);
    }
    boolean multipart = false;
    boolean single = false;
    boolean asStored = false;
    List<String> syntaxes = new ArrayList<>();
    for (String range : header.split(",")) {
      String text = range.strip().toLowerCase(Locale.ROOT);
      boolean dicom = text.contains("application/dicom") && !text.contains("application/dicom+");
      boolean any = text.startsWith("*/*") || text.startsWith("multipart/*");
      boolean related = text.startsWith("multipart/related") && (dicom || !text.contains("type"));
      boolean alone = text.startsWith("application/dicom") && dicom;
      if (!any && !related && !alone) {
        continue;
      }
      multipart |= any || related;
      single |= alone;
      Matcher syntax = SYNTAX.matcher(text);
      if (syntax.find() && !syntax.group(1).equals("*")) {
        syntaxes.add(syntax.group(1));
      } else {
        asStored = true;
      }
    }
    if (!multipart && !single) {
      throw new ResponseStatusException(
          HttpStatus.NOT_ACCEPTABLE,
          "ISO-WADO-003: objects are sent as multipart/related; type=\"application/dicom\" or application/dicom");
    }
    return new Accepted(single && !multipart, asStored ? List.of() : syntaxes);
  }

  boolean takes(String transferSyntaxUid) {
    return transferSyntaxes.isEmpty() || transferSyntaxes.contains(transferSyntaxUid);
  }
}
