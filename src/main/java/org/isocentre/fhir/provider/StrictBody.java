package org.isocentre.fhir.provider;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.parser.DataFormatException;
import ca.uhn.fhir.parser.StrictErrorHandler;
import ca.uhn.fhir.rest.api.EncodingEnum;
import ca.uhn.fhir.rest.server.exceptions.UnprocessableEntityException;
import org.hl7.fhir.r4.model.Resource;

/** Bodies of writes, read so that an element that R4 does not have is not lost silently. */
final class StrictBody {
  private StrictBody() {}

  /**
   * @param code of the refusal
   * @throws UnprocessableEntityException if it is no resource of this type
   */
  static <T extends Resource> T read(Class<T> type, String raw, String code) {
    try {
      FhirContext fhir = FhirContext.forR4Cached();
      var parser =
          EncodingEnum.detectEncoding(raw) == EncodingEnum.XML
              ? fhir.newXmlParser()
              : fhir.newJsonParser();
      return parser.setParserErrorHandler(new StrictErrorHandler()).parseResource(type, raw);
    } catch (DataFormatException e) {
      String name = type.getSimpleName();
      throw new UnprocessableEntityException(
          "%s: %s not recorded: it is not a %s of R4: an element or a value of it is not known"
              .formatted(code, name, name));
    }
  }
}
