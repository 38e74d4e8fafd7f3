package org.isocentre.dicomweb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.isocentre.dicomweb.Acceptable.Form;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.web.server.ResponseStatusException;

class AcceptableTest {
  private static final String J2K = "1.2.840.10008.1.2.4.90";

  /** Frames of a JPEG 2000 object: first as parts, then alone. */
  private static final List<Form> FORMS = FrameForms.of(J2K, true);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          */*                                                                   | multipart application/octet-stream 1.2.840.10008.1.2.1
          multipart/related; type=application/octet-stream; transfer-syntax=*   | multipart application/octet-stream 1.2.840.10008.1.2.4.90
          multipart/related; type="application/octet-stream"                    | multipart application/octet-stream 1.2.840.10008.1.2.1
          multipart/related; type="image/jp2"                                   | multipart image/jp2 1.2.840.10008.1.2.4.90
          multipart/related; type="image/jp2"; transfer-syntax=1.2.840.10008.1.2.4.90 | multipart image/jp2 1.2.840.10008.1.2.4.90
          multipart/related; type="image/jp2"; transfer-syntax=1.2.840.10008.1.2.4.91 | none
          multipart/related; type="image/jpeg"                                  | none
          image/jp2                                                             | single image/jp2 1.2.840.10008.1.2.4.90
          image/*                                                               | single image/jp2 1.2.840.10008.1.2.4.90
          application/octet-stream                                              | single application/octet-stream 1.2.840.10008.1.2.1
          image/jp2;q=0.5, application/octet-stream                             | single application/octet-stream 1.2.840.10008.1.2.1
          image/jp2, application/octet-stream;q=0.5                             | single image/jp2 1.2.840.10008.1.2.4.90
          image/jp2;q=0                                                         | none
          image/*, image/jp2;q=0                                                | none
          multipart/related                                                     | multipart application/octet-stream 1.2.840.10008.1.2.1
          text/html                                                             | none
          """)
  void theFormThatTheClientLikesBest(String accept, String form) {
    assertThat(
            Acceptable.of(accept, null)
                .best(FORMS)
                .map(
                    f ->
                        (f.multipart() ? "multipart " : "single ")
                            + f.type()
                            + " "
                            + f.transferSyntax())
                .orElse("none"))
        .isEqualTo(form);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "a/b;q=x", "/", "image/jpeg;;;=", "multipart/related; type=\"x\""})
  void whatIsNoListOfMediaTypesIsRefused(String accept) {
    assertThatThrownBy(() -> Acceptable.of(accept, null))
        .isInstanceOf(ResponseStatusException.class)
        .hasMessageContaining("ISO-WADO-006");
  }
}
